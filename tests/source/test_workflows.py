"""Gate 3: the workflows say what Makefile and README say, on the systems and versions that we name."""

import re
import tomllib

import pytest
import yaml

from tools.places import ROOT

WORKFLOWS = {path.name: path.read_text(encoding="utf-8") for path in ROOT.glob(".github/workflows/*.yml")}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CPU_WHEELS = "https://download.pytorch.org/whl/cpu"
OWN = {  # what only workflows say: another torch than the tested one, fewer tests, links
    f".venv/bin/pip install ${{{{ matrix.torch }}}} --index-url {CPU_WHEELS}",
    f".venv/bin/pip install torch torchvision --index-url {CPU_WHEELS}",
    ".venv/bin/pytest -q tests/helpers/test_helpers.py tests/helpers/test_training.py",
    ".venv/bin/jupyter-book build . --builder linkcheck",
}


def commands(name):
    """What a workflow's jobs run."""
    jobs = yaml.safe_load(WORKFLOWS[name])["jobs"].values()
    return [step["run"] for job in jobs for step in job["steps"] if "run" in step]


@pytest.mark.parametrize("name", WORKFLOWS)
def test_workflows_say_what_makefile_and_readme_say(name):
    makefile, readme = ((ROOT / file).read_text(encoding="utf-8") for file in ("Makefile", "README.md"))
    known = readme + makefile.replace("$(BIN)", ".venv/bin").replace("$(CPU_WHEELS)", CPU_WHEELS)
    for command in commands(name):
        target = re.fullmatch(r"make (\w+)( TORCH=cpu)?", command)
        if target:
            assert re.search(rf"^{target.group(1)}:", makefile, re.MULTILINE), (
                f"{name}: the Makefile has no {target[1]}"
            )
        elif command not in OWN:
            said = command.replace(".venv/Scripts", ".venv/bin")
            assert re.search(re.escape(said) + r"(\s|$)", known), f"{name}: `{command}` is not what a reader types"


def test_workflows_run_the_systems_and_the_oldest_torch_that_we_name():
    text = WORKFLOWS["test.yml"]
    assert all(system in text for system in ("ubuntu-latest", "macos-latest", "windows-latest"))
    oldest = [line.replace(">=", "==") + ".0" for line in PROJECT["dependencies"] if line.startswith("torch")]
    assert f"torch: {' '.join(oldest)}\n" in text, f"the oldest that pyproject.toml allows is {oldest}"
    assert "torch: torch torchvision\n" in text

"""Gate 3: the workflows say what Makefile and README say, on the systems and versions that we name."""

import re
import tomllib

import pytest
import yaml

from tools.places import ROOT

WORKFLOWS = {path.name: path.read_text(encoding="utf-8") for path in ROOT.glob(".github/workflows/*.yml")}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CPU_WHEELS = "https://download.pytorch.org/whl/cpu"
FONTS = "sudo apt-get install -y fonts-noto-cjk fonts-noto-color-emoji"
OWN = {  # what only workflows say: another torch than the tested one, fewer tests, links, fonts
    FONTS,
    f".venv/bin/python -m pip install ${{{{ matrix.torch }}}} --index-url {CPU_WHEELS}",
    f".venv/bin/python -m pip install torch torchvision --index-url {CPU_WHEELS}",
    ".venv/bin/python -m pytest -q tests/helpers/test_training.py",
    ".venv/bin/jupyter-book build . --builder linkcheck",
}


def jobs(name):
    """A workflow's jobs."""
    return yaml.safe_load(WORKFLOWS[name])["jobs"]


def commands(name):
    """What a workflow's jobs run."""
    return [step["run"] for job in jobs(name).values() for step in job.get("steps", []) if "run" in step]


@pytest.mark.parametrize("name", WORKFLOWS)
def test_workflows_say_what_makefile_and_readme_say(name):
    makefile, readme = ((ROOT / file).read_text(encoding="utf-8") for file in ("Makefile", "README.md"))
    known = readme + makefile.replace("$(BIN)", ".venv/bin").replace("$(CPU_WHEELS)", CPU_WHEELS)
    for command in commands(name):
        target = re.fullmatch(r"make ([\w ]+?)( [A-Z]+=\w+)*", command)
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
    allowed = PROJECT["dependencies"] + (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    oldest = [line.replace(">=", "==") + ".0" for line in allowed if line.startswith("torch")]
    assert f"torch: {' '.join(oldest)}\n" in text, f"the oldest that we allow is {oldest}"
    assert "torch: torch torchvision\n" in text


def test_actions_are_pinned_to_what_they_were_when_we_chose_them():
    pinned = re.compile(r"actions/[\w-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+|docker://\S+@sha256:[0-9a-f]{64}|\./.+")
    used = [found for text in WORKFLOWS.values() for found in re.findall(r"uses: (.+)", text)]
    assert len(used) > 10
    assert [action for action in used if not pinned.fullmatch(action)] == []


def test_what_is_published_was_tested_and_built_on_the_full_sets():
    deploy = jobs("publish.yml")["deploy"]
    assert set(deploy["needs"]) == {"test", "build"}
    assert jobs("publish.yml")["test"]["uses"] == "./.github/workflows/test.yml"
    build = [step.get("run", step.get("uses")) for step in jobs("publish.yml")["build"]["steps"]]
    assert build[2:6] == [FONTS, "make data FULL=yes TORCH=cpu", "make test TORCH=cpu", "make zip pdf"]
    assert build[6].startswith("actions/upload-pages-artifact@")


def test_a_browser_on_linux_has_chinese_letters_before_it_shows_pages():
    shown = 0
    for name in WORKFLOWS:
        for job in jobs(name).values():
            steps = [step.get("run", "") for step in job.get("steps", [])]
            if any(step.startswith("make test") for step in steps):
                assert FONTS in steps[: steps.index("make test TORCH=cpu")], name
                shown += 1
    assert shown == 2


def test_files_that_workflows_name_are_there():
    files = {file for name in WORKFLOWS for command in commands(name) for file in re.findall(r"tests/\S+", command)}
    assert files
    assert [file for file in files if not (ROOT / file).exists()] == []


def test_only_the_job_that_deploys_may_write():
    may = {
        (file, name) for file in WORKFLOWS for name, job in jobs(file).items() if "write" in str(job.get("permissions"))
    }
    assert may == {("publish.yml", "deploy")}
    assert all(yaml.safe_load(text)["permissions"] == {"contents": "read"} for text in WORKFLOWS.values())

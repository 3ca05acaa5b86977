"""Gate 4: the plain program of each lesson runs alone, in an empty folder, its data as if fetched before."""

import os
import shutil
import subprocess
import sys

from tests.support.tiny_sets import draw, write_torchvision
from tools.places import PROGRAMS, ROOT

TORCHRUN = ["-m", "torch.distributed.run", "--standalone", "--local-addr=127.0.0.1", "--nproc-per-node=2"]


def run(program, folder):
    """Run a program in an empty folder that is its home as well; returns what it wrote on stderr if it failed."""
    launcher = TORCHRUN if "import torch.distributed" in program.read_text(encoding="utf-8") else []
    shutil.copy(program, folder)
    own = {"HOME": str(folder), "MPLBACKEND": "Agg"}
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "OMP_WAIT_POLICY") if name in os.environ}
    command = [sys.executable, *launcher, program.name]
    done = subprocess.run(command, cwd=folder, env=kept | own, capture_output=True, text=True, timeout=300)
    return done.returncode and done.stderr


def test_programs_run_in_an_empty_folder(tmp_path):
    for program in sorted(PROGRAMS.glob("*.py")):
        write_torchvision("mnist", list(draw("mnist")), tmp_path / program.stem / "data")
        shutil.copy(ROOT / "helpers/surnames.txt", tmp_path / program.stem)
        assert not run(program, tmp_path / program.stem), program.name


def test_a_program_that_needs_what_is_not_there_is_found_out(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "program.py").write_text("open('../program.py')\nopen('data.csv')\n")
    assert "data.csv" in run(tmp_path / "program.py", tmp_path / "empty")

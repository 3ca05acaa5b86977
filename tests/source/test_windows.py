"""Gate 3: what a build on Windows leaves out."""

import sys
from pathlib import PurePosixPath
from types import SimpleNamespace

import pytest

from _ext import windows
from tools.places import LESSONS, lesson


@pytest.mark.parametrize(("platform", "left_out"), [("win32", [lesson("many_processes")]), ("linux", [])])
def test_a_build_runs_all_lessons_but_on_windows_one(monkeypatch, platform, left_out):
    monkeypatch.setattr(sys, "platform", platform)
    config = SimpleNamespace(nb_execution_excludepatterns=[])
    windows.leave_out(None, config)
    patterns = config.nb_execution_excludepatterns
    pages = [path for path in LESSONS.glob("*.md") if any(PurePosixPath(path).match(pattern) for pattern in patterns)]
    assert pages == left_out

"""What holds for every cell that pytest runs: nothing on stderr, and patience on a loaded machine."""

import os
import sys

import pytest
from nbval.plugin import IPyNbCell

pytest_plugins = ["tests.support.browser"]  # the fixture `chromium`
collect_ignore_glob = ["lessons/*_many_processes.ipynb"] if sys.platform == "win32" else []  # see _ext/windows.py
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # see the Makefile; here for a plain `pytest --nbval-lax lessons/`


def pytest_collection_modifyitems(items):
    """Wait longer than nbval's five seconds for a cell's last output."""
    for item in items:
        if isinstance(item, IPyNbCell):
            item.output_timeout = 120


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """A cell that writes to stderr (a warning, as a rule) has failed."""
    result = yield
    if isinstance(item, IPyNbCell):
        for output in item.test_outputs:
            if output.get("name") == "stderr":
                what = "writes to stderr; fix the cause, or catch and assert the warning"
                item.raise_cell_error(f"{item.parent.name}: {what}", output.text)
    return result

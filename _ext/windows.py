"""A Sphinx extension: a build on Windows shows the lesson on many processes without running it.

PyTorch's launcher does not start there: its wheels for Windows lack libuv (github.com/pytorch/pytorch/issues/139990).
"""

import sys


def leave_out(app, config):
    """Run all pages but that one, if this is Windows."""
    if sys.platform == "win32":
        config.nb_execution_excludepatterns = [*config.nb_execution_excludepatterns, "lessons/*_many_processes.md"]


def setup(app):
    """Called by Sphinx."""
    app.connect("config-inited", leave_out)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

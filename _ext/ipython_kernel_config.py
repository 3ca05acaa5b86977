"""Settings of the kernels that run the lessons; `make` puts this file into .venv/etc/ipython/."""

import os

os.environ.pop("MPLBACKEND", None)  # a back end that someone's shell asks for would take the figures from every page
c.IPKernelApp.log_level = 40  # noqa: F821  a kernel otherwise warns at every start that it listens on this machine
c.InlineBackend.figure_formats = {"svg"}  # noqa: F821  sharp at any size, on a phone and on paper

# PyTorch by Hand: `make book` builds the pages, `make test` runs every check. Both set themselves up in .venv.
#   make check     the first gates, in seconds; make lesson N=05 runs that lesson; make test-built the last two gates
#   make serve     look at the book on http://localhost:8000
#   make data      fetch and prepare the data sets ahead; SOURCE=folder imports what you have, FULL=yes wants them whole
#   make sync      write each lesson's .ipynb anew from its .md, and format the cells of both
#   make translations   bring the catalogues of the Chinese editions up to date with the English pages (locale/)
#   make results   run the old recipes and the lessons side by side, and record what came out (an hour)
#   make lighthouse   marks of Google's audit for pages of the built book (half an hour; needs node and a Chromium)
#   make weights   run the lessons whose networks the pages have, on the full sets, and put them in (minutes)
#   make mutants   break one promise of the code at a time; a test must turn red each time (K=word: only some)
#   make repository URL=https://… REF=main   stamp where this book lives into every place that names it; PAGES=https://…
#                  names the place of its pages where it is not GitHub
#   make zip pdf   the book to take along, as pages without a network and as one PDF; the first page then offers them
#   make clean     remove what was built (_build)
# EDITIONS= leaves out the Chinese editions, EDITIONS=zh_CN the one of Taiwan: in the book, its zip and PDF, and in `make sync`.
# TORCH=cpu takes PyTorch's own CPU wheels instead of the CUDA build, CPU_WHEELS=https://… a mirror's;
# PIP_INDEX_URL=https://… names a mirror of the package index; PYTHON=… names the interpreter; BROWSER=no tests without a
# Chromium.

PYTHON ?= python3
TORCH ?=
BIN := .venv/bin
# By their modules: the first line of a script names a Python that may have moved.
PIP := $(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt
PYTEST := $(BIN)/python -m pytest -q
CPU_WHEELS ?= https://download.pytorch.org/whl/cpu

# PyTorch's threads spin while they wait; with a second busy process that costs a factor of eighty.
export OMP_WAIT_POLICY ?= PASSIVE
# Figures look alike whichever folder a page runs in, and whatever the shell draws with.
export MATPLOTLIBRC := $(CURDIR)/lessons/matplotlibrc
unexport MPLBACKEND

.PHONY: book test test-built check lesson serve data sync translations results lighthouse weights mutants repository zip pdf clean
.DEFAULT_GOAL := book

.venv/installed: requirements.txt constraints.txt pyproject.toml _ext/ipython_kernel_config.py
	@$(PYTHON) -c "import sys; sys.version_info >= (3, 11) or sys.exit('Python 3.11 or newer is needed: make PYTHON=…')"
	@echo "Setting up .venv; the first time this takes minutes."
	@$(PYTHON) -m venv .venv
	@$(if $(filter cpu,$(TORCH)),$(PIP) --index-url $(CPU_WHEELS) torch torchvision)
	@$(PIP) -r requirements.txt
	@for place in .venv/lib/python*/site-packages; do echo ../../../.. >$$place/here.pth; done  # wherever it moves
	@mkdir -p .venv/etc/ipython && cp _ext/ipython_kernel_config.py .venv/etc/ipython/
	@touch $@

ifdef SOURCE
data: export LESSONS_DATA := $(SOURCE)
endif
data: .venv/installed
	@$(BIN)/python -m tools.prepare $(if $(FULL),--full)

# Data are fetched once, by tools.stale; the kernels then never ask the network.
book: .venv/installed
	@$(BIN)/python -m tools.stale
	@LESSONS_OFFLINE=1 $(BIN)/python -m tools.book
	@echo "The book is in _build/html/index.html"

# Two files at a time, each in its own order: tests wait more than they compute, and most lessons keep one core busy.
TWO_FILES := -n 2 --dist loadfile

# The gates, one folder of tests each, fastest first; the first red one ends the run.
test: check
	@echo "— 4. helpers and data, launch"
	@$(PYTEST) $(TWO_FILES) tests/helpers tests/launch
	@echo "— 5. every cell of every lesson, on the sample"
	@LESSONS_DATA=sample $(PYTEST) $(TWO_FILES) --nbval-lax lessons
	@$(MAKE) --no-print-directory test-built

test-built: data
	@echo "— 6. the book, strictly"
	@$(MAKE) --no-print-directory book
	@echo "— 7. what was built, and how it looks in a browser$(if $(filter no,$(BROWSER)), (passed over: BROWSER=no))"
	@$(PYTEST) -rs $(TWO_FILES) tests/built
	@$(if $(filter no,$(BROWSER)),,cat _build/weights.txt)

check: .venv/installed
	@echo "— 1. lint and format"
	@$(BIN)/python -m ruff check -q .
	@$(BIN)/python -m ruff format -q --check . || { echo "make sync formats these cells and files"; exit 1; }
	@echo "— 2, 3. pairs and form"
	@$(PYTEST) tests/source

lesson: .venv/installed
	@$(PYTEST) --nbval-lax lessons/$(or $(N),$(error make lesson N=05))_*.ipynb

serve: book
	@$(BIN)/python -m http.server --bind 127.0.0.1 --directory _build/html 8000

sync: .venv/installed
	@$(BIN)/python -m tools.sync
	@$(BIN)/python -m ruff format -q .

translations: .venv/installed
	@$(BIN)/python -m tools.translations

# Measured as a reader runs it: on a quiet machine, with threads that may spin. On a GPU: python -m benchmarks.gpu.
results: data
	@for name in mnist cifar_seeds cifar climb silent_bugs sequences attention lessons; do env -u OMP_WAIT_POLICY $(BIN)/python -m benchmarks.$$name || exit 1; done
	@$(BIN)/python -m tools.tables

lighthouse: book
	@$(BIN)/python -m tools.lighthouse

weights: data
	@$(BIN)/python -m tools.weights

mutants: .venv/installed
	@$(BIN)/python -m tools.mutants $(K)

repository: .venv/installed
	@$(BIN)/python -m tools.stamp $(or $(URL),$(error make repository URL=https://…)) $(or $(REF),main) $(PAGES)

zip pdf: book
	@$(BIN)/python -m tools.$@

clean:
	@rm -rf _build

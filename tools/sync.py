"""Write each lesson's notebook and program anew from its Markdown, all with formatted cells: `python -m tools.sync`.

The Markdown is the side that we edit. What is written depends on it alone: notebooks carry no outputs, cell ids
count the cells, and a lesson that calls get_device asks Colab for a GPU. Each edition in another language has its own,
and a README, in a folder of its own. A program is a lesson's cells with the tag
`program`, one after another: it runs without the book.
"""

import re
import shutil
import subprocess
import sys

import jupytext
import nbformat
from jupytext.config import load_jupytext_config

from tools import editions
from tools.places import EDITIONS, LESSONS, PROGRAMS, ROOT

jupytext.header.INSERT_AND_CHECK_VERSION_NUMBER = False  # the same text whichever jupytext wrote it


def notebook(markdown):
    """The notebook that belongs to a lesson's Markdown file."""
    nb = jupytext.read(markdown)
    nb.metadata = nbformat.from_dict({"kernelspec": nb.metadata["kernelspec"], "language_info": {"name": "python"}})
    if any("get_device()" in cell.source for cell in nb.cells):
        nb.metadata.update(accelerator="GPU", colab={"gpuType": "T4"})
    for number, cell in enumerate(nb.cells):
        cell["id"] = f"cell-{number}"
    nb.nbformat, nb.nbformat_minor = 4, 5
    return nb


def tagged(nb, tag):
    """A notebook's code cells that have a tag."""
    return [cell for cell in nb.cells if cell.cell_type == "code" and tag in cell.metadata.get("tags", [])]


def script(nb):
    """The program of a notebook: the cells with its tag, without the line by which a cell writes itself into a file."""
    return "\n\n".join(re.sub(r"^%%writefile.*\n", "", cell.source) for cell in tagged(nb, "program"))


def formatted(code, path):
    """Python code as ruff formats it in a file of this path."""
    ruff = [sys.executable, "-m", "ruff", "format", "--quiet", "--stdin-filename", path, "-"]
    return subprocess.run(ruff, input=code, check=True, capture_output=True, text=True, encoding="utf-8").stdout


def program(markdown):
    """Where a lesson's program lies, and its text: nothing if no cell has the tag."""
    path = PROGRAMS / f"{markdown.stem}.py"
    code = script(jupytext.read(markdown))
    return path, code and formatted(code, path)


def write_pair(markdown):
    """Markdown → notebook, format the notebook's cells, and bring them back into the Markdown."""
    target = markdown.with_suffix(".ipynb")
    nbformat.write(notebook(markdown), target)
    subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", "--force-exclude", target], check=True)
    nb, config = jupytext.read(markdown), load_jupytext_config(markdown)
    nb.cells = nbformat.read(target, 4).cells
    markdown.write_text(jupytext.writes(nb, fmt="md:myst", config=config), encoding="utf-8")
    nbformat.write(notebook(markdown), target)


def in_language(markdown, language):
    """Where a lesson's notebook in another language lies, and the notebook."""
    page = f"lessons/{markdown.stem}"
    return ROOT / language / f"{page}.ipynb", editions.notebook(notebook(markdown), language, page)


def write_edition(language):
    """Write the notebooks of an edition, and its README."""
    folder = ROOT / language
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "lessons").mkdir(parents=True)
    shutil.copy(LESSONS / "matplotlibrc", folder / "lessons")
    for markdown in sorted(LESSONS.glob("*.md")):
        path, nb = in_language(markdown, language)
        nbformat.write(nb, path)
    (folder / "README.md").write_text(editions.readme(language), encoding="utf-8")


def main():
    """Write all pairs, and the programs that belong to them and no others."""
    for old in PROGRAMS.glob("*.py"):
        old.unlink()
    for markdown in sorted(LESSONS.glob("*.md")):
        write_pair(markdown)
        path, code = program(markdown)
        if code:
            path.write_text(code, encoding="utf-8")
    for language in EDITIONS:
        write_edition(language)


if __name__ == "__main__":
    main()

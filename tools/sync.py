"""Write each lesson's notebook anew from its Markdown, with formatted cells in both: `python -m tools.sync`.

The Markdown is the side that we edit. What is written depends on it alone: notebooks carry no outputs, cell ids
count the cells, and a lesson that calls get_device asks Colab for a GPU.
"""

import subprocess
import sys

import jupytext
import nbformat

from tools.places import LESSONS

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


def main():
    """Markdown → notebook, format the notebook's cells, and bring them back into the Markdown."""
    for markdown in sorted(LESSONS.glob("*.md")):
        target = markdown.with_suffix(".ipynb")
        nbformat.write(notebook(markdown), target)
        subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", target], check=True)
        nb = jupytext.read(markdown)
        nb.cells = nbformat.read(target, 4).cells
        markdown.write_text(jupytext.writes(nb, fmt="md:myst"), encoding="utf-8")
        nbformat.write(notebook(markdown), target)


if __name__ == "__main__":
    main()

"""Write the lesson table into README.md and index.md, between its marks: `python tools/tables.py`."""

import re
from pathlib import Path

import jupytext
import pandas as pd

ROOT = Path(__file__).resolve().parent.parent
PAGES = ("README.md", "index.md")
MARKS = re.compile(r"(<!-- lessons -->\n).*?(<!-- end -->)", re.DOTALL)


def lesson_table():
    """One row a lesson: its title, its question, and the seconds that results/lessons.csv recorded for it."""
    seconds = pd.read_csv(ROOT / "results/lessons.csv").pivot(index="lesson", columns="device", values="seconds")
    lines = ["| lesson | question | CPU | GPU |", "|---|---|--:|--:|"]
    for path in sorted((ROOT / "lessons").glob("*.md")):
        text = "\n\n".join(cell.source for cell in jupytext.read(path).cells if cell.cell_type == "markdown")
        title = re.search(r"^# (.+)$", text, re.MULTILINE).group(1)
        question = " ".join(re.search(r"\*\*The question\.\*\*(.+?)\n\n", text, re.DOTALL).group(1).split())
        times = [seconds[device].get(path.stem) if device in seconds else None for device in ("CPU", "GPU")]
        times = " | ".join("not yet measured" if pd.isna(time) else f"{time:.0f} s" for time in times)
        lines.append(f"| [{path.stem[:2]} {title}](lessons/{path.name}) | {question} | {times} |")
    return "\n".join(lines) + "\n"


def with_table(text):
    """A page's text with the table between its marks."""
    return MARKS.sub(lambda match: match.group(1) + lesson_table() + match.group(2), text)


def main():
    for page in PAGES:
        file = ROOT / page
        file.write_text(with_table(file.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()

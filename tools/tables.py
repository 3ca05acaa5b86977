"""Write what results/ recorded into README.md and index.md, between the marks there: `python -m tools.tables`."""

import re

import jupytext
import pandas as pd

from tools.places import LESSONS, ROOT, name_of

PAGES = ("README.md", "index.md")
READING = {"half an hour": 30, "forty minutes": 40, "an hour": 60}  # as the lessons say it
LINK = re.compile(r"\[([^\]]+)\]\([^)]+\)")
MARKS = re.compile(r"(<!-- (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def results(name):
    """A table of results/."""
    return pd.read_csv(ROOT / f"results/{name}.csv")


def minutes_to_read(text):
    """What a lesson says under «Before you start» of the time that reading it takes."""
    words = " ".join(text.split("## Setup")[0].split()).lower()
    return next((f"{minutes}\u00a0min" for phrase, minutes in READING.items() if phrase in words), "")


def lesson_table():
    """One row a lesson: its title, its question, the minutes to read it, and the seconds recorded to run it."""
    table = results("lessons")
    seconds = table.pivot(index="lesson", columns="device", values="seconds")
    devices = [device for device in ("CPU", "GPU") if device in seconds]
    lines = [f"| lesson | question | to read | {' | '.join(devices)} |", "|---|---|--:|" + "--:|" * len(devices)]
    for path in sorted(LESSONS.glob("*.md")):
        text = "\n\n".join(cell.source for cell in jupytext.read(path).cells if cell.cell_type == "markdown")
        title = re.search(r"^# (.+)$", text, re.MULTILINE).group(1)
        question = " ".join(re.search(r"\*\*The question\.\*\*(.+?)\n\n", text, re.DOTALL).group(1).split())
        question = LINK.sub(r"\1", question)  # a lesson's links lead nowhere from here
        times = [seconds[device].get(name_of(path)) for device in devices]
        times = " | ".join("not yet measured" if pd.isna(time) else f"{time:.0f}\u00a0s" for time in times)
        read = minutes_to_read(text)
        lines.append(f"| [{path.stem[:2]} {title}](lessons/{path.name}) | {question} | {read} | {times} |")
    machine = table.iloc[0]
    total = f"Together {seconds['CPU'].sum() / 60:.1f} minutes on the CPU, the kernels' starts included"
    runs = f"{total}; {machine.hardware}; {machine.versions}; runs: {machine.runs}; {machine.date}."
    runs += "" if "GPU" in devices else " On a GPU: not yet measured."
    return "\n".join([*lines, "", runs, ""])


def recipe_table(name):
    """An old recipe against our lessons, as measured one after another on each machine."""
    table, parts = results(name), []
    for about, rows in table.groupby(["data", "hardware", "versions", "date"], sort=False):
        parts += ["| recipe | epochs | accuracy (mean, lowest) | seconds | runs |", "|---|--:|--:|--:|--:|"]
        for row in rows.itertuples():
            accuracy = f"{100 * row.accuracy:.2f} %, {100 * row.lowest:.2f} %"
            parts.append(f"| {row.recipe} | {row.epochs} | {accuracy} | {row.seconds:.1f} | {row.runs} |")
        parts += ["", "; ".join(about[:-1]) + f"; measured one after another, {about[-1]}.", ""]
    return "\n".join(parts)


def with_tables(text):
    """A page's text with its tables written anew."""

    def anew(match):
        start, name, end = match.groups()
        return start + (lesson_table() if name == "lessons" else recipe_table(name)) + end

    return MARKS.sub(anew, text)


def main():
    """Write the tables into the pages that have marks for them."""
    for page in PAGES:
        file = ROOT / page
        file.write_text(with_tables(file.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()

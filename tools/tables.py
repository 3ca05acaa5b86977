"""Write recorded tables and the list of messages into the pages that have marks for them: `python -m tools.tables`."""

import re
import textwrap

import jupytext
import pandas as pd
from myst_parser.mdit_to_docutils.base import default_slugify

from tools.pieces import title_and_question
from tools.places import LESSONS, ROOT, name_of

PAGES = ("README.md", "index.md", "pages/errors.md")
MARKS = re.compile(r"(<!-- (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
SIZES = re.compile(r"\(torch\.Size\(\[[\d, ]*\]\)\)|[(\[]-?\d[\w, -]*[)\]]")  # what a message says of one case


def results(name):
    """A table of results/."""
    return pd.read_csv(ROOT / f"results/{name}.csv")


def opening(lesson):
    """How a lesson opens: its title, its question, and the minutes that its header names."""
    return *title_and_question(lesson.read_text(encoding="utf-8")), jupytext.read(lesson).metadata["minutes"]


def seconds_to_run(table):
    """The recorded seconds, one row a lesson and one column a device."""
    seconds = table.pivot(index="lesson", columns="device", values="seconds")
    return seconds[[device for device in ("CPU", "GPU") if device in seconds]]


def lesson_row(lesson, seconds):
    """A lesson's title, its question, the minutes to read it, and the seconds recorded to run it."""
    title, question, minutes = opening(lesson)
    times = seconds.reindex([name_of(lesson)]).iloc[0]
    times = " | ".join("not yet measured" if pd.isna(time) else f"{time:.0f}\u00a0s" for time in times)
    number = lesson.stem.removesuffix(name_of(lesson)).replace("_", " ")
    return f"| [{number}{title}](lessons/{lesson.name}) | {question} | {minutes}\u00a0min | {times} |"


def lesson_table():
    """One row a lesson, and on which machine the seconds were measured."""
    table = results("lessons")
    seconds = seconds_to_run(table)
    lines = [f"| lesson | question | to read | {' | '.join(seconds)} |", "|---|---|--:|" + "--:|" * seconds.shape[1]]
    lines += [lesson_row(lesson, seconds) for lesson in sorted(LESSONS.glob("*.md"))]
    machine = table.iloc[0]
    total = f"Together {seconds['CPU'].sum() / 60:.1f} minutes on the CPU, the kernels' starts included"
    runs = f"{total}; {machine.hardware}; {machine.versions}; runs: {machine.runs}; {machine.date}."
    runs += "" if "GPU" in seconds else " On a GPU: not yet measured."
    return "\n".join([*lines, "", runs, ""])


def recipe_table(name):
    """An old recipe against our lessons, on the machine that ran most of them; how_run has the others."""
    machines = results(name).groupby(["data", "hardware", "versions", "date"])
    about, rows = max(machines, key=lambda pair: len(pair[1]))
    parts = ["| recipe | epochs | accuracy (mean, lowest) | seconds | runs |", "|---|--:|--:|--:|--:|"]
    for row in rows.itertuples():
        accuracy = f"{100 * row.accuracy:.2f} %, {100 * row.lowest:.2f} %"
        parts.append(f"| {row.recipe} | {row.epochs} | {accuracy} | {row.seconds:.1f} | {row.runs} |")
    parts += ["", "; ".join(about[:-1]) + f"; measured one after another, {about[-1]}.", ""]
    return "\n".join(parts)


def listed(message):
    """A message as the list has it: without sizes, and short enough to be scanned."""
    words = SIZES.sub("…", message.strip("`"))
    short = textwrap.shorten(words, 64, placeholder="", break_on_hyphens=False)
    return f"`{words}`" if short == words else f"`{short.rstrip(' ,.:…')} …`"


def message_list(text):
    """Links to the headings of a page that are messages, several in one divided by a dot, in alphabetical order."""
    headings = re.findall(r"^### (`.+)$", text, re.MULTILINE)
    links = {message: default_slugify(head.replace("`", "")) for head in headings for message in head.split(" · ")}
    in_order = sorted(links, key=lambda message: re.findall(r"\w+", message.lower()))
    return "\n".join([*(f"- [{listed(message)}](#{links[message]})" for message in in_order), "", ""])


def with_tables(text):
    """A page's text with its tables written anew."""
    writers = {"lessons": lesson_table, "messages": lambda: message_list(text)}

    def anew(match):
        start, name, end = match.groups()
        return start + writers.get(name, lambda: recipe_table(name))() + end

    return MARKS.sub(anew, text)


def main():
    """Write the tables into the pages that have marks for them."""
    for page in PAGES:
        file = ROOT / page
        file.write_text(with_tables(file.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()

"""Gate 4: the puzzles' own `check` refuses stubs and plausible wrong answers, accepts solutions, and never raises."""

import re

import jupytext
import matplotlib
import matplotlib.pyplot as plt
import pytest
from nbformat import NotebookNode

from tests.source.test_edition import untaught
from tools.places import LESSONS
from tools.sync import tagged

PAGE = jupytext.read(LESSONS / "puzzles.md")
STUB = re.compile(r"    return \.\.\.\n\n\ncheck\((\w+), (\w+)\);$")
PUZZLES = dict(found.groups() for cell in PAGE.cells if (found := STUB.search(cell.source)))
SOLUTIONS = {re.search(r"^def (\w+)", cell.source, re.M).group(1): cell.source for cell in tagged(PAGE, "hide-cell")}
WRONG = {
    "signs": [
        "x * (2 * (torch.arange(len(x)) % 2) - 1)",
        "x * (-1) ** (torch.arange(len(x)) // 2)",
        "-x",
    ],
    "chessboard": [
        "(torch.arange(n)[:, None] + torch.arange(m) + 1) % 2",
        "(torch.arange(n)[:, None] * torch.arange(m)) % 2",
        "(torch.arange(n * m) % 2).reshape(n, m)",
    ],
    "deal": [
        "deck.reshape(n, -1)",
        "deck.reshape(-1, n)",
        "deck.reshape(n, -1).T",
    ],
    "kaleidoscope": [
        "torch.cat([table, table.flip(1)], dim=1)",
        "torch.cat([table, table.flip(0)]).repeat(1, 2)",
        "torch.cat([table, table.flip(1)]).repeat(1, 2)",
    ],
    "two_rules": [
        "x**2 * (x > 0) + 2 * x",
        "x**2 * (x < 0) + 2 * x * (x >= 0)",
        "x**2 * (x > 0)",
    ],
    "best": [
        "table * (table == table.amax(dim=1))",
        "table * (table == table.amax(dim=0, keepdim=True))",
        "table * (torch.arange(table.shape[1]) == table.argmax(dim=1)[:, None])",
    ],
    "summits": [
        "(x[1:-1] > x[:-2]) * (x[1:-1] > x[2:])",
        "torch.cat([torch.zeros(1), (x[1:-1] > x[:-2]) + (x[1:-1] > x[2:]), torch.zeros(1)])",
        "torch.cat([torch.zeros(1), (x[1:-1] >= x[:-2]) * (x[1:-1] >= x[2:]), torch.zeros(1)])",
    ],
    "one_each": [
        "table[:, picks]",
        "table[picks, torch.arange(len(picks))]",
        "(table * (picks[:, None] == torch.arange(table.shape[1]))).sum(dim=0)",
    ],
    "nearest": [
        "abs(x[:, None] - row).amax(dim=1)",
        "abs((x[:, None] - row).amin(dim=1))",
        "abs(x[:, None] - row).amin(dim=0)",
    ],
    "so_far": [
        "x.cumsum(dim=0)",
        "x.cumsum(dim=0) / torch.arange(len(x))",
        "(torch.arange(len(x))[:, None] <= torch.arange(len(x))).float() @ x / (torch.arange(len(x)) + 1)",
    ],
    "carousel": [
        "x[(torch.arange(len(x)) + torch.arange(len(x))[:, None]) % len(x)]",
        "x.expand(len(x), len(x))",
        "x[torch.arange(len(x))[:, None] - torch.arange(len(x))]",
    ],
    "in_order": [
        "((x < x[:, None]).sum(dim=1) == torch.arange(len(x))[:, None]).float() @ x",
        "x[(x < x[:, None]).sum(dim=1)]",
        "x.sort(descending=True).values",
    ],
    "nudges": [
        "height(x + torch.eye(len(x))) - height(x - torch.eye(len(x)))",
        "(height(x + torch.eye(len(x))) - height(x[None])) / 2",
        "(height((x + 1)[None]) - height((x - 1)[None])) / 2",
    ],
    "cubes": [
        "3 * x**2",
        "(3 * x**2).mean()",
        "x**2 / len(x)",
    ],
    "two_ways": [
        "2 * x * (y - x)",
        "2 * x * (y - x) + x**2",
        "-2 * x",
    ],
    "stretched": [
        "2 * (table + row)",
        "(2 * (table + row)).mean(dim=0)",
        "2 * (table.sum(dim=0) + row)",
    ],
    "shared": [
        "(table == table.amax(dim=1, keepdim=True)).float()",
        "(torch.arange(table.shape[1]) == table.argmax(dim=1)[:, None]).float()",
        "(table == table.max()).float()",
    ],
    "through": [
        "table.T @ (table @ row - y)",
        "2 * table.T @ (y - table @ row)",
        "2 * table @ (table @ row - y)",
    ],
    "surprise": [
        "p - (picks[:, None] == torch.arange(p.shape[1])).float()",
        "((picks[:, None] == torch.arange(p.shape[1])).float() - p) / len(p)",
        "-(picks[:, None] == torch.arange(p.shape[1])).float() / p / len(p)",
    ],
    "softmax_back": [
        "p * table",
        "p * (1 - p) * table",
        "p * (table - table.mean(dim=1, keepdim=True))",
    ],
}
BROKEN = {
    "not solved yet": "None",
    "ZeroDivisionError": "1 / 0",
    "RuntimeError": "x @ torch.ones(99)",
    "TypeError": "'a word'",
    r"its shape is \(1, \d\), not \(\d,\)": "signs_loop(x)[None]",
    "some numbers are wrong": "x * float('nan')",
}


@pytest.fixture(scope="module")
def page():
    """What the page has defined after all that a reader sees at once: its stubs included."""
    matplotlib.use("Agg")
    names = {}
    for cell in PAGE.cells:
        if cell.cell_type == "code" and "hide-cell" not in cell.metadata.get("tags", []):
            exec(cell.source, names)
            plt.close("all")
    return names


@pytest.fixture
def check(page, capsys):
    """Checks an answer: returns the verdict, what was printed, and how many tables were drawn."""

    def run(puzzle, answer):
        plt.close("all")
        verdict = page["check"](answer, page[PUZZLES[puzzle]])
        drawn = len(plt.gcf().axes) if plt.get_fignums() else 0
        plt.close("all")
        return verdict, capsys.readouterr().out, drawn

    return run


def wrong(page, puzzle, expression):
    """An answer to a puzzle that returns an expression."""
    arguments = re.search(rf"def {PUZZLES[puzzle]}(\(.+\)):", "\n".join(cell.source for cell in PAGE.cells)).group(1)
    exec(f"def {puzzle}{arguments}:\n    return {expression}", page, names := {})
    return names[puzzle]


def test_there_are_twenty_puzzles_with_a_solution_and_three_wrong_answers_each():
    assert list(PUZZLES) == list(SOLUTIONS) == list(WRONG)
    assert len(PUZZLES) == 20
    assert {len(answers) for answers in WRONG.values()} == {3}


@pytest.mark.parametrize("puzzle", PUZZLES)
def test_a_stub_is_refused_and_shows_what_is_expected(page, check, puzzle):
    verdict, printed, drawn = check(puzzle, page[puzzle])
    assert not verdict
    assert printed.startswith(f"{puzzle}: not solved yet. An example:\n")
    assert drawn == 1


@pytest.mark.parametrize(("puzzle", "expression"), [(name, answer) for name in WRONG for answer in WRONG[name]])
def test_a_wrong_answer_is_refused_and_drawn(page, check, puzzle, expression):
    verdict, printed, drawn = check(puzzle, wrong(page, puzzle, expression))
    assert not verdict
    assert re.match(rf"{puzzle}: (some numbers are wrong|its shape|RuntimeError|IndexError)", printed), printed
    assert drawn == (2 if "some numbers are wrong" in printed else 1)


@pytest.mark.parametrize("puzzle", PUZZLES)
def test_a_solution_is_accepted(page, capsys, puzzle):
    assert SOLUTIONS[puzzle].endswith(f"assert check({puzzle}, {PUZZLES[puzzle]})")
    exec(SOLUTIONS[puzzle], dict(page))
    assert capsys.readouterr().out == f"✓ {puzzle} is right on a hundred random inputs\n"


@pytest.mark.parametrize("fault", BROKEN)
def test_a_fault_is_printed_and_not_raised(page, check, fault):
    verdict, printed, drawn = check("signs", wrong(page, "signs", BROKEN[fault]))
    assert not verdict
    assert re.match(f"signs: {fault}", printed), printed
    assert drawn >= 1


def test_the_example_is_the_input_as_it_was_before_the_answer_wrote_over_it(page, check):
    _, printed, _ = check("signs", wrong(page, "signs", "x.fill_(77)"))
    assert "some numbers are wrong" in printed
    assert "77" not in printed


def test_the_first_five_lessons_show_all_that_the_solutions_use_but_for_a_cell_before_the_first_puzzle():
    lessons = [jupytext.read(path) for path in sorted(LESSONS.glob("0[0-4]_*.md"))]
    assert len(lessons) == 5
    new = next(cell for cell in PAGE.cells if cell.source.startswith("prices = "))
    assert untaught(NotebookNode(cells=[new, *tagged(PAGE, "hide-cell")]), lessons) == set()

"""Gate 4: the cheat sheet says what its lines give, and leads to where each is taught."""

import ast
import re

import jupytext

from tools.places import ROOT

PAGE = ROOT / "pages/cheat_sheet.md"
ARROW = "  # → "


def claims():
    """Each line with an arrow: its code, the value that it gave, run in the page's order, and what the page says."""
    names, found = {}, []
    for cell in jupytext.read(PAGE).cells:
        if cell.cell_type == "code":
            for node in ast.parse(cell.source).body:
                code, _, said = cell.source.splitlines()[node.end_lineno - 1].partition(ARROW)
                if isinstance(node, ast.Expr):
                    value = eval(ast.unparse(node), names)
                    found += [(code, str(value).split(), said.split())] if said else []
                else:
                    assert not said, f"{code} has no value"
                    exec(ast.unparse(node), names)
    return found


def test_each_arrow_points_at_what_its_line_gives(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # the page goes to a folder where it may save; afterwards back to ours
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))  # and looks for weights there
    found = claims()
    assert len(found) > 30
    assert [claim for claim in found if claim[1] != claim[2]] == []


def attributes(code):
    """What stands behind the dots of some code, and the names of arguments."""
    nodes = list(ast.walk(ast.parse(code)))
    return {node.attr for node in nodes if isinstance(node, ast.Attribute)} | {
        node.arg for node in nodes if isinstance(node, ast.keyword) and node.arg
    }


def test_each_line_stands_below_a_link_to_where_it_is_taught():
    for section in PAGE.read_text(encoding="utf-8").split("\n## ")[1:]:
        head, body = section.split("\n", 1)
        pages = [PAGE.parent / link for link in re.findall(r"\(([\w./]+\.md)\)", head)]
        taught = "".join(page.read_text(encoding="utf-8") for page in pages)
        code = "\n".join(re.findall(r"```\{code-cell\} ipython3\n(?::[^\n]*\n)*(.*?)```", body, re.DOTALL))
        assert attributes(code)
        assert {name for name in attributes(code) if not re.search(rf"\b{name}\b", taught)} == set(), head

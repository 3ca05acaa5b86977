"""A Sphinx extension: formulas are typeset by KaTeX when the book is built, so that pages need no script for them."""

import json
from pathlib import Path

import quickjs
from docutils.nodes import SkipNode

KATEX = Path(__file__).resolve().parent.parent / "_static/vendor/katex/katex.min.js"
RENDER = "(tex, displayMode) => JSON.stringify(katex.renderToString(tex, {displayMode, strict: 'error'}))"


def renderer(display):
    """A visitor that writes a formula's HTML, with MathML for screen readers; a wrong one ends the build."""
    context = quickjs.Context()
    context.eval(KATEX.read_text(encoding="utf-8"))
    render = context.eval(RENDER)

    def visit(writer, node):
        writer.body.append(json.loads(render(node.astext(), display)))
        raise SkipNode

    return visit, None


def setup(app):
    """Called by Sphinx."""
    app.add_html_math_renderer("katex", inline_renderers=renderer(False), block_renderers=renderer(True))
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""A Sphinx extension: where a lesson links to a demo in the book's page, the page shows the demo itself.

A lesson writes a paragraph with nothing but a link to `…/lessons/PAGE.html#demo-NAME`. On GitHub or Colab that is a
link to the book; here it becomes a place for `_static/demos/NAME.js`, which only the pages that have it load, together
with what the demos say in the book's language, `_static/demos/words/LANGUAGE.js`, and what they share, `demo.js`.
"""

import html

from book_words import words
from docutils import nodes

PLACE = """<div class="demo" id="demo-{0}" data-demo="{0}"><p>{1}</p></div>"""

NEEDS = {  # scripts that go before a demo's own
    "convolution": ["paper"],
    "digit": ["paper", "digit-picture", "network"],
    "sees": ["network"],
}


def place_demos(app, doctree, _):
    """Put the demo's element in the place of each paragraph that only links to it."""
    if app.builder.format != "html":
        return
    for paragraph in list(doctree.findall(nodes.paragraph)):
        links = [node for node in paragraph.children if isinstance(node, nodes.reference)]
        _, here, name = links[0].get("refuri", "").rpartition("#demo-") if len(links) == 1 else ("", "", "")
        if here and paragraph.astext() == links[0].astext():
            text = html.escape(words(app.config)["without_scripts"].format(paragraph.astext()))
            place = nodes.raw("", PLACE.format(name, text), format="html")
            place["demo"] = name
            paragraph.replace_self(place)


def load_scripts(app, page, template, context, doctree):
    """Ask for the scripts of this page's demos, and for the style that they share."""
    names = {node["demo"] for node in doctree.findall(nodes.raw) if "demo" in node} if doctree else ()
    for name in sorted(names):
        app.add_css_file("demos/demos.css")
        for script in [f"words/{app.config.language or 'en'}", "demo", *NEEDS.get(name, []), name]:
            app.add_js_file(f"demos/{script}.js", loading_method="defer")


def setup(app):
    """Called by Sphinx."""
    app.connect("doctree-resolved", place_demos)
    app.connect("html-page-context", load_scripts, priority=100)  # before others edit the lists of files
    return {"parallel_read_safe": True, "parallel_write_safe": True}

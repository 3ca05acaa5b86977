"""A Sphinx extension: launch buttons where there is a notebook to launch.

The theme gives each executed page buttons for Colab and Binder. They stay where the repository holds the page's
notebook, and a lesson on GitHub gets one more, for Kaggle. Until `make repository` has stamped a real address into the
book, no button leads to the repository.
"""

from pathlib import Path

KAGGLE = "https://kaggle.com/kernels/welcome?src={}/blob/{}/{}"
UNSTAMPED = "https://github.com/OWNER/"
TO_REPOSITORY = {"launch-buttons", "source-repository-button"}


def choose_buttons(app, page, template, context, doctree):
    """Keep the buttons that lead somewhere, and add Kaggle to a lesson's launch buttons."""
    url, branch = (app.config.html_theme_options[name] for name in ("repository_url", "repository_branch"))
    notebook = Path(app.config.html_theme_options.get("path_to_docs", ""), f"{page}.ipynb")
    without = {"launch-buttons"} if not Path(app.srcdir, notebook).exists() else set()
    without |= TO_REPOSITORY if url.startswith(UNSTAMPED) else set()
    buttons = [button for button in context.get("header_buttons", []) if button["label"] not in without]
    for group in [button for button in buttons if button["label"] == "launch-buttons"]:
        if url.startswith("https://github.com/"):
            group["buttons"].append(kaggle(url, branch, notebook.as_posix()))
    context["header_buttons"] = buttons


def kaggle(url, branch, notebook):
    """A button that opens a lesson's notebook on Kaggle, which takes notebooks from GitHub."""
    words = {"text": "Kaggle", "tooltip": "Launch on Kaggle", "icon": "fas fa-rocket"}
    return {"type": "link", "url": KAGGLE.format(url, branch, notebook)} | words


def setup(app):
    """Called by Sphinx; the theme makes its buttons at 501."""
    app.connect("html-page-context", choose_buttons, priority=502)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""A Sphinx extension: launch buttons where there is a notebook to launch.

The theme gives each executed page buttons for Colab and Binder. A reference page has no notebook in the repository, so
that its buttons would lead nowhere: they go. A lesson gets one more, for Kaggle.
"""

from pathlib import Path

KAGGLE = "https://kaggle.com/kernels/welcome?src={}/blob/{}/{}.ipynb"


def mend_buttons(app, page, template, context, doctree):
    """Add Kaggle to a lesson's launch buttons; take them from a page without a notebook."""
    buttons = context.get("header_buttons", [])
    for group in [button for button in buttons if button.get("label") == "launch-buttons"]:
        if not Path(app.srcdir, page).with_suffix(".ipynb").exists():
            buttons.remove(group)
            continue
        options = app.config.html_theme_options
        url = KAGGLE.format(options["repository_url"], options["repository_branch"], page)
        kaggle = {"type": "link", "text": "Kaggle", "tooltip": "Launch on Kaggle", "icon": "fas fa-rocket", "url": url}
        group["buttons"].append(kaggle)


def setup(app):
    """Called by Sphinx; the theme makes its buttons at 501."""
    app.connect("html-page-context", mend_buttons, priority=502)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

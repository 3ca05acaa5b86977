"""Gate 7: every page of the built book in Chromium."""

from axe_playwright_python.sync_playwright import Axe

from tests.browser import watch


def test_smoke(chromium, server):
    page = chromium.new_page()
    faults = watch(page)
    page.goto("data:text/html,<h1>x</h1><img src='http://example.invalid/x.png'>")
    assert faults
    print(faults, Axe().run(page).response["violations"][0]["id"], server)

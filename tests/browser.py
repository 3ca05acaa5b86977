"""The machine's own Chromium, for the tests that look at pages; `BROWSER=no` does without."""

import os
import shutil

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")


@pytest.fixture(scope="session")
def chromium():
    """A Playwright browser, one for all tests. Where no Chromium is found the test fails, unless BROWSER=no."""
    if os.environ.get("BROWSER") == "no":
        pytest.skip("BROWSER=no")
    from playwright.sync_api import sync_playwright

    path = next(filter(None, map(shutil.which, NAMES)), None)
    assert path, "no Chromium here: install it (Debian: apt install chromium), or say BROWSER=no to leave these tests out"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()

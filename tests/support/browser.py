"""A browser for the tests that open built pages: the fixtures `chromium` and `server`, `watch` and `violations`.

Playwright drives the Chromium or Chrome that the machine has; nothing is downloaded. axe-core lies in `axe/`.
"""

import functools
import os
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tools import browser
from tools.places import HTML

AXE = Path(__file__).with_name("axe") / "axe.min.js"
HELP = f"{browser.HELP}; BROWSER=no does without."


@pytest.fixture(scope="session")
def chromium():
    """A Playwright browser, one for all tests; where no Chromium is found they are red, unless BROWSER=no."""
    if os.environ.get("BROWSER") == "no":
        pytest.skip("BROWSER=no")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(**how())
        yield chromium
        chromium.close()


def how():
    """How Playwright starts the machine's Chromium; red where there is none."""
    if browser.find() is None:
        pytest.fail(HELP, pytrace=False)
    return browser.how()


class Quiet(SimpleHTTPRequestHandler):
    """Serves files without writing a log."""

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture(scope="session")
def server():
    """The address of a local server of the built book."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=HTML))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def watch(page):
    """A list that fills with what goes wrong on a Playwright page: errors, failed requests, requests to other hosts."""
    faults, ours = [], ("http://127.0.0.1:", "file:", "data:", "blob:", "about:")
    page.on("console", lambda message: message.type == "error" and faults.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: faults.append(f"error: {error}"))
    page.on("requestfailed", lambda request: faults.append(f"failed: {request.url} {request.failure}"))
    page.on("request", lambda request: request.url.startswith(ours) or faults.append(f"foreign: {request.url}"))
    page.on("response", lambda reply: reply.status >= 400 and faults.append(f"{reply.status}: {reply.url}"))
    return faults


def violations(page, context="document", **options):
    """What axe-core has against a Playwright page, one text for each rule and place; without preload, which fetches."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    options = {"resultTypes": ["violations"], "preload": False, **options}
    found = page.evaluate(f"options => axe.run({context}, options)", options)["violations"]
    places = [(rule["id"], node) for rule in found for node in rule["nodes"]]
    return [f"{rule}: {node['html'][:150]}\n{node['failureSummary']}" for rule, node in places]

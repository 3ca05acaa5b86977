"""The Chromium or Chrome that this machine has, for Playwright; nothing is downloaded."""

import shutil
import sys

NAMES = [
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
    "chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
]
HELP = "No Chromium found. `apt install chromium` or `brew install --cask chromium` gets one"


def find():
    """The path of the first one that is there, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def how():
    """How Playwright starts it; ends with one line where there is none."""
    return {"executable_path": find() or sys.exit(HELP), "args": ["--no-sandbox", "--disable-background-networking"]}

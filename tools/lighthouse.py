"""Lighthouse's marks for some pages, as a phone and as a desktop sees them: `make lighthouse`.

Each page is opened three times from a local server that gzips, and the run of median performance counts. Lighthouse
comes by npx at run time; results/lighthouse.csv takes the marks.
"""

import gzip
import json
import os
import subprocess
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pandas as pd

from benchmarks.machine import describe
from tools import browser
from tools.places import HTML, ROOT, lesson

VERSION = "12.8.2"  # the last that runs on node 20
# The first page, the pages with demos, and two to look things up.
DEMOS = ["tensors", "gradients_by_hand", "inside_a_network", "your_own_digit", "cifar10_better", "attention"]
PAGES = {"index": "index"} | {name: f"lessons/{lesson(name).stem}" for name in DEMOS}
PAGES |= {name: f"pages/{name}" for name in ("cheat_sheet", "errors")}
KINDS = ("performance", "accessibility", "best-practices", "seo")
AT_LEAST = {"phone": (97, 97, 97, 97), "desktop": (98, 97, 97, 97)}
RUNS = 3


class Gzip(SimpleHTTPRequestHandler):
    """Serves files as hosts do: text compressed, and kept by the browser."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        """Send a file."""
        file = Path(self.translate_path(self.path))
        if not file.is_file():
            self.send_error(404)
            return
        body, kind = file.read_bytes(), self.guess_type(file)
        self.send_response(200)
        if kind.startswith("text/") or kind.endswith(("javascript", "json", "svg+xml")):
            body = gzip.compress(body)
            self.send_header("Content-Encoding", "gzip")
        headers = {"Content-Type": kind, "Content-Length": len(body), "Cache-Control": "max-age=600"}
        for name, value in headers.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Say nothing."""


def marks(url, device):
    """The marks of one run, 0 to 100, and what took time in it."""
    command = ["npx", "--yes", f"lighthouse@{VERSION}", url, "--quiet", "--output=json"]
    command += [f"--only-categories={','.join(KINDS)}", "--chrome-flags=--headless=new --no-sandbox"]
    command += ["--preset=desktop"] if device == "desktop" else []
    chrome = {"CHROME_PATH": os.environ.get("CHROME_PATH") or browser.find()}
    done = subprocess.run(command, env=os.environ | chrome, capture_output=True, text=True, check=True, timeout=300)
    report = json.loads(done.stdout)
    (ROOT / "_build/lighthouse.json").write_text(done.stdout)
    seen = {kind: round(100 * report["categories"][kind]["score"]) for kind in KINDS}
    audits = report["audits"]
    return seen | {
        "paint_s": round(audits["largest-contentful-paint"]["numericValue"] / 1000, 2),
        "blocked_ms": round(audits["total-blocking-time"]["numericValue"]),
        "shift": round(audits["cumulative-layout-shift"]["numericValue"], 3),
        "versions": f"Lighthouse {VERSION}, {report['environment']['hostUserAgent'].split()[-2].replace('/', ' ')}",
    }


def main():
    """Open each page three times on each device; print and keep the middle marks."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Gzip, directory=HTML))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    rows = []
    for device in AT_LEAST:
        for page, path in PAGES.items():
            url = f"http://127.0.0.1:{server.server_port}/{path}.html"
            runs = sorted((marks(url, device) for _ in range(RUNS)), key=lambda run: run["performance"])
            rows.append({"page": page, "device": device, "runs": RUNS} | runs[RUNS // 2])
            print(*rows[-1].values(), flush=True)
    where = {name: value for name, value in describe().items() if name != "versions"}
    table = pd.DataFrame(rows).assign(**where)
    table.to_csv(ROOT / "results/lighthouse.csv", index=False)
    low = [row for row in rows if any(row[kind] < least for kind, least in zip(KINDS, AT_LEAST[row["device"]]))]
    raise SystemExit(f"below what is asked: {low}" if low else 0)


if __name__ == "__main__":
    main()

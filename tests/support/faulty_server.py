"""A mirror on 127.0.0.1 that fails in every way a mirror can.

The first part of an address says how: `server.address("404")`. It serves the files of one folder, and is a proxy too.
"""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit


class FaultyServer(ThreadingHTTPServer):
    """Serves a folder until `close`; `asked` lists what was asked for, `halfway` is set when half a file is out."""

    daemon_threads = True

    def __init__(self, folder):
        super().__init__(("127.0.0.1", 0), Handler)
        self.folder, self.asked, self.halfway, self.over = Path(folder), [], threading.Event(), threading.Event()
        self.pair = threading.Barrier(2)
        threading.Thread(target=self.serve_forever, args=[0.05], daemon=True).start()

    def address(self, fault):
        """The address of the mirror with this fault."""
        return f"http://127.0.0.1:{self.server_port}/{fault}/"

    def close(self):
        """Let go of all that wait, and end."""
        self.over.set()
        self.shutdown()
        self.server_close()

    def handle_error(self, *_):
        """Say nothing about a client that has gone away."""


class Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    def log_message(self, *_):
        """Say nothing."""

    def do_HEAD(self):
        """Answer, unless the fault is silence."""
        if urlsplit(self.path).path.startswith("/silent/"):
            self.server.over.wait()
        self.send_response(200)
        self.end_headers()

    def do_GET(self):
        """Do what the fault is called."""
        fault, file = urlsplit(self.path).path.split("/")[1:3]  # a proxy is asked for a whole address
        self.server.asked.append((fault, file))
        if fault.isdigit():
            self.send_error(int(fault))
        else:
            getattr(self, fault)((self.server.folder / file).read_bytes())

    def start(self, content):
        """Announce a file."""
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()

    def trickle(self, content, size, pause):
        """Send a file in pieces of so many bytes, with so many seconds between them."""
        self.start(content)
        for start in range(0, len(content), size):
            self.wfile.write(content[start : start + size])
            time.sleep(pause)

    def good(self, content):
        """No fault."""
        self.start(content)
        self.wfile.write(content)

    def meet(self, content):
        """No fault, but two clients must ask at the same time."""
        self.server.pair.wait(60)
        self.good(content)

    def loop(self, _):
        """A redirect to itself."""
        self.send_response(302)
        self.send_header("Location", self.path)
        self.end_headers()

    def silent(self, _):
        """Accept the connection and say nothing, whatever is asked."""
        self.server.over.wait()

    mute = silent  # but a HEAD is answered

    def short(self, content):
        """Cut the file short."""
        self.start(content)
        self.wfile.write(content[: len(content) // 2])

    def wrong(self, content):
        """Another file of the same size."""
        self.good(content[::-1])

    def longer(self, content):
        """One byte more than there should be."""
        self.good(content + b"\0")

    def endless(self, content):
        """The file, and then ever more: enough for a test, as its disk is real."""
        self.send_response(200)
        self.end_headers()
        self.wfile.write(content)
        for _ in range(64):
            self.wfile.write(bytes(1 << 20))

    def page(self, _):
        """What a hotel sends in place of any file: a page to log in on, called one."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(b"Welcome, please log in")

    def unnamed_page(self, _):
        """Such a page, not called one."""
        self.good(b"\n<!DOCTYPE html><html><body>Welcome, please log in</body></html>")

    def slow(self, content):
        """About 20 kB/s."""
        self.trickle(content, 1000, 0.05)

    def drip(self, content):
        """A byte now and then."""
        self.trickle(content, 1, 0.1)

    def half(self, content):
        """Half of the file, then nothing more."""
        self.short(content)
        self.server.halfway.set()
        self.server.over.wait()

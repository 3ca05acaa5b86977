"""What `make weights` and `make lighthouse` write, and when they refuse; what takes them minutes is played here."""

import base64
import gzip
import hashlib
import json
import os
import threading
import urllib.request
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
import torch

from tools import lighthouse, weights

NUMBERS = torch.tensor([1.0, -0.5, 0.25, 3.0])


@pytest.fixture
def lesson_runs(monkeypatch, tmp_path):
    """The lessons that `make weights` has run; each saves, or makes, a network of four numbers."""
    runs = []

    def run(name, **parameters):
        runs.append((name, parameters))
        folder = Path(os.environ["TMPDIR"]) / "lesson"
        folder.mkdir()
        file = "mnist.pt" if name == "your_own_digit" else "cifar10.pt"
        torch.save({"weight": NUMBERS, "count": torch.tensor(3)}, folder / file)
        return {"loss": 0.1, "accuracy": 0.99, "once": 0.98}

    def run_cells(name, wanted):
        runs.append((name, {"until": wanted}))
        model = torch.nn.Linear(4, 1, bias=False)
        model.weight.data = NUMBERS[None]
        return {wanted: 0.97, "model": model}

    monkeypatch.setattr(weights, "run_lesson", run)
    monkeypatch.setattr(weights, "run_cells", run_cells)
    monkeypatch.setattr(weights, "FOLDER", tmp_path)
    monkeypatch.setenv("TMPDIR", "")
    return runs


@pytest.fixture
def full_sets(monkeypatch):
    """All data sets are here, whole."""
    monkeypatch.setattr(weights, "load_data", lambda name: SimpleNamespace(full=True, source=f"all of {name}"))


@pytest.mark.parametrize(
    ("lesson", "demo", "run", "facts"),
    [
        ("your_own_digit", "digit", {"until": "record", "epochs": 15}, ("all of mnist", 15, 0.99)),
        ("cifar10_better", "sees", {"until": "record", "final_epochs": 3}, ("all of cifar10", 3, 0.98)),
        ("attention", "attention", {"until": "exact"}, (None, None, 0.97)),
    ],
)
def test_weights_come_with_their_source_and_checksum(lesson_runs, full_sets, tmp_path, lesson, demo, run, facts):
    weights.main([lesson])
    assert [file.name for file in tmp_path.glob("*.js")] == [f"{demo}-weights.js"]
    text = (tmp_path / f"{demo}-weights.js").read_text(encoding="utf-8")
    known = json.loads(text.removeprefix(f"{demo}Weights = ").removesuffix(";\n"))
    assert lesson_runs == [(lesson, run)]
    assert {"hardware", "versions", "date"} < known.keys()
    numbers = base64.b64decode(known["numbers"])
    assert known["sha256"] == hashlib.sha256(numbers).hexdigest()
    assert torch.equal(torch.frombuffer(bytearray(numbers), dtype=torch.half), NUMBERS.half())
    assert (known.get("data"), known.get("epochs"), known["accuracy"]) == facts


def test_without_a_name_all_weights_are_made(lesson_runs, full_sets, tmp_path):
    weights.main([])
    assert {file.name for file in tmp_path.glob("*.js")} == {
        f"{one.demo}-weights.js" for one in weights.LESSONS.values()
    }


def test_weights_of_a_sample_are_refused_before_anything_runs(lesson_runs, monkeypatch, tmp_path):
    monkeypatch.setattr(weights, "load_data", lambda name: SimpleNamespace(full=False, source="a sample"))
    with pytest.raises(SystemExit, match="a sample"):
        weights.main([])
    assert not lesson_runs
    assert not list(tmp_path.glob("*.js"))


@pytest.fixture
def host(tmp_path):
    """The address of a server as `make lighthouse` starts it, with a page and a picture."""
    (tmp_path / "index.html").write_text("<p>word " * 1000)
    (tmp_path / "one.png").write_bytes(bytes(1000))
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(lighthouse.Gzip, directory=tmp_path))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_text_is_sent_gzipped_and_pictures_as_they_are(host):
    with urllib.request.urlopen(f"{host}/index.html") as reply:
        body = reply.read()
        assert (reply.headers["Content-Encoding"], reply.headers["Content-Type"]) == ("gzip", "text/html")
        assert len(body) < 1000 < len(gzip.decompress(body))
    with urllib.request.urlopen(f"{host}/one.png") as reply:
        assert (reply.headers["Content-Encoding"], len(reply.read())) == (None, 1000)
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{host}/none.html")


NPX = """#!/bin/sh
n=$(cat {folder}/n 2>/dev/null || echo 0); echo $((n + 1)) > {folder}/n
echo "$*" >> {folder}/calls
set -- {marks}
shift $((n % 3))
sed "s/PERFORMANCE/$1/" {folder}/report.json
"""
REPORT = {
    "categories": {kind: {"score": 1} for kind in lighthouse.KINDS} | {"performance": {"score": "PERFORMANCE"}},
    "audits": {
        "largest-contentful-paint": {"numericValue": 1234.5},
        "total-blocking-time": {"numericValue": 20.4},
        "cumulative-layout-shift": {"numericValue": 0.0123},
    },
    "environment": {"hostUserAgent": "Mozilla/5.0 Chrome/150.0.0.0 Safari/537.36"},
}


@pytest.fixture
def npx(monkeypatch, tmp_path):
    """A function that puts an npx on the path whose Lighthouse gives these three marks for performance in turn."""

    def put(*marks):
        (tmp_path / "report.json").write_text(json.dumps(REPORT).replace('"PERFORMANCE"', "PERFORMANCE"))
        file = tmp_path / "npx"
        file.write_text(NPX.format(folder=tmp_path, marks=" ".join(map(str, marks))))
        file.chmod(0o755)

    for folder in ("results", "_build"):
        (tmp_path / folder).mkdir()
    monkeypatch.setattr(lighthouse, "ROOT", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    put.folder = tmp_path
    return put


def test_the_middle_of_three_runs_counts(npx):
    npx(1, 0.2, 0.985)
    with pytest.raises(SystemExit) as ended:
        lighthouse.main()
    table = pd.read_csv(npx.folder / "results/lighthouse.csv")
    assert not ended.value.code
    assert list(zip(table.page, table.device)) == [(p, d) for d in lighthouse.AT_LEAST for p in lighthouse.PAGES]
    assert set(table.performance) == {98}
    assert table.loc[0, ["accessibility", "paint_s", "blocked_ms", "shift"]].tolist() == [100, 1.23, 20, 0.012]
    calls = (npx.folder / "calls").read_text().splitlines()
    assert ["--preset=desktop" in call for call in calls] == [
        device == "desktop" for device in lighthouse.AT_LEAST for _ in range(3 * len(lighthouse.PAGES))
    ]
    assert all(f"lighthouse@{lighthouse.VERSION}" in call for call in calls)


def test_marks_below_what_is_asked_end_red(npx):
    npx(0.97, 0.97, 0.97)  # enough for a phone, too little for a desktop
    with pytest.raises(SystemExit, match=r"below what is asked.*desktop") as ended:
        lighthouse.main()
    assert "phone" not in str(ended.value)

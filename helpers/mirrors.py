"""Fetch the files of a data set from the first mirror that gives them whole, bounded in time and size."""

import multiprocessing.pool
import sys
import time

import pooch
import requests
from tqdm import tqdm
from urllib3.exceptions import HTTPError

SLOW, STALLED, PATIENCE = 300e3, 3e3, 10  # bytes/s too few at first, too few at last; over so many seconds
ANSWER = 5  # seconds that a mirror has for its first answer
pooch.get_logger().setLevel("ERROR")  # it would report each file on stderr


def fetch(spec, mirrors, folder):
    """Bring the files of a set that a folder lacks; the mirror that gave the last, or None and a line each.

    Those that answer are asked in turn, and again with more patience, but for those that sent something else.
    """
    mirrors = list(_answering(mirrors))
    for least in (SLOW, STALLED):
        for mirror in mirrors.copy():
            try:
                _bring(spec["files"], mirror, folder, least)
                return mirror
            except (requests.RequestException, HTTPError, TimeoutError, ValueError) as error:
                print(f"{mirror} does not give {spec['title']}: {_reason(error)}")
                if isinstance(error, ValueError):
                    mirrors.remove(mirror)
    return None


def _answering(mirrors):
    """Those mirrors that answer anything at all within a few seconds, asked all at once."""
    deadline = time.monotonic() + ANSWER
    with multiprocessing.pool.ThreadPool(8) as pool:
        answers = [pool.apply_async(requests.head, [mirror], {"timeout": 2 * ANSWER}) for mirror in mirrors]
        for mirror, answer in zip(mirrors, answers):
            try:
                answer.get(max(0, deadline - time.monotonic()))
                yield mirror
            except (OSError, ValueError, multiprocessing.TimeoutError) as error:
                print(f"{mirror} cannot be reached: {_reason(error, type(error).__name__)}.")


def _reason(error, words=None):
    """An error in words for people: the given ones, or its own, unless better ones are known."""
    if "SOCKS" in str(error):
        return "a SOCKS proxy is set, which needs `pip install pysocks`"
    return words or str(error).partition(": expected md5")[0]  # pooch would go on with two checksums and more


def _bring(files, mirror, folder, least):
    """Download those files that are not in the folder yet, and check that they are the published ones."""
    for file, published in files.items():

        def download(url, path, _pooch, size=published["size"]):
            _stream(url, path, size, least)

        address = f"{mirror.rstrip('/')}/{file}"
        pooch.retrieve(address, f"md5:{published['md5']}", file, folder, downloader=download)


def _stream(url, path, size, least):
    """Download one file of the published size with a progress bar.

    Raises ValueError if it must be another, TimeoutError if `PATIENCE` seconds bring under `least` bytes/s.
    """
    plain = {"Accept-Encoding": "identity"}
    with requests.get(url, headers=plain, stream=True, timeout=(4, PATIENCE)) as response:
        response.raise_for_status()
        page = "html" in response.headers.get("Content-Type", "")
        goal, deadline = 0, 0
        bar = tqdm(desc=url.split("/")[-1], total=size, unit="B", unit_scale=True, delay=1, file=sys.stdout)
        with bar, open(path, "wb") as file:
            while chunk := response.raw.read1(1 << 16):  # what is there, however little
                if page or (bar.n == 0 and chunk.lstrip().startswith(b"<")):
                    raise ValueError("it sends a web page: is there a log-in page on this network?")
                if bar.n + len(chunk) > size:
                    raise ValueError(f"it sends more than the published {size:,} bytes")
                bar.update(file.write(chunk))
                if time.monotonic() >= deadline:
                    if bar.n < goal:
                        raise TimeoutError(f"under {least / 1e3:.0f} kB/s for {PATIENCE} s")
                    goal, deadline = bar.n + least * PATIENCE, time.monotonic() + PATIENCE

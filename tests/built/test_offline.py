"""What is read offline: the zip in an empty folder, and what the first page offers."""

import os
import re
import shutil
from zipfile import ZipFile

import pytest

from tests.support.browser import watch
from tools import offline, zip
from tools.places import HTML, lesson

OFFERED = re.compile(r'<a href="([^"]+)">([^<]+)</a>')


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    """The built book from its zip, in a folder that holds nothing else."""
    folder = tmp_path_factory.mktemp("offline")
    zip.pack(HTML, folder / "book.zip")
    with ZipFile(folder / "book.zip") as archive:
        archive.extractall(folder / "unpacked")
    (book,) = (folder / "unpacked").iterdir()
    return book


@pytest.fixture
def page(chromium):
    """A page without a network; nothing may fail on it, and nothing may be asked of another place than files."""
    context = chromium.new_context(offline=True)
    page, asked = context.new_page(), set()
    faults = watch(page)
    page.on("request", lambda request: asked.add(request.url.split(":")[0]))
    yield page
    context.close()
    assert not faults
    assert asked <= {"file", "data", "blob"}


def test_from_the_first_page_a_search_leads_to_a_lesson_without_a_network(page, unpacked):
    page.goto((unpacked / "index.html").as_uri(), wait_until="networkidle")
    page.keyboard.press("ControlOrMeta+k")
    page.keyboard.type("handwriting")
    page.keyboard.press("Enter")
    page.wait_for_load_state("networkidle")
    page.locator("#search-results a", has_text="Reading handwriting").first.click()
    page.wait_for_load_state("networkidle")
    assert page.url.startswith((unpacked / f"lessons/{lesson('mnist').stem}.html").as_uri())
    assert page.locator("article h1").inner_text().startswith("Reading handwriting")


def test_demos_and_pictures_are_there_without_a_network(page, unpacked):
    page.goto((unpacked / f"lessons/{lesson('your_own_digit').stem}.html").as_uri())
    page.locator(".demo-source").scroll_into_view_if_needed()
    page.wait_for_function("document.querySelector('.demo-source').textContent.includes('MNIST')")
    page.evaluate("document.querySelectorAll('img').forEach((image) => { image.loading = 'eager'; })")
    page.wait_for_load_state("networkidle")
    sizes = page.eval_on_selector_all("article img", "images => images.map((image) => image.naturalWidth)")
    assert min(sizes) > 100


@pytest.fixture
def book(tmp_path):
    """The built book's first page and the end of its build, an hour ago."""
    for name in ("index.html", "searchindex.js"):
        shutil.copy(HTML / name, tmp_path)
    (tmp_path / "index.html").write_text(offline.alone((HTML / "index.html").read_text(encoding="utf-8")))
    age(tmp_path / "searchindex.js", 3600)
    return tmp_path


def age(file, seconds):
    """Let a file be older."""
    time = file.stat().st_mtime - seconds
    os.utime(file, (time, time))


def offers(book):
    """The files that a first page offers, and with which words."""
    return OFFERED.findall(offline.PLACE.search((book / "index.html").read_text(encoding="utf-8")).group())


def test_a_first_page_offers_nothing_that_is_not_there(book):
    before = (book / "index.html").read_text(encoding="utf-8")
    offline.offer(book)
    assert offers(book) == []
    assert (book / "index.html").read_text(encoding="utf-8") == before


def test_a_first_page_offers_what_was_made_with_its_size_and_once(book):
    pdf, archive = offline.files(book)
    pdf.write_bytes(bytes(12_300_000))
    for _ in range(2):
        zip.main(book)
        assert [name for name, _ in offers(book)] == [pdf.name, archive.name]
    assert "(12 MB)" in offers(book)[0][1]
    with ZipFile(archive) as packed:
        assert sorted(packed.namelist()) == [f"{offline.NAME}/index.html", f"{offline.NAME}/searchindex.js"]
        assert not OFFERED.search(packed.read(f"{offline.NAME}/index.html").decode().split('id="offline"')[1][:200])


def test_what_is_not_whole_is_not_there(book, monkeypatch):
    monkeypatch.delattr(ZipFile, "write")
    with pytest.raises(AttributeError):
        zip.main(book)
    assert not any(file.exists() for file in offline.files(book))


def test_what_was_made_of_an_older_book_is_offered_no_more(book):
    pdf, _ = offline.files(book)
    pdf.touch()
    age(pdf, 7200)
    zip.main(book)
    assert [name.rpartition(".")[2] for name, _ in offers(book)] == ["zip"]

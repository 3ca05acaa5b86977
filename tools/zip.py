"""The built book as one zip, to read without a network, and each edition as its own: `make zip`.

Unpacked, its index.html opens in any browser.
"""

from zipfile import ZIP_DEFLATED, ZipFile

from tools.offline import NAME, alone, files, offer
from tools.places import HTML, LANGUAGES, books


def pack(html, archive):
    """Pack a built book into one folder of a zip, without other languages and what else there is to download."""
    with ZipFile(archive, "w", ZIP_DEFLATED, compresslevel=9) as book:
        for file in sorted(html.rglob("*")):
            path = file.relative_to(html)
            if path.parts[0] in LANGUAGES or file in files(html) or not file.is_file():
                continue
            if path.suffix == ".html":
                book.writestr(f"{NAME}/{path.as_posix()}", alone(file.read_text(encoding="utf-8")))
            else:
                book.write(file, f"{NAME}/{path.as_posix()}")


def main(html=HTML):
    """Pack the book, and offer it."""
    _, archive = files(html)
    pack(html, html.parent / archive.name)
    (html.parent / archive.name).replace(archive)  # whole
    offer(html)
    print(f"The offline book is {archive}, {archive.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    for html in books():
        main(html)

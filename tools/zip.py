"""The built book as one zip, to read without a network: `make zip`. Unpacked, its index.html opens in any browser."""

from zipfile import ZIP_DEFLATED, ZipFile

from tools.offline import NAME, files, offer, without_offers
from tools.places import HTML


def pack(html, archive):
    """Pack a built book into one folder of a zip, without what else there is to download."""
    with ZipFile(archive, "w", ZIP_DEFLATED, compresslevel=9) as book:
        for file in sorted(html.rglob("*")):
            name = f"{NAME}/{file.relative_to(html).as_posix()}"
            if file == html / "index.html":
                book.writestr(name, without_offers(file.read_text(encoding="utf-8")))
            elif file.is_file() and file not in files(html):
                book.write(file, name)


def main(html=HTML):
    """Pack the book, and offer it."""
    _, archive = files(html.parent)
    pack(html, archive)
    archive = archive.replace(html / archive.name)  # whole
    offer(html)
    print(f"The offline book is {archive}, {archive.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()

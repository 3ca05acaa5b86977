"""Gate 7: each error that the page of errors prints bears the words of the heading above it."""

import re

from lxml.html import parse

from tools.places import HTML

ELSEWHERE = {  # messages beside which another is printed, or none where there is a GPU
    "Found no NVIDIA driver on your system",
    "Torch not compiled with CUDA enabled",
    "certificate verify failed: unable to get local issuer certificate",
    "The NVIDIA driver on your system is too old",
}


def bears(error, message):
    """Whether an error has the words of a message: “…” and numbers stand for anything, and spaces do not count."""
    parts = [re.escape("".join(part.split())) for part in re.split(r"…|\d+", message)]
    return bool(re.search(".*".join(parts), "".join(error.split())))


def printed(section):
    """The errors that the cells of a section print."""
    said = "\n".join(output.text_content() for output in section.find_class("cell_output"))
    return re.split(r"^\w+Error: ", said, flags=re.MULTILINE)[1:]


def test_each_printed_error_is_the_one_that_its_heading_names():
    page = parse(HTML / "pages/errors.html")
    sections = page.xpath("//section[h3//code][contains(., 'with fails():')]")
    assert len(sections) > 50
    strangers, missing = [], set()
    for section in sections:
        messages = [code.text_content() for code in section.xpath("h3//code")]
        errors = printed(section)
        strangers += [error for error in errors if not any(bears(error, message) for message in messages)]
        missing |= {message for message in messages if not any(bears(error, message) for error in errors)}
    assert strangers == []
    assert missing <= ELSEWHERE

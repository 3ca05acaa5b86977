"""What gates 2 and 3 share: every lesson in turn."""

import pytest

from tools.places import LESSONS


def names():
    """The names of all lessons with their numbers, also of those that lack a side."""
    return sorted({path.stem for path in LESSONS.iterdir() if path.suffix in (".md", ".ipynb")})


@pytest.fixture(params=names())
def lesson(request):
    """The path of a lesson without its ending."""
    return LESSONS / request.param

"""Numbers and names in messages."""

import pytest

from skfer._text import count_of, printable


@pytest.mark.parametrize(
    "n, what, expected",
    [
        (0, "file", "0 files"),
        (1, "file", "1 file"),
        (2000, "file", "2,000 files"),
        (1, "copy", "1 copy"),
        (2, "copy", "2 copies"),
    ],
)
def test_a_number_agrees_with_its_noun(n, what, expected):
    assert count_of(n, what) == expected


def test_broken_file_names_can_be_printed():
    name = b"caf\xe9.png".decode("utf-8", "surrogateescape")
    printable(name).encode("utf-8")
    assert printable("café") == "café"

"""Numbers and names in messages and in files for spreadsheets."""

import pytest

from skfer._text import as_cell, count_of, printable, to_csv


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


def test_what_controls_a_terminal_becomes_an_escape():
    assert printable("a\x1b[2Jb\x07\x9b\x7f\r") == r"a\x1b[2Jb\x07\x9b\x7f\x0d"
    assert printable("two\nlines\tand a tab") == "two\nlines\tand a tab"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(text):
    assert as_cell(text) == f"'{printable(text)}"


@pytest.mark.parametrize("value", ["a=1", "", -1.5, 3, None])
def test_other_cells_stay_as_they_are(value):
    assert as_cell(value) is value or as_cell(value) == value


def test_rows_become_a_file_without_formulas():
    rows = [{"name": "=1+1", "n": -1.5}, {"name": 'a "b", c', "n": None}]
    assert to_csv(rows) == b'name,n\r\n\'=1+1,-1.5\r\n"a ""b"", c",\r\n'

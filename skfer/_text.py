"""Numbers and names in messages and in files for spreadsheets."""

import csv
from collections.abc import Mapping, Sequence
from io import StringIO

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
# All but the end of a line and the tabulator; others move the cursor of a terminal, or
# change its colours and its title.
_CONTROLS = {
    code: f"\\x{code:02x}"
    for code in (*range(32), *range(127, 160))
    if code not in (9, 10)
}


def printable(text: object) -> str:
    """Return text that is safe to print, whatever a file name holds.

    What is no text in UTF-8, and what would control a terminal, becomes an escape.
    """
    safe = str(text).encode("utf-8", "backslashreplace").decode("utf-8")
    return safe.translate(_CONTROLS)


def count_of(n: int, what: str) -> str:
    """Return a number and its noun: "1 copy", "2,000 copies"."""
    several = f"{what[:-1]}ies" if what.endswith("y") else f"{what}s"
    return f"{n:,} {what if n == 1 else several}"


def as_cell(value: object) -> object:
    """Return a value for a CSV file, of which no spreadsheet makes a formula.

    Numbers stay as they are; texts that begin like a formula get an apostrophe first.
    """
    if not isinstance(value, str):
        return value
    mark = "'" if value.startswith(_FORMULA) else ""
    return f"{mark}{printable(value)}"


def to_csv(rows: Sequence[Mapping[str, object]]) -> bytes:
    """Return rows with equal names as a CSV file that a spreadsheet can open."""
    text = StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(map(as_cell, rows[0]))
    writer.writerows(map(as_cell, row.values()) for row in rows)
    return text.getvalue().encode()

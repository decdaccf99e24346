"""Numbers and names in messages."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def printable(text: object) -> str:
    """Return text that can be written as UTF-8, whatever bytes a file name holds."""
    return str(text).encode("utf-8", "backslashreplace").decode("utf-8")


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
    value = printable(value)
    return f"'{value}" if value.startswith(_FORMULA) else value

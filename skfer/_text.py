"""Numbers and names in messages."""


def printable(text: object) -> str:
    """Return text that can be written as UTF-8, whatever bytes a file name holds."""
    return str(text).encode("utf-8", "backslashreplace").decode("utf-8")


def count_of(n: int, what: str) -> str:
    """Return a number and its noun: "1 copy", "2,000 copies"."""
    several = f"{what[:-1]}ies" if what.endswith("y") else f"{what}s"
    return f"{n:,} {what if n == 1 else several}"

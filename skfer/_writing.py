"""Writing files aside and renaming them, so that nothing half-written remains."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def written_aside(path: str | os.PathLike) -> Iterator[Path]:
    """Give a path to write to, which replaces ``path`` when the block ends well.

    Parameters
    ----------
    path : str or Path
        The file to write or replace; its folder is made if needed.

    Yields
    ------
    Path
        A file in the same folder. After an error it is deleted, and what was at
        ``path`` is still there.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".aside-{os.getpid()}-{path.name}")
    try:
        yield aside
        with aside.open("rb") as file:
            # Else a power cut may leave the new name on an empty file.
            os.fsync(file.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def check_writable(path: str | os.PathLike, what: str) -> None:
    """Refuse a file that can't be written, before the work and not after it.

    Parameters
    ----------
    path : str or Path
        File to write later.
    what : str
        What names it, for the error message, for instance "--report".

    Raises
    ------
    ValueError
        If it is a folder, or lies where nothing can be written.
    """
    if Path(path).is_dir():
        raise ValueError(f"{what} {path} is a folder; name a file in it.")
    check_folder(Path(path).parent, what)


def check_folder(folder: str | os.PathLike, what: str) -> None:
    """Refuse a folder that can't be made or written to.

    Raises
    ------
    ValueError
        If there is something else, or no right to write.
    """
    there = Path(folder)
    while not there.exists() and there != there.parent:
        there = there.parent
    if not there.is_dir() or not os.access(there, os.W_OK):
        raise ValueError(
            f"{what} {folder} can't be made, because {there} is not a folder that "
            f"can be written to. Choose another with {what}."
        )


def printable(text: object) -> str:
    """Return text that any UTF-8 file takes, whatever a file system named a file."""
    return str(text).encode("utf-8", "backslashreplace").decode("utf-8")

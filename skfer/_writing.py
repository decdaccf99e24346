"""Writing files under a temporary name first, so that none is left half-written."""

import hashlib
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

# Of temporary names, since threads share a process.
_numbers = count()


@contextmanager
def written_aside(path: str | os.PathLike) -> Iterator[Path]:
    """Yield a temporary path, which replaces ``path`` if the block succeeds.

    Parameters
    ----------
    path : str or Path
        The file to write or replace; its folder is created if needed. Of a link, the
        file that it leads to.

    Yields
    ------
    Path
        A file in the same folder. After an error it is deleted, and what was at
        ``path`` is still there. What a process that was killed left behind is deleted
        the next time.

    Raises
    ------
    OSError
        If it can't be written; names ``path``.
    """
    path = Path(path).resolve()
    check_writable(path, "file")
    path.parent.mkdir(parents=True, exist_ok=True)
    # Not with its name, which may be as long as a name may be.
    mark = f"{_shorten(platform.node())}-{_shorten(path.name)}"
    _sweep(path.parent, mark)
    number = next(_numbers)
    aside = path.with_name(f".aside-{mark}-{os.getpid()}-{number}{path.suffix[:9]}")
    try:
        yield aside
        with aside.open("rb") as file:
            # Otherwise a power cut may leave an empty file under the new name.
            os.fsync(file.fileno())
        aside.replace(path)
    except OSError as error:
        if error.errno is None or error.filename not in (None, os.fspath(aside)):
            raise
        # Of a full disk the system names no file.
        reason = f"It can't be written ({error.strerror}), and is as it was before"
        raise OSError(error.errno, reason, os.fspath(path)) from error
    finally:
        aside.unlink(missing_ok=True)


def _shorten(name: str) -> str:
    return hashlib.sha256(os.fsencode(name)).hexdigest()[:10]


def _sweep(folder: Path, mark: str) -> None:
    """Delete what a process of this machine that was killed left of the same file."""
    for left in folder.glob(f".aside-{mark}-*"):
        owner = left.name.split("-")[3]
        if owner.isdigit() and not _is_running(int(owner)):
            left.unlink(missing_ok=True)


def _is_running(process: int) -> bool:
    if os.name != "posix":
        return True  # To ask would end it.
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def check_writable(path: str | os.PathLike, what: str) -> None:
    """Raise an error if a file can't be written, before any work is done.

    Parameters
    ----------
    path : str or Path
        File to write later.
    what : str
        Name of the option, for the error message, for instance "--report".

    Raises
    ------
    ValueError
        If it is a folder, a device or a pipe, or its own folder can't be written to.
    """
    if Path(path).is_dir():
        raise ValueError(f"{what} {path} is a folder; name a file in it.")
    if Path(path).exists() and not Path(path).is_file():
        raise ValueError(f"{what} {path} is a device or a pipe; name a file.")
    check_folder(Path(path).parent, what)


def check_free(
    path: str | os.PathLike,
    what: str,
    overwrite: bool,
    *,
    advice: str = "pass overwrite=True",
) -> None:
    """Raise an error if a file can't be written, or must not be replaced.

    Parameters
    ----------
    path : str or Path
        File to write later.
    what : str
        Name of the option, for the error message, for instance "--output".
    overwrite : bool
        Whether it may be replaced.
    advice : str, default="pass overwrite=True"
        How to allow it.

    Raises
    ------
    FileExistsError
        If it exists and must not be replaced.
    ValueError
        As `check_writable`.
    """
    check_writable(path, what)
    if Path(path).exists() and not overwrite:
        raise FileExistsError(
            f"{what} {path} exists. Choose another name, or {advice}."
        )


def check_folder(folder: str | os.PathLike, what: str) -> None:
    """Raise an error if a folder can't be created or written to.

    Raises
    ------
    ValueError
        If the name is taken by a file, or writing is not permitted.
    """
    there = Path(folder)
    while not there.exists() and there != there.parent:
        there = there.parent
    if not there.is_dir() or not os.access(there, os.W_OK):
        raise ValueError(
            f"{what} {folder} can't be created, because {there} is not a folder that "
            f"can be written to. Choose another with {what}."
        )

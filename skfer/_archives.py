"""Files inside zip archives, named like files in folders: ``faces.zip/happy/1.png``."""

import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import IO

# Images are compressed already. A file that expands by more than this ratio, to more
# than this many bytes, is probably a zip bomb.
_MAX_RATIO = 200
_MAX_BOMB_FREE = 1 << 24
_MAX_BYTES = 1 << 28


class ArchiveError(OSError):
    """A zip archive, or a file inside one, that can't be read."""


def is_archive(path: str | os.PathLike) -> bool:
    """Return whether a path is a zip file, by its content."""
    return Path(path).is_file() and zipfile.is_zipfile(path)


def list_archive(path: str | os.PathLike) -> list[tuple[str, ...]]:
    """Return the parts of the name of each file in a zip archive.

    Parameters
    ----------
    path : str or Path
        The archive.

    Returns
    -------
    list of tuple of str
        ``("happy", "1.png")`` for ``happy/1.png``.

    Raises
    ------
    ArchiveError
        If a name points outside of the archive.
    """
    return list(_open(path)[1])


def read_member(path: str | os.PathLike, *, limit: int | None = None) -> bytes:
    """Return the content of a file in an archive.

    Parameters
    ----------
    path : str or Path
        Path of the archive, a slash, and the name inside.
    limit : int, default=None
        Return no bytes of a file of this size or larger.

    Returns
    -------
    bytes
        The content.

    Raises
    ------
    ArchiveError
        If there is no such archive or file, it is protected or damaged, or it
        would expand too much.
    """
    archive, info = _find(path)
    if limit is not None and info.file_size >= limit:
        return b""
    too_large = info.file_size > _MAX_BYTES
    grows = info.file_size > _MAX_RATIO * max(info.compress_size, 1)
    if too_large or (grows and info.file_size > _MAX_BOMB_FREE):
        raise ArchiveError(
            f"{info.compress_size:,} bytes in the archive would expand to "
            f"{info.file_size:,}; it may be a zip bomb and is not unpacked"
        )
    with _explained():
        return archive.read(info)


@contextmanager
def open_member(path: str | os.PathLike) -> Iterator[IO[bytes]]:
    """Open a file in an archive to read it piece by piece, however large it is.

    Parameters
    ----------
    path : str or Path
        As in `read_member`.

    Yields
    ------
    IO of bytes
        Its content.

    Raises
    ------
    ArchiveError
        If there is no such archive or file, or it is protected or damaged, also where
        that shows only in reading on.
    """
    archive, info = _find(path)
    with _explained(), archive.open(info) as file:
        yield file


@contextmanager
def _explained() -> Iterator[None]:
    """Turn every failure of zipfile into one kind of error."""
    try:
        yield
    except NotImplementedError as error:  # A subclass of RuntimeError, so first.
        raise ArchiveError(f"Python can't unpack it ({error})") from None
    except RuntimeError:  # Raised by zipfile if a password is needed.
        raise ArchiveError("it is protected by a password") from None
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise ArchiveError(f"it is damaged in the archive ({error})") from None


def _find(path: str | os.PathLike) -> tuple[zipfile.ZipFile, zipfile.ZipInfo]:
    path = Path(path)
    parent = next((parent for parent in path.parents if parent.is_file()), None)
    if parent is None:
        raise ArchiveError("there is no such file")
    archive, members = _open(parent)
    info = members.get(path.relative_to(parent).parts)
    if info is None:
        raise ArchiveError(f"there is no such file in {str(parent)!r}")
    return archive, info


_Archive = tuple[zipfile.ZipFile, dict[tuple[str, ...], zipfile.ZipInfo]]


def _open(path: str | os.PathLike) -> _Archive:
    state = Path(path).stat()
    return _open_once(os.fspath(path), state.st_mtime_ns, state.st_size, os.getpid())


@lru_cache(maxsize=4)
def _open_once(path: str, changed: int, size: int, process: int) -> _Archive:
    """Cache the table of contents, which is slow to read; a changed file is reread.

    A forked process opens the archive again, because two can't share one position.
    """
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise ArchiveError(f"{path!r} is not a zip archive ({error})") from None
    members = {}
    for info in archive.infolist():
        # Old programs on Windows write backslashes.
        name = info.filename.replace("\\", "/")
        parts = PurePosixPath(name).parts
        if ".." in parts or name.startswith("/") or name[1:2] == ":":
            raise ArchiveError(
                f"the archive {path!r} holds the name {name!r}, which points "
                "outside of it. Nothing was read. Don't trust this archive; ask its "
                "author, or repack the images yourself."
            )
        if not name.endswith("/"):
            members[parts] = info
    return archive, members

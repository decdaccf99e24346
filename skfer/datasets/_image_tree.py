"""The files of a folder or of a zip archive."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from skfer._archives import is_archive, list_archive
from skfer.datasets._image_row import PARTS, ImageRow, is_named_like_image

# Files that operating systems leave in folders.
_LITTER = {"thumbs.db", "desktop.ini", "__macosx", "ehthumbs.db"}


@dataclass
class ImageTree:
    """All files below a root, in the order of their names."""

    base: Path  # What the names are relative to.
    rows: list[ImageRow] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    n_hidden: int = 0  # Hidden files and folders, and litter of systems.


def describe_hidden(n_hidden: int) -> str:
    """Say how many files and folders were passed over."""
    return f"hidden files and folders: {n_hidden:,}"


def find_root(path: str | os.PathLike, who: str) -> Path:
    """Return the folder or archive, or raise an error if there is none."""
    root = Path(path)
    if not str(path):
        raise FileNotFoundError(f"{who} got an empty path. Name a folder or archive.")
    if not root.is_dir() and not is_archive(root):
        what = "a file that is not a zip archive" if root.is_file() else "no folder"
        raise FileNotFoundError(
            f"{who} found {what} at {str(root)!r} (looked in {Path.cwd()}). Check "
            "the path."
        )
    return root


def read_tree(root: Path) -> ImageTree:
    """List the files of a folder or archive.

    Parameters
    ----------
    root : Path
        A folder or a zip archive. If an archive holds only one folder, the
        content of that folder is listed.

    Returns
    -------
    ImageTree
        Rows have only their name and path.
    """
    if root.is_dir():
        return _read_folder(root)
    names = list_archive(root)
    visible = [parts for parts in names if not any(map(_is_hidden, parts))]
    top: tuple[str, ...] = ()
    while _is_wrapped(visible):
        top += visible[0][:1]
        visible = [parts[1:] for parts in visible]
    base = root.joinpath(*top)
    return ImageTree(
        base,
        [_make_row(base, parts) for parts in sorted(visible)],
        n_hidden=len(names) - len(visible),
    )


def _make_row(base: Path, parts: tuple[str, ...]) -> ImageRow:
    return ImageRow(
        "/".join(parts),
        str(base.joinpath(*parts)),
        claims_to_be_image=is_named_like_image(parts[-1]),
    )


def _is_wrapped(names: list[tuple[str, ...]]) -> bool:
    """Return whether a single folder, not a part like "train", holds everything."""
    tops = {name[0] for name in names}
    return len(tops) == 1 and bool(names[0][1:]) and tops.pop().lower() not in PARTS


def _is_hidden(name: str) -> bool:
    return name.startswith(".") or name.lower() in _LITTER


def _read_folder(root: Path) -> ImageTree:
    """Collect files; links are followed, except those to a parent folder."""
    tree = ImageTree(root)
    # Folders to visit, each with the device and the number of those that hold it: real
    # paths of a thousand nested folders would take minutes.
    waiting: list[tuple[Path, tuple[str, ...], tuple[Any, ...]]] = [(root, (), ())]
    while waiting:
        folder, parts, ancestors = waiting.pop()
        found = folder.stat()
        real = found.st_dev, found.st_ino
        if real in ancestors:
            back = os.path.realpath(folder)
            tree.problems.append(f"{folder} is a link that leads back to {back}")
            continue
        entries = _scan(folder)
        if not entries and parts:
            tree.problems.append(f"{'/'.join(parts)} is an empty folder")
        for entry in entries:
            inner = (*parts, entry.name)
            if _is_hidden(entry.name):
                tree.n_hidden += 1
            elif _answers(entry.is_dir):
                waiting.append((Path(entry.path), inner, (*ancestors, real)))
            else:
                row = _make_row(root, inner)
                # Reading a pipe would block forever.
                # A broken link becomes a row, which fails later with its name.
                if _answers(entry.is_file) or not _answers(Path(entry.path).exists):
                    tree.rows.append(row)
                else:
                    tree.problems.append(f"{row.name} is not a regular file")
    tree.rows.sort(key=lambda row: row.parts)
    return tree


def _scan(folder: Path) -> list[os.DirEntry]:
    try:
        return sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        # The name of deeply nested folders may be too long.
        raise type(error)(
            f"The folder {str(folder)!r} can't be read: {error.strerror}. Change its "
            "permissions, move it up, or leave it out."
        ) from None


def _answers(question: Callable[[], bool]) -> bool:
    """Ask the file system; a link to itself raises an error, which means no."""
    try:
        return question()
    except OSError:
        return False

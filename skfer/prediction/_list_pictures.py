"""All pictures of folders, archives and videos, in one list."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from skfer._archives import is_archive
from skfer._image_files import VIDEO_EXTENSIONS
from skfer._videos import name_frame
from skfer.datasets import ImageTable, read_video
from skfer.datasets._image_row import ImageRow
from skfer.datasets._image_tree import ImageTree, describe_hidden, read_tree


def list_pictures(
    paths: str | os.PathLike | Sequence[str | os.PathLike], *, every: float | None = 1.0
) -> ImageTable:
    """List pictures of which no classes are known.

    Parameters
    ----------
    paths : str, Path, or sequence of them
        Pictures, videos, zip archives, and folders with all that is inside of them.
    every : float or None, default=1.0
        Seconds between the frames of videos; None takes all frames.

    Returns
    -------
    ImageTable
        A row for each file and each frame, in the order of the paths and of the names
        inside of them; with the columns video (the file), frame_number and seconds if
        there are videos (-1 and nan for pictures). Files that are no pictures are rows
        too: reading them says what they are. ``notes`` count hidden files.

    Raises
    ------
    FileNotFoundError
        If there is no file or folder of such a name.
    ValueError
        If nothing is there.
    ImportError
        If there are videos, and PyAV is missing.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from PIL import Image
    >>> from skfer.prediction import list_pictures
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in ("2.png", "1.png"):
    ...         Image.new("L", (48, 48)).save(Path(folder) / name)
    ...     [Path(path).name for path in list_pictures(folder).paths]
    ['1.png', '2.png']
    """
    given = [paths] if isinstance(paths, str | os.PathLike) else list(paths)
    trees = [_expand(Path(one)) for one in given]
    tables: list[ImageTable] = []
    files: list[str] = []
    for path in (row.path for tree in trees for row in tree.rows):
        if Path(path).suffix.lower() not in VIDEO_EXTENSIONS:
            files.append(path)
            continue
        try:
            frames = read_video(path, every=every)
        except ValueError:
            # A row that says why, where it is decoded.
            files.append(name_frame(path, 0.0))
            continue
        tables += [*_as_table(files), frames]
        files = []
    tables += _as_table(files)
    if not tables:
        raise ValueError(
            f"list_pictures found no files in {', '.join(map(str, given)) or 'nothing'}"
            ". Name pictures, videos, or a folder of them."
        )
    if any("video" in table.columns for table in tables):
        tables = [_with_video(table) for table in tables]
    pictures = ImageTable.concatenate(tables)
    if n_hidden := sum(tree.n_hidden for tree in trees):
        pictures.notes.append(describe_hidden(n_hidden))
    pictures.problems += [problem for tree in trees for problem in tree.problems]
    return pictures


def _expand(path: Path) -> ImageTree:
    """Return the files inside of a folder or archive, or the path itself."""
    if path.is_dir() or is_archive(path):
        return read_tree(path)
    if not path.is_file() and not any(parent.is_file() for parent in path.parents):
        raise FileNotFoundError(
            f"list_pictures found no file or folder {str(path)!r} (looked in "
            f"{Path.cwd()}). Check the path."
        )
    return ImageTree(path.parent, [ImageRow(path.name, str(path))])


def _as_table(files: list[str]) -> list[ImageTable]:
    return [ImageTable(np.array(files, dtype=object))] if files else []


def _with_video(table: ImageTable) -> ImageTable:
    """Give pictures the columns that frames have, and leave the groups out."""
    n = len(table)
    columns: dict[str, Any] = {
        name: table.columns.get(name, np.full(n, empty))
        for name, empty in (("video", ""), ("frame_number", -1), ("seconds", np.nan))
    }
    return ImageTable(table.X, **columns)

"""One function that reads images from any source."""

import os
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any, Literal

import numpy as np

from skfer._image_files import UnreadableImageError, list_failures
from skfer._text import count_of
from skfer.datasets._complete_rows import Rules
from skfer.datasets._fer2013 import find_pixel_csv, load_fer2013
from skfer.datasets._groups import find_groups
from skfer.datasets._image_folder import load_image_folder
from skfer.datasets._image_row import ImageRow
from skfer.datasets._image_table import ImageTable
from skfer.datasets._image_tree import find_root
from skfer.datasets._read_video import holds_videos, read_video


def read_images(
    path: str | os.PathLike,
    *,
    layout: str | None = None,
    csv: str | os.PathLike | None = None,
    groups: str | Callable[[Path], Hashable] | None = None,
    fold_case: bool = False,
    on_error: Literal["raise", "skip", "keep"] = "raise",
    check: Literal["header", "pixels"] = "header",
) -> ImageTable:
    """Read a folder, zip archive, CSV of labels, fer2013.csv or videos, as it is.

    ================================== =============================================
    ``path``                           read as
    ================================== =============================================
    folder or zip of class folders     classes
    folder or zip of parts             train, validation and test, classes in them
    folder or zip of people            people, classes in their folders
    CSV with a column of files         labels of files beside it
    fer2013.csv, or what holds it      FER-2013 (`load_fer2013`)
    video, or folder of videos         a frame each second (`read_video`)
    ================================== =============================================

    Begin with ``path`` and ``groups``: who is shown decides what a result is worth.

    Parameters
    ----------
    path : str or Path
        The folder, archive or CSV.
    layout : str, default=None
        What the folders stand for, if their names are ambiguous, as in
        `load_image_folder`.
    csv : str or Path, default=None
        Labels of the files in the folder ``path``, instead of class folders.
    groups : str or callable, default=None
        How to find who is shown, as in `load_image_folder`. Of videos, their names
        count; None means that each video is a group of its own.
    fold_case : bool, default=False
        Whether class names that differ in case only are one class.
    on_error : {"raise", "skip", "keep"}, default="raise"
        What to do with files that can't be read, as in `load_image_folder`. Broken
        lines of fer2013.csv always raise an error. Damaged frames of videos are left
        out and listed, unless they are kept.
    check : {"header", "pixels"}, default="header"
        How much of each file is read to check that it is an image, as in
        `load_image_folder`. FER-2013 is always checked by its pixels.

    Returns
    -------
    ImageTable
        One row for each picture.

    Raises
    ------
    FileNotFoundError
        If there is nothing at ``path``.
    ValueError
        If it is none of these, or files can't be read.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from PIL import Image
    >>> from skfer.datasets import read_images
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in ("S001/happy/a.png", "S002/sad/b.png"):
    ...         file = Path(folder) / name
    ...         file.parent.mkdir(parents=True)
    ...         Image.new("L", (48, 48)).save(file)
    ...     photos = read_images(folder)
    >>> photos.target.tolist(), photos.groups.tolist()
    (['happy', 'sad'], ['S001', 'S002'])
    """
    if not os.fspath(path):
        raise FileNotFoundError("read_images got an empty path. Name a folder or file.")
    Rules(on_error=on_error, check=check)  # Checks them, whatever is there.
    is_table = Path(path).is_file() and Path(path).suffix.lower() == ".csv"
    if csv is None and layout is None and find_pixel_csv(path) is not None:
        if groups is not None:
            raise ValueError(
                f"read_images got groups={groups!r}, but FER-2013 does not say who "
                "is shown. Leave groups out."
            )
        _refuse_fold_case(fold_case, "classes of FER-2013 have one name each")
        return load_fer2013(path)
    if csv is None and layout is None and holds_videos(Path(path)):
        _refuse_fold_case(fold_case, "videos have no classes")
        return _read_videos(Path(path), groups, on_error, check)
    if is_table and csv is not None:
        raise ValueError(
            f"read_images got a CSV, {str(path)!r}, and csv={str(csv)!r} as well. Pass "
            "the folder of the images and csv, or the CSV alone."
        )
    if is_table:
        path, csv = Path(path).parent, Path(path).name
    # So that the error names this function.
    find_root(path, "read_images")
    return load_image_folder(
        path,
        layout=layout,
        csv=csv,
        groups=groups,
        fold_case=fold_case,
        on_error=on_error,
        check=check,
    )


def _refuse_fold_case(fold_case: bool, why: str) -> None:
    if fold_case:
        raise ValueError(f"read_images got fold_case=True, but {why}. Leave it out.")


def _name_below(root: Path, video: str) -> str:
    """Return the folders below the root and the file, with slashes."""
    file = Path(video)
    below = file.is_relative_to(root) and file != root
    return (file.relative_to(root) if below else Path(file.name)).as_posix()


def _read_videos(path: Path, groups: Any, on_error: str, check: str) -> ImageTable:
    table = read_video(path)
    if groups is not None:
        videos, video_of_frame = np.unique(table["video"], return_inverse=True)
        rows = [ImageRow(_name_below(path, video), video) for video in videos.tolist()]
        table.groups = np.asarray(find_groups(rows, groups))[video_of_frame]
    if check == "pixels":
        reasons = table.fingerprints.reason
        damaged = [
            (frame, reason)
            for frame, reason in zip(table.X.tolist(), reasons, strict=True)
            if reason
        ]
        if damaged and on_error == "keep":
            table["status"] = reasons
        elif damaged:
            # A damaged second is no reason to give up a video.
            table = table[[not reason for reason in reasons]]
            table.left_out += damaged
    broken = [one for one in table.left_out if holds_videos(one[0])]
    if broken and on_error == "raise":
        raise UnreadableImageError(
            f"read_images can't read {count_of(len(broken), 'video')}:\n"
            f'{list_failures(broken)}\nRepair or remove them, or pass on_error="skip".'
        )
    table.problems += [f"left out: {name}: {why}" for name, why in table.left_out]
    return table

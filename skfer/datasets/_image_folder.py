"""Labels and paths from a folder of images."""

import os
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal

from skfer._image_files import CUT_OFF
from skfer._text import count_of
from skfer.datasets._complete_rows import Rules, complete_rows, examine_header
from skfer.datasets._image_csv import read_labels
from skfer.datasets._image_row import ImageRow, is_named_like_image, may_hold_image
from skfer.datasets._image_table import ImageTable
from skfer.datasets._image_tree import describe_hidden, find_root, read_tree
from skfer.datasets._layout import assign_levels


def load_image_folder(
    path: str | os.PathLike,
    *,
    layout: str | None = None,
    classes: Sequence[str] | None = None,
    class_names: Mapping[Any, str] | None = None,
    fold_case: bool = False,
    csv: str | os.PathLike | None = None,
    path_column: str | None = None,
    label_column: str | None = None,
    groups: str | Callable[[Path], Hashable] | None = None,
    on_error: Literal["raise", "skip", "keep"] = "raise",
    check: Literal["header", "pixels"] = "header",
) -> ImageTable:
    r"""List the images of a folder or zip archive, with their classes.

    `ImageLoader` decodes them later, also those in a zip archive. Files are
    sorted by name, in the same order on every machine. Begin with ``groups``, who is
    shown, and ``on_error``, what to do with files that can't be read.

    Parameters
    ----------
    path : str or Path
        The folder or zip archive.
    layout : str, default=None
        What the folders stand for, from the outermost inwards: "class",
        "split/class", "subject/class", "split/subject/class" and so on. Folders
        further inside may have any names. None recognises parts of a data set (train,
        val, test ...), people (S001, person 3 ...) with expressions (happy, sad ...)
        in their folders, and classes; if names are ambiguous, it raises an error.
    classes : sequence of str, default=None
        Names of the classes to use. None means all.
    class_names : mapping, default=None
        From the names of class folders, or the values in the CSV, to names of
        classes, for instance ``{0: "angry", 1: "happy"}``. Every value that occurs
        needs an entry.
    fold_case : bool, default=False
        Whether class names that differ in case only are one class, in lower case.
    csv : str or Path, default=None
        CSV file with a row for each image, relative to ``path``. Class folders are
        then ignored. A column named split or usage becomes ``split``; further columns
        become columns of the table.
    path_column, label_column : str, default=None
        Columns of the CSV: the file, relative to ``path``, and its class. None looks
        for the usual names, such as path, file, image and label, class, emotion.
    groups : str or callable, default=None
        How to find who or what is shown, so that splits can keep it together. A
        regular expression is searched in the file name, or with a slash in it in the
        path below the root, and its first group (or the whole match) is the group;
        "parent" is the folder a file lies in; the name of a column of the CSV is that
        column; a callable gets the Path. With CK+48, ``groups=r"^S\d+"`` gives the
        subject. Subject folders become groups automatically, and so does a column of
        the CSV that is named group, subject, person or participant. "auto" takes the
        best of `propose_groups`, and notes it in the summary.
    on_error : {"raise", "skip", "keep"}, default="raise"
        What to do with files that are named like an image but can't be read, for
        instance empty files and Git LFS pointers, and with rows of the CSV that have
        no file. "raise" raises one error that names them all, "skip" leaves them out
        with a warning that names them. "keep" keeps every file in class folders, image
        or not, with its ``status``, for `audit_images`.
    check : {"header", "pixels"}, default="header"
        How much of each file is read to check that it is an image. "pixels" decodes all
        of it, which takes longer, finds files that are cut off, and saves audits,
        splitters and reports from reading the files again.

    Returns
    -------
    ImageTable
        With paths, target, groups and split where known, and the columns

        status : ndarray of str of shape (n_samples,)
            Why a file can't be read, empty where it can.
        source : ndarray of str of shape (n_samples,)
            Where the label comes from: the folder, or a line of the CSV.
        width, height, format : ndarray of shape (n_samples,)
            Size in pixels, format and colour mode.
        split_name : ndarray of str of shape (n_samples,)
            The names of the part folders, where they differ from those in ``split``.

    Raises
    ------
    FileNotFoundError
        If there is no such folder, archive or CSV.
    ValueError
        If fewer than two classes with images are found, a class is missing, a
        group or the layout is not recognised, or files can't be read.

    Warns
    -----
    UserWarning
        If files are left out, class names differ in case only, two parts have
        different classes, images have no row in the CSV, or links form a cycle.

    See Also
    --------
    read_images : The same for any source of images, with fewer parameters.

    Notes
    -----
    Whether a file is an image is decided by its content, so an image without an
    extension counts, and a text file does not. Every other file in a class folder is
    listed in ``left_out``. Hidden files and system files (``Thumbs.db``) are only
    counted. `audit_images` looks for copies among the images.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from PIL import Image
    >>> from skfer.datasets import load_image_folder
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in ("happy/a.png", "sad/b.png"):
    ...         file = Path(folder) / name
    ...         file.parent.mkdir()
    ...         Image.new("L", (48, 48)).save(file)
    ...     faces = load_image_folder(folder)
    >>> faces.target.tolist(), faces.target_names
    (['happy', 'sad'], ['happy', 'sad'])
    """
    rules = Rules(classes, class_names, fold_case, groups, on_error, check)
    if csv is not None and layout is not None:
        raise ValueError(
            "load_image_folder got both csv and layout. Classes come from the CSV or "
            "from the folders; leave one out."
        )
    root = find_root(path, "load_image_folder")
    tree = read_tree(root)
    rules.problems += tree.problems
    if tree.n_hidden:
        rules.notes.append(describe_hidden(tree.n_hidden))
    if csv is None:
        rows, levels = assign_levels(root, tree.rows, layout)
        what = "outside of class folders"
        if layout is None and levels != "class":
            rules.notes.append(
                f"layout: {levels}, recognised by the names of the folders"
            )
    else:
        levels, what = "class", "without a row in the CSV"
        rows, note = read_labels(
            tree.base, os.fspath(csv), tree.rows, path_column, label_column
        )
        if note and groups is None:
            rules.notes.append(note)
    outside = _outside(tree.rows, rows, what)
    if outside:
        rules.left_out += outside
        rules.problems.append(
            f"left out: {count_of(len(outside), 'image')} {what}, the first "
            f"{outside[0][0]}"
        )
    return complete_rows(rows, rules, str(root), partial(_explain, root, levels))


def _outside(
    files: list[ImageRow], rows: list[ImageRow], what: str
) -> list[tuple[str, str]]:
    """Return images that have no row, and why; broken ones if sure to be images."""
    inside = {row.name for row in rows}
    others = [r for r in files if r.name not in inside and may_hold_image(r.name)]
    for row in others:
        examine_header(row)
    return [
        (row.name, row.status or f"it is {what}")
        for row in others
        if not row.status
        or is_named_like_image(row.name)
        # Pillow knows it, but for its end.
        or row.status.startswith(CUT_OFF)
    ]


def _explain(root: Path, levels: str, found_names: list[str]) -> str:
    """Write the error for fewer than two classes."""
    names = _folders(root) if root.is_dir() else []
    found = (
        f"images of one class only, {found_names[0]!r}"
        if found_names
        else f"no images in its {len(names)} folders"
        if names
        else "no folders"
    )
    advice = ""
    for name in names:
        if len(inner := _folders(root / name)) >= 2:
            advice = f" Did you mean {str(root / name)!r}, which holds {inner}?"
            break
    wanted = "/".join(f"<{level}>" for level in levels.split("/"))
    return (
        f"load_image_folder needs {root}/{wanted}/<image> with at least two classes, "
        f"but found {found} in {str(root)!r}.{advice}"
    )


def _folders(folder: Path) -> list[str]:
    return sorted(
        entry.name
        for entry in os.scandir(folder)
        if entry.is_dir() and not entry.name.startswith(".")
    )

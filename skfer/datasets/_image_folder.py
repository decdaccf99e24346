"""Labels and paths from a folder of images."""

import os
import warnings
from collections.abc import Callable, Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from sklearn.utils import Bunch

from skfer._image_files import UnreadableImageError, list_failures
from skfer.datasets._image_csv import read_image_csv
from skfer.datasets._image_groups import tell_groups
from skfer.datasets._image_tree import ImageRow, find_root, list_tree
from skfer.datasets._layout import read_layout
from skfer.datasets._summary import summarize


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
    return_X_y: bool = False,
    as_frame: bool = False,
) -> Any:
    r"""List the images of a folder or zip archive, with their classes.

    Only the headers of files are read; `ImageLoader` decodes them, also those in a
    zip archive. The order is that of sorted names, the same on every machine.

    Parameters
    ----------
    path : str or Path
        The folder or zip archive.
    layout : str, default=None
        What the folders stand for, from the outermost inwards: "class",
        "split/class", "subject/class", "split/subject/class" and so on. Folders
        further inside may have any names. None takes "split/class" where all outer
        folders are named like parts of a data set (train, val, test ...), "class"
        otherwise, and refuses to guess where inner folders look like classes too.
    classes : sequence of str, default=None
        Names of the classes to use. None means all.
    class_names : mapping, default=None
        From the names of class folders, or the values in the CSV, to names of
        classes, for instance ``{0: "angry", 1: "happy"}``. Every one that occurs
        needs its entry.
    fold_case : bool, default=False
        Whether class names that differ in case only are one class, in lower case.
    csv : str or Path, default=None
        CSV file with a row for each image, relative to ``path``. Class folders then
        mean nothing. A column named split or usage becomes ``split``.
    path_column, label_column : str, default=None
        Columns of the CSV: the file, relative to ``path``, and its class. None looks
        for the usual names, such as path, file, image and label, class, emotion.
    groups : str or callable, default=None
        What tells who or what is shown, so that splits can keep it together. A
        regular expression is searched in the file name, and its first group (or
        the whole match) is the group; "parent" is the folder a file lies in; the
        name of a column of the CSV is that column; a callable gets the Path. With
        CK+48, ``groups=r"^S\d+"`` gives the subject. Subject folders are groups
        without being asked for.
    on_error : {"raise", "skip", "keep"}, default="raise"
        What to do with files that are named like an image but aren't one, for
        instance empty files and Git LFS pointers, and with rows of the CSV that have
        no file. "raise" raises one error that names them all, "skip" leaves them out
        and warns naming them. "keep" keeps every file, image or not, for
        `audit_images`.
    return_X_y : bool, default=False
        Whether to return ``(paths, target)`` instead of a Bunch.
    as_frame : bool, default=False
        Whether paths and target are pandas Series, and the Bunch has a ``frame``.
        Needs pandas.

    Returns
    -------
    Bunch
        With the fields

        paths : ndarray of str objects of shape (n_samples,)
            Path of each image, beginning with ``path``.
        target : ndarray of str of shape (n_samples,)
            Class of each image.
        target_names : list of str
            The classes, sorted.
        groups : ndarray of shape (n_samples,) or None
            Group of each image.
        split : ndarray of str of shape (n_samples,) or None
            Part of the data set each image lies in: "train", "validation", "test",
            or the name of the folder.
        frame : DataFrame of shape (n_samples, 2 to 4)
            Path, target, group and split; only with ``as_frame=True``.
        problems : list of str
            What is odd about the files, a sentence each.
        summary : str
            Images of each class and split, sizes, formats and problems, to print.
        DESCR : str
            What was found and what was left out, in a sentence.

    Raises
    ------
    FileNotFoundError
        If there is no such folder, archive or CSV.
    ValueError
        If fewer than two classes with images are found, a class is missing, a
        group or the layout can't be told, or files can't be read.

    Warns
    -----
    UserWarning
        If files are left out, class names differ in case only, two splits have
        different classes, images have no row in the CSV, or links lead in a circle.

    Notes
    -----
    Hidden files and folders are left out. Whether any other file is an image is
    decided by its content, so an image without an ending counts, and a text file
    does not. `audit_images` looks into the pictures for copies.

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
    _check_parameters(classes, on_error, csv, layout)
    root = find_root(path, "load_image_folder")
    base, files, problems = list_tree(root)
    rename = _make_rename(class_names, fold_case)
    failures: list[tuple[str, str]] = []
    levels = "class"
    if csv is None:
        rows, levels = read_layout(root, files, layout)
        for row in rows:
            row.label = rename(row.label)
        problems += _outside(files, rows, "lie outside of class folders")
    else:
        rows, failures, repeated = read_image_csv(
            base, os.fspath(csv), files, path_column, label_column, rename
        )
        named = {where.partition(" (line ")[0] for where, _ in failures}
        others = [row for row in files if row.name not in named]
        problems += [*repeated, *_outside(others, rows, "have no row in the CSV")]
        if on_error == "keep":
            problems += [f"{where}: {reason}" for where, reason in failures]
    if classes is not None:
        rows = _choose(root, rows, classes)
    for row in rows:
        row.examine()
    failures += [(row.path, row.reason) for row in rows if row.reason]
    _report_failures(failures, on_error)
    n_other = sum(row.reason == "" for row in rows)
    rows = [row for row in rows if row.reason is None or on_error == "keep"]
    _check_classes(root, levels, sorted({row.label for row in rows}))
    problems += _odd_classes([row for row in rows if row.reason is None])
    if problems:
        warnings.warn("; ".join(problems), UserWarning, stacklevel=2)
    left_out = f"{n_other} files that are no images, {len(failures)} that can't be read"
    return _as_bunch(root, rows, groups, problems, left_out, return_X_y, as_frame)


def _check_parameters(
    classes: object, on_error: object, csv: object, layout: object
) -> None:
    if on_error not in ("raise", "skip", "keep"):
        raise ValueError(
            f"load_image_folder got on_error={on_error!r}. It must be 'raise', 'skip' "
            "or 'keep'."
        )
    if isinstance(classes, str):
        raise ValueError(
            f"load_image_folder got classes={classes!r}. It must be a list of folder "
            f"names, for instance [{classes!r}, ...]."
        )
    if csv is not None and layout is not None:
        raise ValueError(
            "load_image_folder got both csv and layout. The CSV tells the classes, or "
            "the folders do; leave one out."
        )


def _make_rename(
    class_names: Mapping[Any, str] | None, fold_case: bool
) -> Callable[[str], str]:
    names = None
    if class_names is not None:
        names = {str(key): str(name) for key, name in class_names.items()}

    def rename(name: str) -> str:
        if names is not None and name:
            if name not in names:
                raise ValueError(
                    f"load_image_folder found the class {name!r}, for which "
                    f"class_names has no name. It has names for {sorted(names)}."
                )
            name = names[name]
        return name.lower() if fold_case else name

    return rename


def _choose(root: Path, rows: list[ImageRow], classes: Sequence[str]) -> list[ImageRow]:
    there = sorted({row.label for row in rows})
    if missing := sorted(set(classes) - set(there)):
        raise ValueError(
            f"load_image_folder found no folder for the classes {missing} in "
            f"{str(root)!r}. It holds the classes {there}."
        )
    return [row for row in rows if row.label in set(classes)]


def _outside(
    files: Sequence[ImageRow], rows: Sequence[ImageRow], what: str
) -> list[str]:
    """Say how many images there are that are no rows."""
    inside = {row.name for row in rows}
    others = [row for row in files if row.name not in inside and row.may_be_image]
    for row in others:
        row.examine()
    images = [row.name for row in others if row.reason is None]
    if not images:
        return []
    return [f"{len(images)} images {what} and are left out, the first {images[0]}"]


def _report_failures(failures: Sequence[tuple[str, str]], on_error: str) -> None:
    if not failures or on_error == "keep":
        return
    files = "1 file" if len(failures) == 1 else f"{len(failures)} files"
    text = f"load_image_folder can't read {files}:\n{list_failures(failures)}\n"
    if on_error == "raise":
        raise UnreadableImageError(
            text + 'Repair or remove them, or pass on_error="skip".'
        )
    warnings.warn(text + "They are left out.", UserWarning, stacklevel=3)


def _check_classes(root: Path, levels: str, found_names: list[str]) -> None:
    if len(found_names) >= 2:
        return
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
    raise ValueError(
        f"load_image_folder needs {root}/{wanted}/<image> with at least two classes, "
        f"and found {found} in {str(root)!r}.{advice}"
    )


def _folders(folder: Path) -> list[str]:
    return sorted(
        entry.name
        for entry in os.scandir(folder)
        if entry.is_dir() and not entry.name.startswith(".")
    )


def _odd_classes(rows: Sequence[ImageRow]) -> list[str]:
    folded: dict[str, set[str]] = {}
    for name in {row.label for row in rows}:
        folded.setdefault(name.lower(), set()).add(name)
    problems = [
        f"the classes {sorted(names)} differ in case only; pass fold_case=True to make "
        "them one"
        for names in folded.values()
        if len(names) > 1
    ]
    of_split: dict[str, set[str]] = {}
    for row in rows:
        if row.split is not None:
            of_split.setdefault(row.split, set()).add(row.label)
    everything = {row.label for row in rows}
    for split, names in sorted(of_split.items()):
        if missing := sorted(everything - names):
            problems.append(f"the part {split!r} has no images of {missing}")
    return problems


def _as_bunch(
    root: Path,
    rows: Sequence[ImageRow],
    groups: Any,
    problems: list[str],
    left_out: str,
    return_X_y: bool,
    as_frame: bool,
) -> Any:
    paths = np.array([row.path for row in rows], dtype=object)
    target = np.array([row.label for row in rows])
    bunch = Bunch(
        paths=paths,
        target=target,
        target_names=sorted(set(target.tolist())),
        groups=tell_groups(rows, groups),
        split=np.array([row.split for row in rows]) if _have(rows, "split") else None,
        problems=problems,
        summary=summarize(root, rows, problems, left_out),
    )
    counts = ", ".join(f"{n} {sum(target == n)}" for n in bunch.target_names)
    bunch.DESCR = (
        f"{len(rows)} images of {len(bunch.target_names)} classes from {root}: "
        f"{counts}. Left out: {left_out}."
    )
    if as_frame:
        _add_frame(bunch)
    return (bunch.paths, bunch.target) if return_X_y else bunch


def _have(rows: Sequence[ImageRow], field: str) -> bool:
    return all(getattr(row, field) is not None for row in rows)


def _add_frame(bunch: Bunch) -> None:
    try:
        import pandas
    except ImportError:
        raise ImportError(
            "load_image_folder needs pandas for as_frame=True. Install it with `pip "
            "install pandas`, or leave as_frame out."
        ) from None
    columns = {"path": bunch.paths, "target": bunch.target}
    columns |= {
        name: bunch[key]
        for name, key in (("group", "groups"), ("split", "split"))
        if bunch[key] is not None
    }
    bunch.frame = pandas.DataFrame(columns)
    bunch.paths, bunch.target = bunch.frame["path"], bunch.frame["target"]

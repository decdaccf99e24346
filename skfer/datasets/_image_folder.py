"""Labels and paths from a folder of class folders."""

import os
import re
import warnings
from collections.abc import Callable, Hashable, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image
from sklearn.utils import Bunch

from skfer._image_files import UnreadableImageError, list_failures, open_image


def load_image_folder(
    path: str | os.PathLike,
    *,
    classes: Sequence[str] | None = None,
    groups: str | Callable[[Path], Hashable] | None = None,
    on_error: Literal["raise", "skip"] = "raise",
) -> Bunch:
    r"""List the images of a folder that has one subfolder for each class.

    Only the headers of files are read; `ImageLoader` decodes them. The order is
    that of sorted names, the same on every machine.

    Parameters
    ----------
    path : str or Path
        The folder, laid out as ``path/<class>/.../<image>``.
    classes : sequence of str, default=None
        Names of the class folders to use. None means all that are not hidden.
    groups : str or callable, default=None
        What tells who or what is shown, so that splits can keep it together. A
        regular expression is searched in the file name, and its first group (or
        the whole match) is the group; a callable gets the Path. With CK+48,
        ``groups=r"^S\d+"`` gives the subject.
    on_error : {"raise", "skip"}, default="raise"
        What to do with files that are named like an image but aren't one, for
        instance empty files and Git LFS pointers. "raise" raises one error that
        names them all, "skip" leaves them out and warns naming them.

    Returns
    -------
    Bunch
        With the fields

        paths : ndarray of str objects of shape (n_samples,)
            Path of each image, beginning with ``path``.
        target : ndarray of str of shape (n_samples,)
            Class of each image: the name of its class folder.
        target_names : list of str
            The classes, sorted.
        groups : ndarray of shape (n_samples,) or None
            Group of each image.
        DESCR : str
            What was found and what was left out.

    Raises
    ------
    FileNotFoundError
        If there is no such folder.
    ValueError
        If fewer than two classes with images are found, a class is missing, a
        group can't be told, or files can't be read.

    Notes
    -----
    Hidden files and folders are left out. Whether any other file is an image is
    decided by its content, so an image without an ending counts, and a text file
    does not.

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
    if on_error not in ("raise", "skip"):
        raise ValueError(
            f"load_image_folder got on_error={on_error!r}. It must be 'raise' or "
            "'skip'."
        )
    root = Path(path)
    if not root.is_dir():
        raise FileNotFoundError(
            f"load_image_folder found no folder at {str(root)!r} (looked in "
            f"{Path.cwd()}). Check the path."
        )
    found, n_other, failures = [], 0, []
    names = _class_names(root, classes)
    for name in names:
        for file in _visible_files(root / name):
            is_image, reason = _examine(file)
            if is_image:
                found.append((str(file), name))
            elif reason:
                failures.append((file, reason))
            else:
                n_other += 1
    _report_failures(failures, on_error)
    target_names = sorted({name for _, name in found})
    _check_classes(root, names, target_names, classes)
    paths = np.array([file for file, _ in found], dtype=object)
    return Bunch(
        paths=paths,
        target=np.array([name for _, name in found]),
        target_names=target_names,
        groups=None if groups is None else _groups(paths, groups),
        DESCR=(
            f"{len(found)} images of {len(target_names)} classes from {root}: "
            + ", ".join(
                f"{name} {sum(label == name for _, label in found)}"
                for name in target_names
            )
            + f". Left out: {n_other} files that are no images, {len(failures)} "
            "that can't be read."
        ),
    )


def _class_names(root: Path, classes: Sequence[str] | None) -> list[str]:
    if isinstance(classes, str):
        raise ValueError(
            f"load_image_folder got classes={classes!r}. It must be a list of folder "
            f"names, for instance [{classes!r}, ...]."
        )
    there = sorted(
        entry.name
        for entry in root.iterdir()
        if entry.is_dir() and not entry.name.startswith(".")
    )
    if classes is None:
        return there
    if missing := sorted(set(classes) - set(there)):
        raise ValueError(
            f"load_image_folder found no folder for the classes {missing} in "
            f"{str(root)!r}. It holds the folders {there}."
        )
    return sorted(set(classes))


def _visible_files(folder: Path) -> list[Path]:
    files: list[Path] = []
    for parent, subfolders, names in os.walk(folder):
        subfolders[:] = [name for name in subfolders if not name.startswith(".")]
        files += [Path(parent, name) for name in names if not name.startswith(".")]
    return sorted(files)


def _examine(file: Path) -> tuple[bool, str]:
    """Tell whether a file is an image and, if its name lies, why it is not."""
    try:
        with open_image(file):
            return True, ""
    except UnreadableImageError as error:
        Image.init()
        named_like_image = file.suffix.lower() in Image.registered_extensions()
        return False, str(error) if named_like_image else ""


def _report_failures(failures: list[tuple[Path, str]], on_error: str) -> None:
    if not failures:
        return
    files = "1 file" if len(failures) == 1 else f"{len(failures)} files"
    text = f"load_image_folder can't read {files}:\n{list_failures(failures)}\n"
    if on_error == "raise":
        raise UnreadableImageError(
            text + 'Repair or remove them, or pass on_error="skip".'
        )
    warnings.warn(text + "They are left out.", UserWarning, stacklevel=3)


def _check_classes(
    root: Path, names: list[str], target_names: list[str], classes: object
) -> None:
    if len(target_names) >= 2:
        return
    layout = f"{root}/<class>/<image> with at least two classes"
    found = (
        f"images of one class only, {target_names[0]!r}"
        if target_names
        else f"no images in its {len(names)} folders"
        if names
        else "no folders"
    )
    advice = ""
    if classes is None and len(names) > 0:
        for name in names:
            inner = sorted(
                entry.name for entry in (root / name).iterdir() if entry.is_dir()
            )
            if len(inner) >= 2:
                advice = f" Did you mean {str(root / name)!r}, which holds {inner}?"
                break
    raise ValueError(
        f"load_image_folder needs {layout}, and found {found} in {str(root)!r}.{advice}"
    )


def _groups(paths: np.ndarray, groups: str | Callable[[Path], Hashable]) -> np.ndarray:
    if callable(groups):
        return np.array([groups(Path(path)) for path in paths])
    pattern = re.compile(groups)
    matches = [pattern.search(Path(path).name) for path in paths]
    if strangers := [p for p, m in zip(paths, matches, strict=True) if m is None]:
        raise ValueError(
            f"load_image_folder found no group in {len(strangers)} of {len(paths)} "
            f"file names with groups={groups!r}, the first of them {strangers[0]!r}. "
            "Change the regular expression, or pass a callable."
        )
    return np.array([m[1] if pattern.groups else m[0] for m in matches if m])

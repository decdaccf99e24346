"""Options and helpers that several commands share."""

import argparse
import math
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from rich.console import Console
from rich.markup import escape

from skfer._text import printable
from skfer._writing import check_free
from skfer.datasets import ImageAudit, ImageTable, read_images
from skfer.persistence._model_file import is_model_file

#: Of the names of model files.
MODEL_EXTENSION = ".skfer"


def add_reading_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say how images are read."""
    add = parser.add_argument
    add(
        "--groups",
        metavar="PATTERN",
        help="regular expression that extracts from a file name who is shown, so that "
        "nobody is both trained and tested on, or a column of the CSV; auto takes a "
        "guess at file names that is shown before anything is trained",
    )
    add(
        "--layout",
        metavar="LEVELS",
        help="what the folders stand for, for instance subject/class; by default, they "
        "are recognised by their names",
    )
    add(
        "--csv",
        metavar="FILE",
        help="labels of the images, relative to PATH, instead of class folders",
    )
    add(
        "--fold-case",
        action="store_true",
        help="merge classes whose names differ only in case",
    )


def at_least_one(text: str) -> int:
    """Read a positive integer."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"it must be at least 1, got {text}")
    return value


def seconds_from_zero(text: str) -> float:
    """Read a number of seconds that is not below 0."""
    value = float(text)
    if not 0 <= value < math.inf:
        raise argparse.ArgumentTypeError(f"it must be at least 0, got {text}")
    return value


def has_label_file(options: argparse.Namespace) -> bool:
    """Return whether a CSV says the classes, not folders."""
    return options.csv is not None or Path(options.path).suffix.lower() == ".csv"


def take_model(names: Sequence[str]) -> tuple[str | None, list[str]]:
    """Return the model file that comes first, None if there is none, and the others.

    Raises
    ------
    ValueError
        If there is a model file at another place.
    """
    others = list(names)
    is_first = bool(others) and (
        Path(others[0]).suffix == MODEL_EXTENSION or is_model_file(others[0])
    )
    model = others.pop(0) if is_first else None
    for name in others:
        if Path(name).suffix == MODEL_EXTENSION or is_model_file(name):
            raise ValueError(
                f"{name} is a model file. Name one model only, before all others."
            )
    return model, others


#: How to allow that a file is replaced.
OVERWRITE = "add --overwrite"
# Advice of functions, and what it is on the command line.
_ADVICE = {
    'pass on_error="skip"': "add --skip-broken",
    "pass fold_case=True": "add --fold-case",
    "pass overwrite=True": OVERWRITE,
    'read the images with groups="auto"': "add --groups auto",
    "Pass groups=": "Add --groups",
    "Check csv=": "Check --csv",
    "layout='": "--layout '",
}


def check_model_name(path: str, option: str, overwrite: bool) -> None:
    """Raise an error, before any work, unless a model file can be written.

    Raises
    ------
    FileExistsError
        If it exists, and must not be replaced.
    ValueError
        If it can't be written, or its name does not end as skfer predict expects it.
    """
    if Path(path).suffix != MODEL_EXTENSION:
        raise ValueError(
            f"{option} {path} does not end with {MODEL_EXTENSION}, by which skfer "
            f"predict knows models. Name it {Path(path).with_suffix(MODEL_EXTENSION)}."
        )
    check_free(path, option, overwrite, advice=OVERWRITE)


def read_table(
    path: str, options: argparse.Namespace, on_error: Literal["raise", "skip", "keep"]
) -> ImageTable:
    """Read every image once, and return the table."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # The problems of the table say the same.
        return read_images(
            path,
            layout=options.layout,
            groups=options.groups,
            csv=options.csv,
            fold_case=options.fold_case,
            on_error=on_error,
            check="pixels",
        )


def keep(console: Console, audit: ImageAudit) -> np.ndarray:
    """Return the rows worth keeping, and say if a class loses many."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        kept = audit.keep()
    for warning in caught:
        say(console, warning.message, "bold")
    return kept


def explain_error(error: BaseException) -> str:
    """Return what an error says, in the words of the command line."""
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    return as_options(error)


def as_options(text: object) -> str:
    """Name the options of the command where a text names those of a function."""
    words = str(text)
    for of_function, of_command in _ADVICE.items():
        words = words.replace(of_function, of_command)
    return words


def say(console: Console, text: object, style: str = "") -> None:
    """Print a text as it is, without truncating its lines."""
    message = escape(printable(as_options(text)))
    console.print(f"[{style}]{message}[/]" if style else message, soft_wrap=True)

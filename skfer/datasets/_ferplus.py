"""FER+: the votes of ten annotators for each face of FER-2013."""

import csv
import os
from pathlib import Path
from typing import NamedTuple

import numpy as np

CLASSES = (
    "neutral", "happiness", "surprise", "sadness",
    "anger", "disgust", "fear", "contempt",
)  # fmt: skip
_NOT_A_CLASS = ("unknown", "NF")


class Votes(NamedTuple):
    """Labels by vote: target (n,), shares (n, 8), is_face (n,), and the classes."""

    target: np.ndarray
    shares: np.ndarray
    is_face: np.ndarray
    classes: list[str]


def count_votes(names: np.ndarray, path: str | os.PathLike) -> Votes:
    """Count the votes for images.

    Parameters
    ----------
    names : ndarray of str of shape (n_samples,)
        File names, or numbers of rows of the CSV of the challenge.
    path : str or Path
        The votes: ``fer2013new.csv``, whose rows are in the order of the challenge's
        CSV, or a CSV with a column ``file``.

    Returns
    -------
    Votes
        The class with the most votes, the share of the votes for each, and whether a
        class got more votes than "unknown" and "no face" did.

    Raises
    ------
    ValueError
        If the CSV has other columns, or no votes for an image.
    """
    votes = _read_votes(path)
    if len(set(names)) < len(names):
        raise ValueError(
            "load_fer2013 found images with the same file name in different folders, "
            "so that votes by file name are ambiguous. Use the CSV of the "
            "challenge, or files named Training_1.jpg, PublicTest_2.jpg and so on."
        )
    without = [name for name in names if name not in votes]
    if without:
        raise ValueError(
            f"load_fer2013 found no votes for {len(without)} of {len(names)} "
            f"images in {os.fspath(path)!r}, the first {without[0]!r}. The official "
            "fer2013new.csv goes with the CSV of the challenge, whose rows it counts; "
            "for folders a column 'file' with the file names is needed."
        )
    table = np.array([votes[name] for name in names])
    n = len(CLASSES)
    is_face = table[:, :n].max(axis=1) > table[:, n:].max(axis=1)
    if not is_face.any():
        raise ValueError(
            f"load_fer2013 found no image in {os.fspath(path)!r} for which a class got "
            "more votes than 'unknown' or 'no face'. Check the columns."
        )
    order = np.argsort(CLASSES)
    shares = table[:, order] / np.maximum(table[:, :n].sum(axis=1, keepdims=True), 1)
    classes = [CLASSES[i] for i in order]
    target = np.array(classes)[shares.argmax(axis=1)]
    return Votes(target, shares.astype(np.float32), is_face, classes)


def _read_votes(path: str | os.PathLike) -> dict[str, list[float]]:
    with Path(path).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    wanted = (*CLASSES, *_NOT_A_CLASS)
    columns = list(rows[0]) if rows else []
    if missing := sorted(set(wanted) - set(columns)):
        raise ValueError(
            f"load_fer2013 needs votes for {wanted}, and {os.fspath(path)!r} lacks the "
            f"columns {missing}; it has {columns}."
        )
    votes: dict[str, list[float]] = {}
    for number, row in enumerate(rows):
        name = row["file"] if "file" in row else str(number)
        try:
            counts = [float(row[column]) for column in wanted]
        except (TypeError, ValueError):
            counts = [-1.0]
        if not np.isfinite(counts).all() or min(counts) < 0:
            raise ValueError(
                f"load_fer2013 can't read the votes for {name!r} in "
                f"{os.fspath(path)!r}: {row}. Each needs {len(wanted)} numbers of at "
                "least 0."
            )
        if name in votes:
            raise ValueError(
                f"load_fer2013 found votes for {name!r} twice in {os.fspath(path)!r}. "
                "File names must be unique."
            )
        votes[name] = counts
    return votes

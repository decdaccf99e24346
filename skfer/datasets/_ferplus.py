"""FER+: the votes of ten annotators for each face of FER-2013."""

import csv
import os
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

CLASSES = (
    "neutral", "happiness", "surprise", "sadness",
    "anger", "disgust", "fear", "contempt",
)  # fmt: skip
_NOT_A_CLASS = ("unknown", "NF")
_MOST = 1_000_000  # Votes for a class; sums of far larger ones are infinite.


class Votes(NamedTuple):
    """Labels by vote: target (n,), shares (n, 8), is_face (n,), and the classes.

    Images without votes, of which there are n_without, count as no faces.
    """

    target: np.ndarray
    shares: np.ndarray
    is_face: np.ndarray
    classes: list[str]
    n_without: int


def count_votes(
    names: np.ndarray, labels: np.ndarray, path: str | os.PathLike
) -> Votes:
    """Count the votes for images.

    Parameters
    ----------
    names : ndarray of str of shape (n_samples,)
        File names, or numbers of rows of the CSV of the challenge.
    labels : ndarray of str of shape (n_samples,)
        The original labels.
    path : str or Path
        The votes: ``fer2013new.csv``, whose rows are in the order of the challenge's
        CSV, or a CSV with a column ``file``, and a column ``fer_label`` where images
        in folders of different labels have the same name.

    Returns
    -------
    Votes
        The class with the most votes, the share of the votes for each, and whether a
        class got more votes than "unknown" and "no face" did.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is no CSV in UTF-8, has other columns, or no votes for most of the images.
    """
    votes, by_label = _read_votes(path)
    keys = [
        (name, label) if by_label else name
        for name, label in zip(names.tolist(), labels.tolist(), strict=True)
    ]
    if len(set(keys)) < len(keys):
        raise ValueError(
            "load_fer2013 found images with the same file name in different folders, "
            "so that votes by file name are ambiguous. Use the CSV of the "
            "challenge, files named Training_1.jpg, PublicTest_2.jpg and so on, or "
            "votes with a column fer_label."
        )
    none = [0.0] * (len(CLASSES) + len(_NOT_A_CLASS))
    without = [key for key in keys if key not in votes]
    if 2 * len(without) > len(keys):
        raise ValueError(
            f"load_fer2013 found no votes for {len(without)} of {len(names)} "
            f"images in {os.fspath(path)!r}, the first {without[0]!r}. The official "
            "fer2013new.csv goes with the CSV of the challenge, whose rows it counts; "
            "for folders a column 'file' with the file names is needed; a column "
            "'fer_label' must hold the names of their folders, such as 'happy'."
        )
    table = np.array([votes.get(key, none) for key in keys])
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
    return Votes(target, shares.astype(np.float32), is_face, classes, len(without))


def _read_votes(path: str | os.PathLike) -> tuple[dict[Any, list[float]], bool]:
    """Return the votes by name (or by name and label), and whether labels were used."""
    if not Path(path).is_file():
        raise FileNotFoundError(
            f"load_fer2013 found no file of votes at {os.fspath(path)!r} (looked in "
            f"{Path.cwd()}). Check the path."
        )
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (csv.Error, UnicodeDecodeError) as error:
        raise ValueError(
            f"load_fer2013 can't read the votes in {os.fspath(path)!r}, because it is "
            f"not a CSV in UTF-8 ({error}). Download the file again."
        ) from None
    wanted = (*CLASSES, *_NOT_A_CLASS)
    columns = list(rows[0]) if rows else []
    if missing := sorted(set(wanted) - set(columns)):
        raise ValueError(
            f"load_fer2013 needs votes for {wanted}, and {os.fspath(path)!r} lacks the "
            f"columns {missing}; it has {columns}."
        )
    by_label = "fer_label" in columns
    votes: dict[Any, list[float]] = {}
    for number, row in enumerate(rows):
        name = row["file"] if "file" in row else str(number)
        try:
            counts = [float(row[column]) for column in wanted]
        except (TypeError, ValueError):
            counts = [-1.0]
        if not np.isfinite(counts).all() or min(counts) < 0 or max(counts) > _MOST:
            raise ValueError(
                f"load_fer2013 can't read the votes for {name!r} in "
                f"{os.fspath(path)!r}: {row}. Each needs {len(wanted)} numbers of 0 to "
                f"{_MOST:,}."
            )
        key = (name, row["fer_label"]) if by_label else name
        if key in votes:
            raise ValueError(
                f"load_fer2013 found votes for {key!r} twice in {os.fspath(path)!r}. "
                "File names must be unique, or a column fer_label must tell images "
                "with one name apart."
            )
        votes[key] = counts
    return votes, by_label

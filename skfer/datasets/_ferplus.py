"""FER+: what ten people saw in each face of FER-2013."""

import csv
import os
from pathlib import Path

import numpy as np
from sklearn.utils import Bunch

CLASSES = (
    "neutral", "happiness", "surprise", "sadness",
    "anger", "disgust", "fear", "contempt",
)  # fmt: skip
_NOT_A_CLASS = ("unknown", "NF")


def add_votes(faces: Bunch, path: str | os.PathLike) -> np.ndarray:
    """Replace the labels of FER-2013 by votes, in place.

    Parameters
    ----------
    faces : Bunch
        With ``names``: file names, or numbers of rows of the CSV of the challenge.
    path : str or Path
        The votes: ``fer2013new.csv``, whose rows are in the order of the challenge's
        CSV, or a CSV with a column ``file``.

    Returns
    -------
    ndarray of bool of shape (n_samples,)
        Whether a class got more votes than "unknown" and "no face" did.

    Raises
    ------
    ValueError
        If the CSV has other columns, or no votes for an image.
    """
    with Path(path).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    wanted = (*CLASSES, *_NOT_A_CLASS)
    columns = list(rows[0]) if rows else []
    if missing := sorted(set(wanted) - set(columns)):
        raise ValueError(
            f"load_fer2013 needs votes for {wanted}, and {os.fspath(path)!r} lacks the "
            f"columns {missing}; it has {columns}."
        )
    votes = {
        row["file"] if "file" in row else str(number): [float(row[c]) for c in wanted]
        for number, row in enumerate(rows)
    }
    strangers = [name for name in faces.names if name not in votes]
    if strangers:
        raise ValueError(
            f"load_fer2013 found no votes for {len(strangers)} of {len(faces.names)} "
            f"images in {os.fspath(path)!r}, the first {strangers[0]!r}. The official "
            "fer2013new.csv goes with the CSV of the challenge, whose rows it counts; "
            "for folders a column 'file' with the file names is needed."
        )
    counts = np.array([votes[name] for name in faces.names])
    n = len(CLASSES)
    is_face = counts[:, :n].max(axis=1) > counts[:, n:].max(axis=1)
    order = np.argsort(CLASSES)
    shares = counts[:, order] / np.maximum(counts[:, :n].sum(axis=1, keepdims=True), 1)
    faces.target_names = [CLASSES[i] for i in order]
    faces.target = np.array(faces.target_names)[shares.argmax(axis=1)]
    faces.probabilities = shares.astype(np.float32)
    return is_face

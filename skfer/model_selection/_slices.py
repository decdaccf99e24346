"""Scores of parts of the test images: by person, folder, brightness, or any column."""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from skfer._holdout import number_labels
from skfer.model_selection._comparison import Comparison
from skfer.model_selection._intervals import accuracy_interval
from skfer.model_selection._people import clustered_accuracy_interval
from skfer.model_selection._scores import find_right

_N_BINS = 4
_NAMES = ("target", "groups")  # Also where they are numbers.
_MANY = 10  # Different numbers, above which they are put into bins.


@dataclass(frozen=True)
class Slice:
    """The accuracy of one model on a part of the test images.

    Attributes
    ----------
    name : str
        Value of the column, or range of values.
    n_images : int
        Number of test images, each counted once.
    n_people : int or None
        Number of people on them; None if they are unknown.
    accuracy, low, high : float
        Share of the images that were right, and its 95% interval, by person if people
        are known, 0..1.
    is_worse : bool
        Whether the interval lies below the accuracy on all test images.

    Examples
    --------
    >>> from skfer.model_selection import Slice
    >>> Slice("dark", 40, None, 0.5, 0.35, 0.65, True).name
    'dark'
    """

    name: str
    n_images: int
    n_people: int | None
    accuracy: float
    low: float
    high: float
    is_worse: bool


def score_slices(
    comparison: Comparison, by: Any, *, model: str | None = None
) -> list[Slice]:
    """Return the accuracy on parts of the test images, the worst first.

    Parameters
    ----------
    comparison : Comparison
        From `compare_pipelines`.
    by : str or array-like of shape (n_samples,)
        Name of a column of the table, such as "target", "groups" or one that you
        added; "folder", that of each file; "brightness", the mean grey level of each
        image in 0..255; or a value for each row of the table. More than ten different
        numbers are put into four bins with equal numbers of images.
    model : str, default=None
        Name of a pipeline. None means the best one.

    Returns
    -------
    list of Slice
        One for each value that test images have.

    Raises
    ------
    ValueError
        If there is no such column or model, or the number of values differs.

    Notes
    -----
    Among forty slices one is worse by chance, and more if they are small. Take a slice
    as a question to look into, not as an answer.

    Examples
    --------
    >>> from skfer import make_hog_svm
    >>> from skfer.datasets import make_faces
    >>> from skfer.model_selection import compare_pipelines, score_slices
    >>> faces = make_faces(140, random_state=0)
    >>> model = make_hog_svm(image_size=24)
    >>> comparison = compare_pipelines({"hog": model}, faces, cv=2)
    >>> slices = score_slices(comparison, "brightness")
    >>> len(slices), slices[0].accuracy <= slices[-1].accuracy
    (4, True)
    """
    model = comparison.best_name if model is None else model
    if model not in comparison.fits:
        raise ValueError(
            f"score_slices got model={model!r}; the comparison has "
            f"{list(comparison.fits)}."
        )
    rows = np.unique(comparison.test_rows)
    values = _find_values(comparison, by)[rows]
    right, people = find_right(comparison, model), comparison.people
    is_name = isinstance(by, str) and by in _NAMES
    names, numbers = _name(values, is_name)
    slices = []
    for number, name in enumerate(names):
        inside = numbers == number
        if not inside.any():
            continue
        n = int(inside.sum())
        # Of images that were tested several times, a part may be right.
        n_right = float(right[inside].sum())
        bounds = [
            accuracy_interval(k, n) for k in (int(n_right), int(np.ceil(n_right)))
        ]
        n_people = None
        if people is not None:
            n_people = len(set(people[inside].tolist()))
            # All pictures of a person in one slice say nothing about others.
            if n_people > 1:
                bounds.append(
                    clustered_accuracy_interval(right[inside], people[inside])
                )
        low, high = min(b[0] for b in bounds), max(b[1] for b in bounds)
        share = float(right[inside].mean())
        is_worse = high < right.mean()
        slices.append(Slice(name, n, n_people, share, low, high, bool(is_worse)))
    return sorted(slices, key=lambda one: (one.accuracy, one.name))


def _find_values(comparison: Comparison, by: Any) -> np.ndarray:
    table = comparison.table
    if isinstance(by, str):
        if by in table.columns:
            return table[by]
        if by == "brightness":
            return table.fingerprints.small.mean(axis=(1, 2))
        if by == "folder" and table.paths is not None:
            return np.array([str(Path(path).parent) for path in table.paths])
        raise ValueError(
            f"score_slices got by={by!r}, but the table has the columns "
            f"{list(table.columns)} only. Pass one of them, 'brightness', 'folder' for "
            "a table of files, or an array."
        )
    values = np.asarray(by)
    if len(values) != len(table):
        raise ValueError(
            f"score_slices got {len(values)} values for {len(table)} rows of the "
            "table. Pass one for each row, also for those that were not tested."
        )
    return values


def _name(values: np.ndarray, is_name: bool) -> tuple[list[str], np.ndarray]:
    """Return names of slices, and for each value the number of its slice."""
    is_number = values.dtype.kind in "iuf" and not is_name
    if is_number and len(np.unique(values)) > _MANY:
        edges = np.unique(np.quantile(values, np.linspace(0, 1, _N_BINS + 1)))
        numbers = np.digitize(values, edges[1:-1])
        return [f"{low:.4g} to {high:.4g}" for low, high in pairwise(edges)], numbers
    different = list(dict.fromkeys(values.tolist()))
    return [str(value) for value in different], number_labels(values.tolist())

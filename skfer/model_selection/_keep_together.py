"""Which images belong on the same side of any split."""

from typing import Any

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from sklearn.utils import column_or_1d

from skfer._holdout import check_groups, check_label_values, number_labels
from skfer._sklearn import count_samples
from skfer.datasets import ImageTable, find_look_alikes


def labels_and_groups(X: Any, y: Any, groups: Any, who: str) -> tuple[np.ndarray, Any]:
    """Return labels and groups, those of the table where none are given.

    Raises
    ------
    ValueError
        If there are no labels, one is missing or of another kind, or images of a
        table can't be read.
    """
    if isinstance(X, ImageTable):
        check_readable(X, who)
        y = X.target if y is None else y
        groups = X.groups if groups is None else groups
    if y is None:
        raise ValueError(f"{who} needs y, the class of each image; got None.")
    check_groups(groups, who)
    y = column_or_1d(y)
    check_label_values(y, who)
    return y, groups


def check_readable(table: ImageTable, who: str) -> None:
    """Raise an error if images of a table can't be read."""
    if not table.is_readable.all():
        row = int(np.flatnonzero(~table.is_readable)[0])
        raise ValueError(
            f"{who} got a table with {(~table.is_readable).sum()} images that can't be "
            f"read, the first at row {row}: {table.status[row]}. Pass "
            "table[table.is_readable]."
        )


def keep_together(X: Any, groups: Any, look_alikes: bool, who: str) -> np.ndarray:
    """Merge groups of people and groups of images that look alike.

    Parameters
    ----------
    X : ImageTable, array-like of str or Path, or images
        The images.
    groups : array-like of shape (n_samples,) or None
        Who or what each image shows.
    look_alikes : bool
        Whether to look for copies and look-alikes.
    who : str
        Name of the caller, for the error message.

    Returns
    -------
    ndarray of int of shape (n_samples,)
        Images with the same number belong together: they share a group, look alike,
        or are linked by a chain of both.

    Raises
    ------
    ValueError
        If look-alikes are looked for in a table of features.
    """
    n = count_samples(X)
    known = np.arange(n) if groups is None else number_labels(groups)
    if not look_alikes:
        return known
    array = X.X if isinstance(X, ImageTable) else X
    if getattr(array, "ndim", 1) == 2:
        raise ValueError(
            f"{who} looks for images that look alike, but got a table of shape "
            f"{array.shape}. Pass paths or images, or look_alikes=False together with "
            "groups."
        )
    found = find_look_alikes(X)
    # Groups are the nodes 0..n-1 and look-alikes n..2n-1; each image links two of them.
    numbers = np.unique(found, return_inverse=True)[1]
    graph = coo_array(
        (np.ones(n, dtype=bool), (known, n + numbers)), shape=(2 * n, 2 * n)
    )
    return number_labels(connected_components(graph, directed=False)[1][known])

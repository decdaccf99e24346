"""Which images belong on the same side of any split."""

from typing import Any

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from skfer._sklearn import count_samples
from skfer.datasets import find_twins


def keep_together(X: Any, groups: Any, twins: bool, asker: str) -> np.ndarray:
    """Join groups of people and groups of copies.

    Parameters
    ----------
    X : array-like of str or Path, or images
        The images.
    groups : array-like of shape (n_samples,) or None
        Who or what each shows.
    twins : bool
        Whether to look for copies.
    asker : str
        Who asks, for the error message.

    Returns
    -------
    ndarray of int of shape (n_samples,)
        Images with the same number belong together: they show the same, are copies,
        or are linked by a chain of both.

    Raises
    ------
    ValueError
        If copies are looked for in a table of features.
    """
    n = count_samples(X)
    known = np.arange(n) if groups is None else _number(groups)
    if not twins:
        return known
    if getattr(X, "ndim", 1) == 2:
        raise ValueError(
            f"{asker} looks for copies of pictures, and got a table of shape "
            f"{X.shape}. Pass paths or images, or twins=False together with groups."
        )
    found = find_twins(X)
    # Groups are the nodes 0..n-1 and twins n..2n-1; each image links two of them.
    graph = coo_array(
        (np.ones(n, dtype=bool), (known, n + found)), shape=(2 * n, 2 * n)
    )
    return _number(connected_components(graph, directed=False)[1][known])


def _number(labels: Any) -> np.ndarray:
    """Replace labels of any kind by numbers from 0."""
    numbers: dict[Any, int] = {}
    return np.array([numbers.setdefault(label, len(numbers)) for label in labels])

"""Holding out a part of the samples without leakage."""

import warnings
from collections import Counter
from typing import Any

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, train_test_split
from sklearn.utils.validation import check_consistent_length


def check_groups(groups: Any, who: str) -> None:
    """Raise an error unless every image has a group.

    Parameters
    ----------
    groups : array-like of shape (n,) or None
        Who each image shows.
    who : str
        Name of the caller, for the error message.

    Raises
    ------
    ValueError
        If a group is None, nan or empty.
    """
    for row, group in enumerate(() if groups is None else groups):
        is_nan = isinstance(group, float) and np.isnan(group)
        if group is None or is_nan or (isinstance(group, str) and group == ""):
            raise ValueError(
                f"{who} got no group for row {row} of {len(groups)}. Say for every "
                "image who it shows, or leave groups out."
            )


def hold_out(
    labels: np.ndarray,
    *,
    groups: Any = None,
    fraction: float,
    random_state: int,
    who: str,
) -> tuple[np.ndarray, np.ndarray]:
    """Split rows into those kept and those set aside.

    Parameters
    ----------
    labels : ndarray of shape (n,)
        Class of each row; both parts get their share of each.
    groups : array-like of shape (n,), default=None
        Rows of one group stay together; the fraction is then approximate.
    fraction : float
        Share to set aside.
    random_state : int
        Seed of the shuffling.
    who : str
        Name of the caller, for the error messages.

    Returns
    -------
    kept, aside : ndarray of int
        Row numbers.

    Raises
    ------
    ValueError
        If a class has only one image, there is only one group, or a class would be
        missing from one of the parts.
    """
    labels = np.asarray(labels)
    rows = np.arange(len(labels))
    classes, counts = np.unique(labels, return_counts=True)
    if counts.min() < 2:
        raise ValueError(
            f"{who} holds out a part of every class, but the classes "
            f"{classes[counts < 2].tolist()} have only 1 image. Add images or drop "
            "these classes."
        )
    if groups is None:
        # At least one image of each class on either side.
        n_aside = round(fraction * len(rows))
        n_aside = min(max(n_aside, len(classes)), len(rows) - len(classes))
        kept, aside = train_test_split(
            rows, test_size=n_aside, stratify=labels, random_state=random_state
        )
    else:
        kept, aside = _hold_out_groups(labels, groups, fraction, random_state, who)
    for part in (kept, aside):
        check_classes(labels, part, rows if groups is None else groups, who)
    return kept, aside


def check_classes(labels: np.ndarray, part: np.ndarray, groups: Any, who: str) -> None:
    """Raise an error if a part lacks a class that the other part has."""
    if missing := set(labels.tolist()) - set(labels[part].tolist()):
        raise ValueError(
            f"{who} found no images of {sorted(missing, key=str)} for one of the "
            "parts, because groups stay whole. Groups of each class: "
            f"{count_groups(labels, groups)}. Add images of other groups, or use "
            "another share or random_state."
        )


def count_groups(labels: np.ndarray, groups: Any) -> dict[Any, int]:
    """Return the number of groups that have images of each class."""
    pairs = set(zip(labels.tolist(), np.asarray(groups).tolist(), strict=True))
    return dict(sorted(Counter(label for label, _ in pairs).items(), key=str))


def _hold_out_groups(
    labels: np.ndarray, groups: Any, fraction: float, random_state: int, who: str
) -> tuple[np.ndarray, np.ndarray]:
    check_consistent_length(labels, groups)
    check_groups(groups, who)
    rows = np.arange(len(labels))
    n_groups = len(np.unique(groups))
    if n_groups < 2:
        raise ValueError(
            f"{who} keeps groups together, but all images belong to one group. Add "
            "images of other groups."
        )
    # Hold out m of k folds, with the ratio nearest to the fraction.
    largest = np.unique(labels, return_counts=True)[1].max()
    most = min(n_groups, max(10, round(1 / fraction)), int(largest))
    _, n_folds, n_aside = min(
        (abs(m / k - fraction), k, m) for k in range(2, most + 1) for m in range(1, k)
    )
    folds = StratifiedGroupKFold(n_folds, shuffle=True, random_state=random_state)
    with warnings.catch_warnings():
        # Classes that are smaller than the number of folds are in one of two parts.
        warnings.filterwarnings("ignore", message="The least populated class")
        parts = [part for _, part in folds.split(rows, labels, groups)]
    aside = np.sort(np.concatenate(parts[:n_aside]))
    return np.setdiff1d(rows, aside), aside

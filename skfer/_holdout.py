"""Holding out a part of the samples without leakage."""

import warnings
from collections import Counter
from typing import Any

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, train_test_split

_N_ATTEMPTS = 10  # To find parts of whole groups that have every class.


def is_missing(value: Any) -> bool:
    """Return whether a label or group stands for nothing: None, nan, pandas.NA."""
    # That of pandas can't be compared; of the others only nan differs from itself.
    return value is None or type(value).__name__ == "NAType" or bool(value != value)


def check_label_values(labels: np.ndarray, who: str) -> None:
    """Raise an error if a label is missing, or only some of them are strings.

    Parameters
    ----------
    labels : ndarray of shape (n,)
        The class of each image.
    who : str
        Name of the caller, for the error message.

    Raises
    ------
    ValueError
        As described.
    """
    values = labels.tolist()
    for row, label in enumerate(values):
        if is_missing(label):
            raise ValueError(
                f"{who} got no label for row {row}. Give every image one, or leave it "
                "out."
            )
        if isinstance(label, str) != isinstance(values[0], str):
            raise ValueError(
                f"{who} needs labels of one kind, got {values[0]!r} in row 0 and "
                f"{label!r} in row {row}. Make all of them strings or all numbers."
            )


def check_groups(groups: Any, who: str, n: int | None = None) -> None:
    """Raise an error unless every image has a group.

    Parameters
    ----------
    groups : array-like of shape (n,) or None
        Who each image shows.
    who : str
        Name of the caller, for the error message.
    n : int, default=None
        Number of images, where the groups are to be counted.

    Raises
    ------
    ValueError
        If a group is None, nan, pandas.NA or empty, or there is not one for each
        image.
    """
    if groups is None:
        return
    shape = np.shape(groups)
    if len(shape) != 1 or (n is not None and shape != (n,)):
        for_all = "of each image" if n is None else f"of each of {n} images"
        raise ValueError(
            f"{who} needs groups with the group {for_all}, got an array of shape "
            f"{shape}. Say for every image who it shows, or leave groups out."
        )
    for row, group in enumerate(groups):
        if is_missing(group) or (isinstance(group, str) and group == ""):
            raise ValueError(
                f"{who} got no group for row {row} of {len(groups)}. Say for every "
                "image who it shows, or leave groups out."
            )


def number_labels(labels: Any) -> np.ndarray:
    """Replace labels or groups of any kind, also of several, by numbers from 0."""
    numbers: dict[Any, int] = {}
    return np.array([numbers.setdefault(label, len(numbers)) for label in labels])


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
        # Whole groups may leave a part without a class; others of them may not.
        for seed in range(random_state, random_state + _N_ATTEMPTS):
            choices = _hold_out_groups(labels, groups, fraction, seed, who)
            n_there = [min(len(set(labels[part])) for part in one) for one in choices]
            kept, aside = choices[int(np.argmax(n_there))]
            if max(n_there) == len(classes):
                break
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
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return several ways of parting the rows, about as good as one another."""
    check_groups(groups, who, len(labels))
    groups = number_labels(groups)
    rows = np.arange(len(labels))
    n_groups = int(groups.max()) + 1
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
    choices = []
    for first in range(n_folds):
        chosen = [parts[(first + number) % n_folds] for number in range(n_aside)]
        aside = np.sort(np.concatenate(chosen))
        choices.append((np.setdiff1d(rows, aside), aside))
    return choices

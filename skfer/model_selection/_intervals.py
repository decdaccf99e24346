"""Confidence intervals of scores, and McNemar's test of two models."""

import numpy as np
from scipy import stats
from scipy.special import expit, logit
from sklearn.metrics import f1_score
from sklearn.utils.validation import check_consistent_length

from skfer._holdout import check_groups, number_labels
from skfer.model_selection._people import clustered_accuracy_interval

_N_RESAMPLES = 2000


def accuracy_interval(
    n_correct: int, n_samples: int, confidence: float = 0.95
) -> tuple[float, float]:
    """Return Wilson's score interval of an accuracy.

    Parameters
    ----------
    n_correct, n_samples : int
        Number of correct predictions, and of all predictions.
    confidence : float, default=0.95
        Confidence level, 0 to 1.

    Returns
    -------
    low, high : float
        The interval, 0 to 1.

    References
    ----------
    Wilson, E. B. (1927). Probable inference, the law of succession, and
    statistical inference. JASA 22(158).

    Examples
    --------
    >>> from skfer.model_selection import accuracy_interval
    >>> low, high = accuracy_interval(80, 100)
    >>> round(low, 3), round(high, 3)
    (0.711, 0.867)
    """
    interval = stats.binomtest(n_correct, n_samples).proportion_ci(
        confidence, method="wilson"
    )
    return float(interval.low), float(interval.high)


def macro_f1_interval(
    y_true: np.ndarray,
    y_pred: np.ndarray,
    *,
    labels: np.ndarray | None = None,
    groups: np.ndarray | None = None,
    confidence: float = 0.95,
    random_state: int | None = None,
) -> tuple[float, float]:
    """Return the bootstrap interval of the macro F1 score.

    Pictures are drawn with replacement, or people with all their pictures, 2,000 times.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_samples,)
        Labels and predictions.
    labels : array-like of shape (n_classes,), default=None
        Classes to average over; those that do not occur are left out. None means all
        that occur. An answer such as "unknown" is no class.
    groups : array-like of shape (n_samples,), default=None
        Who each image shows. None means a different person on each.
    confidence : float, default=0.95
        Confidence level, 0 to 1.
    random_state : int or None, default=None
        Seed of the resampling.

    Returns
    -------
    low, high : float
        The interval, 0 to 1. Where all predictions are right, or all wrong, every
        resample is the same; the interval of the accuracy is used then, which is
        still too narrow where classes are of unequal size. It is too narrow as well if
        a class has fewer than about 20 images.

    Raises
    ------
    ValueError
        If none of ``labels`` occurs.

    Notes
    -----
    A t interval on the scale of logits, with the standard deviation of the resamples,
    widened for few people, who vary too little among themselves [1]_.

    References
    ----------
    .. [1] Hesterberg, T. (2015). What teachers should know about the bootstrap. The
       American Statistician 69.

    Examples
    --------
    >>> from skfer.model_selection import macro_f1_interval
    >>> y = [0, 1] * 20
    >>> low, high = macro_f1_interval(y, [1, 0] + y[2:], random_state=0)
    >>> round(low, 2), round(high, 2)
    (0.74, 0.99)
    """
    y_true, y_pred = np.asarray(y_true), np.asarray(y_pred)
    check_consistent_length(y_true, y_pred, groups)
    check_groups(groups, "macro_f1_interval")
    is_correct = y_true == y_pred
    n_samples, n_correct = len(is_correct), int(is_correct.sum())
    if n_correct in (0, n_samples):
        if groups is not None:
            return clustered_accuracy_interval(is_correct, groups, confidence)
        return accuracy_interval(n_correct, n_samples, confidence)
    rng = np.random.default_rng(random_state)
    names = np.unique(np.concatenate([y_true, y_pred]))
    counted = np.isin(names, names if labels is None else labels)
    if not counted.any():
        raise ValueError(
            f"macro_f1_interval got labels={labels!r}, but none of them occurs; "
            f"{names.tolist()} do."
        )
    matrices = _draw_matrices(names, y_true, y_pred, groups, rng)
    n_units = n_samples if groups is None else len(set(np.asarray(groups).tolist()))
    if n_units < 2:
        return 0.0, 1.0
    t = stats.t.ppf((1 + confidence) / 2, n_units - 1)
    # On the scale of logits, so that the interval stays within 0 and 1.
    drawn = logit(macro_f1(matrices, counted).clip(0.005, 0.995))
    middle = logit(find_macro_f1(y_true, y_pred, names[counted]))
    reach = t * drawn.std() * np.sqrt(n_units / (n_units - 1))
    low, high = expit([middle - reach, middle + reach])
    return float(low), float(high)


def find_macro_f1(y_true: np.ndarray, y_pred: np.ndarray, classes: np.ndarray) -> float:
    """Return the mean F1 of those classes that occur as labels or predictions."""
    occur = np.union1d(y_true, y_pred)
    labels = occur[np.isin(occur, classes)]
    return float(
        f1_score(y_true, y_pred, labels=labels, average="macro", zero_division=0.0)
    )


def compare_macro_f1(
    y_true: np.ndarray,
    first_pred: np.ndarray,
    second_pred: np.ndarray,
    *,
    labels: np.ndarray,
    groups: np.ndarray | None = None,
) -> tuple[float, float]:
    """Compare the macro F1 of two classifiers by a paired bootstrap.

    Parameters
    ----------
    y_true, first_pred, second_pred : array-like of shape (n_samples,)
        Labels and the predictions of both classifiers.
    labels : array-like of shape (n_classes,)
        Classes to average over.
    groups : array-like of shape (n_samples,), default=None
        Who each image shows. None means a different person on each.

    Returns
    -------
    p_value : float
        Two-sided, 0 to 1.
    smallest_difference : float
        What would have been found in four of five experiments like this one.
    """
    names = np.unique(np.concatenate([y_true, first_pred, second_pred]))
    counted = np.isin(names, labels)
    n = len(names)
    groups = np.arange(len(y_true)) if groups is None else groups
    row = np.searchsorted(names, y_true) * n
    of_person = np.stack(
        [
            count_cells(row + np.searchsorted(names, predicted), groups, n * n)
            for predicted in (first_pred, second_pred)
        ]
    )
    k = of_person.shape[1]
    if k < 2:
        return 1.0, float("nan")
    rng = np.random.default_rng(0)
    times = rng.multinomial(k, np.full(k, 1 / k), size=_N_RESAMPLES)
    first, second = (
        macro_f1((times @ c).reshape(-1, n, n), counted) for c in of_person
    )
    drawn = first - second
    error = drawn.std() * np.sqrt(k / (k - 1))
    if error == 0:
        return 1.0, float("nan")
    whole = [macro_f1(c.sum(axis=0).reshape(1, n, n), counted)[0] for c in of_person]
    p_value = 2 * stats.t.sf(abs(whole[0] - whole[1]) / error, k - 1)
    reach = stats.t.ppf(0.975, k - 1) + stats.t.ppf(0.8, k - 1)
    return float(p_value), float(reach * error)


def _draw_matrices(
    names: np.ndarray,
    y_true: np.ndarray,
    y_pred: np.ndarray,
    groups: np.ndarray | None,
    rng: np.random.Generator,
) -> np.ndarray:
    """Return confusion matrices of resamples, of shape (n, classes, classes)."""
    n = len(names)
    cell = np.searchsorted(names, y_true) * n + np.searchsorted(names, y_pred)
    if groups is None:
        # The same as drawing the cells of the matrix.
        shares = np.bincount(cell, minlength=n * n) / len(cell)
        draws = rng.multinomial(len(cell), shares, size=_N_RESAMPLES)
        return draws.reshape(-1, n, n)
    of_person = count_cells(cell, groups, n * n)
    k = len(of_person)
    times = rng.multinomial(k, np.full(k, 1 / k), size=_N_RESAMPLES)
    return (times @ of_person).reshape(-1, n, n)


def count_cells(cell: np.ndarray, groups: np.ndarray, n_cells: int) -> np.ndarray:
    """Count cells for each group, as an array of shape (n_groups, n_cells)."""
    group = number_labels(groups)
    n = int(group.max()) + 1
    counts = np.bincount(group * n_cells + cell, minlength=n * n_cells)
    return counts.reshape(n, n_cells)


def macro_f1(matrices: np.ndarray, counted: np.ndarray) -> np.ndarray:
    """Macro F1 of confusion matrices of shape (n, answers, answers).

    ``counted`` says which answers are classes.
    """
    right = np.diagonal(matrices, axis1=1, axis2=2)[:, counted]
    either = (matrices.sum(axis=1) + matrices.sum(axis=2))[:, counted]
    # A class that a resample lost on both sides is left out of its mean.
    scores = np.divide(2 * right, either, out=np.zeros(right.shape), where=either > 0)
    return scores.sum(axis=1) / np.maximum((either > 0).sum(axis=1), 1)


def mcnemar_p_value(
    y_true: np.ndarray, first_pred: np.ndarray, second_pred: np.ndarray
) -> float:
    """Return the p-value of McNemar's exact test on the same samples.

    The null hypothesis is that both classifiers are right equally often; only samples
    where one is right and the other wrong count.

    Parameters
    ----------
    y_true, first_pred, second_pred : array-like of shape (n_samples,)
        Labels and the predictions of both classifiers.

    Returns
    -------
    float
        Two-sided p-value, 0 to 1.

    References
    ----------
    McNemar, Q. (1947). Note on the sampling error of the difference between
    correlated proportions or percentages. Psychometrika 12.

    Examples
    --------
    >>> from skfer.model_selection import mcnemar_p_value
    >>> mcnemar_p_value([1] * 10, [1] * 10, [1] * 4 + [0] * 6)
    0.03125
    """
    first_right = np.asarray(first_pred) == np.asarray(y_true)
    second_right = np.asarray(second_pred) == np.asarray(y_true)
    only_first = int((first_right & ~second_right).sum())
    only_second = int((second_right & ~first_right).sum())
    if only_first + only_second == 0:
        return 1.0
    return float(stats.binomtest(only_first, only_first + only_second).pvalue)

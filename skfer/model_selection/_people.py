"""Intervals and tests in which people count, not pictures.

Pictures of one person are right or wrong together, so that many pictures of few people
say less than their number suggests.
"""

from typing import Any

import numpy as np
from scipy import stats
from sklearn.utils.validation import check_consistent_length

from skfer._holdout import check_groups, number_labels

#: Below this number of people, nothing can be said about new people.
FEW_PEOPLE = 10
_N_RESAMPLES = 9999


def clustered_accuracy_interval(
    is_correct: Any, groups: Any, confidence: float = 0.95
) -> tuple[float, float]:
    """Return the interval of an accuracy for new people.

    Wilson's score interval with the effective number of pictures, as many independent
    ones as would give the variance between people, and with the t distribution.

    Parameters
    ----------
    is_correct : array-like of shape (n_samples,)
        Whether each prediction is right; a share where an image was predicted
        several times.
    groups : array-like of shape (n_samples,)
        Who each image shows.
    confidence : float, default=0.95
        Confidence level, 0 to 1.

    Returns
    -------
    low, high : float
        The interval, 0 to 1; never narrower than that of independent pictures. For
        a single person it is 0 to 1, and for fewer than about ten it is too narrow.

    References
    ----------
    Dean, N. and Pagano, M. (2015). Evaluating confidence interval methods for binomial
    proportions in clustered surveys. Journal of Survey Statistics and Methodology 3.

    Examples
    --------
    >>> from skfer.model_selection import clustered_accuracy_interval
    >>> people = [1] * 5 + [2] * 5 + [3] * 5 + [4] * 5
    >>> right = [1] * 12 + [0] * 3 + [1] * 5
    >>> low, high = clustered_accuracy_interval(right, people)
    >>> round(low, 2), round(high, 2)
    (0.26, 0.99)
    """
    is_correct, numbers = _check(is_correct, groups)
    n, n_groups = len(is_correct), int(numbers.max()) + 1
    if n_groups < 2:
        return 0.0, 1.0
    share = is_correct.mean()
    size = np.bincount(numbers)
    rest = np.bincount(numbers, is_correct) - share * size
    variance = n_groups / (n_groups - 1) * (rest**2).sum() / n**2
    n_effective = n_groups  # All right, or all wrong: a person counts as one picture.
    if variance > 0:
        n_effective = min(share * (1 - share) / variance, n)
    t = stats.t.ppf((1 + confidence) / 2, n_groups - 1)
    middle = share + t**2 / (2 * n_effective)
    reach = t * np.sqrt(share * (1 - share) / n_effective + t**2 / (4 * n_effective**2))
    scale = 1 + t**2 / n_effective
    low, high = (middle - reach) / scale, (middle + reach) / scale
    # Rounding may put an end past the share, where that is 0 or 1.
    return float(max(min(low, share), 0.0)), float(min(max(high, share), 1.0))


def sign_flip_p_value(differences: Any, groups: Any) -> float:
    """Return the p-value of a permutation test by person of a difference.

    If two models do equally well, the difference of each person might as well have
    the other sign. All pictures of a person change sign together.

    Parameters
    ----------
    differences : array-like of shape (n_samples,)
        For each image, whether the first model is right minus whether the second is.
    groups : array-like of shape (n_samples,)
        Who each image shows.

    Returns
    -------
    float
        Two-sided p-value, 0 to 1. With fewer than six people it can't be below 0.05.

    Notes
    -----
    Up to 13 people all changes of sign are tried, else 9,999 random ones
    (`scipy.stats.permutation_test`).

    Examples
    --------
    >>> from skfer.model_selection import sign_flip_p_value
    >>> people = [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6]
    >>> sign_flip_p_value([1, 0] * 6, people)
    0.03125
    """
    differences, numbers = _check(differences, groups)
    of_person = np.bincount(numbers, differences)
    if len(of_person) < 2 or not of_person.any():
        return 1.0
    result = stats.permutation_test(
        (of_person,),
        lambda x, axis: x.sum(axis=axis),
        permutation_type="samples",
        n_resamples=_N_RESAMPLES,
        vectorized=True,
        rng=np.random.default_rng(0),
    )
    return float(result.pvalue)


def find_standard_error(differences: Any, groups: Any = None) -> float:
    """Return the standard error of a mean over pictures, or people if given."""
    differences = np.asarray(differences, dtype=np.float64)
    n = len(differences)
    alone = differences.std(ddof=1) / np.sqrt(n) if n > 1 else np.inf
    if groups is None:
        return float(alone)
    differences, numbers = _check(differences, groups)
    k = int(numbers.max()) + 1
    if k < 2:
        return float("inf")
    rest = np.bincount(numbers, differences - differences.mean())
    return float(max(alone, np.sqrt(k / (k - 1) * (rest**2).sum()) / n))


def _check(values: Any, groups: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return values as floats, and groups as numbers from 0."""
    values = np.asarray(values, dtype=np.float64)
    check_consistent_length(values, groups)
    if len(values) == 0:
        raise ValueError("At least one prediction is needed, got none.")
    check_groups(groups, "A calculation by person")
    return values, number_labels(groups)

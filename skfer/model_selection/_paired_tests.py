"""Whether two models differ, from their scores on the same folds."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import stats


def corrected_t_test(
    differences: Any, n_train: float, n_test: float
) -> tuple[float, tuple[float, float]]:
    """Return the p-value and the interval of a mean difference over folds.

    The training parts of folds overlap, so that their scores vary less than those of
    independent trainings would; the corrected resampled t test allows for it.

    Parameters
    ----------
    differences : array-like of shape (n_folds,)
        Score of one model minus that of the other, or one score, on each fold.
    n_train, n_test : float
        Mean numbers of training and test images per fold.

    Returns
    -------
    p_value : float
        Two-sided, 0 to 1; 1 if all differences are equal, because their variance can't
        be estimated then.
    interval : (float, float)
        95% interval of the mean.

    Raises
    ------
    ValueError
        If there is only one fold.

    References
    ----------
    Nadeau, C. and Bengio, Y. (2003). Inference for the generalization error. Machine
    Learning 52.

    Examples
    --------
    >>> from skfer.model_selection import corrected_t_test
    >>> p_value, interval = corrected_t_test([0.02, 0.04, 0.03, 0.05, 0.01], 80, 20)
    >>> round(p_value, 3)
    0.047
    """
    differences = np.asarray(differences, dtype=np.float64)
    k = len(differences)
    if k < 2:
        raise ValueError(
            f"corrected_t_test needs the scores of at least 2 folds, got {k}. For one "
            "test part use mcnemar_p_value."
        )
    mean = float(differences.mean())
    spread = float(np.sqrt((1 / k + n_test / n_train) * differences.var(ddof=1)))
    if spread <= 1e-12 * max(1.0, abs(mean)):
        return 1.0, (mean, mean)
    reach = float(stats.t.ppf(0.975, k - 1)) * spread
    p_value = 2 * float(stats.t.sf(abs(mean) / spread, k - 1))
    return p_value, (mean - reach, mean + reach)


def five_by_two_p_value(differences: Any) -> float:
    """Return the p-value of Dietterich's 5x2cv paired t test.

    Parameters
    ----------
    differences : array-like of shape (5, 2)
        Score of one model minus that of the other: five times, the images are split in
        half at random, and both models are trained on each half and tested on the
        other.

    Returns
    -------
    float
        Two-sided p-value, 0 to 1; 1 if both halves agree each time, because the
        variance can't be estimated then.

    Raises
    ------
    ValueError
        If the shape is different.

    References
    ----------
    Dietterich, T. G. (1998). Approximate statistical tests for comparing supervised
    classification learning algorithms. Neural Computation 10.

    Examples
    --------
    >>> from skfer.model_selection import five_by_two_p_value
    >>> round(five_by_two_p_value([[0.1, 0.08], [0.09, 0.12], [0.11, 0.1],
    ...                            [0.1, 0.07], [0.08, 0.1]]), 3)
    0.002
    """
    differences = np.asarray(differences, dtype=np.float64)
    if differences.shape != (5, 2):
        raise ValueError(
            "five_by_two_p_value needs differences of shape (5, 2), five times two "
            f"halves, got {differences.shape}."
        )
    variance = differences.var(axis=1).sum() * 2 / 5
    if variance == 0:
        return 1.0
    return 2 * float(stats.t.sf(abs(differences[0, 0]) / np.sqrt(variance), 5))


def holm_correction(p_values: Sequence[float]) -> list[float]:
    """Correct the p-values of several tests by Holm's method.

    Among the tests whose corrected p-value is below 0.05, the chance of even one false
    positive is at most 5%, however many tests were made.

    Parameters
    ----------
    p_values : sequence of float
        Of all tests that are made.

    Returns
    -------
    list of float
        Corrected p-values, 0 to 1, in the same order.

    References
    ----------
    Holm, S. (1979). A simple sequentially rejective multiple test procedure.
    Scandinavian Journal of Statistics 6.

    Examples
    --------
    >>> from skfer.model_selection import holm_correction
    >>> holm_correction([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p)
    raised = p[order] * np.arange(len(p), 0, -1)
    corrected = np.empty_like(p)
    corrected[order] = np.maximum.accumulate(raised).clip(0, 1)
    return corrected.tolist()

"""Confidence intervals of scores, and McNemar's test of two models."""

import numpy as np
from scipy import stats
from sklearn.metrics import confusion_matrix

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
    confidence: float = 0.95,
    random_state: int | None = None,
) -> tuple[float, float]:
    """Return the percentile bootstrap interval of the macro F1 score.

    Resampling with replacement is the same as drawing the cells of the confusion
    matrix from a multinomial distribution, so 2,000 resamples are fast.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_samples,)
        Labels and predictions.
    confidence : float, default=0.95
        Confidence level, 0 to 1.
    random_state : int or None, default=None
        Seed of the resampling.

    Returns
    -------
    low, high : float
        The interval, 0 to 1. Where all predictions are right, or all wrong, every
        resample is the same; Wilson's interval of the accuracy is used then, which is
        still too narrow where classes are of unequal size.

    References
    ----------
    Efron, B. and Tibshirani, R. (1993). An introduction to the bootstrap.

    Examples
    --------
    >>> from skfer.model_selection import macro_f1_interval
    >>> y = [0, 1] * 20
    >>> low, high = macro_f1_interval(y, [1, 0] + y[2:], random_state=0)
    >>> round(low, 2), high
    (0.87, 1.0)
    """
    labels = np.unique(np.concatenate([y_true, y_pred]))
    matrix = confusion_matrix(y_true, y_pred, labels=labels)
    n_samples = int(matrix.sum())
    n_correct = int(matrix.trace())
    if n_correct in (0, n_samples):
        return accuracy_interval(n_correct, n_samples, confidence)
    draws = np.random.default_rng(random_state).multinomial(
        n_samples, matrix.ravel() / n_samples, size=_N_RESAMPLES
    )
    scores = _macro_f1(draws.reshape(-1, *matrix.shape))
    tail = (1 - confidence) / 2
    low, high = np.quantile(scores, [tail, 1 - tail])
    return float(low), float(high)


def _macro_f1(matrices: np.ndarray) -> np.ndarray:
    """Macro F1 of confusion matrices of shape (n, classes, classes)."""
    right = np.diagonal(matrices, axis1=1, axis2=2)
    either = matrices.sum(axis=1) + matrices.sum(axis=2)
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

"""Confidence of predictions, for any kind of classifier."""

import copy
from itertools import combinations
from typing import Any

import numpy as np
from scipy.special import expit, softmax
from sklearn.svm import SVC, NuSVC

from skfer._steps import best_of, last_step, transform_before_last


def predict_shares(estimator: Any, X: Any) -> np.ndarray:
    """Return a share for each class, a confidence.

    Parameters
    ----------
    estimator : classifier
        Fitted, with ``predict_proba`` or ``decision_function``.
    X : array-like of shape (n_samples,) or (n_samples, height, width[, 3])
        Files (str or Path) or pixels: integers in 0..255 or floats in 0..1.

    Returns
    -------
    ndarray of shape (n_samples, n_classes)
        Probabilities; for classifiers without them, shares computed from the decision
        function, which are useful for ranking but not calibrated.

    Raises
    ------
    ValueError
        If the classifier has neither.
    """
    if hasattr(estimator, "predict_proba"):
        return np.asarray(estimator.predict_proba(X))
    if not hasattr(estimator, "decision_function"):
        raise ValueError(
            f"{type(estimator).__name__} has neither predict_proba nor "
            "decision_function, so its confidence is unknown."
        )
    final = last_step(estimator)
    if isinstance(final, SVC | NuSVC) and len(final.classes_) > 2:
        return _shares_of_pairs(final, transform_before_last(estimator, X))
    decision = np.asarray(best_of(estimator).decision_function(X))
    if decision.ndim == 1:
        second = expit(decision)
        return np.stack([1 - second, second], axis=1)
    return softmax(decision, axis=1)


def find_confidence(estimator: Any, X: Any, labels: np.ndarray) -> np.ndarray | None:
    """Return the share of each predicted label, or None if there are no scores."""
    if not any(hasattr(estimator, name) for name in _SCORES):
        return None
    shares = predict_shares(estimator, X)
    classes = np.asarray(estimator.classes_)
    # "unknown" of a SelectiveClassifier is no class; its confidence is the largest.
    columns = shares.argmax(axis=1)
    is_class = np.isin(labels, classes)
    columns[is_class] = np.searchsorted(classes, np.asarray(labels)[is_class].tolist())
    return shares[np.arange(len(labels)), columns]


_SCORES = ("predict_proba", "decision_function")


def _shares_of_pairs(final: Any, features: Any) -> np.ndarray:
    """Use the smallest pairwise margin of each class.

    The decision function of SVC for several classes counts won pairs, which says
    next to nothing about their margins. The smallest margin separates right from wrong
    predictions better (figures in docs/tried.md).
    """
    pairwise = copy.copy(final)
    pairwise.decision_function_shape = "ovo"
    margins = pairwise.decision_function(features)
    n = len(final.classes_)
    closest = np.full((len(margins), n), np.inf)
    for column, (first, second) in enumerate(combinations(range(n), 2)):
        margin = margins[:, column]
        closest[:, first] = np.minimum(closest[:, first], margin)
        closest[:, second] = np.minimum(closest[:, second], -margin)
    return softmax(closest, axis=1)

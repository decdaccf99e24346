"""How sure a classifier is of what it says, whatever its kind."""

from typing import Any

import numpy as np
from scipy.special import expit, softmax


def predict_with_confidence(estimator: Any, X: Any) -> tuple[np.ndarray, np.ndarray]:
    """Predict labels, and a share for every class.

    Parameters
    ----------
    estimator : classifier
        Fitted, with ``predict_proba`` or ``decision_function``.
    X : array-like
        What it predicts.

    Returns
    -------
    labels : ndarray of shape (n_samples,)
        The predictions.
    shares : ndarray of shape (n_samples, n_classes)
        Probabilities; of classifiers that give none, the softmax of their decision
        function, which ranks but is not calibrated.

    Raises
    ------
    ValueError
        If the classifier gives neither.
    """
    labels = estimator.predict(X)
    if hasattr(estimator, "predict_proba"):
        return labels, np.asarray(estimator.predict_proba(X))
    if not hasattr(estimator, "decision_function"):
        raise ValueError(
            f"{type(estimator).__name__} gives neither predict_proba nor "
            "decision_function, so that nothing tells how sure it is."
        )
    decision = np.asarray(estimator.decision_function(X))
    if decision.ndim == 1:
        second = expit(decision)
        return labels, np.stack([1 - second, second], axis=1)
    return labels, softmax(decision, axis=1)

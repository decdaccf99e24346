"""What one pipeline did on one fold."""

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, kw_only=True, eq=False)
class FoldFit:
    """One pipeline, trained and tested on one fold.

    Attributes
    ----------
    predicted : ndarray of shape (n_test,)
        Predictions on the test part.
    confidence : ndarray of float of shape (n_test,) or None
        Confidence in the predicted class, 0..1; None if the classifier has no scores.
    is_probability : bool
        Whether the confidence is a probability, or only useful for ranking.
    score : float
        By the scoring of the comparison.
    fit_seconds, predict_seconds : float
        Duration of training and prediction, including shared steps.
    n_bytes : float
        Size of the fitted pipeline on disk; nan if it can't be pickled.
    estimator : estimator or None
        The fitted pipeline, if it was kept.

    Examples
    --------
    >>> from skfer import make_hog_svm
    >>> from skfer.datasets import make_faces
    >>> from skfer.model_selection import compare_pipelines
    >>> faces = make_faces(140, classes=["happy", "sad"], random_state=0)
    >>> pipelines = {"hog": make_hog_svm(image_size=24)}
    >>> comparison = compare_pipelines(pipelines, faces, cv=2)
    >>> first, second = comparison.fits["hog"]
    >>> len(first.predicted) + len(second.predicted), first.is_probability
    (138, False)
    """

    predicted: np.ndarray
    score: float
    confidence: np.ndarray | None = None
    is_probability: bool = False
    fit_seconds: float = 0.0
    predict_seconds: float = 0.0
    n_bytes: float = 0
    estimator: Any = None

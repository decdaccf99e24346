"""Classifiers whose probabilities mean what they say."""

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, clone
from sklearn.calibration import CalibratedClassifierCV

from skfer._steps import last_step
from skfer.model_selection._confidence import predict_shares
from skfer.model_selection._leak_free_k_fold import LeakFreeKFold
from skfer.model_selection._leak_free_shuffle_split import LeakFreeShuffleSplit
from skfer.neural import NetworkClassifier

# The share of the images that a network is calibrated on, and not trained on.
_HELD_OUT = 0.1


def make_calibrated(pipeline: Any, *, cv: Any = None) -> CalibratedClassifierCV:
    """Wrap a pipeline into scikit-learn's `CalibratedClassifierCV`, without leaks.

    A pipeline without probabilities, like `make_hog_svm`, gets some; those of a network
    are corrected. Either way they are fitted to images that the pipeline has not seen,
    nor copies of them.

    Parameters
    ----------
    pipeline : classifier
        For instance `make_hog_svm`; not fitted.
    cv : splitter or iterable of (train, test), default=None
        Which images to calibrate on. None means `LeakFreeKFold` with 5 folds, after
        which the pipeline is trained on all images; for a network, which trains long, a
        tenth of the images (`LeakFreeShuffleSplit`), which it is not trained on.

    Returns
    -------
    sklearn.calibration.CalibratedClassifierCV
        Not fitted; with ``predict_proba``.

    See Also
    --------
    skfer.inspection.ReliabilityDisplay : Shows whether it worked.
    find_confidence_threshold, SelectiveClassifier : To answer only where it is sure.

    Notes
    -----
    Probabilities are corrected by temperature scaling [1]_, which has a single
    parameter and changes no prediction of a network. For a support vector machine,
    "probabilities" are computed first from the smallest pairwise margin of each class,
    because its decision function for several classes counts won pairs, which tell
    right from wrong answers much worse.

    To keep people on one side as well, pass the folds themselves, for the images that
    will be fitted: ``cv=list(LeakFreeKFold(5).split(X, y, groups))``. Groups in ``fit``
    would not reach the folds, and are refused; `compare_pipelines` keeps people on one
    side of its own folds, but not of those of the calibration, which adjust one number.

    A network that is already fitted needs no new training: wrap it into scikit-learn's
    `FrozenEstimator`, and fit the calibration with validation images.

    References
    ----------
    .. [1] C. Guo, G. Pleiss, Y. Sun and K. Q. Weinberger, "On calibration of modern
       neural networks", ICML 2017.

    Examples
    --------
    >>> from skfer import make_hog_svm
    >>> from skfer.datasets import make_faces
    >>> from skfer.model_selection import make_calibrated
    >>> faces = make_faces(140, classes=["happy", "sad"], random_state=0)
    >>> model = make_calibrated(make_hog_svm(image_size=24))
    >>> model.fit(faces.images, faces.target).predict_proba(faces.images[:1]).shape
    (1, 2)
    """
    is_network = isinstance(last_step(pipeline), NetworkClassifier)
    if cv is None:
        cv = LeakFreeKFold(5)
        if is_network:
            cv = LeakFreeShuffleSplit(test_size=_HELD_OUT)
    if not hasattr(pipeline, "predict_proba"):
        pipeline = SharesOf(pipeline)
    return CalibratedClassifierCV(
        pipeline, method="temperature", cv=cv, ensemble=is_network
    )


class SharesOf(ClassifierMixin, MetaEstimatorMixin, BaseEstimator):
    """A classifier with uncalibrated probabilities, from its decision function.

    Parameters
    ----------
    estimator : classifier
        With ``decision_function``.
    """

    def __init__(self, estimator: Any) -> None:
        self.estimator = estimator

    def fit(self, X: Any, y: Any, **fit_params: Any) -> Self:
        """Fit the classifier."""
        if "groups" in fit_params:
            # CalibratedClassifierCV hands them to what it calibrates, not to cv.
            raise TypeError(
                "make_calibrated got groups in its fit, where they would not reach the "
                "folds. Make folds that keep them together: "
                "make_calibrated(pipeline, cv=list(LeakFreeKFold(5).split(X, y, "
                "groups)))."
            )
        self.estimator_ = clone(self.estimator).fit(X, y, **fit_params)
        self.classes_ = self.estimator_.classes_
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Predict as the classifier does."""
        return self.estimator_.predict(X)

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the shares of the classes."""
        return predict_shares(self.estimator_, X)

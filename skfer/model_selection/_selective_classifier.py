"""A classifier that may answer that it does not know."""

from numbers import Real
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, clone
from sklearn.utils import get_tags
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from skfer._documentation import DocumentationLink
from skfer._sklearn import HasMethods, Interval, estimator_has, fit_context


class SelectiveClassifier(
    DocumentationLink, ClassifierMixin, MetaEstimatorMixin, BaseEstimator
):
    """Answer only where a classifier is sure enough, else "unknown".

    Parameters
    ----------
    estimator : classifier
        With ``predict_proba``, for instance from `make_calibrated`. It is cloned;
        wrap a fitted one into scikit-learn's `FrozenEstimator` to keep it.
    threshold : float, default=0.0
        Probability of the most likely class from which on it is answered, 0..1; from
        `find_confidence_threshold`. With 0 every image is answered.
    unknown : object, default="unknown"
        What is answered below it.

    Attributes
    ----------
    estimator_ : classifier
        The fitted classifier.
    classes_ : ndarray of shape (n_classes,)
        Its classes; ``unknown`` is none of them.

    See Also
    --------
    find_confidence_threshold : Chooses the threshold on validation images.
    skfer.inspection.RiskCoverageDisplay : Draws what each threshold would give.

    Notes
    -----
    To ``score`` an image that is not answered is not right. If labels are not of the
    type of ``unknown``, predictions have the dtype object.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.frozen import FrozenEstimator
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skfer.model_selection import SelectiveClassifier
    >>> X, y = np.array([[0.0], [1.0], [2.0], [3.0]]), ["sad", "sad", "happy", "happy"]
    >>> model = SelectiveClassifier(LogisticRegression(), threshold=0.7).fit(X, y)
    >>> model.predict([[0.0], [1.5], [3.0]]).tolist()
    ['sad', 'unknown', 'happy']
    """

    _parameter_constraints = {
        "estimator": [HasMethods(["fit", "predict"])],
        "threshold": [Interval(Real, 0, 1, closed="both")],
        "unknown": "no_validation",
    }

    def __init__(
        self, estimator: Any, threshold: float = 0.0, unknown: Any = "unknown"
    ) -> None:
        self.estimator = estimator
        self.threshold = threshold
        self.unknown = unknown

    @fit_context(prefer_skip_nested_validation=False)
    def fit(self, X: Any, y: Any, **fit_params: Any) -> Self:
        """Fit the classifier.

        Parameters
        ----------
        X : array-like of shape (n_samples,) or (n_samples, height, width[, 3])
            What the classifier takes, for instance files or pixels.
        y : array-like of shape (n_samples,)
            Labels.
        **fit_params
            Passed to the classifier.

        Returns
        -------
        SelectiveClassifier
            Itself.

        Raises
        ------
        ValueError
            If ``unknown`` is one of the labels, or the classifier gives no
            probabilities.
        """
        if not hasattr(self.estimator, "predict_proba"):
            raise ValueError(
                "SelectiveClassifier needs a classifier with predict_proba, but "
                f"{type(self.estimator).__name__} has none. Wrap it with "
                "skfer.model_selection.make_calibrated."
            )
        if self.unknown in np.unique(np.asarray(y)).tolist():
            raise ValueError(
                f"SelectiveClassifier got unknown={self.unknown!r}, which is one of "
                "the labels. Choose another answer for it."
            )
        self.estimator_ = clone(self.estimator).fit(X, y, **fit_params)
        self.classes_ = self.estimator_.classes_
        for name in ("n_features_in_", "feature_names_in_"):
            if hasattr(self.estimator_, name):
                setattr(self, name, getattr(self.estimator_, name))
        return self

    @available_if(estimator_has("predict_proba"))
    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the probabilities of the classifier.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            As at fit.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Whether or not the classifier is sure.
        """
        check_is_fitted(self)
        return self.estimator_.predict_proba(X)

    def predict(self, X: Any) -> np.ndarray:
        """Predict labels, or ``unknown``.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            As at fit.

        Returns
        -------
        ndarray of shape (n_samples,)
            The most likely class, where it is likely enough.
        """
        return self.answer(self.predict_proba(X))

    def answer(self, shares: np.ndarray) -> np.ndarray:
        """Return labels, or ``unknown``, for probabilities that are known.

        Parameters
        ----------
        shares : ndarray of shape (n_samples, n_classes)
            Of `predict_proba`, or means of them.

        Returns
        -------
        ndarray of shape (n_samples,)
            The most likely class, where it is likely enough.
        """
        labels = self.classes_[shares.argmax(axis=1)]
        unsure = shares.max(axis=1) < self.threshold
        if not unsure.any():
            return labels
        if np.asarray(self.unknown).dtype.kind != labels.dtype.kind:
            labels = labels.astype(object)
        return np.where(unsure, self.unknown, labels)

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Return the share of images that are answered, and rightly.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            As at fit.
        y : array-like of shape (n_samples,)
            The true labels.
        sample_weight : array-like of shape (n_samples,), default=None
            What each image counts.

        Returns
        -------
        float
            0..1.
        """
        right = self.predict(X) == np.asarray(y)
        return float(np.average(right, weights=sample_weight))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        inner = get_tags(self.estimator)
        tags.input_tags = inner.input_tags
        tags.classifier_tags = inner.classifier_tags
        return tags

"""Fitting a pipeline on more samples than memory holds."""

from collections.abc import Iterator
from numbers import Integral
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, clone
from sklearn.pipeline import Pipeline
from sklearn.utils import check_random_state, get_tags, indexable
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from skfer._documentation import DocumentationLink
from skfer._row_order import shuffle_rows
from skfer._sklearn import (
    HasMethods,
    Interval,
    count_samples,
    estimator_has,
    fit_context,
    safe_indexing,
)
from skfer.neural._samples import check_labels


class IncrementalClassifier(
    DocumentationLink, ClassifierMixin, MetaEstimatorMixin, BaseEstimator
):
    """Fit a classifier, or a Pipeline that ends in one, a batch of samples at a time.

    Memory holds one batch, whatever the number of samples. Transformers that have
    ``partial_fit``, such as `~sklearn.preprocessing.StandardScaler` and
    `~sklearn.decomposition.IncrementalPCA`, see all samples once, one transformer
    after the other; those that do not, such as
    `~sklearn.kernel_approximation.Nystroem`, are fitted on a part of them. The
    classifier sees all samples ``epochs`` times in random order.

    Parameters
    ----------
    estimator : estimator
        A classifier with ``partial_fit``, such as
        `~sklearn.linear_model.SGDClassifier`, or a Pipeline whose last step is one.
    batch_size : int, default=4096
        Number of samples that are read together.
    epochs : int, default=10
        How often the classifier sees each sample.
    sample_size : int, default=10000
        Number of samples, chosen at random, on which transformers without
        ``partial_fit`` are fitted.
    random_state : int, RandomState instance or None, default=None
        Decides on the order of the samples, and which are chosen.

    Attributes
    ----------
    estimator_ : estimator
        The fitted classifier or Pipeline.
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted.

    See Also
    --------
    make_hog_linear : Makes a pipeline with it.

    Notes
    -----
    X may be a `~skfer.preprocessing.CachedArray`, an array, a memory map, files or a
    list of images: batches of it are passed on.

    Examples
    --------
    >>> from sklearn.linear_model import SGDClassifier
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skfer import HOGTransformer
    >>> from skfer.datasets import make_faces
    >>> from skfer.pipelines import IncrementalClassifier
    >>> faces = make_faces(140, classes=["happy", "sad"], random_state=0)
    >>> linear = make_pipeline(StandardScaler(), SGDClassifier(random_state=0))
    >>> model = make_pipeline(
    ...     HOGTransformer(), IncrementalClassifier(linear, random_state=0)
    ... )
    >>> model = model.fit(faces.images[:100], faces.target[:100])
    >>> bool(model.score(faces.images[100:], faces.target[100:]) > 0.8)
    True
    """

    _parameter_constraints: dict = {
        "estimator": [HasMethods(["fit", "predict"])],
        "batch_size": [Interval(Integral, 1, None, closed="left")],
        "epochs": [Interval(Integral, 1, None, closed="left")],
        "sample_size": [Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        estimator: Any,
        *,
        batch_size: int = 4096,
        epochs: int = 10,
        sample_size: int = 10_000,
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.batch_size = batch_size
        self.epochs = epochs
        self.sample_size = sample_size
        self.random_state = random_state

    @fit_context(prefer_skip_nested_validation=False)
    def fit(self, X: Any, y: Any) -> Self:
        """Fit the transformers, one after the other, and then the classifier.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            What the first step takes; batches of it are read.
        y : array-like of shape (n_samples,)
            Labels.

        Returns
        -------
        IncrementalClassifier
            Itself.

        Raises
        ------
        ValueError
            If the last step has no ``partial_fit``, there are fewer than two classes,
            or a step refuses a batch.
        """
        model = clone(self.estimator)
        *transformers, classifier = _steps_of(model)
        if not hasattr(classifier, "partial_fit"):
            raise ValueError(
                "IncrementalClassifier needs a classifier with partial_fit, but "
                f"{type(classifier).__name__} has none. Take SGDClassifier."
            )
        (X,) = indexable(X)
        labels = check_labels(self, X, y)
        self.classes_ = np.unique(labels)
        if len(self.classes_) < 2:
            raise ValueError(
                "IncrementalClassifier needs samples of at least 2 classes, got 1 "
                f"class: {self.classes_.tolist()}. Check y."
            )
        rng = np.random.default_rng(
            check_random_state(self.random_state).randint(1 << 31)
        )
        n = len(labels)
        for place, step in enumerate(transformers):
            before = transformers[:place]
            if hasattr(step, "partial_fit"):
                for rows in self._split(np.arange(n)):
                    step.partial_fit(_transform(before, safe_indexing(X, rows)))
            else:
                size = min(self.sample_size, n)
                some = np.sort(rng.choice(n, size, replace=False))
                step.fit(_transform(before, safe_indexing(X, some)), labels[some])
        for _ in range(self.epochs):
            for rows in self._split(shuffle_rows(n, rng)):
                batch = _transform(transformers, safe_indexing(X, rows))
                classifier.partial_fit(batch, labels[rows], classes=self.classes_)
        self.estimator_ = model
        for name in ("n_features_in_", "feature_names_in_"):
            if hasattr(model, name):
                setattr(self, name, getattr(model, name))
        return self

    def _split(self, order: np.ndarray) -> Iterator[np.ndarray]:
        # Of nearly equal sizes: IncrementalPCA takes no batch of a few samples.
        yield from np.array_split(order, -(-len(order) // self.batch_size))

    def predict(self, X: Any) -> np.ndarray:
        """Predict labels.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            As at fit.

        Returns
        -------
        ndarray of shape (n_samples,)
            A class for each sample.
        """
        return self._call("predict", X)

    @available_if(estimator_has("predict_proba"))
    def predict_proba(self, X: Any) -> np.ndarray:
        """Predict the probabilities of the classes.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            As at fit.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            In the order of ``classes_``.
        """
        return self._call("predict_proba", X)

    @available_if(estimator_has("decision_function"))
    def decision_function(self, X: Any) -> np.ndarray:
        """Return how far each sample lies on the side of each class.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            As at fit.

        Returns
        -------
        ndarray of shape (n_samples, n_classes) or, of two classes, (n_samples,)
            In the order of ``classes_``; of two classes, that of the second.
        """
        return self._call("decision_function", X)

    def _call(self, method: str, X: Any) -> np.ndarray:
        check_is_fitted(self)
        answer = getattr(self.estimator_, method)
        (X,) = indexable(X)
        n = count_samples(X)
        if n <= self.batch_size:
            return answer(X)
        batches = self._split(np.arange(n))
        return np.concatenate([answer(safe_indexing(X, rows)) for rows in batches])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        inner = get_tags(self.estimator)
        tags.input_tags = inner.input_tags
        tags.classifier_tags = inner.classifier_tags
        return tags


def _steps_of(model: Any) -> list[Any]:
    """Return the steps of a Pipeline that do something, or the classifier itself."""
    if not isinstance(model, Pipeline):
        return [model]
    return [step for _, step in model.steps if step not in (None, "passthrough")]


def _transform(steps: list[Any], batch: Any) -> Any:
    for step in steps:
        batch = step.transform(batch)
    return batch

"""Access to the steps of an estimator, whether or not it is a Pipeline."""

from typing import Any

from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline


def last_step(estimator: Any) -> Any:
    """Return the last step of a Pipeline, or the estimator itself if it is none."""
    estimator = best_of(estimator)
    if isinstance(estimator, FrozenEstimator):
        return last_step(estimator.estimator)
    return last_step(estimator[-1]) if isinstance(estimator, Pipeline) else estimator


def transform_before_last(estimator: Any, X: Any) -> Any:
    """Pass X through all steps of a fitted Pipeline but the last.

    Unlike ``pipeline[:-1].transform`` it does not check that the steps are fitted,
    which steps that learn nothing need not be.
    """
    estimator = best_of(estimator)
    if isinstance(estimator, Pipeline):
        X = transform(estimator.steps[:-1], X)
        return transform_before_last(estimator[-1], X)
    return X


def transform(steps: list[tuple[str, Any]], X: Any) -> Any:
    """Pass X through fitted steps."""
    for _, step in steps:
        if step is not None and step != "passthrough":
            X = step.transform(X)
    return X


def best_of(estimator: Any) -> Any:
    """Return the best estimator of a fitted search, or the estimator itself."""
    return getattr(estimator, "best_estimator_", estimator)

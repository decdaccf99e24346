"""What a Pipeline is made of, whether or not an estimator is one."""

from typing import Any

from sklearn.pipeline import Pipeline


def last_step(estimator: Any) -> Any:
    """Return the last step of a Pipeline, and any other estimator itself."""
    estimator = best_of(estimator)
    return last_step(estimator[-1]) if isinstance(estimator, Pipeline) else estimator


def first_steps(estimator: Any) -> Any:
    """Return all steps of a Pipeline but the last as one, None if there are none."""
    estimator = best_of(estimator)
    if isinstance(estimator, Pipeline) and len(estimator.steps) > 1:
        return estimator[:-1]
    return None


def best_of(estimator: Any) -> Any:
    """Return the best estimator of a fitted search, and any other itself."""
    return getattr(estimator, "best_estimator_", estimator)

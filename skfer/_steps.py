"""Access to the steps of an estimator, whether or not it is a Pipeline."""

from collections.abc import Iterator
from typing import Any

from sklearn.base import BaseEstimator, is_classifier
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted


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


def check_classifier(model: Any, who: str) -> Any:
    """Return a fitted classifier, that of a search if it is one, or raise an error.

    Parameters
    ----------
    model : object
        What a user passed.
    who : str
        Name of the caller, for the error message.

    Raises
    ------
    TypeError
        If it is no classifier of scikit-learn's kind.
    NotFittedError
        If it is not fitted.
    """
    model = best_of(model)
    name = type(model).__name__
    if not isinstance(model, BaseEstimator) or not is_classifier(model):
        raise TypeError(
            f"{who} needs a fitted classifier, or a Pipeline with one, got {name}."
        )
    try:
        check_is_fitted(model)
    except NotFittedError:
        raise NotFittedError(
            f"{who} got a {name} that is not fitted. Fit it first."
        ) from None
    return model


def find_parts(model: Any) -> Iterator[Any]:
    """Yield an estimator and all estimators inside it, those that are fitted first.

    Parameters
    ----------
    model : estimator
        A Pipeline, or what wraps one: a calibration, a search, an ensemble.

    Yields
    ------
    estimator
        Each once.
    """
    seen: set[int] = set()

    def walk(value: Any) -> Iterator[Any]:
        if isinstance(value, BaseEstimator):
            if id(value) in seen:
                return
            seen.add(id(value))
            yield value
            # Fitted attributes come after the parameters, and tell more.
            yield from walk(list(vars(value).values())[::-1])
        elif isinstance(value, dict):
            yield from walk(list(value.values()))
        elif isinstance(value, list | tuple):
            for one in value:
                yield from walk(one)
        elif type(value).__module__ == "sklearn.calibration":
            yield from walk(vars(value))

    return walk(best_of(model))


def find_part(model: Any, kind: type) -> Any:
    """Return the first estimator of a kind inside a model, or None."""
    return next((part for part in find_parts(model) if isinstance(part, kind)), None)

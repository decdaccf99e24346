"""Passing groups, weights and other parameters to the fits that accept them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import sklearn
from sklearn.calibration import CalibratedClassifierCV
from sklearn.pipeline import Pipeline
from sklearn.utils.metadata_routing import get_routing_for_object
from sklearn.utils.validation import has_fit_parameter

from skfer._sklearn import check_method_params

# Belong to images other than those that are split into folds.
_NOT_SPLIT = ("X_val", "y_val")


def choose_params(pipeline: Any, params: Mapping[str, Any]) -> dict[str, Any]:
    """Choose the parameters that the fit of a pipeline takes.

    With scikit-learn's metadata routing enabled, a pipeline gets what its steps
    request. Without, ``step__name`` goes to that step, as in `cross_validate`, and a
    plain name to the last step if its ``fit`` has such a parameter.

    Parameters
    ----------
    pipeline : estimator
        A Pipeline or a classifier.
    params : mapping of str to object
        By the names that the user gave.

    Returns
    -------
    dict of str to object
        By the names that ``pipeline.fit`` takes.
    """
    if sklearn.get_config()["enable_metadata_routing"]:
        wanted = get_routing_for_object(pipeline).consumes("fit", params)
        return {name: params[name] for name in params if name in wanted}
    steps = dict(pipeline.steps) if isinstance(pipeline, Pipeline) else {}
    chosen = {}
    for name, value in params.items():
        step, _, inner = name.partition("__")
        known = name if inner and step in steps else _name_in_fit(pipeline, name)
        if known is not None:
            chosen[known] = value
    return chosen


def _name_in_fit(estimator: Any, name: str) -> str | None:
    """Return the name by which a fit takes a parameter, None if it does not."""
    if isinstance(estimator, Pipeline):
        step, last = estimator.steps[-1]
        inner = _name_in_fit(last, name)
        return None if inner is None else f"{step}__{inner}"
    if isinstance(estimator, CalibratedClassifierCV) and name == "groups":
        # It would pass them on to what it calibrates, not to its splitter.
        return None
    if hasattr(estimator, "estimator") and hasattr(estimator, "cv"):
        # Searches pass groups to their splitter, and all else to what they fit.
        return name if name == "groups" else _name_in_fit(estimator.estimator, name)
    return name if has_fit_parameter(estimator, name) else None


def params_reach_steps(pipeline: Any, params: Mapping[str, Any]) -> bool:
    """Tell whether a parameter goes to other steps than the last."""
    if not params or not isinstance(pipeline, Pipeline):
        return False
    return sklearn.get_config()["enable_metadata_routing"] or len(
        keep_last(pipeline, params)
    ) < len(params)


def keep_last(pipeline: Pipeline, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters that go to the last step."""
    prefix = f"{pipeline.steps[-1][0]}__"
    return {name: value for name, value in params.items() if name.startswith(prefix)}


def cut_params(X: Any, params: Mapping[str, Any], rows: np.ndarray) -> dict[str, Any]:
    """Index parameters that have a value for each image by the rows of a fold."""
    cut = check_method_params(
        X, {k: v for k, v in params.items() if not _is_whole(k)}, indices=rows
    )
    return cut | {k: v for k, v in params.items() if _is_whole(k)}


def _is_whole(name: str) -> bool:
    return name.rpartition("__")[2] in _NOT_SPLIT


def find_validation(params: Mapping[str, Any]) -> str | None:
    """Return the name under which validation images are passed, if they are.

    With metadata routing, ``Pipeline(transform_input=...)`` sends them through steps.
    """
    if sklearn.get_config()["enable_metadata_routing"]:
        return None
    return next((n for n in params if n.rpartition("__")[2] == "X_val"), None)

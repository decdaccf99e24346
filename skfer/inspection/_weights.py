"""Weights of a linear classifier on HOG or LBP, mapped back to the image."""

import warnings
from typing import Any

import numpy as np
from sklearn.pipeline import FeatureUnion, Pipeline


def draw_weights(estimator: Any, image: np.ndarray, column: int) -> np.ndarray:
    """Distribute the decision for a class over the cells that contribute to it.

    Parameters
    ----------
    estimator : Pipeline
        Fitted: steps on images, one step of HOG or LBP or a FeatureUnion of them, and
        steps that transform features linearly, up to the classifier.
    image : ndarray of shape (height, width) or (height, width, 3)
        The image to explain.
    column : int
        The class, as a position in ``classes_``.

    Returns
    -------
    ndarray of float of shape (height, width)
        The sum is the decision minus that for features of zero.

    Raises
    ------
    ValueError
        If the Pipeline has no such steps, or the share of a cell depends on others.
    """
    place = _find_features(estimator)
    before, features = estimator[:place], estimator[place]
    after = estimator[place + 1 :]
    if not hasattr(after[-1], "coef_"):
        raise ValueError(
            f"{type(after[-1]).__name__} has no weights to draw. Use a linear "
            "classifier such as LogisticRegression or LinearSVC, or pass "
            "method='occlusion'."
        )
    images = before.transform(image[np.newaxis]) if place else image[np.newaxis]
    row = np.asarray(features.transform(images))[0]
    shape, cells = _find_cells(features)
    # A row of zeros, a row of all features, and one without each of the cells.
    rows = np.stack([np.zeros_like(row), row] + [row] * len(cells))
    for without, (_, columns) in zip(rows[2:], cells, strict=True):
        without[columns] = 0
    decisions = _decide(after, rows, column)
    shares = decisions[1] - decisions[2:]
    whole = decisions[1] - decisions[0]
    if not np.isclose(shares.sum(), whole, rtol=1e-3, atol=1e-3):
        raise ValueError(
            "The steps after the features are not linear: the cells' shares add up to "
            f"{shares.sum():.3g}, the decision is {whole:.3g}. Leave out steps such as "
            "Normalizer, use LinearSVC instead of SVC, or pass method='occlusion'."
        )
    heat = np.zeros(image.shape[:2])
    scale = np.repeat(np.divide(heat.shape, shape), 2)
    for share, (edges, _) in zip(shares, cells, strict=True):
        top, bottom, left, right = np.rint(edges * scale).astype(int)
        bottom, right = max(bottom, top + 1), max(right, left + 1)
        heat[top:bottom, left:right] += share / ((bottom - top) * (right - left))
    return heat


def _find_features(estimator: Any) -> int:
    steps = estimator.steps if isinstance(estimator, Pipeline) else []
    for place, (_, step) in enumerate(steps[:-1]):
        if all(hasattr(part, "get_feature_cells") for part in _parts(step)):
            return place
    raise ValueError(
        "explain with method='weights' needs a Pipeline with a step of HOGTransformer "
        f"or LBPTransformer, got {type(estimator).__name__} with the steps "
        f"{[name for name, _ in steps]}. Pass method='occlusion', which works with "
        "any classifier."
    )


def _parts(step: Any) -> list[Any]:
    if isinstance(step, FeatureUnion):
        return [part for _, part in step.transformer_list]
    return [step]


def _find_cells(
    features: Any,
) -> tuple[tuple[int, int], list[tuple[tuple[int, int, int, int], np.ndarray]]]:
    """Return the image size, and the edges and feature columns of every cell."""
    cells, start = [], 0
    for part in _parts(features):
        of_column = part.get_feature_cells()
        edges, number = np.unique(of_column, axis=0, return_inverse=True)
        cells += [
            (tuple(edge.tolist()), start + np.flatnonzero(number == i))
            for i, edge in enumerate(edges)
        ]
        start += len(of_column)
    height, width, _ = part.image_shape_in_
    return (height, width), cells


def _decide(after: Any, rows: np.ndarray, column: int) -> np.ndarray:
    with warnings.catch_warnings():
        # The columns are those of a data frame at fit, without their names.
        warnings.filterwarnings("ignore", message="X does not have valid feature names")
        decisions = np.asarray(after.decision_function(rows), dtype=np.float64)
    if decisions.ndim == 1:
        return decisions if column == 1 else -decisions
    return decisions[:, column]

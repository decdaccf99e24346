"""Fitted networks as plain data: parameters of their layers, and weights."""

import inspect
from typing import Any

import numpy as np

from skfer.neural._network import (
    LAYER_PARAMETERS,
    build_network,
    check_architecture,
)

_LARGEST_SIDE = 4096  # Of images, in pixels.
_DEFAULT_LAYERS = {
    name: inspect.signature(build_network).parameters[name].default
    for name in LAYER_PARAMETERS
}


def rebuild_network(estimator: Any, weights: list[np.ndarray]) -> Any:
    """Build the network of a `NetworkClassifier` as `fit` did, with its weights.

    Parameters
    ----------
    estimator : NetworkClassifier
        Restored but for its network. Its parameters may have changed after `fit`.
    weights : list of ndarray
        All that the network has learnt.

    Returns
    -------
    keras.Model
        Which predicts as the fitted one.

    Raises
    ------
    ValueError
        If the weights are not those of such layers.
    """
    built_with, n_classes = estimator._built_with, len(estimator.classes_)
    if set(built_with) != set(estimator._LAYERS):
        raise ValueError(
            f"{type(estimator).__name__} was kept with other parameters of its layers: "
            f"{sorted(built_with)}. The file was changed."
        )
    layers = _DEFAULT_LAYERS if built_with.get("build") is build_network else built_with
    if set(layers) == set(LAYER_PARAMETERS):
        check_number_of_weights(layers, weights, estimator.image_shape_in_, n_classes)
    builder = object.__new__(type(estimator))
    builder.__dict__.update({**estimator.__dict__, **built_with})
    # Of the class: an attribute could be any function.
    network = type(estimator)._build_network(builder, n_classes, 0)
    set_weights(type(estimator).__name__, network, weights)
    return network


def check_number_of_weights(
    layers: dict[str, Any],
    weights: list[np.ndarray],
    image_shape: tuple[int, ...],
    n_classes: int,
) -> None:
    """Raise before layers are built that need more memory than their weights.

    Raises
    ------
    ValueError
        If the kernels alone have more values than there are weights.
    """
    blocks = check_architecture(
        *(
            layers[name]
            for name in (
                "filters",
                "kernel_size",
                "convs_per_block",
                "conv_dropout",
                "dense_units",
            )
        ),
        residual=layers["residual"],
        padding=layers["padding"],
    )
    n_weights = sum(np.size(one) for one in weights)
    *sides, n_before = image_shape
    if max(sides) > _LARGEST_SIDE:
        raise ValueError(f"A network for images of shape {image_shape} is not built.")
    n_values = 0
    for n_filters, size, n_convs, _ in blocks:
        n_values += size**2 * n_filters * (n_before + (n_convs - 1) * n_filters)
        n_before = n_filters
        sides = [max(1, side // 2) for side in sides]
    if layers["head"] == "flatten" and layers["padding"] == "same":
        n_before *= sides[0] * sides[1]
    for units in (*layers["dense_units"], n_classes):
        n_values += n_before * units
        n_before = units
    if n_values > n_weights:
        raise ValueError(
            f"A network of filters={layers['filters']!r} and dense_units="
            f"{layers['dense_units']!r} has at least {n_values:,} weights, but "
            f"{n_weights:,} were kept with it. The file was changed."
        )


def set_weights(who: str, network: Any, weights: list[np.ndarray]) -> None:
    """Give a network the weights that were kept of another.

    Raises
    ------
    ValueError
        If they have other shapes, or values that are no finite numbers.
    """
    ours = [tuple(np.shape(one)) for one in network.get_weights()]
    theirs = [tuple(np.shape(one)) for one in weights]
    if ours != theirs:
        raise ValueError(
            f"{who} was kept with weights that don't fit its layers: they have "
            f"{len(theirs)} arrays, {_first_difference(theirs, ours)}, and the layers "
            f"{len(ours)}. The file was changed, or the function that builds the "
            "network was."
        )
    if not all(np.isfinite(one).all() for one in weights):
        raise ValueError(f"{who} was kept with weights that are not finite numbers.")
    network.set_weights(weights)


def _first_difference(theirs: list[Any], ours: list[Any]) -> str:
    for place, (their, our) in enumerate(zip(theirs, ours, strict=False)):
        if their != our:
            return f"of which number {place} has shape {their} instead of {our}"
    return "of which the first ones fit"


def get_optimizer_values(model: Any) -> list[np.ndarray]:
    """Return the state of the optimizer of a compiled model."""
    return [variable.numpy() for variable in model.optimizer.variables]


def set_optimizer_values(model: Any, values: list[np.ndarray] | None) -> None:
    """Give a freshly compiled model what `get_optimizer_values` returned."""
    if values is None:
        return
    for variable, value in zip(model.optimizer.variables, values, strict=True):
        variable.assign(value)

"""Networks as plain data, so that pickles hold neither Keras objects nor paths."""

from typing import Any

import numpy as np

from skfer.neural._backend import load_keras


def pack_network(network: Any) -> dict[str, Any]:
    """Return the layers as JSON and the weights as arrays."""
    return {"layers": network.to_json(), "weights": network.get_weights()}


def unpack_network(packed: dict[str, Any], n_threads: int | None) -> Any:
    """Rebuild a network from `pack_network`."""
    keras = load_keras(n_threads)
    network = keras.models.model_from_json(packed["layers"])
    network.set_weights(packed["weights"])
    return network


def get_optimizer_values(model: Any) -> list[np.ndarray]:
    """Return the state of the optimizer of a compiled model."""
    return [variable.numpy() for variable in model.optimizer.variables]


def set_optimizer_values(model: Any, values: list[np.ndarray] | None) -> None:
    """Give a freshly compiled model what `get_optimizer_values` returned."""
    if values is None:
        return
    for variable, value in zip(model.optimizer.variables, values, strict=True):
        variable.assign(value)

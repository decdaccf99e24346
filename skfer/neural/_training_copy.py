"""A copy of a network to train: cheaper numbers, images of different sizes.

Weights stay float32 in both, so that they are taken over as they are.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any


def copy_for_training(
    network: Any, *, precision: str, sizes: Sequence[tuple[int, int]] | None
) -> Any:
    """Return a Keras model of the same layers and weights.

    Parameters
    ----------
    network : keras.Model
        From images to probabilities; functional or sequential.
    precision : {"float32", "bfloat16"}
        What the layers compute with. The last layer stays in float32, because
        probabilities near 0 or 1 need its digits.
    sizes : sequence of (int, int), or None
        Heights and widths of the images that it will get; None means those of the
        network.

    Returns
    -------
    keras.Model
        With weights of its own, equal to the network's.

    Raises
    ------
    ValueError
        If the layers can't take images of these sizes.
    """
    import keras

    from skfer.neural._fused_batch_norm import FusedBatchNormalization, can_be_fused

    *sides, channels = network.input_shape[1:]
    images = keras.Input(
        (*sides, channels) if sizes is None else (None, None, channels)
    )
    last = network.layers[-1]

    def is_cheaper(layer: Any) -> bool:
        # Operations and nested models have no precision; what has another than
        # Keras's default was given it on purpose.
        return (
            precision == "bfloat16"
            and layer is not last
            and isinstance(layer, keras.layers.Layer)
            and not isinstance(layer, keras.Model)
            and layer.dtype_policy.name == "float32"
        )

    def clone(layer: Any) -> Any:
        config = layer.get_config()
        if is_cheaper(layer):
            config["dtype"] = "mixed_bfloat16"
        kind = FusedBatchNormalization if can_be_fused(layer) else type(layer)
        return kind.from_config(config)

    copy = keras.models.clone_model(network, input_tensors=images, clone_function=clone)
    if sizes is not None:
        _check_sizes(copy, sizes, channels)
    copy.set_weights(network.get_weights())
    return copy


def _check_sizes(network: Any, sizes: Sequence[tuple[int, int]], channels: int) -> None:
    """Raise an error if images of these sizes do not pass through all layers."""
    import keras

    # Keras before 3.15 lets a pooling make an image of no pixels, so look at what each
    # layer returns; one that is used several times has no output of its own.
    outputs = [network.outputs]
    for layer in network.layers:
        with suppress(AttributeError, ValueError):
            outputs.append(layer.output)
    probe = keras.Model(network.inputs, keras.tree.flatten(outputs))
    for size in sorted(set(sizes)):
        made = probe.compute_output_spec(keras.KerasTensor((None, *size, channels)))
        if any(0 in output.shape for output in keras.tree.flatten(made)):
            raise ValueError(f"Images of {size} have no pixels left after a layer.")

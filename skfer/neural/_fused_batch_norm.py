"""Batch normalisation in one operation; imported only when Keras is loaded."""

from typing import Any

import keras

from skfer.neural._backend import normalize_by_batch


class FusedBatchNormalization(keras.layers.BatchNormalization):
    """Batch normalisation that takes one operation of TensorFlow in training.

    Keras takes about ten, each of which goes through all values, in float32: a seventh
    of the time of a step of the default network.
    """

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Normalise a batch by its own statistics, and follow them, in training."""
        is_meant = training and self.trainable and mask is None
        if not is_meant or len(inputs.shape) != 4:
            return super().call(inputs, training=training, mask=mask)
        outputs, mean, variance = normalize_by_batch(
            keras.ops.cast(inputs, self.compute_dtype),
            self.gamma,
            self.beta,
            self.epsilon,
        )
        for average, value in (
            (self.moving_mean, mean),
            (self.moving_variance, variance),
        ):
            average.assign(average * self.momentum + value * (1 - self.momentum))
        return outputs


def can_be_fused(layer: Any) -> bool:
    """Return whether the operation does the same as this layer."""
    return (
        keras.backend.backend() == "tensorflow"
        and type(layer) is keras.layers.BatchNormalization
        and layer.dtype_policy.name == "float32"
        and layer.axis in (-1, 3)
        and layer.center
        and layer.scale
        and not layer.synchronized
        and not getattr(layer, "renorm", False)  # Older versions of Keras have none.
    )

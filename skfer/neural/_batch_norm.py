"""The statistics of batch normalisation, taken from images that are not augmented."""

from typing import Any

import numpy as np

from skfer.neural._backend import seeded_layers

# Statistics of so many images are close enough to those of all.
_ENOUGH = 10_000
_BATCH_SIZE = 256


def recalibrate_batch_norm(network: Any, images: Any, seed: int) -> None:
    """Give each batch normalisation the mean and variance of what it gets.

    In training these are moving averages over augmented images and over weights that
    still change. Averaged weights need their own (Izmailov et al., 2018), and images
    that are not augmented have others (Wu and Johnson, 2021).

    Parameters
    ----------
    network : keras.Model
        Functional or sequential. Models inside of it, and layers that it uses several
        times, keep the statistics that they have.
    images : array-like of shape (n, height, width, channels)
        In the range that the network takes; at most 10,000 are drawn at random.
    seed : int
        Seed of the draw, and of the order in which they form batches.

    References
    ----------
    Izmailov, P., Podoprikhin, D., Garipov, T., Vetrov, D. and Wilson, A. G. (2018).
    Averaging weights leads to wider optima and better generalization. UAI.
    arXiv:1803.05407.

    Wu, Y. and Johnson, J. (2021). Rethinking "batch" in BatchNorm. arXiv:2105.07576.
    """
    import keras

    class NormalizedByBatch(keras.layers.BatchNormalization):
        # So that no layer has to wait for the statistics of the one before.
        def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
            return super().call(inputs, training=True, mask=mask)

    def clone(layer: Any) -> Any:
        is_meant = isinstance(layer, keras.layers.BatchNormalization)
        kind = NormalizedByBatch if is_meant else type(layer)
        return kind.from_config(layer.get_config())

    with seeded_layers(seed):
        copy = keras.models.clone_model(network, clone_function=clone)
    copy.set_weights(network.get_weights())
    names, moments = [], []
    for layer in copy.layers:
        # One that is used several times would need the statistics of all its inputs.
        if isinstance(layer, NormalizedByBatch) and len(layer._inbound_nodes) == 1:
            x = layer.input
            axes = [axis for axis in range(x.ndim) if axis != layer.axis % x.ndim]
            moments.extend(keras.ops.moments(x, axes))
            names.append(layer.name)
    if not names:
        return
    probe = keras.Model(copy.inputs[0], moments)
    chosen = np.random.default_rng(seed).permutation(len(images))[:_ENOUGH]
    batch_size = min(_BATCH_SIZE, len(chosen))
    # An incomplete batch of few images would count as much as the others.
    batches = chosen[: len(chosen) // batch_size * batch_size].reshape(-1, batch_size)
    found = [probe.predict_on_batch(np.asarray(images[rows])) for rows in batches]
    # One row for each batch.
    rows = iter([np.stack(moment) for moment in zip(*found, strict=True)])
    for name in names:
        means, variances = next(rows), next(rows)
        layer = network.get_layer(name)
        layer.moving_mean.assign(means.mean(axis=0))
        layer.moving_variance.assign(variances.mean(axis=0) + means.var(axis=0))

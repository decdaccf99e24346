"""Batch normalisation in one operation, compared with that of Keras."""

import keras
import numpy as np
import pytest

from skfer import build_network
from skfer.neural._fused_batch_norm import FusedBatchNormalization, can_be_fused
from skfer.neural._training_copy import copy_for_training

IMAGES = np.random.default_rng(0).normal(3, 2, (64, 5, 6, 7)).astype(np.float32)


def make_pair(shape, **parameters):
    """Return Keras's layer and ours, with the same weights."""
    pair = []
    for kind in (keras.layers.BatchNormalization, FusedBatchNormalization):
        layer = kind(momentum=0.9, **parameters)
        layer.build(shape)
        rng = np.random.default_rng(1)
        layer.set_weights([rng.uniform(0.5, 2, shape[-1]) for _ in range(4)])
        pair.append(layer)
    return pair


def compute(layer, images, *, training=True):
    """Return outputs, gradients and weights after a step."""
    import tensorflow as tf

    images = tf.Variable(images)
    with tf.GradientTape() as tape:
        outputs = layer(images, training=training)
        loss = tf.reduce_sum(tf.sin(tf.cast(outputs, "float32")))
    sources = [images, layer.gamma.value, layer.beta.value]
    found = [outputs, *tape.gradient(loss, sources), *layer.get_weights()]
    return [np.asarray(tf.cast(value, "float32")) for value in found]


@pytest.mark.parametrize(
    "policy, tolerance", [("float32", 2e-4), ("mixed_bfloat16", 0.06)]
)
def test_a_step_equals_that_of_keras(policy, tolerance):
    theirs, ours = make_pair(IMAGES.shape, dtype=policy)
    expected, found = compute(theirs, IMAGES), compute(ours, IMAGES)
    for one, other in zip(expected, found, strict=True):
        np.testing.assert_allclose(other, one, rtol=tolerance, atol=tolerance)
    assert ours(IMAGES, training=True).dtype == theirs(IMAGES, training=True).dtype
    # It did move.
    assert (
        abs(ours.get_weights()[2] - make_pair(IMAGES.shape)[1].get_weights()[2]).min()
        > 0
    )


def test_what_it_has_learnt_is_used_in_predictions():
    theirs, ours = make_pair(IMAGES.shape)
    expected = compute(theirs, IMAGES, training=False)
    for one, other in zip(expected, compute(ours, IMAGES, training=False), strict=True):
        np.testing.assert_array_equal(other, one)


@pytest.mark.parametrize("case", ["rows", "frozen", "masked"])
def test_what_the_operation_cannot_do_is_left_to_keras(case):
    images = IMAGES[:, 0, 0] if case == "rows" else IMAGES
    theirs, ours = make_pair(images.shape)
    theirs.trainable = ours.trainable = case != "frozen"
    mask = np.arange(64)[:, None, None] * np.ones((5, 6)) < 32
    options = {"training": True, "mask": mask if case == "masked" else None}
    np.testing.assert_array_equal(ours(images, **options), theirs(images, **options))
    for one, other in zip(theirs.get_weights(), ours.get_weights(), strict=True):
        np.testing.assert_array_equal(other, one)


@pytest.mark.parametrize(
    "parameters",
    [{"center": False}, {"scale": False}, {"axis": 1}, {"synchronized": True},
     {"dtype": "float64"}, {"dtype": "mixed_float16"}],
    ids=str,
)  # fmt: skip
def test_layers_of_other_kinds_are_not_replaced(parameters):
    assert can_be_fused(keras.layers.BatchNormalization())
    assert not can_be_fused(keras.layers.BatchNormalization(**parameters))
    assert not can_be_fused(keras.layers.LayerNormalization())


def test_other_backends_are_left_to_keras(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    assert not can_be_fused(keras.layers.BatchNormalization())


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_the_network_that_is_trained_has_it(precision):
    network = build_network((24, 24), 3, filters=(4, 8))
    copy = copy_for_training(network, precision=precision, sizes=None)
    kinds = [type(layer) for layer in copy.layers]
    assert kinds.count(FusedBatchNormalization) == 4
    assert keras.layers.BatchNormalization not in kinds
    assert all(type(layer) is not FusedBatchNormalization for layer in network.layers)

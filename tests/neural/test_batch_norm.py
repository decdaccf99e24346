"""The statistics of batch normalisation, compared with those of the whole batch."""

import keras
import numpy as np
import pytest

from skfer import CNNClassifier, build_network
from skfer.neural._batch_norm import recalibrate_batch_norm
from tests.conftest import TINY_NETWORK

pytestmark = pytest.mark.backends

SHAPE = (12, 12, 1)


@pytest.fixture
def images():
    rng = np.random.default_rng(0)
    # Dark and bright ones, sorted.
    level = np.linspace(20, 200, 256).reshape(-1, 1, 1, 1)
    return (level + rng.integers(0, 40, (256, *SHAPE))).astype(np.uint8)


def outputs(network, images, *, training):
    found = network(images.astype(np.float32), training=training)
    return keras.ops.convert_to_numpy(found)


def find_layers(network):
    kind = keras.layers.BatchNormalization
    return [layer for layer in network.layers if isinstance(layer, kind)]


def statistics(network):
    return [
        value.numpy()
        for layer in find_layers(network)
        for value in (layer.moving_mean, layer.moving_variance)
    ]


def test_predicts_as_the_whole_batch_is_normalised(images):
    network = build_network(SHAPE, 3, filters=(4, 8), dropout=0.0, random_state=0)
    before = outputs(network, images, training=False)
    recalibrate_batch_norm(network, images, seed=0)
    after = outputs(network, images, training=False)
    # Keras normalises with the batch in training.
    wanted = outputs(network, images, training=True)
    np.testing.assert_allclose(after, wanted, atol=1e-4)
    assert np.abs(before - wanted).max() > 0.01


def test_dropout_is_not_active(images):
    plain, dropped = (
        build_network(SHAPE, 3, filters=(4, 8), conv_dropout=rate, random_state=0)
        for rate in (0.0, 0.5)
    )
    dropped.set_weights(plain.get_weights())
    for network in (plain, dropped):
        recalibrate_batch_norm(network, images, seed=0)
    for one, other in zip(statistics(plain), statistics(dropped), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5)


def test_batches_together_are_the_whole(images):
    network = build_network(SHAPE, 3, filters=(4,), random_state=0)
    recalibrate_batch_norm(network, images, seed=0)
    whole = statistics(network)
    # Three batches, and a rest that is left out.
    recalibrate_batch_norm(network, np.tile(images, (3, 1, 1, 1)), seed=0)
    for one, three in zip(whole, statistics(network), strict=True):
        np.testing.assert_allclose(three, one, rtol=0.1, atol=1e-3)
    first = keras.Model(network.inputs[0], find_layers(network)[0].input)
    values = first.predict_on_batch(images)
    np.testing.assert_allclose(whole[0], values.mean((0, 1, 2)), rtol=1e-3)
    np.testing.assert_allclose(whole[1], values.var((0, 1, 2)), rtol=1e-3)


def test_one_image_and_networks_without_it(images):
    network = build_network(SHAPE, 2, filters=(4,), random_state=0)
    recalibrate_batch_norm(network, images[:1], seed=0)
    assert np.isfinite(outputs(network, images[:1], training=False)).all()
    without = build_network(SHAPE, 2, filters=(4,), batch_norm=False, random_state=0)
    before = without.get_weights()
    recalibrate_batch_norm(without, images, seed=0)
    for one, other in zip(before, without.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("average", [True, False])
def test_averaged_weights_get_their_own(two_classes, average):
    X, y = two_classes.images, two_classes.target
    changes = {"average_weights": average, "dropout": 0.0}
    cnn = CNNClassifier(**TINY_NETWORK | changes).fit(X, y)
    pixels = X[..., np.newaxis].astype(np.float32)
    wanted = outputs(cnn.model_, pixels, training=True)
    difference = np.abs(cnn.predict_proba(X) - wanted).max()
    assert (difference < 1e-3) == average


def test_sequential_networks_and_layers_used_twice(images):
    layers = keras.layers
    network = keras.Sequential(
        [
            keras.Input(SHAPE),
            layers.Conv2D(4, 3),
            layers.BatchNormalization(),
            layers.Flatten(),
            layers.Dense(2, "softmax"),
        ]
    )
    recalibrate_batch_norm(network, images, seed=0)
    after = outputs(network, images, training=False)
    wanted = outputs(network, images, training=True)
    np.testing.assert_allclose(after, wanted, atol=1e-4)
    shared = layers.BatchNormalization()
    inputs = keras.Input(SHAPE)
    twice = keras.Model(inputs, shared(shared(inputs)))
    recalibrate_batch_norm(twice, images, seed=0)
    np.testing.assert_array_equal(shared.moving_mean.numpy(), 0)

"""Which images make up which batch."""

import keras
import numpy as np
import pytest

from skfer.neural import _training_model
from skfer.neural._training_model import TrainingModel


@pytest.fixture
def seen(monkeypatch):
    """First values of all batches that Keras asks for."""
    batches = []
    ask = _training_model._Batches.__getitem__

    def spy(self, index):
        batch = ask(self, index)
        batches.append((self.epoch, batch[0][:, 0].astype(int).tolist()))
        return batch

    monkeypatch.setattr(_training_model._Batches, "__getitem__", spy)
    return batches


def train(seed, epochs=3, weights=None, start=1.0, n=10):
    inputs = keras.Input((1,))
    kernel = keras.initializers.Constant(start)
    layer = keras.layers.Dense(1, kernel_initializer=kernel)
    model = TrainingModel(inputs, layer(inputs))
    model.compile(keras.optimizers.SGD(1e-9), "mse")
    model.order_seed = seed
    x = np.arange(float(n))[:, np.newaxis]
    return model.fit(x, 0 * x, weights, batch_size=4, epochs=epochs, verbose=0)


def orders(seen, epochs=3):
    """The order of each epoch, without the batches Keras only looks at."""
    per_epoch = [[b for e, b in seen if e == epoch + 1] for epoch in range(epochs)]
    return [[row for batch in batches for row in batch] for batches in per_epoch]


@pytest.mark.parametrize("seed", [0, 7, None])
def test_every_epoch_has_all_images_in_an_order_of_its_own(seen, seed):
    train(seed)
    all_orders = orders(seen)
    for order in all_orders:
        assert sorted(order) == list(range(10))
    assert len({tuple(order) for order in all_orders}) == 3


def test_the_seed_repeats_the_orders(seen):
    train(0)
    first = orders(seen)
    seen.clear()
    train(0)
    assert orders(seen) == first
    seen.clear()
    train(1)
    assert orders(seen) != first


def test_weights_go_with_their_images():
    """Only the image of value 3 counts, whatever the order."""
    weights = 10 * np.eye(10)[3]
    history = train(0, epochs=1, weights=weights, start=2.0)
    assert history.history["loss"] == pytest.approx([(2 * 3) ** 2], rel=1e-3)

"""Which images make up which batch."""

import gc
import weakref

import keras
import numpy as np
import pytest

from skfer import CNNClassifier
from skfer.neural import _training_model
from skfer.neural._training_model import TrainingModel
from tests.conftest import TINY_NETWORK

pytestmark = pytest.mark.backends


@pytest.fixture
def seen(monkeypatch):
    """Values of all batches that Keras asks for; one list for each epoch."""
    epochs = []
    ask = _training_model._Batches.__getitem__

    def spy(self, index):
        batch = ask(self, index)
        if self.has_begun:  # Keras looks at a batch before the first epoch.
            epochs[-1] += batch[0][:, 0].astype(int).tolist()
        return batch

    def begin(self, epoch, logs=None):
        epochs.append([])
        shuffle(self, epoch)

    shuffle = _training_model._Batches.shuffle
    monkeypatch.setattr(_training_model._Batches, "__getitem__", spy)
    monkeypatch.setattr(_training_model._Batches, "shuffle", begin)
    return epochs


def train(seed, epochs=3, weights=None, start=1.0, n=10):
    inputs = keras.Input((1,))
    kernel = keras.initializers.Constant(start)
    layer = keras.layers.Dense(1, kernel_initializer=kernel)
    model = TrainingModel(inputs, layer(inputs))
    model.compile(keras.optimizers.SGD(1e-9), "mse")
    model.order_seed = seed
    x = np.arange(float(n))[:, np.newaxis]
    return model.fit(
        x, 0 * x, weights, batch_size=4, epochs=epochs, verbose=0, images=x
    )


@pytest.mark.parametrize("seed", [0, 7])
def test_every_epoch_has_all_images_in_an_order_of_its_own(seen, seed):
    train(seed)
    assert [sorted(order) for order in seen] == [list(range(10))] * 3
    assert len({tuple(order) for order in seen}) == 3


def test_the_seed_repeats_the_orders(seen):
    train(0)
    train(0)
    train(1)
    assert seen[:3] == seen[3:6] != seen[6:]


def test_weights_go_with_their_images():
    """Only the image of value 3 counts, whatever the order."""
    weights = 10 * np.eye(10)[3]
    history = train(0, epochs=1, weights=weights, start=2.0)
    assert history.history["loss"] == pytest.approx([(2 * 3) ** 2], rel=1e-3)


@pytest.mark.slow
def test_images_in_a_memory_map_are_not_copied(tmp_path, two_classes, monkeypatch):
    images = two_classes.images
    np.save(tmp_path / "images.npy", images)
    mapped = np.load(tmp_path / "images.npy", mmap_mode="r")
    seen = []
    make = _training_model._Batches.__init__

    def spy(self, arrays, *rest):
        seen.append(arrays[0])
        make(self, arrays, *rest)

    monkeypatch.setattr(_training_model._Batches, "__init__", spy)
    params = TINY_NETWORK | {"image_sizes": None}
    one, other = (
        CNNClassifier(**params).fit(X, two_classes.target) for X in (mapped, images)
    )
    assert np.shares_memory(seen[0], mapped)
    np.testing.assert_array_equal(
        one.predict_proba(images), other.predict_proba(images)
    )


@pytest.mark.slow
def test_images_are_forgotten_after_a_training(two_classes):
    """A search trains on a new part each time; all of them would stay in memory."""
    kept = []
    for _ in range(2):
        images, held = two_classes.images.copy(), two_classes.images[:9].copy()
        network = CNNClassifier(**TINY_NETWORK).fit(
            images, two_classes.target, X_val=held, y_val=two_classes.target[:9]
        )
        kept += [weakref.ref(images), weakref.ref(held)]
    assert network.n_iter_ == 2
    del images, held
    gc.collect()
    assert all(ref() is None for ref in kept)
    batches = [o for o in gc.get_objects() if type(o) is _training_model._Batches]
    assert not any(len(one.order) for one in batches)

"""Small training images first."""

from collections import Counter

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import log_loss

from skfer import CNNClassifier, build_network
from skfer.datasets import make_faces
from skfer.neural import _training_model
from skfer.neural._image_sizes import check_sizes, plan_sizes
from skfer.neural._training_model import resize_all
from tests.conftest import TINY_NETWORK


def plan(image_sizes, epochs=60, shape=(48, 48), params=None, **layers):
    classifier = CNNClassifier(image_sizes=image_sizes, epochs=epochs, **(params or {}))
    classifier.image_shape_in_ = (*shape, 1)
    layers = {"filters": (2, 2), "attention": False, **layers}
    network = build_network(shape, 2, **layers)
    check_sizes(classifier)
    return plan_sizes(classifier, network)


def test_progressive_is_two_thirds_five_sixths_and_all():
    expected = [(32, 32)] * 24 + [(40, 40)] * 18 + [(48, 48)] * 18
    assert plan("progressive") == expected
    assert plan("progressive", shape=(96, 48), epochs=5) == [
        *[(64, 32)] * 2, (80, 40), (96, 48), (96, 48),
    ]  # fmt: skip


class OneSize(keras.layers.Layer):
    """An augmentation that must know how large its images are."""

    def call(self, images):
        return keras.ops.reshape(images, (-1, *images.shape[1:3], 1))


@pytest.mark.parametrize(
    "image_sizes, options",
    [
        (None, {}),
        ("progressive", {"epochs": 1}),
        ("progressive", {"shape": (28, 28)}),
        ("progressive", {"shape": (100, 20)}),
        ("progressive", {"head": "flatten"}),
        ((48,), {}),
        ("progressive", {"params": {"early_stopping": True}}),
        ("progressive", {"params": {"learning_rate_schedule": "plateau"}}),
        ("progressive", {"params": {"augment": OneSize()}}),
    ],
)
def test_one_size(image_sizes, options):
    assert plan(image_sizes, **options) is None


@pytest.mark.slow
@given(
    st.sets(st.integers(16, 47), max_size=4), st.integers(2, 40), st.integers(16, 60)
)
def test_sizes_rise_to_that_of_the_images(heights, epochs, width):
    heights = [*sorted(heights), 48]
    classifier = CNNClassifier(image_sizes=heights, epochs=epochs)
    classifier.image_shape_in_ = (48, width, 1)
    sizes = plan_sizes(classifier, NETWORK)
    if len(heights) == 1:
        assert sizes is None
        return
    assert len(sizes) == epochs
    assert sizes == sorted(sizes)
    assert sizes[-1] == (48, width)
    if epochs >= 10:
        counts = Counter(height for height, _ in sizes)
        assert sorted(counts) == heights
        assert counts[heights[0]] == pytest.approx(0.4 * epochs, abs=0.5)


NETWORK = build_network((48, 48), 2, filters=(2,), convs_per_block=1, attention=False)


@pytest.mark.parametrize(
    "wrong",
    [(), (48, 32), (32, 40), (0, 48), (32, 32, 48), (32.0, 48), ("a", 48), (True, 48)],
)
def test_sizes_that_do_not_rise_to_that_of_the_images(wrong):
    with pytest.raises(ValueError, match=r"heights in pixels that rise .* 48, for"):
        plan(wrong)


@pytest.mark.parametrize(
    "sizes, layers",
    [
        ((2, 48), {"padding": "valid", "residual": False}),
        ((2, 48), {"filters": (2, 2, 2)}),
        ((32, 48), {"head": "flatten"}),
    ],
)
def test_sizes_that_the_network_can_not_take(sizes, layers):
    with pytest.raises(ValueError, match="can't take images of all the sizes"):
        plan(sizes, **layers)


@pytest.fixture
def shapes(monkeypatch):
    """Height and width of the images of each epoch."""
    epochs = []
    ask = _training_model._Batches.__getitem__
    shuffle = _training_model._Batches.shuffle

    def spy(self, index):
        batch = ask(self, index)
        if self.has_begun:  # Neither of validation nor before the first epoch.
            epochs[-1].add(batch[0].shape[1:3])
        return batch

    def begin(self, epoch, logs=None):
        epochs.append(set())
        shuffle(self, epoch, logs)

    monkeypatch.setattr(_training_model._Batches, "__getitem__", spy)
    monkeypatch.setattr(_training_model._Batches, "shuffle", begin)
    return epochs


@pytest.mark.backends
@pytest.mark.parametrize("color", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_each_epoch_has_its_size(color, shapes):
    faces = make_faces(40, image_size=24, classes=["happy", "sad"], random_state=0)
    images = faces.images[:, :, 2:-2]
    if color:
        images = np.repeat(images[..., None], 3, axis=3)
    params = TINY_NETWORK | {
        "epochs": 5, "image_sizes": (12, 18, 24), "label_smoothing": 0.0,
        "average_weights": False,
    }  # fmt: skip
    classifier = CNNClassifier(**params).fit(
        images[:34], faces.target[:34], X_val=images[34:], y_val=faces.target[34:]
    )
    heights = (12, 12, 18, 24, 24)
    assert shapes == [{(height, height * 20 // 24)} for height in heights]
    assert classifier.model_.input_shape[1:3] == (24, 20)
    # The network that predicts has what was learnt.
    losses = classifier.history_["val_loss"]
    assert len(losses) == 5
    shares = classifier.predict_proba(images[34:])
    assert losses[-1] == pytest.approx(log_loss(faces.target[34:], shares), rel=1e-3)


@pytest.mark.slow
def test_one_batch_has_one_size(shapes):
    faces = make_faces(14, image_size=24, classes=["happy", "sad"], random_state=0)
    params = TINY_NETWORK | {"image_sizes": (12, 24)}
    CNNClassifier(**params).fit(faces.images, faces.target)
    assert shapes == [{(24, 24)}] * 2


def test_small_images_are_the_same_picture():
    images = np.stack([np.full((8, 6, 3), (10, 20, 30), np.uint8)] * 2)
    small = resize_all(images, (4, 3))
    np.testing.assert_array_equal(small, images[:, :4, :3])
    gradient = np.tile(np.linspace(0, 1, 12, dtype=np.float32), (1, 12, 1))[..., None]
    halved = resize_all(gradient, (6, 6))
    assert halved.dtype == np.float32
    expected = gradient.reshape(1, 6, 2, 6, 2, 1).mean(axis=(2, 4))
    np.testing.assert_allclose(halved[:, :, 1:-1], expected[:, :, 1:-1], atol=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize("n", [14, 40])
def test_wrong_sizes_leave_the_previous_network(n):
    faces = make_faces(40, image_size=24, classes=["happy", "sad"], random_state=0)
    images, target = faces.images[:n], faces.target[:n]
    classifier = CNNClassifier(**TINY_NETWORK).fit(images, target)
    before = classifier.predict_proba(images)
    for sizes, words in (((24, 12), "rise to"), ((1, 24), "rise|can't take")):
        classifier.set_params(image_sizes=sizes, filters=(2, 2, 2))
        if n == 14 and sizes == (1, 24):
            continue  # One batch has one size.
        with pytest.raises(ValueError, match=words):
            classifier.fit(images, target)
        np.testing.assert_array_equal(classifier.predict_proba(images), before)


@pytest.mark.parametrize(
    "params", [{"early_stopping": True}, {"learning_rate_schedule": "plateau"}]
)
def test_sizes_and_a_training_of_unknown_length(params):
    with pytest.raises(ValueError, match="watch whole images while small ones"):
        plan((32, 48), params=params)

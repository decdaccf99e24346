"""Small training images first."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skfer import CNNClassifier, build_network
from skfer.datasets import make_faces
from skfer.neural import _training_model
from skfer.neural._image_sizes import plan_sizes
from tests.conftest import TINY_NETWORK


def plan(image_sizes, epochs=60, shape=(48, 48), **layers):
    classifier = CNNClassifier(image_sizes=image_sizes, epochs=epochs)
    classifier.image_shape_in_ = (*shape, 1)
    layers = {"filters": (2, 2), "attention": False, **layers}
    classifier.model_ = build_network(shape, 2, **layers)
    return plan_sizes(classifier)


def test_progressive_is_two_thirds_five_sixths_and_all():
    expected = [(32, 32)] * 24 + [(40, 40)] * 18 + [(48, 48)] * 18
    assert plan("progressive") == expected
    assert plan("progressive", shape=(96, 48), epochs=5) == [
        *[(64, 32)] * 2, (80, 40), (96, 48), (96, 48),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "image_sizes, options",
    [
        (None, {}),
        ("progressive", {"epochs": 1}),
        ("progressive", {"shape": (28, 28)}),
        ("progressive", {"shape": (100, 20)}),
        ("progressive", {"head": "flatten"}),
        ((48,), {}),
    ],
)
def test_one_size(image_sizes, options):
    assert plan(image_sizes, **options) is None


@given(
    st.sets(st.integers(16, 47), max_size=4), st.integers(2, 40), st.integers(16, 60)
)
def test_sizes_rise_to_that_of_the_images(heights, epochs, width):
    heights = [*sorted(heights), 48]
    classifier = CNNClassifier(image_sizes=heights, epochs=epochs)
    classifier.image_shape_in_ = (48, width, 1)
    classifier.model_ = NETWORK
    sizes = plan_sizes(classifier)
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
    "wrong", [(), (48, 32), (32, 40), (0, 48), (32, 32, 48), (32.0, 48), ("a", 48)]
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
        if epochs:
            epochs[-1].add(batch[0].shape[1:3])
        return batch

    def begin(self, epoch, logs=None):
        epochs.append(set())
        shuffle(self, epoch, logs)

    monkeypatch.setattr(_training_model._Batches, "__getitem__", spy)
    monkeypatch.setattr(_training_model._Batches, "shuffle", begin)
    return epochs


@pytest.mark.backends
@pytest.mark.parametrize("color", [False, True])
def test_each_epoch_has_its_size(color, shapes):
    faces = make_faces(40, image_size=24, classes=["happy", "sad"], random_state=0)
    images = faces.images[:, :, 2:-2]
    if color:
        images = np.repeat(images[..., None], 3, axis=3)
    params = TINY_NETWORK | {"epochs": 5, "image_sizes": (12, 18, 24)}
    classifier = CNNClassifier(**params).fit(
        images[:34], faces.target[:34], X_val=images[34:], y_val=faces.target[34:]
    )
    heights = (12, 12, 18, 24, 24)
    assert shapes == [{(height, height * 20 // 24)} for height in heights]
    assert classifier.model_.input_shape[1:3] == (24, 20)
    # The network that predicts has what was learnt.
    loss = classifier.history_["loss"]
    assert loss[-1] < loss[0]
    assert len(classifier.history_["val_loss"]) == 5


def test_one_batch_has_one_size(shapes):
    faces = make_faces(14, image_size=24, classes=["happy", "sad"], random_state=0)
    params = TINY_NETWORK | {"image_sizes": (12, 24)}
    CNNClassifier(**params).fit(faces.images, faces.target)
    assert shapes == [{(24, 24)}] * 2

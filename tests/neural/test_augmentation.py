import numpy as np
import pytest
from sklearn.base import clone

from skfer import CNNClassifier, FaceAugmentation

pytestmark = pytest.mark.backends


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).uniform(0, 255, (6, 12, 17, 1)).astype("float32")


def augment(images, seed=0, **params):
    layer = FaceAugmentation(**params).make_layer(seed)
    return np.asarray(layer(images, training=True))


NOTHING = {"flip": False, "shift": 0, "rotation": 0, "zoom": 0, "erase": 0}


def test_only_active_in_training(images):
    layer = FaceAugmentation().make_layer(0)
    np.testing.assert_array_equal(layer(images, training=False), images)
    np.testing.assert_array_equal(layer(images), images)
    assert (np.asarray(layer(images, training=True)) != images).mean() > 0.5


def test_without_any_change_images_stay(images):
    np.testing.assert_allclose(augment(images, **NOTHING), images, atol=1e-3)


def test_flip_mirrors_some_of_the_images(images):
    out = augment(images, **(NOTHING | {"flip": True}))
    kept = [np.allclose(a, b, atol=1e-3) for a, b in zip(out, images, strict=True)]
    mirrored = [
        np.allclose(a, b[:, ::-1], atol=1e-3) for a, b in zip(out, images, strict=True)
    ]
    assert all(a != b for a, b in zip(kept, mirrored, strict=True))
    assert 0 < sum(mirrored) < len(images)


@pytest.mark.parametrize("what", ["shift", "rotation", "zoom"])
def test_each_change_stays_in_its_limits(what):
    """A bright spot in the middle moves no further than the largest change."""
    images = np.zeros((40, 21, 21, 1), np.float32)
    images[:, 10, 15] = 255
    out = augment(images, **(NOTHING | {what: 0.2}))
    rows, cols = np.indices((21, 21))
    weight = out[..., 0] / out[..., 0].sum(axis=(1, 2), keepdims=True)
    row = (weight * rows).sum(axis=(1, 2)) - 10
    col = (weight * cols).sum(axis=(1, 2)) - 10
    moved = np.hypot(row, col - 5)
    assert moved.max() > 0.5
    limit = {"shift": 0.2 * 21 * 2**0.5, "rotation": 0.2 * 5, "zoom": 0.25 * 5}[what]
    assert moved.max() <= limit + 0.3


def test_a_rectangle_is_filled_with_the_mean():
    images = np.random.default_rng(0).uniform(0, 255, (200, 24, 32, 2))
    images = images.astype("float32")
    out = augment(images, **(NOTHING | {"erase": 0.5}))
    changed = np.abs(out - images).max(axis=-1) > 1e-2
    areas = changed.sum(axis=(1, 2))
    assert areas.min() == 0  # A rectangle may be too thin to hold a pixel.
    assert 100 < areas.max() <= 13 * 17
    centers = []
    for image, mask, before in zip(out, changed, images, strict=True):
        rows, cols = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
        if len(rows) == 0:
            continue
        inside = np.s_[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]
        mean = before.mean(axis=(0, 1))
        np.testing.assert_allclose(
            image[inside], np.broadcast_to(mean, image[inside].shape), rtol=1e-4
        )
        assert len(rows) <= 13
        assert len(cols) <= 17
        centers.append((rows.mean() / 24, cols.mean() / 32))
    assert (np.ptp(centers, axis=0) > 0.8).all()


def test_seeds_repeat(images):
    np.testing.assert_array_equal(augment(images, 3), augment(images, 3))
    assert (augment(images, 3) != augment(images, 4)).any()


def test_parameters_are_checked_and_tunable():
    with pytest.raises(ValueError, match="'zoom' parameter of FaceAugmentation"):
        FaceAugmentation(zoom=1.5).make_layer(0)
    classifier = CNNClassifier(augment=FaceAugmentation())
    classifier.set_params(augment__zoom=0.3)
    assert clone(classifier).augment.zoom == 0.3


@pytest.mark.parametrize(
    "kind",
    ["faces", *(pytest.param(k, marks=pytest.mark.slow) for k in ("object", "layer"))],
)
def test_prediction_does_not_augment(two_classes, kind):
    """Predicting twice and in any batch gives the same, whatever the training did."""
    import keras

    augment = {
        "faces": "faces",
        "object": FaceAugmentation(rotation=1.0),
        "layer": keras.layers.RandomFlip("horizontal", seed=0),
    }[kind]
    classifier = CNNClassifier((4,), epochs=1, augment=augment, random_state=0)
    classifier.fit(two_classes.images, two_classes.target)
    first = classifier.predict_proba(two_classes.images)
    np.testing.assert_array_equal(classifier.predict_proba(two_classes.images), first)
    outputs = classifier.model_(two_classes.images[..., np.newaxis], training=False)
    plain = keras.ops.convert_to_numpy(outputs)
    np.testing.assert_allclose(first, plain, atol=1e-6)
    names = {type(layer).__name__ for layer in classifier.model_.layers}
    assert not names & {"RandomFaceTransform", "RandomFlip"}


@pytest.mark.slow
def test_training_does_augment(two_classes):
    """The very images reach the loss changed, or training would overfit them."""
    losses = {}
    for augment in (None, FaceAugmentation(rotation=1.5, shift=0.4)):
        classifier = CNNClassifier(
            (8,), epochs=1, augment=augment, dropout=0, random_state=0, batch_size=48
        )
        classifier.fit(two_classes.images, two_classes.target)
        losses[augment is None] = classifier.history_["loss"][0]
    assert losses[True] != losses[False]


def test_something_else_is_refused(two_classes):
    with pytest.raises(ValueError, match="'augment' parameter of CNNClassifier"):
        CNNClassifier(augment=lambda x: x).fit(two_classes.images, two_classes.target)

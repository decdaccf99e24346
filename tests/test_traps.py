"""What fooled the authors of the student reports must not be possible here."""

import numpy as np
import pytest
import skimage.io
from PIL import Image
from sklearn.metrics import confusion_matrix
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import Pipeline

from skfer import CNNClassifier, GrayscaleResizer, ImageLoader
from skfer.datasets import load_image_folder
from skfer.neural import _training
from tests.conftest import TINY_NETWORK, write_image_folder


def make(**params):
    return CNNClassifier(**(TINY_NETWORK | params))


@pytest.fixture
def trained_on(monkeypatch):
    """List of (training, validation) images as bytes, one pair for each fit."""
    seen = []

    def spy(model, training, validation, **options):
        sides = (training, validation)
        seen.append([{image.tobytes() for image in side.images} for side in sides])
        return run(model, training, validation, **options)

    run = _training.run_training
    monkeypatch.setattr(_training, "run_training", spy)
    return seen


# Pixels scaled twice, or in training but not in prediction.


def test_scaled_and_unscaled_pixels_train_the_same_network(two_classes, tiny_cnn):
    scaled = two_classes.images / np.float32(255)
    classifier = make().fit(scaled, two_classes.target)
    np.testing.assert_allclose(
        classifier.predict_proba(scaled),
        tiny_cnn.predict_proba(two_classes.images),
        atol=1e-3,
    )


def test_pixels_scaled_at_one_end_only_are_refused(
    two_classes, tiny_cnn, fake_training
):
    with pytest.raises(
        ValueError, match=r"fitted on integer images \(0..255\), got float"
    ):
        tiny_cnn.predict(two_classes.images / 255)
    classifier = make().fit(two_classes.images / 255, two_classes.target)
    with pytest.raises(
        ValueError, match=r"fitted on float images \(0..1\), got integer"
    ):
        classifier.predict(two_classes.images)


def test_floats_scaled_in_training_only_are_refused(two_classes, fake_training):
    scaled = two_classes.images / np.float32(255)
    classifier = make().fit(scaled, two_classes.target)
    with pytest.raises(ValueError, match="fitted on floats in 0..1, got values from"):
        classifier.predict(two_classes.images.astype(np.float32))


def test_floats_scaled_in_prediction_only_are_warned_of(two_classes, fake_training):
    with pytest.warns(UserWarning, match="floats in 0..1"):
        classifier = make().fit(
            two_classes.images.astype(np.float32), two_classes.target
        )
    with pytest.warns(
        UserWarning, match="fitted on floats in 0..255, got values up to 1 only"
    ):
        classifier.predict(two_classes.images / np.float32(255))


@pytest.mark.parametrize("factor", [255, 1 / 255], ids=["never", "twice"])
def test_pixels_never_or_twice_scaled_are_warned_of(two_classes, factor, fake_training):
    scaled = two_classes.images / 255
    with pytest.warns(UserWarning, match="0..1"):
        make().fit(scaled * factor, two_classes.target)


# BGR for RGB.


def test_channels_mean_the_same_in_files_and_arrays(tmp_path):
    """Two classes that differ in nothing but which channel is bright."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 60, (40, 16, 16, 3), dtype=np.uint8)
    target = np.repeat(["blue", "red"], 20)
    images[:20, ..., 2] += 180
    images[20:, ..., 0] += 180
    folder = write_image_folder(tmp_path, images, target)
    data = load_image_folder(folder)
    pipeline = Pipeline(
        [
            ("load", ImageLoader(mode="RGB")),
            ("cnn", make(epochs=30, augment=None, learning_rate=0.01)),
        ]
    ).fit(data.paths, data.target)
    arrays = np.stack([skimage.io.imread(path) for path in data.paths])
    assert pipeline.score(data.paths, data.target) == 1
    assert pipeline.score(arrays, data.target) == 1
    # Were the channels exchanged, every answer would be wrong.
    assert pipeline.score(arrays[..., ::-1], data.target) == 0


# Labels in another order than the predictions.


@pytest.fixture(scope="module")
def three_classes():
    """Images whose brightness is their class, in an order unlike the alphabet's."""
    rng = np.random.default_rng(1)
    target = rng.permutation(np.repeat(["surprise", "angry", "happy"], 20))
    level = {"surprise": 20, "angry": 120, "happy": 220}
    images = rng.integers(0, 30, (60, 16, 16), dtype=np.uint8)
    images += np.array([level[name] for name in target], np.uint8)[:, None, None]
    return images, target


@pytest.mark.slow
def test_columns_and_names_agree(three_classes):
    images, target = three_classes
    classifier = make(epochs=30, augment=None, learning_rate=0.01, dropout=0.0)
    classifier.fit(images, target)
    assert classifier.classes_.tolist() == sorted({"surprise", "angry", "happy"})
    probabilities = classifier.predict_proba(images)
    for column, name in enumerate(classifier.classes_):
        right = probabilities[target == name, column]
        assert right.mean() > 0.8, name
    matrix = confusion_matrix(
        target, classifier.predict(images), labels=classifier.classes_
    )
    assert np.trace(matrix) == 60
    crossed = cross_val_predict(
        classifier, images, target, cv=2, method="predict_proba"
    )
    assert np.mean(classifier.classes_[crossed.argmax(axis=1)] == target) > 0.9


def test_a_test_folder_without_some_class_keeps_the_names(three_classes, tmp_path):
    """Numbers given by folder would shift by one here."""
    images, target = three_classes
    train = load_image_folder(write_image_folder(tmp_path / "train", images, target))
    few = target != "angry"
    test = load_image_folder(
        write_image_folder(tmp_path / "test", images[few], target[few])
    )
    pipeline = Pipeline(
        [
            ("load", ImageLoader(mode="L")),
            ("gray", GrayscaleResizer(16)),
            ("cnn", make(epochs=30, augment=None, learning_rate=0.01)),
        ]
    ).fit(train.paths, train.target)
    assert pipeline.score(test.paths, test.target) == 1


# A validation part of the last class only.


def test_validation_of_a_folder_in_order_has_every_class(two_classes, trained_on):
    order = np.argsort(two_classes.target)
    X, y = two_classes.images[order], two_classes.target[order]
    make(early_stopping=True, validation_fraction=0.25).fit(X, y)
    class_of = {image.tobytes(): name for image, name in zip(X, y, strict=True)}
    [(_, validation)] = trained_on
    assert sorted(class_of[image] for image in validation) == (
        ["happy"] * 6 + ["surprise"] * 6
    )


# Test images seen in training through reshuffling.


@pytest.mark.slow
@pytest.mark.parametrize(
    "random_state", [pytest.param(0, marks=pytest.mark.slow), None]
)
def test_going_on_keeps_what_was_set_aside(two_classes, trained_on, random_state):
    """A second fit that split anew would be judged by images it was trained on."""
    classifier = make(
        early_stopping=True, warm_start=True, random_state=random_state, epochs=1
    )
    for _ in range(3):
        classifier.fit(two_classes.images, two_classes.target)
    (_, aside), *later = trained_on
    for training, validation in later:
        assert validation == aside
        assert not training & aside


@pytest.mark.slow
def test_a_killed_training_keeps_what_was_set_aside(two_classes, trained_on, tmp_path):
    def kill(epoch, logs):
        raise KeyboardInterrupt

    import keras

    params = {"early_stopping": True, "random_state": None, "checkpoint_dir": tmp_path}
    for callback in ([keras.callbacks.LambdaCallback(on_epoch_end=kill)], None):
        try:
            make(callbacks=callback, **params).fit(
                two_classes.images, two_classes.target
            )
        except KeyboardInterrupt:
            continue
    assert trained_on[0] == trained_on[1]


def test_nobody_is_on_both_sides(two_classes, trained_on):
    classifier = make(early_stopping=True)
    classifier.fit(two_classes.images, two_classes.target, groups=two_classes.groups)
    person = {
        image.tobytes(): group
        for image, group in zip(two_classes.images, two_classes.groups, strict=True)
    }
    [sides] = trained_on
    training, validation = ({person[image] for image in side} for side in sides)
    assert training
    assert validation
    assert not training & validation


def test_images_are_written_in_rgb(tmp_path):
    """The helper of these tests itself exchanges nothing."""
    image = np.zeros((2, 16, 16, 3), np.uint8)
    image[..., 0] = 255
    write_image_folder(tmp_path, image, ["red", "red"])
    with Image.open(tmp_path / "red" / "0000.png") as file:
        assert file.getpixel((0, 0)) == (255, 0, 0)

"""Features from a layer of a trained network."""

import datetime
import pickle
import time
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from skfer import GrayscaleResizer, ImageLoader, NetworkFeatures
from skfer.datasets import make_faces

# Takes images of any size, as scikit-learn's checks need; its pixels are any numbers.
ANY_SIZE = keras.Sequential(
    [
        keras.Input((None, None, 1)),
        keras.layers.Conv2D(4, 1, activation="relu"),
        keras.layers.GlobalAveragePooling2D(),
    ],
    name="any_size",
)


@parametrize_with_checks([NetworkFeatures(ANY_SIZE)])
@pytest.mark.filterwarnings(
    "ignore:X (does not have valid feature names|has feature names), but",
    "ignore:.*expects integers in 0..255 and floats in 0..1",
    # Of Keras, when its model is copied.
    "ignore:__array__ implementation:DeprecationWarning",
)
def test_scikit_learn_checks(estimator, check, monkeypatch):
    # Keras writes the time into what is hashed of its model, twice.
    now = datetime.datetime.now()
    frozen = SimpleNamespace(datetime=SimpleNamespace(now=lambda: now))
    monkeypatch.setattr("keras.src.saving.saving_lib.datetime", frozen)
    monkeypatch.setattr(time, "localtime", lambda *seconds: now.timetuple())
    check(estimator)


def reference(network, images, layer):
    """Return the output of a layer, computed with Keras alone."""
    model = keras.Model(network.inputs[0], network.get_layer(layer).output)
    return model.predict_on_batch(images.astype(np.float32))


@pytest.mark.backends
def test_the_default_is_what_the_last_layer_gets(tiny_cnn, two_classes):
    images = two_classes.images
    features = NetworkFeatures(tiny_cnn).fit_transform(images)
    assert features.shape == (48, 8)
    assert features.dtype == np.float32
    last = tiny_cnn.model_.layers[-1]
    kernel, bias = last.get_weights()
    scores = features @ kernel + bias
    shares = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(shares, tiny_cnn.predict_proba(images), atol=1e-5)


@pytest.mark.backends
def test_a_layer_by_name_and_its_maps(tiny_cnn, two_classes):
    images = two_classes.images
    name = next(
        layer.name
        for layer in tiny_cnn.model_.layers
        if isinstance(layer, keras.layers.Conv2D)
    )
    maps = reference(tiny_cnn.model_, images[..., np.newaxis], name)
    features = NetworkFeatures(tiny_cnn, layer=name).fit_transform(images)
    np.testing.assert_allclose(features, maps.mean(axis=(1, 2)), atol=1e-4)


@pytest.mark.backends
def test_cells_of_the_maps_of_several_layers(tiny_cnn, two_classes):
    images = two_classes.images
    maps = reference(tiny_cnn.model_, images[..., np.newaxis], "block1")
    assert maps.shape[1:] == (8, 8, 4)
    # Rows of 8 pixels in 3 cells share two of them.
    expected = [
        maps[:, top:bottom, left : left + 4].mean(axis=(1, 2))
        for top, bottom in ((0, 3), (2, 6), (5, 8))
        for left in (0, 4)
    ]
    expected.append(reference(tiny_cnn.model_, images[..., np.newaxis], "gap"))
    features = NetworkFeatures(tiny_cnn, layer=("block1", "gap"), grid=(3, 2))
    found = features.fit_transform(images)
    np.testing.assert_allclose(found, np.concatenate(expected, axis=1), atol=1e-4)
    names = features.get_feature_names_out().tolist()
    assert names[4:6] == ["block1_row0_col1_0", "block1_row0_col1_1"]
    assert names[-8:] == [f"gap_{i}" for i in range(8)]
    assert found.shape == (len(images), len(names)) == (len(images), 3 * 2 * 4 + 8)
    again = pickle.loads(pickle.dumps(features)).transform(images)
    np.testing.assert_allclose(again, found, atol=1e-6)


def test_integers_and_floats_give_the_same(tiny_cnn, two_classes):
    images = two_classes.images
    integers = NetworkFeatures(tiny_cnn).fit_transform(images)
    floats = NetworkFeatures(tiny_cnn).fit_transform(images / 255)
    np.testing.assert_allclose(floats, integers, atol=1e-4)
    rows = NetworkFeatures(tiny_cnn).fit_transform(images.reshape(48, -1))
    np.testing.assert_array_equal(rows, integers)


def test_mirror_images_have_the_same_average(tiny_cnn, two_classes):
    images = two_classes.images
    features = NetworkFeatures(tiny_cnn, test_time_augmentation="flip").fit(images)
    np.testing.assert_allclose(
        features.transform(images[:, :, ::-1]), features.transform(images), atol=1e-5
    )


def test_names_and_pickles(tiny_cnn, two_classes):
    features = NetworkFeatures(tiny_cnn).fit(two_classes.images)
    names = features.get_feature_names_out().tolist()
    assert names == [f"features_{i}" for i in range(8)]
    again = pickle.loads(pickle.dumps(features))
    np.testing.assert_array_equal(
        again.transform(two_classes.images), features.transform(two_classes.images)
    )


def test_cross_validation_needs_a_frozen_classifier(tiny_cnn):
    others = make_faces(60, classes=["sad", "angry"], image_size=32, random_state=1)

    def score(network):
        pipeline = make_pipeline(
            GrayscaleResizer(16), NetworkFeatures(network), LogisticRegression()
        )
        return cross_val_score(
            pipeline, others.images, others.target, cv=3, error_score="raise"
        )

    assert len(score(FrozenEstimator(tiny_cnn))) == 3
    with pytest.raises(ValueError, match="is not fitted.*FrozenEstimator"):
        score(tiny_cnn)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_networks_of_keras_with_weights_from_a_file(tmp_path):
    def make():
        return keras.applications.MobileNet(
            (32, 32, 3), alpha=0.25, weights=None, include_top=False, pooling="avg"
        )

    trained = make()
    trained.save_weights(tmp_path / "trained.weights.h5")
    network = make()
    network.load_weights(tmp_path / "trained.weights.h5")
    faces = make_faces(6, image_size=40, random_state=0)
    features = NetworkFeatures(network, pixel_range=(-1, 1))
    pipeline = make_pipeline(ImageLoader(mode="RGB", size=32), features)
    found = pipeline.fit_transform(faces.images)
    images = ImageLoader(mode="RGB", size=32).fit_transform(faces.images)
    wanted = trained.predict_on_batch(images / np.float32(127.5) - 1)
    np.testing.assert_allclose(found, wanted, atol=1e-4)
    np.testing.assert_allclose(
        clone(pipeline).fit_transform(faces.images), found, atol=1e-6
    )


def test_what_does_not_fit_is_refused(tiny_cnn, two_classes):
    images = two_classes.images
    for network, params, X, error, message in (
        (LogisticRegression(), {}, images, TypeError, "needs as network 'faces' or"),
        (make_pipeline(tiny_cnn), {}, images, TypeError, "Of a Pipeline"),
        (tiny_cnn, {"layer": "eyes"}, images, ValueError, "network has no layer"),
        (
            tiny_cnn, {"layer": ["block1", "eyes"]}, images, ValueError,
            r"layer=\['block1', 'eyes'\], .* no layer 'eyes'",
        ),
        (tiny_cnn, {"layer": []}, images, ValueError, "network has no layer"),
        (
            tiny_cnn, {"layer": "block1", "grid": (0, 2)}, images, ValueError,
            r"got grid=\(0, 2\). Pass the numbers of rows and columns",
        ),
        (
            tiny_cnn, {"layer": "block1", "grid": (2, 2.0)}, images, ValueError,
            "Pass the numbers of rows and columns",
        ),
        (tiny_cnn, {"grid": (3, 3)}, images, ValueError, "no layer=None has maps"),
        (
            keras.Sequential([keras.layers.Flatten()]), {}, images, ValueError,
            "functional or sequential keras.Model with one input",
        ),
        (
            tiny_cnn.model_, {"pixel_range": (1, 0)}, images, ValueError,
            r"got pixel_range=\(1, 0\). Pass the smallest",
        ),
        (tiny_cnn, {"pixel_range": (0, 1)}, images, ValueError, "knows its own"),
        (tiny_cnn, {}, images[:, :12], ValueError, "takes images of shape .16, 16, 1."),
        (
            tiny_cnn, {}, np.repeat(images[..., np.newaxis], 3, axis=3), ValueError,
            "got images of shape .16, 16, 3.. Put GrayscaleResizer",
        ),
    ):  # fmt: skip
        with pytest.raises(error, match=message):
            NetworkFeatures(network, **params).fit(X)


@pytest.mark.parametrize("size", [48, pytest.param(30, marks=pytest.mark.slow)])
def test_the_network_that_skfer_ships(size):
    images = make_faces(20, image_size=size, random_state=0).images
    features = NetworkFeatures().fit(images)
    of_integers = features.transform(images)
    assert of_integers.shape == (20, 256)
    of_floats = NetworkFeatures().fit_transform(images / 255)
    np.testing.assert_allclose(of_floats, of_integers, atol=1e-3)
    assert clone(features).fit_transform(images).shape == (20, 256)
    with pytest.raises(ValueError, match="knows its own"):
        NetworkFeatures(pixel_range=(0, 1)).fit(images)
    with pytest.raises(ValueError, match=r"GrayscaleResizer\(size\) before it"):
        NetworkFeatures().fit(np.repeat(images[..., np.newaxis], 3, axis=3))

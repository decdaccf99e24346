"""A training that continues another, of other images, classes and sizes."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skfer import CNNClassifier, NetworkFeatures, build_network
from skfer.datasets import make_faces
from skfer.neural._compiling import resolve_rates
from skfer.neural._fine_tuning import start_from
from skfer.neural._samples import make_samples
from skfer.neural._weights import read_weights
from tests.conftest import TINY_NETWORK


def make(source, **params):
    return CNNClassifier(**TINY_NETWORK | {"initial_weights": source} | params)


@pytest.mark.backends
@pytest.mark.parametrize("classes", [["sad", "angry"], ["sad", "fear", "neutral"]])
def test_the_head_is_a_logistic_regression_of_the_features(tiny_cnn, classes):
    others = make_faces(60, classes=classes, image_size=16, random_state=1)
    training = make_samples(
        tiny_cnn,
        others.images[..., np.newaxis],
        others.target,
        np.unique(others.target),
    )
    layers = {"filters": (4, 8), "convs_per_block": 1, "attention": False}
    network = build_network((16, 16, 1), len(classes), **layers, random_state=5)
    start_from(tiny_cnn, network, tiny_cnn.model_, training)
    linear = make_pipeline(
        NetworkFeatures(tiny_cnn),
        StandardScaler(),
        LogisticRegression(C=0.1, max_iter=1000),
    ).fit(others.images, others.target)
    shares = network.predict_on_batch(training.images.astype(np.float32))
    np.testing.assert_allclose(shares, linear.predict_proba(others.images), atol=1e-3)


@pytest.mark.slow
def test_few_images_are_enough_after_many():
    classes, filters = ["happy", "surprise", "sad"], (8, 16, 32)
    many = make_faces(400, classes=classes, image_size=16, random_state=0)
    source = make(None, filters=filters, epochs=15).fit(many.images, many.target)
    for size in (16, 20):
        few = make_faces(
            120, classes=classes[:2], image_size=size, n_subjects=60, random_state=1
        )
        tuned, fresh = (
            make(start, filters=filters, epochs=3)
            .fit(few.images[:24], few.target[:24])
            .score(few.images[24:], few.target[24:])
            for start in (source, None)
        )
        assert tuned > fresh + 0.1
        assert tuned > 0.75


@pytest.mark.slow
def test_clones_and_seeds(tiny_cnn, two_classes):
    X, y = two_classes.images, two_classes.target
    classifier = make(FrozenEstimator(tiny_cnn), epochs=1)
    one, other = (clone(classifier).fit(X, y).predict_proba(X) for _ in range(2))
    np.testing.assert_array_equal(one, other)
    with pytest.raises(ValueError, match="not fitted.*FrozenEstimator"):
        clone(make(tiny_cnn)).fit(X, y)


@pytest.mark.slow
def test_the_source_stays_as_it_is(tiny_cnn, two_classes):
    before = tiny_cnn.model_.get_weights()
    make(tiny_cnn).fit(two_classes.images, two_classes.target)
    for one, other in zip(before, tiny_cnn.model_.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_rate_is_smaller():
    rates = [
        resolve_rates(CNNClassifier(initial_weights=source), "adamw", "cosine", 128)[0]
        for source in (None, CNNClassifier())
    ]
    assert rates == pytest.approx([0.003, 0.0003])


def test_what_does_not_fit_is_refused(tiny_cnn, two_classes):
    X, y = two_classes.images, two_classes.target
    color = np.repeat(X[..., np.newaxis], 3, axis=3)
    for params, images, message in (
        ({"filters": (4, 9)}, X, r"3, 3, 4, 8\).* there and .*3, 3, 4, 9\).* here"),
        ({"filters": (4,)}, X, "of 4 and 2 such layers"),
        ({}, color, r"3, 3, 1, 4\).* there and .*3, 3, 3, 4\).* here.*grey"),
    ):
        with pytest.raises(ValueError, match=message):
            make(tiny_cnn, **params).fit(images, y)
    with pytest.raises(TypeError, match="as initial_weights 'faces' or a fitted"):
        make(LogisticRegression()).fit(X, y)


@pytest.mark.slow
def test_a_killed_fine_tuning_goes_on(tiny_cnn, two_classes, tmp_path):
    from tests.neural.test_checkpoint import Kill

    X, y = two_classes.images, two_classes.target
    whole = make(tiny_cnn, epochs=3).fit(X, y)
    params = {"epochs": 3, "checkpoint_dir": tmp_path}
    with pytest.raises(KeyboardInterrupt):
        make(tiny_cnn, callbacks=[Kill(1)], **params).fit(X, y)
    with pytest.raises(ValueError, match="the initial weights"):
        other = make(None, epochs=1).fit(X, y)
        make(other, **params).fit(X, y)
    again = make(tiny_cnn, **params).fit(X, y)
    np.testing.assert_array_equal(again.predict_proba(X), whole.predict_proba(X))


@pytest.mark.slow
def test_partial_fit_goes_on_but_does_not_begin(tiny_cnn, two_classes):
    X, y = two_classes.images, two_classes.target
    with pytest.raises(ValueError, match="can't begin with initial_weights"):
        make(tiny_cnn).partial_fit(X, y, classes=np.unique(y))
    assert make(tiny_cnn, epochs=1).fit(X, y).partial_fit(X, y).n_iter_ == 2


@pytest.mark.slow
def test_the_network_that_skfer_ships_is_a_start():
    few = make_faces(40, classes=["happy", "sad"], image_size=24, random_state=1)
    tuned = CNNClassifier(initial_weights="faces", epochs=1, augment=None)
    tuned.fit(few.images, few.target)
    assert tuned.classes_.tolist() == ["happy", "sad"]
    shipped = read_weights().network
    first, moved = (one.get_weights()[0] for one in (shipped, tuned.model_))
    assert 0 < np.abs(first - moved).max() < 0.1
    with pytest.raises(ValueError, match="initial_weights of another network"):
        clone(tuned).set_params(filters=(4, 8)).fit(few.images, few.target)
    colour = np.repeat(few.images[..., np.newaxis], 3, axis=3)
    with pytest.raises(ValueError, match="grey images for a network of grey ones"):
        clone(tuned).fit(colour, few.target)

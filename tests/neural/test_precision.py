"""bfloat16 where it is faster."""

import itertools
import pickle

import keras
import numpy as np
import pytest

from skfer import CNNClassifier
from skfer.neural import _precision
from skfer.neural._precision import choose_precision
from skfer.neural._training_copy import copy_for_training
from tests.conftest import TINY_NETWORK

pytestmark = pytest.mark.backends


@pytest.fixture(autouse=True)
def forget():
    """Each test measures anew, and so does whatever comes after it."""
    _precision._measure_gain.cache_clear()
    yield
    _precision._measure_gain.cache_clear()


def let_the_clock_lie(monkeypatch, float32, bfloat16):
    """Let the steps of the probe take these seconds, whatever they take."""
    ends = itertools.accumulate(itertools.cycle([0.5, float32, 0.5, bfloat16]))
    monkeypatch.setattr(_precision.time, "perf_counter", lambda: next(ends))


@pytest.mark.parametrize(
    "float32, bfloat16, expected",
    [(3.0, 2.0, "bfloat16"), (2.0, 3.0, "float32"), (2.0, 1.9, "float32")],
)
def test_auto_takes_the_faster_one(monkeypatch, float32, bfloat16, expected):
    let_the_clock_lie(monkeypatch, float32, bfloat16)
    assert choose_precision(CNNClassifier(precision="auto")) == expected


def test_it_is_measured_once_for_a_process(monkeypatch):
    let_the_clock_lie(monkeypatch, 3.0, 2.0)
    choose_precision(CNNClassifier(precision="auto"))
    let_the_clock_lie(monkeypatch, 2.0, 3.0)
    assert choose_precision(CNNClassifier(precision="auto")) == "bfloat16"


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_precision_that_is_named_is_taken(monkeypatch, precision):
    for seconds in ((1.0, 9.0), (9.0, 1.0)):
        let_the_clock_lie(monkeypatch, *seconds)
        assert choose_precision(CNNClassifier(precision=precision)) == precision


def test_a_backend_that_can_not_do_it(monkeypatch):
    def fail(layer, images):
        raise NotImplementedError("no kernel for bfloat16")

    monkeypatch.setattr(_precision, "_run", fail)
    assert choose_precision(CNNClassifier(precision="auto")) == "float32"
    with pytest.raises(ValueError, match=r"can't compute here \(no kernel for bfl"):
        choose_precision(CNNClassifier(precision="bfloat16"))


@pytest.mark.slow
def test_what_is_left_of_a_bfloat16_training_is_float32(two_classes):
    images, target = two_classes.images, two_classes.target
    params = TINY_NETWORK | {"epochs": 6}
    fitted = {
        precision: CNNClassifier(**params | {"precision": precision}).fit(
            images, target
        )
        for precision in ("float32", "bfloat16")
    }
    cheap = fitted["bfloat16"]
    assert cheap.precision_ == "bfloat16"
    assert {weights.dtype for weights in cheap.model_.get_weights()} == {np.dtype("f4")}
    assert {layer.compute_dtype for layer in cheap.model_.layers} == {"float32"}
    probabilities = cheap.predict_proba(images)
    assert probabilities.dtype == np.float32
    exact = fitted["float32"].predict_proba(images)
    assert 0 < np.abs(probabilities - exact).mean() < 0.1


def test_layers_keep_the_precision_they_were_given():
    inputs = keras.Input((8, 8, 1))
    x = keras.layers.Conv2D(2, 3, dtype="float32", name="plain")(inputs)
    chosen = keras.DTypePolicy("float16")
    x = keras.layers.Conv2D(2, 3, dtype=chosen, name="chosen")(x)
    x = x + keras.ops.relu(x)  # Operations have no precision of their own.
    x = keras.Sequential([keras.Input((4, 4, 2)), keras.layers.Flatten()])(x)
    network = keras.Model(inputs, keras.layers.Dense(2, "softmax")(x))
    copy = copy_for_training(network, precision="bfloat16", sizes=None)
    assert copy.get_layer("plain").compute_dtype == "bfloat16"
    assert copy.get_layer("chosen").compute_dtype == "float16"
    assert copy.layers[-1].compute_dtype == "float32"
    images = np.random.default_rng(0).random((3, 8, 8, 1), np.float32)
    np.testing.assert_allclose(
        keras.ops.convert_to_numpy(copy(images)),
        keras.ops.convert_to_numpy(network(images)),
        atol=0.02,
    )


@pytest.mark.slow
def test_partial_fit_goes_on_after_a_pickle(two_classes):
    """What is trained is a copy; the network has what it learnt."""
    images, target = two_classes.images, two_classes.target
    params = TINY_NETWORK | {"precision": "bfloat16", "augment": None, "dropout": 0.0}
    through, kept = CNNClassifier(**params), CNNClassifier(**params)
    for _ in range(3):
        through.partial_fit(images, target, classes=["happy", "surprise"])
        through = pickle.loads(pickle.dumps(through))
        kept.partial_fit(images, target, classes=["happy", "surprise"])
    np.testing.assert_allclose(
        through.predict_proba(images), kept.predict_proba(images), atol=1e-6
    )


@pytest.mark.slow
def test_the_network_has_what_its_copy_learnt(two_classes):
    """The accuracy that Keras measures is that of the network that is left."""
    images, target = two_classes.images, two_classes.target
    params = TINY_NETWORK | {"precision": "bfloat16", "epochs": 8}
    for more in ({"average_weights": False}, {"early_stopping": True}):
        fitted = CNNClassifier(**params | more).fit(
            images, target, X_val=images, y_val=target
        )
        measured = fitted.history_["val_accuracy"][fitted.best_iter_ - 1]
        assert fitted.score(images, target) == pytest.approx(measured, abs=0.03)

"""bfloat16 where it is faster."""

import itertools

import numpy as np
import pytest

from skfer import CNNClassifier
from skfer.neural import _precision
from skfer.neural._precision import choose_precision
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
    # Digits that only float32 has, so it was not the whole training that changed.
    probabilities = cheap.predict_proba(images)
    assert probabilities.dtype == np.float32
    assert not np.array_equal(
        probabilities, probabilities.astype(np.float16).astype(np.float32)
    )
    exact = fitted["float32"].predict_proba(images)
    assert 0 < np.abs(probabilities - exact).max() < 0.1

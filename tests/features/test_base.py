"""What both feature transformers share, whatever they compute."""

import tracemalloc

import numpy as np
import pytest
from sklearn.base import clone

import skfer.features._base as base
from skfer import HOGTransformer, LBPTransformer

pytestmark = pytest.mark.parametrize(
    "transformer", [HOGTransformer(), LBPTransformer()], ids=lambda t: type(t).__name__
)


def test_threads_change_nothing(transformer, faces):
    expected = clone(transformer).fit_transform(faces.images)
    got = clone(transformer).set_params(n_jobs=2).fit_transform(faces.images)
    np.testing.assert_array_equal(got, expected)


def test_compiled_kernels_change_nothing(transformer, faces, monkeypatch):
    assert base.load_kernels() is not None
    compiled = clone(transformer).fit_transform(faces.images)
    for module in ("_hog", "_lbp"):
        monkeypatch.setattr(f"skfer.features.{module}.load_kernels", lambda: None)
    plain = clone(transformer).fit_transform(faces.images)
    np.testing.assert_array_equal(compiled, plain)


@pytest.mark.parametrize("pixels", [1, 48 * 48 * 3 + 5, 10**9])
def test_the_size_of_a_chunk_changes_nothing(transformer, pixels, faces, monkeypatch):
    transformer = clone(transformer).fit(faces.images)
    expected = transformer.transform(faces.images[:10])
    monkeypatch.setattr(base, "_PIXELS_PER_CHUNK", pixels)
    np.testing.assert_array_equal(transformer.transform(faces.images[:10]), expected)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_the_input_is_never_copied_to_float64(transformer, dtype):
    rng = np.random.default_rng(0)
    images = rng.integers(0, 255, (4000, 48, 48)).astype(dtype)
    if dtype == np.float32:
        images /= 255
    transformer = clone(transformer).fit(images[:2])
    transformer.transform(images[:2])  # Tables that are made once.
    tracemalloc.start()
    try:
        out = transformer.transform(images)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak - out.nbytes < 0.3 * images.size * 8

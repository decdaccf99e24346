"""What both feature transformers share, whatever they compute."""

import tracemalloc
from unittest import mock

import numpy as np
import pytest
from sklearn.base import clone

import skfer.features._base as base
from skfer import HOGTransformer, LBPTransformer
from skfer.preprocessing import CachedArray

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


def test_a_cache_changes_nothing_and_computes_once(transformer, faces, tmp_path):
    expected = clone(transformer).fit_transform(faces.images)
    cached = clone(transformer).set_params(cache_dir=tmp_path, n_jobs=2)
    features = cached.fit_transform(faces.images)
    assert isinstance(features, CachedArray) and features.dtype == np.float32
    np.testing.assert_array_equal(features, expected)
    rows = np.array([5, 2, 2, 30])
    with mock.patch.object(type(cached), "_extract", side_effect=AssertionError):
        again = cached.transform(faces.images[rows])
    np.testing.assert_array_equal(again, expected[rows])
    # Floats of the same pictures, and other parameters, are something else.
    as_floats = clone(cached).fit_transform((faces.images[:4] / 255).astype("f4"))
    np.testing.assert_array_equal(
        as_floats,
        clone(transformer).fit_transform((faces.images[:4] / 255).astype("f4")),
    )
    other = {"HOGTransformer": {"orientations": 5}, "LBPTransformer": {"radius": 2}}
    changed = clone(cached).set_params(**other[type(transformer).__name__])
    np.testing.assert_array_equal(
        changed.fit_transform(faces.images[:4]),
        clone(changed).set_params(cache_dir=None).fit_transform(faces.images[:4]),
    )


def test_a_cache_that_is_too_small_is_refused(transformer, faces, tmp_path):
    tiny = clone(transformer).set_params(cache_dir=tmp_path, cache_gb=1e-6)
    with pytest.raises(ValueError, match="needs .* GB more.*Allow more with cache_gb"):
        tiny.fit_transform(faces.images)


def test_features_of_a_cache_are_a_data_frame_where_one_is_wanted(
    transformer, faces, tmp_path
):
    plain = clone(transformer).set_output(transform="pandas")
    cached = clone(plain).set_params(cache_dir=tmp_path)
    expected = plain.fit_transform(faces.images[:5])
    assert cached.fit_transform(faces.images[:5]).equals(expected)


def test_cached_images_go_through_in_pieces(transformer, faces, tmp_path):
    faces.images.tofile(tmp_path / "images.bin")
    images = CachedArray(
        tmp_path / "images.bin", np.arange(len(faces.images)), faces.images.shape[1:]
    )
    cached = clone(transformer).set_params(cache_dir=tmp_path / "cache")
    np.testing.assert_array_equal(
        cached.fit_transform(images), clone(transformer).fit_transform(faces.images)
    )

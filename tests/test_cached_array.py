import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.decomposition import PCA
from sklearn.model_selection import train_test_split

from skfer._cached_array import CachedArray
from skfer._sklearn import safe_indexing

N, SHAPE = 20, (4, 3)
ARRAY = np.random.default_rng(0).integers(1, 256, (N, *SHAPE)).astype(np.uint8)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("cache") / "rows.bin"
    # Another process may be adding to it.
    path.write_bytes(ARRAY.tobytes() + b"\1\2")
    return path


KEYS = st.one_of(
    st.lists(st.integers(-N, N - 1), max_size=30).map(lambda k: np.array(k, int)),
    st.lists(st.booleans(), min_size=N, max_size=N).map(np.array),
    st.slices(N),
)


@settings(max_examples=60)
@given(first=KEYS, second=st.slices(30), one=st.integers(-40, 40))
def test_rows_are_chosen_as_in_an_array(path, first, second, one):
    images = CachedArray(path, np.arange(N), SHAPE)
    expected = ARRAY[first][second]
    for chosen in (images[first][second], images[first, ...][second, ...]):
        assert isinstance(chosen, CachedArray)
        assert chosen.shape == expected.shape and chosen.ndim == 3
        assert len(chosen) == len(expected)
        assert np.array_equal(np.asarray(chosen), expected)
        assert np.array_equal([*chosen], [*expected])
    try:
        expected_one = expected[one]
    except IndexError:
        with pytest.raises(IndexError):
            chosen[one]
    else:
        assert np.array_equal(chosen[one], expected_one)


def test_it_is_an_array_for_scikit_learn(path):
    images = CachedArray(path, np.arange(N), SHAPE)
    for key in ([3, 1], np.arange(N) > 15, slice(2, 9)):
        part = safe_indexing(images, key)
        assert isinstance(part, CachedArray)
        assert np.array_equal(np.asarray(part), safe_indexing(ARRAY, key))
    parts = train_test_split(images, random_state=0)
    for part, expected in zip(
        parts, train_test_split(ARRAY, random_state=0), strict=True
    ):
        assert isinstance(part, CachedArray)
        assert np.array_equal(np.asarray(part), expected)
    assert np.asarray(images, dtype=np.float32).dtype == np.float32


def test_minus_one_is_black(path):
    images = CachedArray(path, [-1, 2, -1], SHAPE)
    seen = np.asarray(images)
    assert not seen[[0, 2]].any() and np.array_equal(seen[1], ARRAY[2])
    assert not images[2].any()


def test_grey_images_get_a_channel(path):
    images = CachedArray(path, [5, 6], SHAPE).with_channels()
    assert images.shape == (2, 4, 3, 1)
    assert np.array_equal(np.asarray(images), ARRAY[5:7, ..., np.newaxis])
    assert images.with_channels() is images


def test_features_are_rows_of_floats(tmp_path):
    values = np.random.default_rng(0).normal(size=(6, 5)).astype(np.float32)
    values.tofile(tmp_path / "rows.bin")
    features = CachedArray(tmp_path / "rows.bin", [4, 2, 2], (5,), np.float32)
    assert (features.shape, features.ndim, features.dtype) == ((3, 5), 2, np.float32)
    assert np.array_equal(np.asarray(features), values[[4, 2, 2]])
    part = features[1:]
    assert part.dtype == np.float32
    assert np.array_equal(np.asarray(part), values[[2, 2]])
    assert np.array_equal(
        PCA(2).fit(features).mean_, PCA(2).fit(values[[4, 2, 2]]).mean_
    )


def test_other_processes_get_the_name_of_the_file(path):
    images = CachedArray(path, np.arange(N), SHAPE)
    content = pickle.dumps(images)
    assert ARRAY.tobytes()[:30] not in content
    assert np.array_equal(np.asarray(pickle.loads(content)), ARRAY)
    assert repr(images) == f"CachedArray of shape (20, 4, 3) in {path}"


def test_what_it_can_not_do_is_said(path):
    images = CachedArray(path, np.arange(N), SHAPE)
    with pytest.raises(IndexError, match="has no parts of rows. Read the rows"):
        images[:, :2]
    with pytest.raises(ValueError, match="pass copy=None"):
        np.asarray(images, copy=False)
    with pytest.raises(FileNotFoundError, match="gone"):
        np.asarray(CachedArray(path.with_name("gone"), [0], SHAPE))

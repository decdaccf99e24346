import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from skimage.color import rgb2gray
from sklearn.base import BaseEstimator

from skfer._images import check_images, check_size, holds_paths, to_gray


class Asker(BaseEstimator):
    """Stands for any estimator."""


@pytest.mark.parametrize(
    ("rows", "image_shape", "expected"),
    [
        ((2, 36), None, (6, 6, 1)),
        ((2, 35), None, (1, 35, 1)),
        ((2, 36), (4, 9), (4, 9, 1)),
        ((2, 36), [3, 4, 3], (3, 4, 3)),
    ],
)
def test_rows_become_images(rows, image_shape, expected):
    asker = Asker()
    X = np.arange(np.prod(rows)).reshape(rows).astype(np.uint8)
    images = check_images(asker, X, reset=True, image_shape=image_shape)
    assert images.shape[1:] == asker.image_shape_in_ == expected
    np.testing.assert_array_equal(images.ravel(), X.ravel())


@pytest.mark.parametrize(
    "image_shape", [(5, 7), (36,), (6, 6, 1, 1), (6.0, 6), (-6, -6)]
)
def test_wrong_image_shape_is_explained(image_shape):
    with pytest.raises(ValueError, match="Asker got image_shape=.* 36"):
        check_images(Asker(), np.ones((2, 36)), reset=True, image_shape=image_shape)


@pytest.mark.parametrize(
    ("dtype", "expected"),
    [
        (np.uint8, np.uint8),
        (np.int64, np.uint8),
        (np.uint16, np.uint8),
        (np.float16, np.float32),
        (np.float32, np.float32),
        (np.float64, np.float64),
        (bool, np.float32),
    ],
)
def test_dtypes(dtype, expected):
    images = check_images(Asker(), np.ones((2, 3, 4), dtype), reset=True)
    assert images.dtype == expected


def test_uint8_is_not_copied():
    X = np.ones((2, 3, 4), np.uint8)
    assert np.shares_memory(check_images(Asker(), X, reset=True), X)


def test_large_integers_are_kept_with_a_warning():
    X = np.full((2, 3, 4), 4000, np.uint16)
    with pytest.warns(UserWarning, match="values from 4000 to 4000"):
        images = check_images(Asker(), X, reset=True)
    assert images.max() == 4000


def test_channel_axis_of_length_one_is_the_same_as_none():
    asker = Asker()
    check_images(asker, np.ones((2, 3, 4)), reset=True)
    assert check_images(asker, np.ones((2, 3, 4, 1)), reset=False).shape == (2, 3, 4, 1)


@pytest.mark.parametrize(
    ("X", "expected"),
    [
        (["a.jpg"], True),
        (np.array(["a.jpg"], dtype=object), True),
        (np.ones((2, 2)), False),
        ([np.ones((2, 2))], False),
        ([], False),
        ("a.jpg", False),
    ],
)
def test_holds_paths(X, expected):
    assert holds_paths(X) is expected


@given(hnp.arrays(np.uint8, (2, 5, 4, 3)))
def test_gray_equals_scikit_image(images):
    expected = rgb2gray(images) * 255
    assert np.abs(to_gray(images) - expected).max() <= 0.51
    floats = images / 255
    np.testing.assert_allclose(to_gray(floats) * 255, expected, atol=0.01)


@given(st.integers(0, 255))
def test_gray_of_gray_is_itself(value):
    assert (to_gray(np.full((1, 2, 2, 3), value, np.uint8)) == value).all()


def test_gray_refuses_alpha():
    with pytest.raises(ValueError, match="1 or 3 channels, got 4"):
        to_gray(np.zeros((1, 2, 2, 4), np.uint8))


@pytest.mark.parametrize("size", [0, (0, 5), (5,), (5, 5, 5), (5.5, 5)])
def test_wrong_size_is_explained(size):
    with pytest.raises(ValueError, match="Asker got size=.*both at least 1"):
        check_size(Asker(), size)


def test_one_number_is_a_square():
    assert check_size(Asker(), 7) == (7, 7)

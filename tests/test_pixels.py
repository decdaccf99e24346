"""One meaning of numbers, for files, arrays and figures."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from skimage import img_as_ubyte
from skimage.color import rgb2gray

from skfer._pixels import to_gray, to_mode, to_uint8


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


@given(hnp.arrays(np.float64, (3, 4), elements=st.floats(0, 1)))
def test_shares_become_bytes_as_in_scikit_image(image):
    difference = to_uint8(image, "a test").astype(int) - img_as_ubyte(image)
    # Single precision may decide a tie the other way.
    assert np.abs(difference).max() <= 1
    assert (
        to_uint8(np.rint(image * 255) / 255, "a test") == np.rint(image * 255)
    ).all()


@given(hnp.arrays(np.uint16, (3, 4), elements=st.integers(0, 65535)))
def test_sixteen_bits_become_the_nearest_of_eight(image):
    if 0 < image.max() < 4096:
        with pytest.raises(ValueError, match="which would be (nearly )?black"):
            to_uint8(image, "a test")
        return
    exact = image.astype(float) / 257
    assert np.abs(to_uint8(image, "a test") - exact).max() <= 0.5


def test_bytes_are_not_copied():
    image = np.zeros((2, 2), np.uint8)
    assert to_uint8(image, "a test") is image


def test_an_overshoot_of_interpolation_is_clipped():
    assert to_uint8(np.array([-0.05, 1.05]), "a test").tolist() == [0, 255]


def test_the_message_names_who_and_where():
    with pytest.raises(ValueError, match="Asker expects float images in .* at row 7"):
        to_uint8(np.array([3.0]), "Asker", " at row 7")
    with pytest.raises(ValueError, match="NaN or infinity at row 7"):
        to_uint8(np.array([np.nan]), "Asker", " at row 7")


def test_modes():
    colour = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    assert to_mode(colour[..., :1], None).shape == (2, 2)
    assert to_mode(colour[..., :1], "RGB").shape == (2, 2, 3)
    assert to_mode(colour, None) is colour
    np.testing.assert_array_equal(to_mode(colour, "L"), to_gray(colour))

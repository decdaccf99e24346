import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from skimage.color import rgb2gray
from skimage.transform import resize

from skfer import GrayscaleResizer


@pytest.fixture(scope="module")
def photo():
    """A smooth colour picture, as photographs are."""
    small = np.random.default_rng(0).integers(0, 256, (12, 16, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(small).resize((320, 240)))


def test_any_sizes_become_one(photo):
    images = [photo, photo[:50], photo[..., 0], photo[:, :30, :1]]
    out = GrayscaleResizer((20, 30)).fit_transform(images)
    assert out.shape == (4, 20, 30)
    assert out.dtype == np.uint8
    ragged = np.empty(4, dtype=object)
    ragged[:] = images
    np.testing.assert_array_equal(GrayscaleResizer((20, 30)).fit_transform(ragged), out)


def test_close_to_scikit_image(photo):
    ours = GrayscaleResizer((48, 48)).fit_transform(photo[np.newaxis])[0]
    theirs = resize(rgb2gray(photo), (48, 48), anti_aliasing=True) * 255
    assert np.abs(ours - theirs).mean() < 1.5


def test_shrinking_averages(photo):
    """A fine chequerboard becomes even grey; without antialiasing it would not."""
    board = np.indices((96, 96)).sum(axis=0) % 2 * 255
    out = GrayscaleResizer((8, 8)).fit_transform(board[np.newaxis].astype(np.uint8))
    assert np.abs(out.astype(int) - 127).max() <= 3


def test_the_right_size_is_left_alone(odd_images):
    np.testing.assert_array_equal(
        GrayscaleResizer((20, 13)).fit_transform(odd_images), odd_images
    )


@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.integers(1, 40))
@settings(max_examples=30)
def test_floats_and_integers_agree(seed, height, width):
    images = np.random.default_rng(seed).integers(
        0, 256, (2, height, width), dtype=np.uint8
    )
    resizer = GrayscaleResizer((11, 7)).fit(images)
    expected = resizer.transform(images)
    np.testing.assert_array_equal(resizer.transform(images / 255), expected)
    np.testing.assert_array_equal(resizer.transform(images.astype(int)), expected)


@given(st.integers(0, 255), st.integers(1, 60), st.integers(1, 60))
@settings(max_examples=30)
def test_constant_stays_constant(value, height, width):
    out = GrayscaleResizer((9, 5)).fit_transform(
        np.full((1, height, width, 3), value, np.uint8)
    )
    assert (out == value).all()


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=20)
def test_mirroring_commutes(seed):
    images = np.random.default_rng(seed).integers(0, 256, (2, 24, 36), dtype=np.uint8)
    resizer = GrayscaleResizer((8, 12)).fit(images)
    mirrored = resizer.transform(images[:, :, ::-1])[:, :, ::-1]
    difference = mirrored.astype(int) - resizer.transform(images)
    assert np.abs(difference).max() <= 1


@pytest.mark.parametrize("resample", ["box", "bilinear", "bicubic", "lanczos"])
def test_filters(photo, resample):
    out = GrayscaleResizer((24, 24), resample=resample).fit_transform([photo])
    assert out.shape == (1, 24, 24)


def test_threads_change_nothing(photo):
    images = [photo] * 150
    np.testing.assert_array_equal(
        GrayscaleResizer(n_jobs=2).fit_transform(images),
        GrayscaleResizer().fit_transform(images),
    )


# The largest float32 of such images is a little above 1/255.
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("as_list", [False, True])
def test_images_that_were_scaled_twice_bring_a_warning(photo, as_list, dtype):
    resizer = GrayscaleResizer((24, 24)).fit([photo])
    scaled = np.stack([photo, photo]) / np.asarray(255, dtype)
    scaled = scaled.astype(dtype)
    scaled[0, 0, 0] = 1
    kind = list if as_list else np.asarray
    with pytest.warns(UserWarning, match="as if divided by 255 twice") as caught:
        resizer.transform(kind(scaled / 255))
    assert caught[0].filename == __file__
    # None for what is right, black, or dark for another reason.
    for images in (scaled, scaled * 0, np.full((2, 8, 8), 1, np.uint8)):
        resizer.transform(kind(images))


def test_float_images_beyond_one_are_refused(photo):
    with pytest.raises(
        ValueError, match=r"float images in 0..1, got values from 255 to 255 at row 0"
    ):
        GrayscaleResizer().fit_transform([np.full((4, 4), 255.0)])


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (np.zeros((4, 4, 4), np.uint8), r"shape \(4, 4, 4\) at row 1"),
        (np.zeros((0, 4), np.uint8), r"shape \(0, 4\) at row 1"),
        (np.full((4, 4), "a"), "numeric images"),
        (np.full((4, 4), np.nan), "NaN"),
    ],
)
def test_wrong_images_are_explained(image, message):
    resizer = GrayscaleResizer()
    with pytest.raises(ValueError, match=message):
        resizer.fit_transform([np.zeros((4, 4), np.uint8), image])


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (np.full((4, 4), 200, np.uint16), "uint16 values in 0..65535, got .* 200"),
        (np.full((4, 4), 256), "integers in 0..255, got int64 values from 256"),
        (np.full((4, 4), -1), "integers in 0..255, got int64 values from -1"),
        (np.full((4, 4), -1.0), r"Map -1..1 to 0..1 with \(image \+ 1\) / 2"),
    ],
)
def test_pixels_outside_of_their_range_are_refused(image, message):
    resizer = GrayscaleResizer()
    for images in ([np.zeros((4, 4), image.dtype), image], np.stack([image, image])):
        with pytest.raises(ValueError, match=f"(?s)GrayscaleResizer.*{message}"):
            resizer.fit_transform(images)


def test_twelve_bits_in_sixteen_are_refused():
    image = np.full((4, 4), 4095, np.uint16)
    for images in ([image], np.stack([image, image * 0])):
        with pytest.raises(ValueError, match="Multiply 12-bit values by 16"):
            GrayscaleResizer((4, 4)).fit_transform(images)
    assert GrayscaleResizer((4, 4)).fit_transform([image * 16])[0, 0, 0] == 255


def test_sixteen_bits_and_bits_mean_what_they_mean_in_files():
    deep = np.array([[[0, 257, 32896, 65535]]], np.uint16)
    assert GrayscaleResizer((1, 4)).fit_transform(deep).tolist() == [[[0, 1, 128, 255]]]
    bits = np.array([[[False, True]]])
    assert GrayscaleResizer((1, 2)).fit_transform(bits).tolist() == [[[0, 255]]]


@pytest.mark.parametrize("X", [np.zeros((48, 48, 3), np.uint8), np.zeros((9, 9, 4))])
def test_one_colour_picture_is_not_many_grey_ones(X):
    with pytest.raises(ValueError, match=r"needs a list .* Pass \[path\] or \[image\]"):
        GrayscaleResizer().fit_transform(X)


def test_sizes_of_numpy_are_sizes():
    assert GrayscaleResizer(np.int64(8)).fit_transform(
        np.zeros((2, 9, 9), np.uint8)
    ).shape == (2, 8, 8)


def test_paths_are_refused_with_advice():
    with pytest.raises(ValueError, match=r"Put ImageLoader\(\) before"):
        GrayscaleResizer().fit(["face.jpg"])


def test_rows_of_another_range_are_scaled_from_it():
    rows = np.linspace(-1, 1, 32).reshape(2, 16)
    with pytest.warns(UserWarning, match="Map -1..1 to 0..1"):
        resizer = GrayscaleResizer((4, 4)).fit(rows)
    out = resizer.transform(rows)
    np.testing.assert_array_equal(out.ravel(), np.rint(np.linspace(0, 255, 32)))
    with pytest.raises(ValueError, match="fitted on floats in -1..1"):
        resizer.transform(rows * 255)

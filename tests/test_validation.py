import warnings

import numpy as np
import pytest
from scipy.sparse import csr_array, dok_array
from sklearn.base import BaseEstimator

from skfer import CNNClassifier, GrayscaleResizer, ImageLoader, make_hog_svm
from skfer._validation import check_images, check_size, holds_paths
from tests.conftest import TINY_NETWORK


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


@pytest.mark.parametrize("kind", [csr_array, dok_array])
@pytest.mark.parametrize(
    "model", [ImageLoader(), GrayscaleResizer(8), make_hog_svm(image_size=8)]
)
def test_sparse_images_are_refused(model, kind):
    with pytest.raises(TypeError, match="(?i)sparse .*toarray"):
        model.fit(kind(np.ones((4, 64), np.uint8)), ["a", "b"] * 2)


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
        (bool, np.uint8),
        (np.float16, np.float32),
        (np.float32, np.float32),
        (np.float64, np.float64),
    ],
)
def test_dtypes(dtype, expected):
    images = check_images(Asker(), np.ones((2, 3, 4), dtype), reset=True)
    assert images.dtype == expected


def test_uint8_is_not_copied():
    X = np.ones((2, 3, 4), np.uint8)
    assert np.shares_memory(check_images(Asker(), X, reset=True), X)


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (np.full((2, 3, 5), 4000, np.int32), "integers in 0..255, got int32 values"),
        (
            np.full((2, 3, 5), 200, np.uint16),
            "uint16 values in 0..65535, got values up to 200",
        ),
        (np.full((2, 3, 5), -1), "values from -1 to -1"),
    ],
)
def test_integers_outside_of_their_range_are_refused(X, message):
    with pytest.raises(ValueError, match=f"Asker expects {message}|{message}"):
        check_images(Asker(), X, reset=True)


def test_sixteen_bits_are_scaled():
    X = np.array([0, 257, 32896, 65535], np.uint16).reshape(1, 2, 2)
    assert check_images(Asker(), X, reset=True).ravel().tolist() == [0, 1, 128, 255]


RANGES = {
    (0.0, 1.0): [0.0, 0.5, 1.0],
    (-1.0, 1.0): [-1.0, 0.0, 1.0],
    (0.0, 255.0): [0.0, 80.0, 255.0],
    (-3.0, 5.0): [-3.0, 0.0, 5.0],  # Standardised images have no fixed ends.
}


def images_of(values):
    return np.array(values, dtype=np.float64).reshape(1, 1, -1)


@pytest.mark.parametrize("at_fit", RANGES)
def test_the_range_at_fit_is_remembered(at_fit):
    asker = Asker()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        check_images(asker, images_of(RANGES[at_fit]), reset=True)
    assert (asker.pixel_min_in_, asker.pixel_max_in_) == at_fit


@pytest.mark.parametrize(
    ("at_fit", "later"),
    [
        ((0.0, 1.0), [-1.0, 0.0, 1.0]),
        ((0.0, 1.0), [0.0, 80.0, 255.0]),
        ((-1.0, 1.0), [0.0, 80.0, 255.0]),
        ((0.0, 255.0), [-100.0, 0.0, 255.0]),
        ((-3.0, 5.0), [0.0, 80.0, 255.0]),
    ],
)
def test_what_leaves_the_range_is_refused(at_fit, later):
    asker = Asker()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        check_images(asker, images_of(RANGES[at_fit]), reset=True)
    with pytest.raises(ValueError, match="was fitted on floats in .*scale all images"):
        check_images(asker, images_of(later), reset=False)


@pytest.mark.parametrize("at_fit", RANGES)
def test_a_little_more_than_at_fit_is_no_error(at_fit):
    asker = Asker()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        check_images(asker, images_of(RANGES[at_fit]), reset=True)
    span = at_fit[1] - at_fit[0]
    later = [at_fit[0] - 0.05 * span, at_fit[1] + 0.05 * span, at_fit[1]]
    check_images(asker, images_of(later), reset=False)


@pytest.mark.parametrize("X", [np.zeros((48, 48, 3), np.uint8), {"X": 1}])
def test_one_picture_or_a_mapping_is_refused(X):
    with pytest.raises(ValueError, match=r"Asker needs a list .*Pass \[path\] or"):
        check_images(Asker(), X, reset=True)


def test_a_series_of_images_is_a_list_of_images():
    pandas = pytest.importorskip("pandas")
    images = [np.ones((4, 5), np.uint8)] * 3
    assert check_images(Asker(), pandas.Series(images), reset=True).shape == (
        3,
        4,
        5,
        1,
    )


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


@pytest.mark.parametrize("size", [0, (0, 5), (5,), (5, 5, 5), (5.5, 5)])
def test_wrong_size_is_explained(size):
    with pytest.raises(ValueError, match="Asker got size=.*both at least 1"):
        check_size(Asker(), size)


def test_one_number_is_a_square():
    assert check_size(Asker(), 7) == (7, 7)


@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_a_refused_fit_changes_nothing(two_classes, fake_training, method):
    X, y = two_classes.images, two_classes.target
    classifier = CNNClassifier(**TINY_NETWORK).fit(X, y)
    before = dict(vars(classifier))
    answers = classifier.predict_proba(X)
    with pytest.raises(ValueError):
        getattr(classifier, method)(X[:, :20, :24] / 255, y[1:])
    assert vars(classifier) == before
    np.testing.assert_array_equal(classifier.predict_proba(X), answers)


def test_a_mapping_holds_no_paths():
    for images in ({"a.png": np.zeros((8, 8), np.uint8)}, {}):
        with pytest.raises(ValueError, match="GrayscaleResizer needs .*got one dict"):
            GrayscaleResizer().fit(images)

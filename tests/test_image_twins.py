"""Twins of scikit-learn's checks for images of three and four axes.

The standard battery runs on rows of pixels, so these look at what only images
have: axes. All sides differ, because equal sides hide exchanged axes.
"""

import copy
import pickle
import warnings

import numpy as np
import pytest
from sklearn.base import clone

from skfer import (
    CNNClassifier,
    GrayscaleResizer,
    HOGTransformer,
    ImageLoader,
    LBPTransformer,
)

pytestmark = pytest.mark.usefixtures("fake_training")
HEIGHT, WIDTH, CHANNELS = 20, 13, 3
ESTIMATORS = [
    GrayscaleResizer(size=(9, 7)),
    HOGTransformer(pixels_per_cell=(4, 3)),
    LBPTransformer(grid=(3, 2)),
    CNNClassifier((4, 8), epochs=2, batch_size=8, random_state=0),
    ImageLoader(),
]
FIXED_SHAPE = ESTIMATORS[1:4]
every_estimator = pytest.mark.parametrize(
    "estimator", ESTIMATORS, ids=lambda e: type(e).__name__
)
with_fixed_shape = pytest.mark.parametrize(
    "estimator", FIXED_SHAPE, ids=lambda e: type(e).__name__
)
every_kind = pytest.mark.parametrize(
    "shape", [(HEIGHT, WIDTH), (HEIGHT, WIDTH, CHANNELS)], ids=["grey", "colour"]
)


def images_of(shape, dtype=np.uint8, n=12):
    values = np.random.default_rng(0).integers(0, 256, (n, *shape))
    return values.astype(dtype) if dtype == np.uint8 else (values / 255).astype(dtype)


def labels(n=12):
    return np.array(["happy", "sad", "angry"] * n)[:n]


def answer(estimator, X):
    method = "predict_proba" if hasattr(estimator, "predict_proba") else "transform"
    return getattr(estimator, method)(X)


@every_estimator
@every_kind
def test_fit_returns_self_and_one_row_per_image(estimator, shape):
    X = images_of(shape)
    estimator = clone(estimator)
    assert estimator.fit(X, labels()) is estimator
    assert len(answer(estimator, X)) == len(X)


@every_estimator
@every_kind
@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
def test_read_only_input_stays_as_it_was(estimator, shape, dtype):
    X, y = images_of(shape, dtype), labels()
    before = X.copy()
    X.setflags(write=False)
    y.setflags(write=False)
    answer(clone(estimator).fit(X, y), X)
    np.testing.assert_array_equal(X, before)


@every_estimator
@every_kind
def test_subsets_and_order_do_not_matter(estimator, shape):
    X = images_of(shape)
    fitted = clone(estimator).fit(X, labels())
    whole = answer(fitted, X)
    one_by_one = np.concatenate([answer(fitted, X[i : i + 1]) for i in range(len(X))])
    np.testing.assert_allclose(one_by_one, whole, atol=1e-6)
    order = np.random.default_rng(1).permutation(len(X))
    np.testing.assert_allclose(answer(fitted, X[order]), whole[order], atol=1e-6)


@every_estimator
@every_kind
def test_list_of_images_equals_array(estimator, shape):
    X = images_of(shape)
    fitted = clone(estimator).fit(list(X), labels())
    np.testing.assert_array_equal(answer(fitted, list(X)), answer(fitted, X))


@every_estimator
@every_kind
def test_fitting_twice_and_copies_give_the_same(estimator, shape):
    X = images_of(shape)
    fitted = clone(estimator).fit(X, labels())
    expected = answer(fitted, X)
    for twin in (
        pickle.loads(pickle.dumps(fitted)),
        copy.deepcopy(fitted),
        clone(fitted).fit(X, labels()),
    ):
        np.testing.assert_array_equal(answer(twin, X), expected)


@every_estimator
@every_kind
def test_answering_changes_nothing(estimator, shape):
    X = images_of(shape)
    fitted = clone(estimator).fit(X, labels())
    before = dict(vars(fitted))
    answer(fitted, X)
    assert vars(fitted).keys() == before.keys()
    assert all(vars(fitted)[name] is value for name, value in before.items())


@with_fixed_shape
@every_kind
def test_image_shape_is_remembered(estimator, shape):
    fitted = clone(estimator).fit(images_of(shape), labels())
    assert fitted.image_shape_in_ == (*shape, 1)[:3]
    assert fitted.n_features_in_ == np.prod(shape)
    assert fitted.pixel_max_in_ == 255


@with_fixed_shape
@every_kind
@pytest.mark.parametrize("axis", [1, 2, 3])
def test_another_length_of_any_axis_is_refused(estimator, shape, axis):
    X = images_of(shape)
    fitted = clone(estimator).fit(X, labels())
    other = np.concatenate([X, X], axis=axis) if axis < X.ndim else np.stack([X, X], 3)
    if other.ndim == 4 and other.shape[3] > 4:
        other = other[..., :4]
    with pytest.raises(
        ValueError, match=r"was fitted on images of shape .* got images"
    ):
        answer(fitted, other)


@with_fixed_shape
def test_exchanged_axes_are_refused(estimator):
    X = images_of((HEIGHT, WIDTH))
    fitted = clone(estimator).fit(X, labels())
    with pytest.raises(ValueError, match="was fitted on images of shape"):
        answer(fitted, X.transpose(0, 2, 1))


@with_fixed_shape
def test_rows_of_pixels_equal_images(estimator):
    X = images_of((HEIGHT, WIDTH))
    by_images = clone(estimator).fit(X, labels())
    by_rows = clone(estimator).set_params(image_shape=(HEIGHT, WIDTH))
    by_rows.fit(X.reshape(len(X), -1), labels())
    np.testing.assert_array_equal(answer(by_rows, X), answer(by_images, X))
    np.testing.assert_array_equal(
        answer(by_images, X.reshape(len(X), -1)), answer(by_images, X)
    )


@with_fixed_shape
@pytest.mark.parametrize(("first", "then"), [(np.uint8, float), (np.float32, np.uint8)])
def test_another_kind_of_numbers_is_refused(estimator, first, then):
    fitted = clone(estimator).fit(images_of((HEIGHT, WIDTH), first), labels())
    with pytest.raises(
        ValueError, match=r"was fitted on .* images .* same kind in both"
    ):
        answer(fitted, images_of((HEIGHT, WIDTH), then))


@pytest.mark.parametrize("estimator", ESTIMATORS[:4], ids=lambda e: type(e).__name__)
@every_kind
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_nan_and_infinity_are_refused(estimator, shape, value):
    X = images_of(shape, np.float32)
    fitted = clone(estimator).fit(X, labels())
    X[3, 2, 1] = value
    with pytest.raises(ValueError, match=r"NaN|infinity"):
        answer(fitted, X)


@with_fixed_shape
def test_empty_batches_are_refused(estimator):
    with pytest.raises(ValueError, match="0 sample"):
        clone(estimator).fit(np.zeros((0, HEIGHT, WIDTH), np.uint8), [])


@with_fixed_shape
def test_paths_are_refused_with_advice(estimator):
    with pytest.raises(ValueError, match=r"got file paths.*Put ImageLoader\(\) before"):
        clone(estimator).fit(["a.jpg", "b.jpg"], ["happy", "sad"])


@with_fixed_shape
def test_images_of_many_sizes_are_refused_with_advice(estimator):
    X = [np.zeros((20, 13), np.uint8), np.zeros((20, 14), np.uint8)]
    with pytest.raises(ValueError, match=r"images of one size.*GrayscaleResizer\(\)"):
        clone(estimator).fit(X, ["happy", "sad"])


@with_fixed_shape
def test_channels_first_is_refused_with_advice(estimator):
    X = np.zeros((6, 3, HEIGHT, WIDTH), np.uint8)
    with pytest.raises(ValueError, match=r"channels on the last axis.*moveaxis"):
        clone(estimator).fit(X, labels(6))


@with_fixed_shape
@pytest.mark.parametrize(
    "X", [images_of((HEIGHT, WIDTH), np.float32) * 255, images_of((20, 13)) * 1000.0]
)
def test_unusual_ranges_warn(estimator, X):
    with pytest.warns(UserWarning, match="floats in 0..1, got"):
        clone(estimator).fit(X, labels())


@with_fixed_shape
def test_usual_ranges_do_not_warn(estimator):
    for X in (images_of((HEIGHT, WIDTH)), images_of((HEIGHT, WIDTH), np.float64)):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            clone(estimator).fit(X, labels())

"""The image contract: what every estimator of skfer takes as images.

Images are arrays of shape (n, height, width) or (n, height, width, channels)
with channels last in RGB order, or rows of flattened pixels. Integers mean
0..255 and floats mean 0..1. Inside skfer an image batch always has four axes,
so that grey images and one-channel images are the same thing.
"""

import warnings
from math import isqrt, prod
from numbers import Integral
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.utils.validation import validate_data

from skfer._sklearn import Interval

MAX_CHANNELS = 4

#: Constraint of every ``image_shape`` parameter.
IMAGE_SHAPE_CONSTRAINT: list[Any] = [tuple, list, None]
#: Constraint of every ``n_jobs`` parameter.
N_JOBS_CONSTRAINT: list[Any] = [Interval(Integral, None, None, closed="neither"), None]

# Red, green and blue of skimage.color.rgb2gray (ITU-R BT.709) in 1/65536.
_GRAY_WEIGHTS = (13926, 46884, 4726)


def holds_paths(X: Any) -> bool:
    """Tell whether X is a one-dimensional collection of file paths."""
    if isinstance(X, str | Path) or not hasattr(X, "__len__") or len(X) == 0:
        return False
    if getattr(X, "ndim", 1) != 1:
        return False
    first = X.iloc[0] if hasattr(X, "iloc") else next(iter(X))
    return isinstance(first, str | Path)


def check_images(
    estimator: Any,
    X: Any,
    *,
    reset: bool,
    image_shape: tuple[int, ...] | None = None,
) -> np.ndarray:
    """Validate images and bring them into four axes.

    At fit (``reset=True``) it stores ``image_shape_in_`` (height, width,
    channels), ``pixel_max_in_`` (255 for integers, 1 for floats) and
    ``n_features_in_`` on the estimator; later it compares all of them.

    Parameters
    ----------
    estimator : estimator
        The estimator that asks; error messages carry its name.
    X : array-like of shape (n, height, width), (n, height, width, channels) or \
            (n, n_features)
        The images. Integers mean 0..255, floats 0..1.
    reset : bool
        True in ``fit``, False afterwards.
    image_shape : tuple of int, default=None
        How rows of flattened pixels are to be read. None means square where
        the number of features is a square number, else one row of pixels.

    Returns
    -------
    ndarray of shape (n, height, width, channels)
        uint8 for integers in 0..255, else float32 or float64.

    Raises
    ------
    ValueError
        If the images are paths, differ in size, hold NaN or infinity, or
        disagree with what the estimator was fitted on.
    """
    X = _as_array(estimator, X)
    if getattr(X, "ndim", 2) > 2:
        images = _check_stack(estimator, X, reset)
    else:
        rows = validate_data(estimator, X, reset=reset)
        if reset:
            shape = _shape_of_rows(estimator, rows.shape[1], image_shape)
        else:
            shape = estimator.image_shape_in_
        images = rows.reshape(-1, *shape)
    if reset:
        estimator.image_shape_in_ = tuple(int(side) for side in images.shape[1:])
    return _check_range(estimator, images, reset)


def _as_array(estimator: Any, X: Any) -> Any:
    """Make an array of everything that numpy can, with our own explanations."""
    name = type(estimator).__name__
    if holds_paths(X):
        raise ValueError(
            f"{name} needs images, got file paths such as {str(next(iter(X)))!r}. "
            "Put ImageLoader() before it in the Pipeline."
        )
    if hasattr(X, "iloc") or hasattr(X, "tocsr"):
        return X
    try:
        array = np.asarray(X)
    except ValueError:
        array = np.empty(len(X), dtype=object)
    holds_images = array.ndim == 1 and len(array) and isinstance(array[0], np.ndarray)
    if array.dtype == object and (holds_images or isinstance(X, list)):
        shapes = {np.shape(image) for image in X}
        if len(shapes) > 1:
            some = ", ".join(map(str, sorted(shapes, key=str)[:3]))
            raise ValueError(
                f"{name} needs images of one size, got {len(shapes)} different shapes "
                f"({some}, ...). Put GrayscaleResizer() before it in the Pipeline."
            )
        if holds_images:
            array = np.stack(list(X))
    return array


def _check_stack(estimator: Any, images: np.ndarray, reset: bool) -> np.ndarray:
    name = type(estimator).__name__
    if images.ndim == 3:
        images = images[..., np.newaxis]
    if images.ndim != 4 or images.shape[3] > MAX_CHANNELS or 0 in images.shape[1:]:
        raise ValueError(
            f"{name} needs images of shape (n, height, width) or (n, height, width, "
            f"channels) with 1 to {MAX_CHANNELS} channels on the last axis, got an "
            f"array of shape {images.shape}. Move the channel axis last with "
            "numpy.moveaxis if it comes first."
        )
    if not reset and images.shape[1:] != estimator.image_shape_in_:
        raise ValueError(
            f"{name} was fitted on images of shape {estimator.image_shape_in_} "
            f"(height, width, channels), got images of shape {images.shape[1:]}. "
            "Resize them in the same way as the training images, for instance with "
            "a GrayscaleResizer in the same Pipeline."
        )
    flat = images.reshape(len(images), prod(images.shape[1:]))
    # scikit-learn's check of values; n_features_in_ becomes the product of sides.
    flat = validate_data(estimator, flat, reset=reset)
    return flat.reshape(images.shape)


def _shape_of_rows(
    estimator: Any, n_features: int, image_shape: tuple[int, ...] | None
) -> tuple[int, ...]:
    if image_shape is None:
        side = isqrt(n_features)
        return (side, side, 1) if side * side == n_features else (1, n_features, 1)
    shape = tuple(image_shape)
    if not holds_counts(shape, 2, 3) or prod(shape) != n_features:
        raise ValueError(
            f"{type(estimator).__name__} got image_shape={image_shape!r} for rows of "
            f"{n_features} pixels. It must be (height, width) or (height, width, "
            f"channels) whose product is {n_features}."
        )
    return shape if len(shape) == 3 else (*shape, 1)


def _check_range(estimator: Any, images: np.ndarray, reset: bool) -> np.ndarray:
    """Compare the kind of numbers with fit and warn of unusual values."""
    name = type(estimator).__name__
    pixel_max = 255 if images.dtype.kind in "ui" else 1
    if reset:
        estimator.pixel_max_in_ = pixel_max
    elif pixel_max != estimator.pixel_max_in_:
        kinds = {255: "integers (0..255)", 1: "floats (0..1)"}
        raise ValueError(
            f"{name} was fitted on images of {kinds[estimator.pixel_max_in_]}, got "
            f"{kinds[pixel_max]} of dtype {images.dtype}. Scaling pixels in training "
            "but not in prediction gives silently wrong answers, so pass the same "
            "kind in both; skfer scales pixels itself."
        )
    if images.dtype == np.uint8 or images.size == 0:
        return images
    largest = images.max()
    if reset:
        estimator._exceeds_range = bool(largest > pixel_max)
    elif largest > 100 and pixel_max == 1 and not estimator._exceeds_range:
        raise ValueError(
            f"{name} was fitted on floats of 0..1, got values up to {largest:.6g}. "
            "Divide them by 255 as at fit; pixels scaled in training but not in "
            "prediction give silently wrong answers."
        )
    if largest > pixel_max or (pixel_max == 255 and images.min() < 0):
        warnings.warn(
            f"{name} takes integers as 0..255 and floats as 0..1, got {images.dtype} "
            f"values from {images.min():.6g} to {largest:.6g}. They are used as "
            "they are; convert photographs to uint8, or divide by their maximum.",
            UserWarning,
            stacklevel=4,
        )
        wanted = np.float32 if images.dtype != np.float64 else np.float64
        return images.astype(wanted, copy=False)
    if pixel_max == 255:
        return images.astype(np.uint8)
    few = not reset and estimator._exceeds_range and largest <= 1
    if largest > 0 and (few or largest <= 1 / 255) and images.min() >= 0:
        how = "at fit they went beyond 1" if few else "as if divided by 255 twice"
        warnings.warn(
            f"{name} takes floats as 0..1, got {images.dtype} values up to "
            f"{largest:.2g} only; {how}. They are used as they are; scale all images "
            "alike, or pass uint8.",
            UserWarning,
            stacklevel=4,
        )
    if images.dtype.itemsize < 4 or images.dtype.kind == "b":
        return images.astype(np.float32)
    return images


def to_gray(images: np.ndarray) -> np.ndarray:
    """Turn colour images into grey ones with the weights of scikit-image.

    Parameters
    ----------
    images : ndarray of shape (..., height, width, channels)
        uint8 in 0..255 or floats, RGB order. One channel passes through.

    Returns
    -------
    ndarray of shape (..., height, width)
        The same dtype; the weights are those of `skimage.color.rgb2gray`.

    Raises
    ------
    ValueError
        If there are neither one nor three channels.
    """
    n_channels = images.shape[-1]
    if n_channels == 1:
        return images[..., 0]
    if n_channels != 3:
        raise ValueError(
            f"Grey needs images with 1 or 3 channels, got {n_channels}. Drop the "
            "alpha channel, or read the files with ImageLoader, which flattens it."
        )
    red, green, blue = (images[..., channel] for channel in range(3))
    if images.dtype != np.uint8:
        r, g, b = (weight / 65536 for weight in _GRAY_WEIGHTS)
        return r * red + g * green + b * blue
    total = np.full(red.shape, 1 << 15, dtype=np.uint32)
    for channel, weight in zip((red, green, blue), _GRAY_WEIGHTS, strict=True):
        total += channel * np.uint32(weight)
    return (total >> 16).astype(np.uint8)


def holds_counts(values: Any, *lengths: int) -> bool:
    """Tell whether there are as many integers as allowed, all at least 1."""
    return len(values) in lengths and all(
        isinstance(value, Integral) and int(value) > 0 for value in values
    )


def check_size(estimator: Any, size: Any) -> tuple[int, int]:
    """Return ``size`` as (height, width), or explain what is wrong with it."""
    sides = (size, size) if isinstance(size, Integral) else tuple(size)
    if not holds_counts(sides, 2):
        raise ValueError(
            f"{type(estimator).__name__} got size={size!r}. It must be (height, width) "
            "in pixels, both at least 1, for instance (48, 48)."
        )
    return int(sides[0]), int(sides[1])

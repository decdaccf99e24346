"""Checks of images and of the parameters about them, shared by all estimators.

Images are arrays of shape (n, height, width) or (n, height, width, channels) with
channels last in RGB order, or rows of flattened pixels; `_pixels` defines what the
values mean. Inside skfer a batch always has four axes, so that grey images and
one-channel images are the same thing.
"""

import warnings
from collections.abc import Callable, Mapping
from functools import wraps
from math import isqrt, prod
from numbers import Integral, Real
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from scipy.sparse import issparse
from sklearn.utils.validation import validate_data

from skfer._cached_array import CachedArray
from skfer._pillow import as_array
from skfer._pixels import OVERSHOOT, how_to_scale, to_uint8, warn_of_darkness
from skfer._sklearn import Interval

MAX_CHANNELS = 4

#: Constraint of every ``image_shape`` parameter.
IMAGE_SHAPE_CONSTRAINT: list[Any] = [tuple, list, None]
#: Constraint of every ``n_jobs`` parameter.
N_JOBS_CONSTRAINT: list[Any] = [Interval(Integral, None, None, closed="neither"), None]
#: Constraints of the parameters of every cache on disk.
CACHE_CONSTRAINTS: dict[str, list[Any]] = {
    "cache_dir": [str, Path, None],
    "cache_gb": [Interval(Real, 0, None, closed="neither"), None],
}
#: Constraint of every ``size`` parameter.
SIZE_CONSTRAINT: list[Any] = [Integral, tuple, list]

# Ranges of floats that are distinguished, the usual one first.
_RANGES = ((0.0, 1.0), (-1.0, 1.0), (0.0, 255.0))


def holds_paths(X: Any) -> bool:
    """Return whether X is a one-dimensional collection of file paths."""
    # Sparse matrices have no length.
    if isinstance(X, str | Path | Mapping) or getattr(X, "ndim", 1) != 1:
        return False
    if not hasattr(X, "__len__") or len(X) == 0:
        return False
    first = X.iloc[0] if hasattr(X, "iloc") else next(iter(X))
    return isinstance(first, str | Path)


def check_collection(X: Any, who: str) -> Any:
    """Raise an error unless X is a collection of images or paths.

    Parameters
    ----------
    X : object
        What a user passed.
    who : str
        Name of the caller, for the error message.

    Returns
    -------
    ndarray or list
        X, or a list of what it holds.

    Raises
    ------
    ValueError
        If X is one path, one image, a table or a mapping, empty, or has paths and
        images in it.
    TypeError
        If X is sparse.
    """
    if issparse(X):
        raise TypeError(
            f"{who} needs a list of paths or images, got a sparse {type(X).__name__}. "
            "Pass X.toarray()."
        )
    if hasattr(X, "target_names") and hasattr(X, "X"):
        raise ValueError(
            f"{who} needs paths or images, got a {type(X).__name__}. Pass its X, for "
            "instance model.fit(table.X, table.target)."
        )
    is_one = isinstance(X, str | Path | Mapping) or not hasattr(X, "__len__")
    if is_one or is_one_image(X):
        what = f"of shape {X.shape}" if hasattr(X, "shape") else repr(X)[:60]
        raise ValueError(
            f"{who} needs a list of paths or images, got one {type(X).__name__} "
            f"{what}. Pass [path] or [image] for a single one."
        )
    if len(X) == 0:
        raise ValueError(
            f"{who} needs at least one image, got none. Check the folder or the "
            "selection."
        )
    if isinstance(X, CachedArray):
        return X
    is_array = isinstance(X, np.ndarray) and (X.ndim > 1 or X.dtype != object)
    if is_array or (hasattr(X, "iloc") and X.ndim > 1):
        return X
    return _list_entries(X, who)


def _list_entries(X: Any, who: str) -> list[Any]:
    """Return paths or images, of which those of Pillow become arrays."""
    items = [as_array(one) if isinstance(one, Image.Image) else one for one in X]
    are_paths = holds_paths(items)
    for row, item in enumerate(items):
        if are_paths != isinstance(item, str | Path):
            raise ValueError(
                f"{who} got paths mixed with images: row 0 is a "
                f"{type(items[0]).__name__}, row {row} a {type(item).__name__}. Decode "
                "the paths with ImageLoader first."
            )
    return items


def is_one_image(X: Any) -> bool:
    """Return whether an array is one colour image rather than many grey ones.

    Images that are only three or four pixels wide are not expected.
    """
    shape: tuple[int, ...] = np.shape(X) if hasattr(X, "shape") else ()
    return len(shape) == 3 and shape[2] in (3, 4) and min(shape[:2]) >= 8


def check_images(
    estimator: Any,
    X: Any,
    *,
    reset: bool,
    image_shape: tuple[int, ...] | None = None,
) -> np.ndarray:
    """Validate images and bring them into four axes.

    At fit (``reset=True``) it stores ``image_shape_in_`` (height, width, channels),
    ``pixel_min_in_`` and ``pixel_max_in_`` (0 and 255 for integers, the range of
    floats otherwise) and ``n_features_in_`` on the estimator; later it compares all
    of them.

    Parameters
    ----------
    estimator : estimator
        The calling estimator, which error messages name.
    X : array-like of shape (n, height, width), (n, height, width, channels) or \
            (n, n_features)
        The images, in the ranges that `_pixels` defines.
    reset : bool
        True in ``fit``, False afterwards.
    image_shape : tuple of int, default=None
        How rows of flattened pixels are to be read. None means square where
        the number of features is a square number, else one row of pixels.

    Returns
    -------
    ndarray of shape (n, height, width, channels)
        uint8 for integers, else float32 or float64.

    Raises
    ------
    ValueError
        If the images are paths, differ in size, hold NaN or infinity, or
        disagree with what the estimator was fitted on.
    """
    # Of bytes any is a value, so that they need not be read.
    if not (isinstance(X, CachedArray) and X.dtype == np.uint8):
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


def keeps_last_fit(fit: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate a fit of a network: one that is refused changes nothing.

    `check_images` stores what it finds before the labels and parameters are checked;
    the network of the fit before would then expect images that it was not made for.
    """

    @wraps(fit)
    def fit_or_restore(self: Any, *args: Any, **kwargs: Any) -> Any:
        before = dict(vars(self))
        try:
            return fit(self, *args, **kwargs)
        except BaseException:
            # A training that began has replaced at least one of them.
            trained = ("model_", "history_", "n_iter_", "network_")
            if all(vars(self).get(name) is before.get(name) for name in trained):
                vars(self).clear()
                vars(self).update(before)
            raise

    return fit_or_restore


def _as_array(estimator: Any, X: Any) -> Any:
    """Convert X to an array, with error messages of our own."""
    name = type(estimator).__name__
    is_other = isinstance(X, str | Path | Mapping) or hasattr(X, "target_names")
    if is_other or is_one_image(X):
        check_collection(X, name)
    if holds_paths(X):
        raise ValueError(
            f"{name} needs images, got file paths such as {str(next(iter(X)))!r}. "
            "Put ImageLoader() before it in the Pipeline."
        )
    if hasattr(X, "iloc") and X.ndim == 1:
        X = list(X)
    if hasattr(X, "iloc") or hasattr(X, "tocsr"):
        return X
    if isinstance(X, list | tuple):
        X = _list_entries(X, name)
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
                f"({some}, ...). Put GrayscaleResizer() or ImageResizer() before it in "
                "the Pipeline."
            )
        if holds_images:
            array = np.stack(list(X))
    return array


def _check_stack(estimator: Any, images: np.ndarray, reset: bool) -> np.ndarray:
    name = type(estimator).__name__
    if isinstance(images, CachedArray):
        images = images.with_channels()
    elif images.ndim == 3:
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
    if isinstance(images, CachedArray):
        # Bytes, of which any is a value.
        if reset:
            estimator.n_features_in_ = prod(images.shape[1:])
        return images
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
    """Store the pixel range at fit; later raise an error for values outside of it."""
    name = type(estimator).__name__
    dtype = images.dtype
    are_integers = dtype.kind in "uib"
    if are_integers:
        if dtype != np.uint8:
            images = to_uint8(images, name)
        low, high = 0.0, 255.0
    else:
        low, high = float(images.min()), float(images.max())
    if reset:
        estimator._fitted_on_integers = are_integers
        if not are_integers:
            low, high = _find_range(name, images.dtype, low, high)
        estimator.pixel_min_in_, estimator.pixel_max_in_ = low, high
    elif are_integers != estimator._fitted_on_integers:
        kinds = {True: "integer images (0..255)", False: "float images (0..1)"}
        raise ValueError(
            f"{name} was fitted on {kinds[not are_integers]}, got "
            f"{kinds[are_integers]} of dtype {dtype}. Scaling pixels in "
            "training but not in prediction silently gives wrong results, so pass the "
            "same kind in both; skfer scales pixels itself."
        )
    elif not are_integers:
        _compare_range(estimator, low, high)
    if images.dtype.kind == "f" and images.dtype.itemsize < 4:
        return images.astype(np.float32)
    return images


def _find_range(
    name: str, dtype: np.dtype, low: float, high: float
) -> tuple[float, float]:
    """Return the range of floats at fit, and warn where it isn't 0..1."""
    found = (low, high)
    for start, end in _RANGES:
        margin = OVERSHOOT * (end - start)
        # Standardised images reach a few units below 0; bytes as floats don't.
        if start - min(margin, 0.5) <= low and high <= end + margin:
            found = (start, end)
            break
    if found != _RANGES[0]:
        warnings.warn(
            f"{name} expects integers in 0..255 and floats in 0..1, got {dtype} "
            f"values from {low:.6g} to {high:.6g}. They are used as they are, and the "
            f"same range is expected in prediction. {how_to_scale(low, high)}",
            UserWarning,
            stacklevel=6,
        )
    else:
        warn_of_darkness(name, high, stacklevel=5)
    return found


def _compare_range(estimator: Any, low: float, high: float) -> None:
    name = type(estimator).__name__
    start, end = estimator.pixel_min_in_, estimator.pixel_max_in_
    # Standardised images and the like have no fixed bounds: allow more.
    margin = (OVERSHOOT if (start, end) in _RANGES else 1.0) * (end - start)
    if low < start - margin or high > end + margin:
        raise ValueError(
            f"{name} was fitted on floats in {start:.6g}..{end:.6g}, got values from "
            f"{low:.6g} to {high:.6g}. Pixels scaled in training but not in prediction "
            "silently give wrong results; scale all images alike."
        )
    if end == _RANGES[2][1] and 0 < high <= 1:
        warnings.warn(
            f"{name} was fitted on floats in 0..255, got values up to {high:.2g} only. "
            "They are used as they are; scale all images alike.",
            UserWarning,
            stacklevel=5,
        )
    elif (start, end) == _RANGES[0]:
        warn_of_darkness(name, high, stacklevel=5)


def holds_counts(values: Any, *lengths: int) -> bool:
    """Return whether there are as many integers as allowed, all at least 1."""
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

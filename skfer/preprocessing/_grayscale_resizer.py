"""Bringing images of any size to one grey size."""

import warnings
from typing import Any, Self

import numpy as np
from PIL import Image
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.callback import CallbackSupportMixin
from sklearn.utils.validation import assert_all_finite, check_is_fitted

from skfer._documentation import DocumentationLink
from skfer._images import (
    IMAGE_SHAPE_CONSTRAINT,
    N_JOBS_CONSTRAINT,
    check_images,
    check_size,
    holds_paths,
    to_gray,
)
from skfer._resampling import RESAMPLING, resize
from skfer._sklearn import StrOptions, fit_context
from skfer._threads import run_in_threads

_CHUNK = 64
# What resampling in floats overshoots by.
_TOLERANCE = 0.1


class GrayscaleResizer(  # type: ignore[call-arg]
    DocumentationLink,
    CallbackSupportMixin,
    TransformerMixin,
    BaseEstimator,
    auto_wrap_output_keys=None,
):
    """Turn images of any size, grey or colour, into grey images of one size.

    Shrinking is antialiased: every output pixel averages all the input pixels
    under it. The aspect ratio is not kept.

    Parameters
    ----------
    size : int or (int, int), default=(48, 48)
        Height and width of the output in pixels.
    resample : {"bilinear", "box", "bicubic", "lanczos"}, default="bilinear"
        The filter, as named by Pillow.
    image_shape : tuple of int or None, default=None
        How rows of flattened pixels are to be read: (height, width) or
        (height, width, channels). None means square where the number of pixels
        is a square number, else one row of pixels. Ignored for images.
    n_jobs : int or None, default=None
        Number of threads. None means one, -1 all cores.

    Attributes
    ----------
    size_ : tuple of int
        Height and width of the output.
    image_shape_in_ : tuple of int
        Height, width and channels of rows of pixels. Only set for those;
        images may have any size.
    pixel_max_in_ : int
        255 if it was fitted on rows of integers, 1 for floats. Only set for
        rows of pixels.
    n_features_in_ : int
        Number of pixels in a row. Only set for rows of pixels.

    See Also
    --------
    ImageLoader : Reads the files.

    Notes
    -----
    The weights of red, green and blue are those of `skimage.color.rgb2gray`.
    The output is a stack of images, not a table, so ``set_output`` does not
    apply to this step.

    Examples
    --------
    >>> import numpy as np
    >>> from skfer import GrayscaleResizer
    >>> photos = [np.zeros((60, 80, 3), np.uint8), np.full((10, 12), 255, np.uint8)]
    >>> faces = GrayscaleResizer(size=(24, 24)).fit_transform(photos)
    >>> faces.shape, faces.dtype, faces.max()
    ((2, 24, 24), dtype('uint8'), np.uint8(255))
    """

    _parameter_constraints: dict = {
        "size": [int, tuple, list],
        "resample": [StrOptions(set(RESAMPLING))],
        "image_shape": IMAGE_SHAPE_CONSTRAINT,
        "n_jobs": N_JOBS_CONSTRAINT,
    }

    def __init__(
        self,
        size: int | tuple[int, int] = (48, 48),
        *,
        resample: str = "bilinear",
        image_shape: tuple[int, ...] | None = None,
        n_jobs: int | None = None,
    ) -> None:
        self.size = size
        self.resample = resample
        self.image_shape = image_shape
        self.n_jobs = n_jobs

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any = None) -> Self:
        """Check the parameters and the kind of images; nothing is learnt.

        Parameters
        ----------
        X : array-like of shape (n,), (n, height, width), \
                (n, height, width, channels) or (n, n_features)
            A list or object array of images of any size, images of one size, or
            rows of pixels. Integers mean 0..255, floats 0..1.
        y : ignored
            For the sake of Pipelines.

        Returns
        -------
        GrayscaleResizer
            Itself.

        Raises
        ------
        ValueError
            If a parameter is not allowed or X does not hold images.
        """
        context = self._init_callback_context()
        context.call_on_fit_task_begin(estimator=self, X=X, y=y)
        size = check_size(self, self.size)
        self._as_list(X, reset=True)
        self.size_ = size
        context.call_on_fit_task_end(estimator=self, X=X, y=y)
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Resize the images.

        Parameters
        ----------
        X : array-like of shape (n,), (n, height, width), \
                (n, height, width, channels) or (n, n_features)
            As in `fit`; images may have other sizes than at fit, rows of pixels
            may not.

        Returns
        -------
        ndarray of shape (n, height, width)
            uint8 in 0..255.

        Raises
        ------
        ValueError
            If X does not hold images, or holds NaN or infinity.

        Warns
        -----
        UserWarning
            If floats are so small that they seem to be divided by 255 twice.
        """
        check_is_fitted(self)
        images = self._as_list(X, reset=False)
        # check_images has already warned about rows of pixels out of range.
        from_images = images is X or not hasattr(self, "image_shape_in_")
        out = np.empty((len(images), *self.size_), dtype=np.uint8)
        run_in_threads(
            self.n_jobs,
            lambda start: self._resize_into(out, images, start, from_images),
            range(0, len(images), _CHUNK),
        )
        if from_images:
            _warn_of_darkness(images)
        return out

    def _resize_into(
        self, out: np.ndarray, images: Any, start: int, from_images: bool
    ) -> None:
        height, width = self.size_
        stop = min(start + _CHUNK, len(images))
        for row in range(start, stop):
            image = self._as_uint8(images[row], row, from_images)
            if image.shape[:2] != (height, width):
                # Grey is linear, so it may come after the resizing, where there
                # are far fewer pixels.
                small = resize(
                    Image.fromarray(image[..., 0] if image.shape[2] == 1 else image),
                    (height, width),
                    self.resample,
                )
                image = np.asarray(small).reshape(height, width, -1)
            out[row] = to_gray(image)

    def _as_list(self, X: Any, *, reset: bool) -> Any:
        """Return something that holds one image per index."""
        if holds_paths(X):
            raise ValueError(
                f"GrayscaleResizer needs images, got file paths such as "
                f"{str(next(iter(X)))!r}. Put ImageLoader() before it in the Pipeline."
            )
        if isinstance(X, list) and len(X) and np.ndim(X[0]) >= 2:
            return X
        array = X if hasattr(X, "iloc") or hasattr(X, "tocsr") else np.asarray(X)
        if array.ndim in (3, 4):
            return array
        if array.ndim == 1 and array.dtype == object and len(array):
            return array
        return check_images(self, X, reset=reset, image_shape=self.image_shape)

    def _as_uint8(self, image: Any, row: int, from_images: bool) -> np.ndarray:
        """Return one image as uint8 of shape (height, width, channels)."""
        image = np.asarray(image)
        if image.ndim == 2:
            image = image[..., np.newaxis]
        bad_kind = image.dtype.kind not in "uifb"
        if image.ndim != 3 or image.shape[2] not in (1, 3) or image.size == 0:
            raise ValueError(
                "GrayscaleResizer needs images of shape (height, width) or (height, "
                f"width, 3), got shape {image.shape} at row {row}. Read files with "
                "ImageLoader, which drops alpha channels."
            )
        if bad_kind:
            raise ValueError(
                f"GrayscaleResizer needs numbers, got dtype {image.dtype} at row {row}."
            )
        if image.dtype == np.uint8:
            return image
        if image.dtype.kind in "ui":
            return image.clip(0, 255).astype(np.uint8)
        assert_all_finite(image, input_name="X", estimator_name="GrayscaleResizer")
        if from_images and image.max() > 1 + _TOLERANCE:
            raise ValueError(
                "GrayscaleResizer takes float images as 0..1, got values up to "
                f"{image.max():.6g} at row {row}; clipping them would leave a white "
                "image. Convert 0..255 to uint8, or divide by 255."
            )
        return np.rint(image.astype(np.float32) * 255).clip(0, 255).astype(np.uint8)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.transformer_tags.preserves_dtype = []
        return tags


def _warn_of_darkness(images: Any) -> None:
    """Warn of floats that are as dark as if they were scaled a second time."""
    floats = (image for image in map(np.asarray, images) if image.dtype.kind == "f")
    largest = max(map(np.max, floats), default=0)
    if 0 < largest <= 1 / 255:
        warnings.warn(
            f"GrayscaleResizer takes float images as 0..1, got values up to "
            f"{largest:.2g} only, as if divided by 255 twice; nothing can be seen in "
            "them. Divide once, or pass uint8.",
            UserWarning,
            stacklevel=3,
        )

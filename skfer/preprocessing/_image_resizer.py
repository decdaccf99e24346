"""Resizing images of any size to one size."""

from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
from PIL import Image
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.callback import CallbackSupportMixin
from sklearn.utils.validation import check_is_fitted

from skfer._cached_array import CachedArray
from skfer._documentation import DocumentationLink
from skfer._pixels import to_mode, to_uint8_image, warn_of_darkness
from skfer._resampling import RESAMPLING, resize
from skfer._row_cache import keep_rows, make_keys
from skfer._sklearn import StrOptions, fit_context
from skfer._threads import run_in_threads
from skfer._validation import (
    CACHE_CONSTRAINTS,
    IMAGE_SHAPE_CONSTRAINT,
    N_JOBS_CONSTRAINT,
    SIZE_CONSTRAINT,
    check_collection,
    check_images,
    check_size,
    holds_paths,
)

_CHUNK = 64
# What a fit on rows of pixels leaves, and one on images must not keep.
_OF_ROWS = (
    "image_shape_in_", "n_features_in_", "feature_names_in_", "pixel_min_in_",
    "pixel_max_in_",
)  # fmt: skip


class ImageResizer(  # type: ignore[call-arg]
    DocumentationLink,
    CallbackSupportMixin,
    TransformerMixin,
    BaseEstimator,
    auto_wrap_output_keys=None,
):
    """Turn images of any size, grey or colour, into images of one size.

    Shrinking is antialiased: every output pixel averages all the input pixels
    under it. The aspect ratio is not kept.

    Parameters
    ----------
    size : int or (int, int), default=(48, 48)
        Height and width of the output in pixels.
    mode : {"RGB", "L"}, default="RGB"
        "RGB" gives three channels, "L" gives grey (weights of
        `skimage.color.rgb2gray`).
    resample : {"bilinear", "box", "bicubic", "lanczos"}, default="bilinear"
        The filter, as named by Pillow.
    image_shape : tuple of int or None, default=None
        How rows of flattened pixels are to be read: (height, width) or
        (height, width, channels). None means square where the number of pixels
        is a square number, else one row of pixels. Ignored for images.
    n_jobs : int or None, default=None
        Number of threads. None means one, -1 all cores.
    cache_dir : str, Path or None, default=None
        Folder in which images are kept once they are resized, as in `ImageLoader`; an
        image is known by its pixels. `transform` then returns `CachedArray`.
    cache_gb : float or None, default=None
        How many gigabytes ``cache_dir`` may hold; more is an error.

    Attributes
    ----------
    size_ : tuple of int
        Height and width of the output.
    image_shape_in_ : tuple of int
        Height, width and channels of rows of pixels. Only set for those;
        images may have any size.
    pixel_min_in_ : float
        Smallest value of the range of rows of pixels: 0, or below for floats. Only
        set for those.
    pixel_max_in_ : float
        Largest value of the range of rows of pixels: 255 for integers, 1 for floats.
        Only set for those.
    n_features_in_ : int
        Number of pixels in a row. Only set for rows of pixels.

    See Also
    --------
    GrayscaleResizer : The same, grey.
    ImageLoader : Reads the files.

    Notes
    -----
    Integers mean 0..255, uint16 0..65535, floats 0..1; other values raise an error.
    Rows of pixels may be floats of another range, which causes a warning; the range at
    fit is then scaled to 0..255. The output is a stack of images, not a table, so
    ``set_output`` does not apply to this step.

    Examples
    --------
    >>> import numpy as np
    >>> from skfer import ImageResizer
    >>> photos = [np.zeros((60, 80, 3), np.uint8), np.full((10, 12), 255, np.uint8)]
    >>> faces = ImageResizer(size=24).fit_transform(photos)
    >>> faces.shape, faces.dtype, faces.max()
    ((2, 24, 24, 3), dtype('uint8'), np.uint8(255))
    """

    _parameter_constraints: dict = {
        "size": SIZE_CONSTRAINT,
        "mode": [StrOptions({"RGB", "L"})],
        "resample": [StrOptions(set(RESAMPLING))],
        "image_shape": IMAGE_SHAPE_CONSTRAINT,
        "n_jobs": N_JOBS_CONSTRAINT,
        **CACHE_CONSTRAINTS,
    }

    def __init__(
        self,
        size: int | tuple[int, int] = (48, 48),
        mode: Literal["RGB", "L"] = "RGB",
        *,
        resample: str = "bilinear",
        image_shape: tuple[int, ...] | None = None,
        n_jobs: int | None = None,
        cache_dir: str | Path | None = None,
        cache_gb: float | None = None,
    ) -> None:
        self.size = size
        self.mode = mode
        self.resample = resample
        self.image_shape = image_shape
        self.n_jobs = n_jobs
        self.cache_dir = cache_dir
        self.cache_gb = cache_gb

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any = None) -> Self:
        """Check the parameters; nothing is learnt.

        Parameters
        ----------
        X : array-like of shape (n,), (n, height, width), \
                (n, height, width, channels) or (n, n_features)
            A list or object array of images of any size, images of one size, or
            rows of pixels. Integers mean 0..255, uint16 0..65535, floats 0..1.
        y : ignored
            Only for compatibility with Pipelines.

        Returns
        -------
        self
            Itself.

        Raises
        ------
        ValueError
            If a parameter is not allowed or X does not hold images.
        """
        context = self._init_callback_context()
        context.call_on_fit_task_begin(estimator=self, X=X, y=y)
        size = check_size(self, self.size)
        before = self.__dict__.copy()
        for name in _OF_ROWS:
            self.__dict__.pop(name, None)
        try:
            self._as_list(X, reset=True)
        except Exception:
            # A fit that is refused leaves the one before as it was.
            self.__dict__.update(before)
            raise
        self.size_ = size
        context.call_on_fit_task_end(estimator=self, X=X, y=y)
        return self

    def transform(self, X: Any) -> np.ndarray | CachedArray:
        """Resize the images.

        Parameters
        ----------
        X : array-like of shape (n,), (n, height, width), \
                (n, height, width, channels) or (n, n_features)
            As in `fit`; images may have other sizes than at fit, rows of pixels
            may not.

        Returns
        -------
        ndarray of shape (n, height, width[, 3])
            uint8 in 0..255. With ``cache_dir``, or of `CachedArray` that have this
            size and mode, `CachedArray`.

        Raises
        ------
        ValueError
            If X does not hold images, pixels lie outside of their range, or the cache
            is damaged or would hold more than ``cache_gb``.
        OSError
            If the cache can't be written; what it holds remains.

        Warns
        -----
        UserWarning
            If floats are so small that they seem to have been divided by 255 twice.
        """
        check_is_fitted(self)
        self._validate_params()
        if check_size(self, self.size) != self.size_:
            raise ValueError(
                f"{type(self).__name__} was fitted with size={self.size_}, and has "
                f"size={self.size!r} now. Fit it again."
            )
        images = self._as_list(X, reset=False)
        channels = () if self.mode == "L" else (3,)
        shape = (len(images), *self.size_, *channels)
        if isinstance(images, CachedArray) and images.shape == shape:
            return images
        largest = [0.0]

        def make(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            out, found = self._resize_rows(images, rows, shape[1:])
            largest.append(found)
            return out, np.ones(len(rows), dtype=bool)

        if self.cache_dir is None:
            resized: np.ndarray | CachedArray = make(np.arange(len(images)))[0]
        else:
            if not isinstance(images, CachedArray):
                # Those in the cache are not looked at again.
                floats = (np.asarray(image) for image in images)
                largest += [float(i.max()) for i in floats if i.dtype.kind == "f"]
            resized, _ = keep_rows(
                self.cache_dir,
                make_keys(images),
                make,
                row_shape=shape[1:],
                made_with={
                    "mode": self.mode,
                    "resample": self.resample,
                    "skfer": version("skfer"),
                },
                cache_gb=self.cache_gb,
            )
        if not hasattr(self, "image_shape_in_"):
            # check_images has warned about rows of pixels.
            warn_of_darkness(type(self).__name__, max(largest), stacklevel=2)
        return resized

    def _resize_rows(
        self, images: Any, rows: np.ndarray, shape: tuple[int, ...]
    ) -> tuple[np.ndarray, float]:
        """Return resized images, and the largest of their floats before."""
        out = np.empty((len(rows), *shape), dtype=np.uint8)

        def work(start: int) -> float:
            largest = 0.0
            for place in range(start, min(start + _CHUNK, len(rows))):
                row = int(rows[place])
                image = np.asarray(images[row])
                if image.dtype.kind == "f" and image.size:
                    largest = max(largest, float(image.max()))
                out[place] = self._resize(image, row)
            return largest

        found = run_in_threads(self.n_jobs, work, range(0, len(rows), _CHUNK))
        return out, max(found)

    def _resize(self, image: np.ndarray, row: int) -> np.ndarray:
        image = to_mode(to_uint8_image(image, type(self).__name__, row), None)
        if image.shape[:2] != self.size_:
            # Grey is linear, so it may come after the resizing, where there
            # are far fewer pixels.
            small = resize(Image.fromarray(image), self.size_, self.resample)
            image = np.asarray(small)
        return to_mode(image, self.mode)

    def _as_list(self, X: Any, *, reset: bool) -> Any:
        """Return something that holds one image per index."""
        name = type(self).__name__
        if holds_paths(X):
            raise ValueError(
                f"{name} needs images, got file paths such as "
                f"{str(next(iter(X)))!r}. Put ImageLoader() before it in the Pipeline."
            )
        if isinstance(X, CachedArray):
            return X
        if hasattr(X, "tocsr") or (hasattr(X, "iloc") and X.ndim == 2):
            return self._check_rows(X, reset)
        if not hasattr(X, "ndim") and hasattr(X, "__array__"):
            X = np.asarray(X)
        images = X if hasattr(X, "ndim") else check_collection(X, name)
        if isinstance(images, list) and np.ndim(images[0]) >= 2:
            return images
        array = np.asarray(images)
        if array.ndim in (3, 4) or (array.ndim == 1 and array.dtype == object):
            return check_collection(array, name)
        return self._check_rows(array, reset)

    def _check_rows(self, X: Any, reset: bool) -> np.ndarray:
        """Return images of rows of pixels; floats are scaled from the range at fit."""
        if not reset and not hasattr(self, "image_shape_in_"):
            raise ValueError(
                f"{type(self).__name__} was fitted on images, got a table of shape "
                f"{np.shape(X)}. Pass [image] for a single grey image, or fit it on "
                "rows of pixels."
            )
        images = check_images(self, X, reset=reset, image_shape=self.image_shape)
        if images.dtype == np.uint8:
            return images
        span = (self.pixel_max_in_ - self.pixel_min_in_) or 1.0
        return ((images - self.pixel_min_in_) / span).clip(0, 1)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.transformer_tags.preserves_dtype = []
        return tags

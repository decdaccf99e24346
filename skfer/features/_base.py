"""What HOGTransformer and LBPTransformer share: images in, feature table out."""

from abc import ABCMeta, abstractmethod
from collections.abc import Sequence
from functools import cache
from importlib import import_module, util
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.callback import CallbackSupportMixin
from sklearn.utils.validation import check_is_fitted

from skfer._cached_array import CachedArray
from skfer._documentation import DocumentationLink
from skfer._row_cache import keep_rows, make_keys
from skfer._sklearn import check_feature_names_in, fit_context
from skfer._threads import run_in_threads
from skfer._validation import (
    CACHE_CONSTRAINTS,
    IMAGE_SHAPE_CONSTRAINT,
    N_JOBS_CONSTRAINT,
    check_images,
)

# Pixels in a chunk: temporaries of this many float64 fit into the L2 cache.
_PIXELS_PER_CHUNK = 150_000
# Parameters on which the features of an image do not depend.
_NOT_FEATURES = ("image_shape", "n_jobs", "cache_dir", "cache_gb")


@cache
def load_kernels() -> ModuleType | None:
    """Return the kernels that Numba compiles, or None where it is not installed."""
    found = util.find_spec("numba")
    return import_module("skfer.features._kernels") if found else None


class ImageFeatureTransformer(
    DocumentationLink,
    CallbackSupportMixin,
    TransformerMixin,
    BaseEstimator,
    metaclass=ABCMeta,
):
    """Base class of transformers that turn each image into a row of features.

    Subclasses have the parameters ``image_shape``, ``n_jobs``, ``cache_dir`` and
    ``cache_gb``, check their own parameters against the image shape in
    `_feature_names`, and compute in `_extract`. Those whose features belong to places
    in the image say so in `_cell_edges`, and draw themselves in `map_image` and
    `draw_map`.
    """

    _parameter_constraints: dict = {
        "image_shape": IMAGE_SHAPE_CONSTRAINT,
        "n_jobs": N_JOBS_CONSTRAINT,
        **CACHE_CONSTRAINTS,
    }

    image_shape: tuple[int, ...] | None
    n_jobs: int | None
    cache_dir: str | Path | None
    cache_gb: float | None
    image_shape_in_: tuple[int, int, int]

    @abstractmethod
    def _feature_names(self, height: int, width: int) -> Sequence[str]:
        """Return one name per feature, or raise if the images are too small."""

    @abstractmethod
    def _extract(self, images: np.ndarray) -> np.ndarray:
        """Return the features of images of shape (n, height, width, channels)."""

    def _cell_edges(self, height: int, width: int) -> np.ndarray:
        """Return top, bottom, left and right of the cell of each feature."""
        raise ValueError(
            f"The features of {type(self).__name__} don't belong to cells of the image."
        )

    def map_image(self, image: np.ndarray) -> np.ndarray:
        """Return a map of the features of one grey image, for drawing.

        Parameters
        ----------
        image : ndarray of shape (height, width), uint8
            Any image; the transformer need not be fitted.

        Returns
        -------
        ndarray of shape (rows, columns[, n_values])
            What is drawn by `draw_map`.
        """
        raise ValueError(f"{type(self).__name__} has no way to draw its features.")

    def draw_map(self, ax: Any, values: np.ndarray, shape: tuple[int, int]) -> None:
        """Draw what `map_image` returned.

        Parameters
        ----------
        ax : matplotlib.axes.Axes
            Where to draw.
        values : ndarray of shape (rows, columns[, n_values])
            From `map_image`.
        shape : (int, int)
            Height and width of the image in pixels.
        """
        ax.imshow(values, cmap="cividis", extent=(-0.5, shape[1] - 0.5,
                  shape[0] - 0.5, -0.5))  # fmt: skip

    def get_feature_cells(self) -> np.ndarray:
        """Return the place in the image that each output column comes from.

        Returns
        -------
        ndarray of int of shape (n_features_out, 4)
            Top, bottom, left and right of its cell, in pixels.

        Raises
        ------
        ValueError
            If the features don't belong to cells.
        """
        check_is_fitted(self)
        return self._cell_edges(*self.image_shape_in_[:2])

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any = None) -> Self:
        """Check the parameters against the images; nothing is learnt.

        Parameters
        ----------
        X : array-like of shape (n, height, width), (n, height, width, channels) \
                or (n, n_features)
            Images of one size, or rows of pixels. Integers mean 0..255, floats
            0..1.
        y : ignored
            Only for compatibility with Pipelines.

        Returns
        -------
        self
            Itself.

        Raises
        ------
        ValueError
            If a parameter is not allowed, X does not hold images, or the images
            are too small for the parameters.
        """
        context = self._init_callback_context()
        context.call_on_fit_task_begin(estimator=self, X=X, y=y)
        check_images(self, X, reset=True, image_shape=self.image_shape)
        names = self._feature_names(*self.image_shape_in_[:2])
        self._n_features_out = len(names)
        context.call_on_fit_task_end(estimator=self, X=X, y=y)
        return self

    def transform(self, X: Any) -> np.ndarray | CachedArray:
        """Compute the features.

        Parameters
        ----------
        X : array-like of shape (n, height, width), (n, height, width, channels) \
                or (n, n_features)
            Images of the same shape and kind as at fit.

        Returns
        -------
        ndarray of shape (n, n_features_out)
            float32, or the container chosen by ``set_output``. With ``cache_dir`` a
            `CachedArray`.

        Raises
        ------
        ValueError
            If the images differ in shape or kind from those at fit, or the cache is
            damaged or would hold more than ``cache_gb``.
        OSError
            If the cache can't be written; what it holds remains.
        """
        check_is_fitted(self)
        self._validate_params()
        images = check_images(self, X, reset=False)
        if self.cache_dir is None:
            return self._extract_rows(images, np.arange(len(images)))
        own = self.get_params(deep=False)
        features, _ = keep_rows(
            self.cache_dir,
            make_keys(images),
            lambda rows: (self._extract_rows(images, rows), np.ones(len(rows), bool)),
            row_shape=(self._n_features_out,),
            dtype=np.float32,
            made_with={
                **{name: own[name] for name in own if name not in _NOT_FEATURES},
                "by": type(self).__name__,
                "skfer": version("skfer"),
            },
            cache_gb=self.cache_gb,
        )
        return features

    def _extract_rows(
        self, images: np.ndarray | CachedArray, rows: np.ndarray
    ) -> np.ndarray:
        n_rows, (_, height, width, n_channels) = len(rows), images.shape
        step = max(1, _PIXELS_PER_CHUNK // (height * width * n_channels))
        out = np.empty((n_rows, self._n_features_out), dtype=np.float32)

        def fill(start: int) -> None:
            chunk = images[rows[start : start + step]]
            # Compiled kernels accept only one memory layout.
            chunk = np.require(chunk, requirements=["C", "W"])
            out[start : start + step] = self._extract(chunk)

        # The loops release the interpreter lock, so threads suffice.
        run_in_threads(self.n_jobs, fill, range(0, n_rows, step))
        return out

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Name the output columns.

        Parameters
        ----------
        input_features : array-like of str of shape (n_features,), default=None
            Names of the pixels, only checked against those at fit.

        Returns
        -------
        ndarray of str objects of shape (n_features_out,)
            Names that say where in the image a feature comes from.
        """
        check_is_fitted(self)
        check_feature_names_in(self, input_features, generate_names=False)
        names = self._feature_names(*self.image_shape_in_[:2])
        return np.asarray(names, dtype=object)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags

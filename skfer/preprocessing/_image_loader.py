"""Reading image files into arrays."""

import warnings
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
from PIL import Image
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.callback import CallbackSupportMixin

from skfer._cached_array import CachedArray
from skfer._decoding import decode_all
from skfer._documentation import DocumentationLink
from skfer._image_files import UnreadableImageError, list_failures
from skfer._pillow import flatten_alpha
from skfer._pixels import to_mode, to_uint8, to_uint8_image, warn_of_darkness
from skfer._resampling import resize
from skfer._row_cache import keep_rows, make_keys
from skfer._sklearn import StrOptions, fit_context
from skfer._text import count_of
from skfer._threads import count_threads, run_in_threads
from skfer._validation import (
    CACHE_CONSTRAINTS,
    N_JOBS_CONSTRAINT,
    SIZE_CONSTRAINT,
    check_collection,
    check_size,
    holds_paths,
)

_MAX_CHUNK = 256


class ImageLoader(  # type: ignore[call-arg]
    DocumentationLink,
    CallbackSupportMixin,
    TransformerMixin,
    BaseEstimator,
    auto_wrap_output_keys=None,
):
    """Read image files into uint8 arrays.

    Every file becomes one image, whatever its format: EXIF orientation is
    applied, transparent parts become white, palettes and CMYK become RGB, 16 bits
    become 8, and only the first frame of an animation is used.

    Images that are already arrays are converted in the same way: to uint8, and to the
    mode and size that files would have, so that one Pipeline serves paths and arrays.

    Parameters
    ----------
    mode : {"RGB", "L"} or None, default="RGB"
        "RGB" gives three channels, "L" gives grey (weights of
        `skimage.color.rgb2gray`), None keeps grey files grey and the others RGB.
    size : int, (int, int) or None, default=None
        Height and width in pixels to shrink to while decoding, so that
        thousands of large photographs fit in memory; the aspect ratio is not
        kept. None keeps each file's own size.
    on_error : {"raise", "blank"}, default="raise"
        What to do with files that can't be read. "raise" raises one error that
        names all of them. "blank" replaces each by a black image, with a warning
        that names the files. A row is never dropped.
    n_jobs : int or None, default=None
        Number of threads that decode. None means one, -1 all cores.
    cache_dir : str, Path or None, default=None
        Folder in which decoded files are kept, for this and later runs. `transform`
        then returns a `CachedArray`, which takes no memory, and decodes what is not
        there yet or has changed: path, size, time of change, and these parameters are
        compared. Needs ``mode`` and ``size``. Several processes may share it; delete
        it whenever you like.
    cache_gb : float or None, default=None
        How many gigabytes ``cache_dir`` may hold; more is an error. None means as much
        as the disk has.

    See Also
    --------
    ImageResizer, GrayscaleResizer : Resize images of any size to one size.
    skfer.datasets.load_image_folder : Finds the paths and labels of a folder.

    Notes
    -----
    With a ``size``, large JPEG files are decoded at a scale that leaves at least four
    times that size; their pixels then differ from those of arrays by less than one
    grey level on average.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from PIL import Image
    >>> from skfer import ImageLoader
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "face.png"
    ...     Image.new("RGB", (40, 30), "red").save(path)
    ...     images = ImageLoader(size=(12, 16)).fit_transform([path])
    >>> images.shape, images.dtype
    ((1, 12, 16, 3), dtype('uint8'))
    """

    _parameter_constraints: dict = {
        "mode": [StrOptions({"RGB", "L"}), None],
        "size": [*SIZE_CONSTRAINT, None],
        "on_error": [StrOptions({"raise", "blank"})],
        "n_jobs": N_JOBS_CONSTRAINT,
        **CACHE_CONSTRAINTS,
    }

    def __init__(
        self,
        mode: Literal["RGB", "L"] | None = "RGB",
        size: int | tuple[int, int] | None = None,
        on_error: Literal["raise", "blank"] = "raise",
        n_jobs: int | None = None,
        cache_dir: str | Path | None = None,
        cache_gb: float | None = None,
    ) -> None:
        self.mode = mode
        self.size = size
        self.on_error = on_error
        self.n_jobs = n_jobs
        self.cache_dir = cache_dir
        self.cache_gb = cache_gb

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any = None) -> Self:
        """Check the parameters; nothing is learnt.

        Parameters
        ----------
        X : array-like of str or Path of shape (n_samples,), or images
            The files.
        y : ignored
            Only for compatibility with Pipelines.

        Returns
        -------
        ImageLoader
            Itself.

        Raises
        ------
        ValueError
            If a parameter is not allowed, or X is a single path.
        """
        context = self._init_callback_context()
        context.call_on_fit_task_begin(estimator=self, X=X, y=y)
        self._check(X)
        context.call_on_fit_task_end(estimator=self, X=X, y=y)
        return self

    def transform(self, X: Any) -> np.ndarray | CachedArray:
        """Read the files.

        Parameters
        ----------
        X : array-like of str or Path of shape (n_samples,), or images
            The files; or images, integers in 0..255, uint16 in 0..65535 or floats in
            0..1.

        Returns
        -------
        ndarray of shape (n_samples, height, width[, 3]) or (n_samples,)
            uint8 in 0..255; where sizes differ an object array of one array per
            image. `CachedArray` of files with ``cache_dir``.

        Raises
        ------
        UnreadableImageError
            With ``on_error="raise"``, if any file can't be read; the message
            names the files and the reasons. It is a ValueError.
        ValueError
            If a parameter is not allowed, X holds neither paths nor images, or the
            cache is damaged or would hold more than ``cache_gb``.
        OSError
            If the cache can't be written; what it holds remains.
        """
        # fit is optional, so the parameters may not have been checked yet.
        self._validate_params()
        items, size = self._check(X)
        if not holds_paths(items):
            return self._convert(items, size)
        paths = list(items)
        if self.cache_dir is not None and size is not None:
            cached, failures = self._load_cached(self.cache_dir, paths, size)
            if failures:
                self._handle_failures(failures)
            return cached
        chunks = self._decode(paths, size)
        if len({chunk.shape[1:] for chunk in chunks}) == 1 and chunks[0].ndim > 1:
            return np.concatenate(chunks)
        results = [result for chunk in chunks for result in chunk]
        failed = [row for row, image in enumerate(results) if isinstance(image, str)]
        if failed:
            self._handle_failures([(paths[row], results[row]) for row in failed])
            blank = np.zeros(_blank_shape(results, self.mode, size), dtype=np.uint8)
            for row in failed:
                results[row] = blank
        return _stack(results)

    def _decode(
        self, paths: Sequence[Any], size: tuple[int, int] | None
    ) -> list[np.ndarray]:
        """Decode files in chunks; a file that can't be read becomes the reason."""
        # A few chunks per thread, so that all threads finish at about the same time.
        share = -(-len(paths) // (4 * count_threads(self.n_jobs)))
        step = min(_MAX_CHUNK, share)

        def work(start: int) -> np.ndarray:
            """Decode a chunk and stack it, so that small arrays don't pile up."""
            decoded = decode_all(paths[start : start + step], self.mode, size)
            return _stack(
                [one.reason if one.pixels is None else one.pixels for one in decoded]
            )

        return run_in_threads(self.n_jobs, work, range(0, len(paths), step))

    def _load_cached(
        self, cache_dir: str | Path, paths: list[Any], size: tuple[int, int]
    ) -> tuple[CachedArray, list[tuple[Any, str]]]:
        """Return files from the cache, decode those that are not, and name failures."""
        shape = _blank_shape([], self.mode, size)
        keys = make_keys(paths)
        reasons: dict[bytes, str] = {}

        def make(places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            images = np.zeros((len(places), *shape), dtype=np.uint8)
            is_good = np.ones(len(places), dtype=bool)
            some = [paths[place] for place in places]
            results = (one for chunk in self._decode(some, size) for one in chunk)
            for row, result in enumerate(results):
                if isinstance(result, str):
                    is_good[row] = False
                    reasons[keys[places[row]]] = result
                else:
                    images[row] = result
            return images, is_good

        images, bad = keep_rows(
            cache_dir,
            keys,
            make,
            row_shape=shape,
            made_with={"mode": self.mode, "size": size, "skfer": version("skfer")},
            cache_gb=self.cache_gb,
        )
        return images, [(paths[row], reasons[keys[row]]) for row in bad]

    def _convert(
        self, images: Any, size: tuple[int, int] | None
    ) -> np.ndarray | CachedArray:
        """Convert arrays in the same way as files."""
        name = type(self).__name__
        if isinstance(images, CachedArray) and _fits(images, self.mode, size):
            return images
        if (
            not self.mode
            and isinstance(images, np.ndarray)
            and images.dtype == np.uint8
            and images.ndim >= 3
            and images.shape[3:] in ((), (1,), (3,))
            and size in (None, images.shape[1:3])
        ):
            return images[..., 0] if images.shape[3:] == (1,) else images

        def work(start: int) -> tuple[list[np.ndarray], float]:
            """Convert a chunk, and find the largest of its floats."""
            done, largest = [], 0.0
            for row in range(start, min(start + _MAX_CHUNK, len(images))):
                image = np.asarray(images[row])
                if image.dtype.kind == "f" and image.size:
                    largest = max(largest, float(image.max()))
                done.append(self._convert_one(image, size, row))
            return done, largest

        chunks = run_in_threads(self.n_jobs, work, range(0, len(images), _MAX_CHUNK))
        warn_of_darkness(name, max(largest for _, largest in chunks), stacklevel=3)
        return _stack([image for done, _ in chunks for image in done])

    def _convert_one(
        self, image: np.ndarray, size: tuple[int, int] | None, row: int
    ) -> np.ndarray:
        name = type(self).__name__
        if image.ndim == 3 and image.shape[2] in (2, 4):
            image = flatten_alpha(to_uint8(image, name, f" at row {row}"))
        pixels = to_mode(to_uint8_image(image, name, row), None)
        if size is not None and pixels.shape[:2] != size:
            pixels = np.asarray(resize(Image.fromarray(pixels), size))
        return to_mode(pixels, self.mode)

    def _check(self, X: Any) -> tuple[Any, tuple[int, int] | None]:
        """Return paths or images and the size, or explain what is wrong."""
        size = None if self.size is None else check_size(self, self.size)
        if self.cache_dir is not None and (size is None or self.mode is None):
            raise ValueError(
                "ImageLoader needs mode and size for cache_dir, because all images in "
                f"it have one shape; got mode={self.mode!r}, size={self.size!r}. Pass "
                'for instance mode="L", size=48.'
            )
        items = check_collection(X, "ImageLoader")
        first = items.iloc[0] if hasattr(items, "iloc") else items[0]
        if not holds_paths(items) and np.ndim(first) < 2:
            raise ValueError(
                "ImageLoader needs file paths (str or Path) or images, got entries of "
                f"type {type(first).__name__}. Pass a column of paths, for instance "
                "frame['path']; leave ImageLoader out of the Pipeline if X holds rows "
                "of pixels."
            )
        return items, size

    def _handle_failures(self, failures: Sequence[tuple[Any, str]]) -> None:
        files = count_of(len(failures), "file")
        text = f"ImageLoader can't read {files}:\n{list_failures(failures)}\n"
        if self.on_error == "raise":
            raise UnreadableImageError(
                text + 'Repair or remove them, or pass on_error="blank" (in a '
                'Pipeline: set_params(load__on_error="blank")) to take them as black '
                "images."
            )
        warnings.warn(
            text + "Each is replaced by a black image.",
            UserWarning,
            stacklevel=3,
        )

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        tags.input_tags.one_d_array = True
        tags.input_tags.three_d_array = True
        tags.requires_fit = False
        tags.transformer_tags.preserves_dtype = []
        return tags


def _fits(images: CachedArray, mode: str | None, size: tuple[int, int] | None) -> bool:
    """Return whether images on disk are what a loader would make of them."""
    is_grey = images.ndim == 3
    return mode in (None, "L" if is_grey else "RGB") and size in (
        None,
        images.shape[1:3],
    )


def _blank_shape(
    results: Sequence[Any], mode: str | None, size: tuple[int, int] | None
) -> tuple[int, ...]:
    """Return the shape of a blank image: that of the others, if they agree."""
    shapes = {image.shape for image in results if not isinstance(image, str)}
    if len(shapes) == 1:
        return shapes.pop()
    side = size or (1, 1)
    return (*side, 3) if mode == "RGB" else side


def _stack(images: list[Any]) -> np.ndarray:
    """Stack arrays of one shape; anything else goes into an object array."""
    if len({np.shape(image) for image in images}) == 1 and np.ndim(images[0]):
        return np.stack(images)
    ragged = np.empty(len(images), dtype=object)
    ragged[:] = images
    return ragged

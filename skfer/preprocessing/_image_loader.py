"""Reading image files into arrays."""

import warnings
from collections.abc import Sequence
from typing import Any, Literal, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.callback import CallbackSupportMixin

from skfer._decoding import decode_all
from skfer._documentation import DocumentationLink
from skfer._image_files import UnreadableImageError, list_failures
from skfer._images import N_JOBS_CONSTRAINT, check_size, holds_paths
from skfer._sklearn import StrOptions, fit_context
from skfer._threads import count_threads, run_in_threads

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
    applied, transparent parts are laid on white, palettes and CMYK become RGB,
    16 bits become 8, and of an animation the first frame is taken.

    Images that are already arrays pass through untouched, so that one Pipeline
    serves paths and arrays.

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
        names all of them. "blank" puts a black image in the place of each, warns
        naming the files and keeps their rows in ``failed_``. A row is never
        dropped.
    n_jobs : int or None, default=None
        Number of threads that decode. None means one, -1 all cores.

    Attributes
    ----------
    failed_ : ndarray of int of shape (n_failed,)
        Rows of the last transformed paths that could not be read. Set by
        `transform`.

    See Also
    --------
    GrayscaleResizer : Brings images of any size to one grey size.
    skfer.datasets.load_image_folder : Finds the paths and labels of a folder.

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
        "size": [int, tuple, list, None],
        "on_error": [StrOptions({"raise", "blank"})],
        "n_jobs": N_JOBS_CONSTRAINT,
    }

    def __init__(
        self,
        mode: Literal["RGB", "L"] | None = "RGB",
        size: int | tuple[int, int] | None = None,
        on_error: Literal["raise", "blank"] = "raise",
        n_jobs: int | None = None,
    ) -> None:
        self.mode = mode
        self.size = size
        self.on_error = on_error
        self.n_jobs = n_jobs

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any = None) -> Self:
        """Check the parameters; nothing is learnt.

        Parameters
        ----------
        X : array-like of str or Path of shape (n_samples,), or images
            The files.
        y : ignored
            For the sake of Pipelines.

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
        if self.size is not None:
            check_size(self, self.size)
        self._check_paths(X)
        context.call_on_fit_task_end(estimator=self, X=X, y=y)
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Read the files.

        Parameters
        ----------
        X : array-like of str or Path of shape (n_samples,), or images
            The files. Arrays and lists of images are returned as they are.

        Returns
        -------
        ndarray of shape (n_samples, height, width[, 3]) or (n_samples,)
            uint8 in 0..255; where sizes differ an object array of one array per
            image.

        Raises
        ------
        UnreadableImageError
            With ``on_error="raise"``, if any file can't be read; the message
            names the files and the reasons. It is a ValueError.
        """
        if not self._check_paths(X):
            return X
        size = None if self.size is None else check_size(self, self.size)
        paths = list(X)
        # A few chunks a thread, so that none waits long for the others' last.
        share = -(-len(paths) // (4 * count_threads(self.n_jobs)))
        step = min(_MAX_CHUNK, share)
        chunks = run_in_threads(
            self.n_jobs,
            # Stacked at once, so that small arrays don't pile up.
            lambda start: _stack(
                decode_all(paths[start : start + step], self.mode, size)
            ),
            range(0, len(paths), step),
        )
        if len({chunk.shape[1:] for chunk in chunks}) == 1 and chunks[0].ndim > 1:
            self.failed_ = np.empty(0, dtype=np.intp)
            return np.concatenate(chunks)
        results = [result for chunk in chunks for result in chunk]
        failed = [row for row, image in enumerate(results) if isinstance(image, str)]
        self.failed_ = np.array(failed, dtype=np.intp)
        if failed:
            self._handle_failures([(paths[row], results[row]) for row in failed])
            blank = np.zeros(_blank_shape(results, self.mode, size), dtype=np.uint8)
            for row in failed:
                results[row] = blank
        return _stack(results)

    def _check_paths(self, X: Any) -> bool:
        """Tell whether X holds paths; False means images, anything else raises."""
        if isinstance(X, str) or not hasattr(X, "__len__"):
            raise ValueError(
                f"ImageLoader needs a list of paths, got {X!r} of type "
                f"{type(X).__name__}. Pass [path] for a single file, or "
                "load_image_folder(folder).paths for a folder."
            )
        if len(X) == 0:
            raise ValueError(
                "ImageLoader needs at least one path, got an empty "
                f"{type(X).__name__}. Check the folder or the selection."
            )
        if holds_paths(X):
            return True
        if np.ndim(X[0] if isinstance(X, list | np.ndarray) else X) < 2:
            raise ValueError(
                "ImageLoader needs file paths (str or Path) or images, got entries "
                f"of type {type(next(iter(X))).__name__}. Leave ImageLoader out of "
                "the Pipeline if X holds rows of pixels."
            )
        return False

    def _handle_failures(self, failures: Sequence[tuple[Any, str]]) -> None:
        files = "1 file" if len(failures) == 1 else f"{len(failures)} files"
        text = f"ImageLoader can't read {files}:\n{list_failures(failures)}\n"
        if self.on_error == "raise":
            raise UnreadableImageError(
                text + 'Repair or remove them, or pass on_error="blank".'
            )
        warnings.warn(
            text + "A black image takes the place of each; `failed_` holds their rows.",
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


def _blank_shape(
    results: Sequence[Any], mode: str | None, size: tuple[int, int] | None
) -> tuple[int, ...]:
    """Shape of the stand-in: that of the others where they agree."""
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

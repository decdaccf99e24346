"""Cutting the largest face out of each photograph."""

import warnings
from importlib.metadata import version
from numbers import Real
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
from PIL import Image
from sklearn.base import BaseEstimator, TransformerMixin

from skfer._cached_array import CachedArray
from skfer._documentation import DocumentationLink
from skfer._image_files import UnreadableImageError, list_failures
from skfer._pixels import to_mode
from skfer._resampling import resize
from skfer._row_cache import keep_rows, make_keys
from skfer._row_store import RowStore
from skfer._sklearn import Interval, StrOptions, fit_context
from skfer._text import count_of
from skfer._validation import (
    CACHE_CONSTRAINTS,
    N_JOBS_CONSTRAINT,
    SIZE_CONSTRAINT,
    check_collection,
    check_size,
)
from skfer.faces._blaze_face import Faces
from skfer.faces._crop_face import crop_face
from skfer.faces._cropped_faces import CroppedFaces
from skfer.faces._face_detector import collect
from skfer.faces._find_faces import (
    Detector,
    check_detector,
    find_faces,
    map_photos,
    shrink,
)

_INSTEAD = {"full": "the whole photograph", "center": "the square in the middle"}


class FaceCropper(  # type: ignore[call-arg]
    DocumentationLink, TransformerMixin, BaseEstimator, auto_wrap_output_keys=None
):
    """Turn photographs into upright faces of one size, one for each row.

    The largest face is cut out, with some margin, and turned until the eyes are level.
    No row is ever dropped: where no face is found, the whole photograph is taken.
    Choose ``size`` and ``on_missing``; the others have defaults that suit.

    Parameters
    ----------
    size : int or (int, int), default=(48, 48)
        Height and width of the output in pixels.
    mode : {"RGB", "L"}, default="RGB"
        "RGB" gives three channels, "L" gives grey.
    detector : {"blazeface"} or callable, default="blazeface"
        As in `FaceDetector`.
    min_score : float, default=0.6
        Faces with a lower score are left out, 0..1.
    padding : float, default=0.1
        What to add on each side of a face, as a share of its longer side, 0..2.
    align : bool, default=True
        Whether to turn faces by their eyes.
    on_missing : {"full", "center", "raise"}, default="full"
        What to do with a photograph without a face: take it as a whole, take the square
        in its centre, or raise an error that names all of them.
    on_error : {"raise", "blank"}, default="raise"
        What to do with files that can't be read, as in `ImageLoader`.
    n_jobs : int or None, default=None
        Number of threads. None means one, -1 all cores.
    cache_dir : str, Path or None, default=None
        Folder in which faces are kept once they are cut out, as in
        `~skfer.preprocessing.ImageLoader`; `transform` then returns `CachedArray`.
    cache_gb : float or None, default=None
        How many gigabytes ``cache_dir`` may hold; more is an error.

    See Also
    --------
    FaceDetector : All faces, without cutting.
    skfer.ImageLoader : Whole pictures.

    Notes
    -----
    Photographs are read at full size, one at a time in each thread, so that memory
    stays the same for any number of them. The same photograph gives the same face from
    a file and from an array, whatever the other rows and the number of threads.

    Examples
    --------
    >>> import numpy as np
    >>> from skfer.faces import FaceCropper
    >>> photo = np.zeros((50, 60, 3), np.uint8)
    >>> photo[10:30, 10:30] = 255
    >>> cropper = FaceCropper(8, padding=0, detector=lambda image: [(10, 10, 30, 30)])
    >>> cropper.fit_transform([photo]).min()
    np.uint8(255)
    """

    _parameter_constraints: dict = {
        "size": SIZE_CONSTRAINT,
        "mode": [StrOptions({"RGB", "L"})],
        "detector": [StrOptions({"blazeface"}), callable],
        "min_score": [Interval(Real, 0, 1, closed="both")],
        "padding": [Interval(Real, 0, 2, closed="both")],
        "align": ["boolean"],
        "on_missing": [StrOptions({"full", "center", "raise"})],
        "on_error": [StrOptions({"raise", "blank"})],
        "n_jobs": N_JOBS_CONSTRAINT,
        **CACHE_CONSTRAINTS,
    }

    def __init__(
        self,
        size: int | tuple[int, int] = (48, 48),
        mode: Literal["RGB", "L"] = "RGB",
        *,
        detector: Literal["blazeface"] | Detector = "blazeface",
        min_score: float = 0.6,
        padding: float = 0.1,
        align: bool = True,
        on_missing: Literal["full", "center", "raise"] = "full",
        on_error: Literal["raise", "blank"] = "raise",
        n_jobs: int | None = None,
        cache_dir: str | Path | None = None,
        cache_gb: float | None = None,
    ) -> None:
        self.size = size
        self.mode = mode
        self.detector = detector
        self.min_score = min_score
        self.padding = padding
        self.align = align
        self.on_missing = on_missing
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
            The photographs.
        y : ignored
            Only for compatibility with Pipelines.

        Returns
        -------
        FaceCropper
            Itself.

        Raises
        ------
        ValueError
            If a parameter is not allowed, or X is a single path.
        ImportError
            If "blazeface" is not installed.
        """
        self._check(X)
        return self

    def transform(self, X: Any) -> np.ndarray | CachedArray:
        """Cut out the faces.

        Parameters
        ----------
        X : array-like of str or Path of shape (n_samples,), or images
            Files, or images of any sizes, grey or RGB: integers in 0..255, uint16 in
            0..65535 or floats in 0..1.

        Returns
        -------
        ndarray of shape (n_samples, height, width[, 3])
            uint8 in 0..255. `CachedArray` with ``cache_dir``.

        Raises
        ------
        UnreadableImageError
            With ``on_error="raise"``, if any file can't be read. It is a ValueError.
        ValueError
            If a parameter is not allowed, X holds neither paths nor images, the
            detector returns no boxes, with ``on_missing="raise"`` a face is missing,
            or the cache is damaged or would hold more than ``cache_gb``.
        OSError
            If the cache can't be written; what it holds remains.

        Warns
        -----
        UserWarning
            If photographs without a face are taken as a whole.
        """
        images: np.ndarray | CachedArray
        if self.cache_dir is None:
            cropped = self.crop(X)
            images, status = cropped.images, cropped.status
        else:
            images, status = self._crop_cached(self.cache_dir, X)
        missing = np.flatnonzero(status == "missing")
        if len(missing):
            warnings.warn(
                f"{type(self).__name__} found no face in "
                f"{count_of(len(missing), 'image')} of {len(status):,}: "
                f"{_name(X, missing)}. There {_INSTEAD[self.on_missing]} is taken; "
                'on_missing="raise" refuses them, and classify_images of '
                "skfer.prediction tells which they are.",
                UserWarning,
                stacklevel=2,
            )
        return images

    def crop(self, X: Any) -> CroppedFaces:
        """Cut out the faces, and return also what was found.

        Parameters
        ----------
        X : array-like of str or Path of shape (n_samples,), or images
            As for `transform`.

        Returns
        -------
        CroppedFaces
            With images, status and all faces.

        Raises
        ------
        UnreadableImageError
            As `transform`.
        ValueError
            As `transform`.
        """
        self._validate_params()
        items, size = self._check(X)
        cropped = self._crop(items, size)
        self._handle_failures(items, cropped.faces.reasons, cropped.status)
        return cropped

    def _crop(self, items: Any, size: tuple[int, int]) -> CroppedFaces:
        """Cut out the faces; those of files that can't be read are black."""

        def work(image: np.ndarray) -> tuple[np.ndarray, Faces, tuple[int, int]]:
            small, scale = shrink(image)
            faces = find_faces(small, self.detector, self.min_score)
            face = to_mode(self._cut(small, faces, size), self.mode)
            return face, faces.enlarged(1 / scale), image.shape[:2]

        name = type(self).__name__
        results = map_photos(items, self.n_jobs, work, name)
        faces = collect(
            [one if isinstance(one, str) else one[1] for one in results],
            [(0, 0) if isinstance(one, str) else one[2] for one in results],
        )
        status = np.where(faces.count > 0, "found", "missing").astype("<U10")
        status[[bool(reason) for reason in faces.reasons]] = "unreadable"
        blank = np.zeros(self._shape_out(size), dtype=np.uint8)
        images = [blank if isinstance(one, str) else one[0] for one in results]
        return CroppedFaces(np.stack(images), status, faces)

    def _shape_out(self, size: tuple[int, int]) -> tuple[int, ...]:
        return (*size, 3) if self.mode == "RGB" else size

    def _crop_cached(
        self, cache_dir: str | Path, X: Any
    ) -> tuple[CachedArray, np.ndarray]:
        """Return faces from the cache, and whether they were found; cut out others."""
        self._validate_params()
        items, size = self._check(X)
        keys = make_keys(items)
        asked = ("mode", "min_score", "padding", "align")
        made_with = {name: getattr(self, name) for name in asked}
        made_with["size"] = size
        made_with["takes_center"] = self.on_missing == "center"
        made_with["skfer"] = version("skfer")
        found = RowStore(cache_dir, (1,), np.uint8, {**made_with, "what": "found"})
        reasons: dict[bytes, str] = {}

        def look(places: np.ndarray) -> tuple[CroppedFaces, np.ndarray]:
            cropped = self._crop([items[place] for place in places], size)
            reasons.update(zip(keys[places], cropped.faces.reasons, strict=True))
            return cropped, cropped.status != "unreadable"

        def mark(places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            cropped, is_good = look(places)
            return (cropped.status == "found")[:, np.newaxis], is_good

        def make(places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            cropped, is_good = look(places)
            marks = (cropped.status == "found")[:, np.newaxis]
            # Before the images, so that no image is without one.
            found.fill(keys[places], lambda rows: (marks[rows], is_good[rows]))
            return cropped.images, is_good

        images, bad = keep_rows(
            cache_dir,
            keys,
            make,
            row_shape=self._shape_out(size),
            made_with={**made_with, "what": "faces"},
            cache_gb=self.cache_gb,
        )
        status = np.full(len(keys), "unreadable")
        good = np.setdiff1d(np.arange(len(keys)), bad)
        if len(good):
            rows = found.fill(keys[good], lambda places: mark(good[places]))
            marks = found.open(rows.max() + 1)[rows, 0]
            status[good] = np.where(marks, "found", "missing")
        why = [""] * len(keys)
        for row in bad:
            why[row] = reasons[keys[row]]
        self._handle_failures(items, why, status)
        return images, status

    def _cut(
        self, image: np.ndarray, faces: Faces, size: tuple[int, int]
    ) -> np.ndarray:
        if len(faces.boxes):
            sides = faces.boxes[:, 2:] - faces.boxes[:, :2]
            largest = sides.prod(axis=1).argmax()
            return crop_face(
                image,
                faces.boxes[largest],
                faces.points[largest],
                size,
                padding=self.padding,
                align=self.align,
                look_twice=not callable(self.detector),
            )
        if self.on_missing == "center":
            height, width = image.shape[:2]
            side = min(height, width)
            top, left = (height - side) // 2, (width - side) // 2
            image = image[top : top + side, left : left + side]
        return np.asarray(resize(Image.fromarray(image), size))

    def _check(self, X: Any) -> tuple[Any, tuple[int, int]]:
        name = type(self).__name__
        check_detector(self.detector, name)
        if self.cache_dir is not None and callable(self.detector):
            raise ValueError(
                f"{name} can't use cache_dir with a function as detector, because it "
                "can't tell whether the function has changed. Leave cache_dir out, or "
                "pass detector='blazeface'."
            )
        return check_collection(X, name), check_size(self, self.size)

    def _handle_failures(
        self, items: Any, reasons: list[str], status: np.ndarray
    ) -> None:
        name = type(self).__name__
        bad = [(items[row], reason) for row, reason in enumerate(reasons) if reason]
        if bad and self.on_error == "raise":
            raise UnreadableImageError(
                f"{name} can't read {count_of(len(bad), 'file')}:\n"
                f"{list_failures(bad)}\n"
                'Repair or remove them, or pass on_error="blank" (in a Pipeline: '
                'set_params(faces__on_error="blank")) to take them as black images.'
            )
        missing = np.flatnonzero(status == "missing")
        if len(missing) and self.on_missing == "raise":
            raise ValueError(
                f"{name} found no face in {count_of(len(missing), 'image')}: "
                f"{_name(items, missing)}. Remove them, or pass "
                'on_missing="full" (in a Pipeline: set_params(faces__on_missing='
                '"full")).'
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


def _name(items: Any, rows: np.ndarray) -> str:
    """Return the first files or rows, to be found again."""
    if hasattr(items, "iloc"):
        items = items.to_numpy()
    first = [
        str(items[row]) if isinstance(items[row], str | Path) else f"row {row}"
        for row in rows[:5]
    ]
    return f"{', '.join(first)}{' ...' if len(rows) > 5 else ''}"

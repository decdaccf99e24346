"""What a model says of a webcam or a film while it is shown."""

import sys
import threading
import time
from collections.abc import Generator, Iterator
from numbers import Real
from os import PathLike
from typing import Any, NamedTuple

import numpy as np

from skfer._films import FilmError, iterate_frames
from skfer._steps import find_part
from skfer.model_selection import SelectiveClassifier
from skfer.prediction._classify_images import NO_FACE, classify_images

# Kinds of cameras in FFmpeg, and what the first, second ... is called.
_CAMERAS = {
    "linux": ("v4l2", "/dev/video{}"),
    "darwin": ("avfoundation", "{}"),
}


class WatchedFrame(NamedTuple):
    """One frame, and what the model says of it.

    Attributes
    ----------
    seconds : float
        When it is shown, from the beginning.
    image : ndarray of shape (height, width, 3)
        RGB, uint8.
    label : object
        The class, None if there is no face or no answer.
    probability : ndarray of shape (n_classes,)
        In the order of ``model.classes_``, smoothed; nan if there is no answer.
    box : ndarray of shape (4,) or None
        Left, top, right and bottom of the face in pixels, if the model looks for faces
        and finds one.
    status : str
        Why there is no label, else empty.
    latency : float
        Seconds from the moment at which the frame was there to the answer.
    n_skipped : int
        Frames before this one that came while the model was busy.

    Examples
    --------
    >>> from skfer.prediction import WatchedFrame
    >>> WatchedFrame._fields[:3]
    ('seconds', 'image', 'label')
    """

    seconds: float
    image: np.ndarray
    label: Any
    probability: np.ndarray
    box: np.ndarray | None
    status: str
    latency: float
    n_skipped: int


def watch(
    model: Any, source: int | str | PathLike = 0, *, smoothing: float = 0.0
) -> Generator[WatchedFrame]:
    """Classify a webcam, or a film at its own speed, frame by frame.

    Each answer is of the newest frame: those that come while the model is busy are
    skipped. To classify every frame of a film, use `list_pictures` and
    `classify_images`. It needs the extra ``skfer[video]`` (PyAV).

    Parameters
    ----------
    model : classifier
        Fitted: a Pipeline of skfer, or what wraps one.
    source : int, str or Path, default=0
        Number of the webcam, from 0, or a film. On Windows the name of the webcam, for
        instance "video=Integrated Camera".
    smoothing : float, default=0.0
        Seconds over which probabilities are averaged: what was seen so long ago counts
        for 1/e of what is seen now. 0 takes each frame alone. Where no face is found
        it begins anew.

    Yields
    ------
    WatchedFrame
        Without end, if it is a webcam. Close the iterator to free it.

    Raises
    ------
    ValueError
        If the webcam or film can't be read, the model is not fitted, or ``smoothing``
        is below 0.
    ImportError
        If PyAV is missing.

    Examples
    --------
    >>> from skfer import load_pretrained
    >>> from skfer.prediction import watch
    >>> model = load_pretrained(faces=True)  # doctest: +SKIP
    >>> for frame in watch(model, smoothing=0.5):  # doctest: +SKIP
    ...     print(frame.label)
    """
    is_number = isinstance(smoothing, Real) and not isinstance(smoothing, bool)
    if not (is_number and 0 <= smoothing < np.inf):
        raise ValueError(
            f"watch got smoothing={smoothing!r}. It must be a number of seconds, at "
            "least 0."
        )
    with _Newest(source) as newest:
        smooth = _Smoothing(model, smoothing)
        for seconds, image, arrived, n_skipped in newest:
            results = classify_images(model, [image])
            columns = {name: values[0] for name, values in results.columns.items()}
            status = columns["status"]
            if columns.get("face") == "missing":
                status = NO_FACE
            label, probability = smooth(
                seconds, columns["predicted"], columns["probability"], status
            )
            box = columns.get("box")
            yield WatchedFrame(
                seconds,
                image,
                label,
                probability,
                None if box is None or not np.isfinite(box).all() else box,
                status,
                time.perf_counter() - arrived,
                n_skipped,
            )


class _Smoothing:
    """The weighted mean of probabilities over time, and the label that follows."""

    def __init__(self, model: Any, over: float) -> None:
        self._classes = np.asarray(model.classes_)
        self._selective = find_part(model, SelectiveClassifier)
        self._over = over
        self._mean: np.ndarray | None = None
        self._then = 0.0

    def __call__(
        self, seconds: float, label: Any, probability: np.ndarray, status: str
    ) -> tuple[Any, np.ndarray]:
        if status:
            self._mean = None
            return None, np.full(len(self._classes), np.nan)
        if not self._over:
            return label, probability
        if self._mean is None:
            self._mean = probability
        else:
            kept = np.exp(-(seconds - self._then) / self._over)
            self._mean = kept * self._mean + (1 - kept) * probability
        self._then = seconds
        best = self._mean.argmax()
        if self._selective is not None and self._mean[best] < self._selective.threshold:
            return self._selective.unknown, self._mean
        return self._classes[best].item(), self._mean


class _Newest:
    """Reads frames in a thread, and hands out the newest one."""

    def __init__(self, source: int | str | PathLike) -> None:
        self._source, self._kind = _find_source(source)
        self._changed = threading.Condition()
        self._frame: tuple[float, np.ndarray, float] | None = None
        self._n_skipped = 0
        self._error: Exception | None = None
        self._is_over = False
        self._thread = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> Iterator[tuple[float, np.ndarray, float, int]]:
        self._thread.start()
        return self._take()

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._is_over = True
            self._changed.notify_all()
        self._thread.join()

    def _read(self) -> None:
        begun = time.perf_counter()
        try:
            for seconds, image in iterate_frames(self._source, format=self._kind):
                with self._changed:
                    # A film is shown at its own speed; a camera has one anyway.
                    wait = begun + seconds - time.perf_counter()
                    if self._kind is None and wait > 0:
                        self._changed.wait_for(lambda: self._is_over, wait)
                    if self._is_over:
                        return
                    self._n_skipped += self._frame is not None
                    self._frame = (seconds, image, time.perf_counter())
                    self._changed.notify_all()
        except Exception as error:  # Raised by the thread that asks.
            self._error = error
        finally:
            with self._changed:
                self._is_over = True
                self._changed.notify_all()

    def _take(self) -> Iterator[tuple[float, np.ndarray, float, int]]:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._frame or self._is_over)
                frame, n_skipped = self._frame, self._n_skipped
                self._frame, self._n_skipped = None, 0
            if frame is None:
                break
            yield *frame, n_skipped
        if isinstance(self._error, FilmError):
            raise ValueError(
                f"watch can't read {self._source}: {self._error}."
            ) from self._error
        if self._error is not None:
            raise self._error


def _find_source(source: Any) -> tuple[str, str | None]:
    """Return the name of a film or camera, and FFmpeg's name of its kind."""
    if isinstance(source, int) and not isinstance(source, bool) and source >= 0:
        if sys.platform not in _CAMERAS:
            raise ValueError(
                f"watch got the number {source}; on this system cameras have names. "
                'Pass "video=" and its name, for instance "video=Integrated Camera".'
            )
        kind, name = _CAMERAS[sys.platform]
        return name.format(source), kind
    if isinstance(source, str | PathLike):
        is_named = sys.platform == "win32" and str(source).startswith("video=")
        return str(source), "dshow" if is_named else None
    raise ValueError(
        f"watch got source={source!r}. It must be the number of a webcam, from 0, or "
        "the name of a film."
    )

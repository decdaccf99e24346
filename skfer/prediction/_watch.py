"""What a model says of a webcam or a video while it is shown."""

import sys
import threading
import time
from collections.abc import Generator, Iterator
from numbers import Integral, Real
from os import PathLike
from typing import Any, NamedTuple

import numpy as np

from skfer._steps import check_classifier, find_part
from skfer._videos import VideoError, iterate_frames
from skfer.model_selection import SelectiveClassifier
from skfer.prediction._classify_images import NO_FACE, classify_images

# Kinds of cameras in FFmpeg, and what the first, second ... is called.
_CAMERAS = {
    "linux": ("v4l2", "/dev/video{}"),
    "darwin": ("avfoundation", "{}"),
}
# Times of a damaged video may jump; nothing is waited for longer.
_LONGEST_WAIT = 10.0
_END = 1.0  # Seconds that a camera may take to be freed.


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
        In the order of ``model.classes_``, smoothed; nan if there is no answer. Shares
        that are not calibrated, if the model has no ``predict_proba``.
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
    """Classify a webcam, or a video at its own speed, frame by frame.

    Each answer is of the newest frame: those that come while the model is busy are
    skipped. Where the model looks for faces, a frame without one has no label. To
    classify every frame of a video, use `list_pictures` and `classify_images`. It needs
    the extra ``skfer[video]`` (PyAV).

    Parameters
    ----------
    model : classifier
        Fitted: a Pipeline of skfer, or what wraps one.
    source : int, str or Path, default=0
        Number of the webcam, from 0, or a video. On Windows the name of the webcam, for
        instance "video=Integrated Camera".
    smoothing : float, default=0.0
        Seconds over which probabilities are averaged: a frame of so long ago has 1/e of
        the weight of the newest. 0 takes each frame alone. Where no face is found it
        begins anew.

    Yields
    ------
    WatchedFrame
        Without end, if it is a webcam. Close the iterator to free it.

    Raises
    ------
    TypeError
        If ``model`` is no classifier.
    ValueError
        If the webcam or video can't be read, the model is not fitted, or ``smoothing``
        is below 0.
    ImportError
        If PyAV is missing.

    See Also
    --------
    classify_images : Takes pictures, and every frame of videos.

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
    model = check_classifier(model, "watch")
    with _Newest(source) as newest:
        smooth = _Smoothing(model, smoothing)
        for seconds, image, arrived, n_skipped in newest:
            results = classify_images(model, [image])
            columns = {
                name: values[0] if values.ndim > 1 else values.tolist()[0]
                for name, values in results.columns.items()
            }
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
        self._sum, self._weight, self._then = np.zeros(len(self._classes)), 0.0, 0.0

    def __call__(
        self, seconds: float, label: Any, probability: np.ndarray, status: str
    ) -> tuple[Any, np.ndarray]:
        if status:
            self._sum, self._weight = np.zeros(len(self._classes)), 0.0
            return None, np.full(len(self._classes), np.nan)
        if not self._over:
            return label, probability
        # Times of damaged videos may go backwards.
        kept = np.exp(-max(seconds - self._then, 0) / self._over)
        self._sum = kept * self._sum + probability
        self._weight = kept * self._weight + 1
        self._then = seconds
        mean = self._sum / self._weight
        if self._selective is not None:
            return self._selective.answer(mean[np.newaxis]).tolist()[0], mean
        return self._classes.tolist()[mean.argmax()], mean


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
        # A camera that hangs gives no more frames; the thread ends with the process.
        self._thread.join(_END)

    def _read(self) -> None:
        begun = None
        try:
            for seconds, image in iterate_frames(self._source, format=self._kind):
                with self._changed:
                    now = time.perf_counter()
                    begun = now - seconds if begun is None else begun
                    wait = begun + seconds - now
                    if wait > _LONGEST_WAIT:
                        begun -= wait
                    elif self._kind is None and wait > 0:
                        # A video is shown at its own speed; a camera has one anyway.
                        self._changed.wait_for(lambda: self._is_over, wait)
                    if self._is_over:
                        return
                    self._n_skipped += self._frame is not None
                    self._frame = (seconds, image, time.perf_counter())
                    self._changed.notify_all()
            if begun is None:
                raise VideoError("it has no frames")
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
        if isinstance(self._error, VideoError):
            advice = ""
            if self._kind is not None:
                advice = " Connect one, close what uses it, or pass its number."
            raise ValueError(
                f"watch can't read {self._source}: {self._error}.{advice}"
            ) from self._error
        if self._error is not None:
            raise self._error


def _find_source(source: Any) -> tuple[str, str | None]:
    """Return the name of a video or camera, and FFmpeg's name of its kind."""
    is_number = isinstance(source, Integral) and not isinstance(source, bool)
    if is_number and int(source) >= 0:
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
        "the name of a video."
    )

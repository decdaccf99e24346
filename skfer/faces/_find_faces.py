"""Finding faces in photographs of any size, by any detector."""

from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image

from skfer._decoding import decode_all
from skfer._pixels import to_mode, to_uint8_image
from skfer._resampling import resize
from skfer._threads import run_in_threads
from skfer._validation import holds_paths
from skfer.faces._blaze_face import (
    N_POINTS,
    NO_FACES,
    Faces,
    check_installed,
    find_with_blaze_face,
)

# Photographs are shrunk to this side before faces are looked for. The networks see 256
# pixels, and a face that is smaller in a photograph of this size is not found anyway.
LARGEST_SIDE = 2048
_CHUNK = 8

#: From an RGB image, uint8 of shape (height, width, 3), to boxes.
Detector = Callable[[np.ndarray], Any]


def check_detector(detector: Any, who: str) -> None:
    """Raise an error unless it is "blazeface", and installed, or a function."""
    if callable(detector):
        return
    if detector != "blazeface":
        raise ValueError(
            f"{who} got detector={detector!r}. It must be 'blazeface', or a function "
            "that takes an RGB image and returns boxes."
        )
    check_installed()


def map_photos(
    items: Any, n_jobs: int | None, work: Callable[[np.ndarray], Any], who: str
) -> list[Any]:
    """Return ``work(image)`` for each path or image; a str where it can't be read.

    Images are RGB, uint8, of their own size; one at a time is in memory for each
    thread.
    """
    has_paths = holds_paths(items)
    items = list(items) if has_paths else items

    def run(start: int) -> list[Any]:
        results: list[Any] = []
        for row in range(start, min(start + _CHUNK, len(items))):
            if has_paths:
                (decoded,) = decode_all([items[row]], "RGB", None)
                if decoded.pixels is None:
                    results.append(decoded.reason)
                    continue
                image = decoded.pixels
            else:
                image = to_uint8_image(np.asarray(items[row]), who, row)
                image = to_mode(to_mode(image, None), "RGB")
            try:
                results.append(work(image))
            except Exception as error:
                place = items[row] if has_paths else f"number {row}"
                error.add_note(f"{who} was looking for faces in image {place}.")
                raise
        return results

    chunks = run_in_threads(n_jobs, run, range(0, len(items), _CHUNK))
    return [result for chunk in chunks for result in chunk]


def shrink(image: np.ndarray) -> tuple[np.ndarray, float]:
    """Bring an image to at most `LARGEST_SIDE`, and return by how much."""
    height, width = image.shape[:2]
    scale = min(1.0, LARGEST_SIDE / max(height, width))
    if scale == 1:
        return image, scale
    size = max(1, round(height * scale)), max(1, round(width * scale))
    return np.asarray(resize(Image.fromarray(image), size)), scale


def find_faces(image: np.ndarray, detector: Any, min_score: float) -> Faces:
    """Return the faces of an RGB image that are sure enough, the surest first."""
    if callable(detector):
        faces = _read_answer(detector(image), image.shape[:2])
    else:
        faces = find_with_blaze_face(image, min_score)
    order = np.argsort(-faces.scores, kind="stable")
    order = order[faces.scores[order] >= min_score]
    return Faces(*(part[order] for part in faces))


def _read_answer(answer: Any, size: tuple[int, int]) -> Faces:
    """Check what a user's detector returns."""
    is_pair = isinstance(answer, tuple) and len(answer) == 2
    boxes, points = answer if is_pair else (answer, None)
    if boxes is None:  # What some detectors return where there is no face.
        return NO_FACES
    try:
        boxes = np.asarray(boxes, dtype=np.float64)
        points = None if points is None else np.asarray(points, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(
            "The detector must return boxes of shape (n, 4): left, top, right, bottom "
            "in pixels, or (n, 5) with a score; or a tuple of these and points. It "
            f"returned {answer!r}, which holds no such numbers."
        ) from None
    if boxes.size == 0:
        return NO_FACES
    if boxes.ndim != 2 or boxes.shape[1] not in (4, 5) or not np.isfinite(boxes).all():
        raise ValueError(
            "The detector must return finite boxes of shape (n, 4): left, top, right, "
            "bottom in pixels, or (n, 5) with a score; or a tuple of these and points "
            f"of shape (n, 6, 2). It returned {np.array2string(boxes, threshold=8)} of "
            f"shape {boxes.shape}."
        )
    height, width = size
    low, high = boxes[:, :2], boxes[:, 2:4]
    meets = (high > 0).all(axis=1) & (low < [width, height]).all(axis=1)
    if not ((high > low).all(axis=1) & meets).all():
        raise ValueError(
            "The detector must return boxes whose left lies before their right and top "
            f"above bottom, and that meet the image of {width} by {height} pixels; it "
            f"returned {boxes[:, :4].tolist()}."
        )
    scores = boxes[:, 4] if boxes.shape[1] == 5 else np.ones(len(boxes))
    unknown = np.full((len(boxes), N_POINTS, 2), np.nan)
    if not ((scores >= 0) & (scores <= 1)).all():
        raise ValueError(
            "The detector must return scores from 0 to 1 as the fifth column; it "
            f"returned {scores.tolist()}."
        )
    places = unknown if points is None else points
    if places.shape != unknown.shape:
        raise ValueError(
            f"The detector returned {len(boxes)} boxes and points of shape "
            f"{places.shape}. Points must have shape ({len(boxes)}, 6, 2): x and y of "
            "right eye, left eye, nose, mouth, right ear, left ear; nan if unknown."
        )
    return Faces(boxes[:, :4], scores, places)

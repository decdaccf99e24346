"""Cutting an upright face out of a photograph."""

from math import atan2, ceil, cos, radians, sin

import numpy as np
from PIL import Image

from skfer._resampling import resize
from skfer.faces._blaze_face import cut, find_points

# A face is first cut out at up to this many times the wanted size, and then shrunk with
# antialiasing, which turning an image does not have.
_OVERSAMPLING = 4
# Turns of more than this are mistakes of the second look.
_MOST_MENDED = radians(30)


def crop_face(
    image: np.ndarray,
    box: np.ndarray,
    points: np.ndarray,
    size: tuple[int, int],
    *,
    padding: float,
    align: bool,
    look_twice: bool,
) -> np.ndarray:
    """Cut out a square around a face, turned so that the eyes are level.

    Parameters
    ----------
    image : ndarray of shape (height, width, 3)
        uint8.
    box : ndarray of shape (4,)
        Left, top, right, bottom in pixels.
    points : ndarray of shape (6, 2)
        The eyes first; nan where unknown, which turns nothing.
    size : (int, int)
        Height and width of the result in pixels.
    padding : float
        What to add on each side, as a share of the longer side of the box.
    align : bool
        Whether to turn it.
    look_twice : bool
        Whether to look for the eyes again in the turned face, and correct the turn.

    Returns
    -------
    ndarray of shape (*size, 3)
        uint8. Beyond the border of the image, its border is continued.
    """
    centre = (box[:2] + box[2:]) / 2
    side = float((box[2:] - box[:2]).max() * (1 + 2 * padding))
    angle = _tilt(points) if align else 0.0
    face = _cut_turned(image, centre, side, angle, max(size))
    if align and look_twice:
        again = find_points(face)
        more = 0.0 if again is None else _tilt(again)
        if 0 < abs(more) < _MOST_MENDED:
            face = _cut_turned(image, centre, side, angle + more, max(size))
    return np.asarray(resize(Image.fromarray(face), size))


def _tilt(points: np.ndarray) -> float:
    """Return the angle of the line through both eyes, clockwise, in radians."""
    (x, y), (other_x, other_y) = points[0], points[1]
    if not np.isfinite(points[:2]).all() or (x, y) == (other_x, other_y):
        return 0.0
    return atan2(other_y - y, other_x - x)


def _cut_turned(
    image: np.ndarray, centre: np.ndarray, side: float, angle: float, wanted: int
) -> np.ndarray:
    reach = ceil(side * 0.71) + 2  # Half the diagonal.
    x, y = (int(value) - reach for value in centre)
    region = Image.fromarray(cut(image, x, y, 2 * reach))
    scale = min(1.0, _OVERSAMPLING * wanted / side)
    if scale < 1:
        smaller = max(1, round(2 * reach * scale))
        scale = smaller / (2 * reach)
        region = resize(region, (smaller, smaller))
    across, down = (centre - [x, y]) * scale
    n = max(1, round(side * scale))
    step = side * scale / n
    along, aside = step * cos(angle), step * sin(angle)
    # From a pixel of the result to a place in the region.
    matrix = (
        along, -aside, across - n / 2 * (along - aside),
        aside, along, down - n / 2 * (aside + along),
    )  # fmt: skip
    turned = region.transform(
        (n, n), Image.Transform.AFFINE, matrix, Image.Resampling.BICUBIC
    )
    return np.asarray(turned)

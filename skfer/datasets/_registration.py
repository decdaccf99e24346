"""Registering small images to one another, to see whether they show one photograph."""

import numpy as np

_STEPS = 6
_LARGEST = 0.3  # Share of the image that a crop may remove on a side.


def correlate_registered(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Correlate pictures after shifting and stretching the first onto the second.

    The Gauss-Newton method of Lucas and Kanade [1]_ with four parameters (shift and
    stretch along both axes), blind to brightness and contrast, for many pairs at once.

    Parameters
    ----------
    first, second : ndarray of shape (n, side, side)
        The pairs, grey.

    Returns
    -------
    ndarray of float32 of shape (n,)
        Largest correlation of the overlapping pixels, in -1..1.

    References
    ----------
    .. [1] B. D. Lucas and T. Kanade, "An iterative image registration technique with
       an application to stereo vision", IJCAI 1981.
    """
    n, side = first.shape[:2]
    source = first.reshape(n, side * side).astype(np.float32)
    aim = second.reshape(n, side * side).astype(np.float32)
    axis = ((np.arange(side) + 0.5) / side * 2 - 1).astype(np.float32)
    y, x = (grid.ravel() for grid in np.meshgrid(axis, axis, indexing="ij"))
    # Shift in x and y in halves of a picture, stretch in x and y.
    moved = np.zeros((n, 4), dtype=np.float32)
    best = np.full(n, -1, dtype=np.float32)
    for step in range(_STEPS + 1):
        value, slope_x, slope_y, inside = _sample(
            source,
            x * (1 + moved[:, 2:3]) + moved[:, 0:1],
            y * (1 + moved[:, 3:4]) + moved[:, 1:2],
        )
        count = np.maximum(inside.sum(axis=1, keepdims=True), 1)
        value = (value - (value * inside).sum(1, keepdims=True) / count) * inside
        goal = (aim - (aim * inside).sum(1, keepdims=True) / count) * inside
        across = np.einsum("ij,ij->i", value, goal)
        power = np.maximum(np.einsum("ij,ij->i", value, value), 1e-6)
        both = power * np.maximum(np.einsum("ij,ij->i", goal, goal), 1e-6)
        best = np.maximum(best, across / np.sqrt(both))
        if step == _STEPS:
            break
        gain = (across / power)[:, np.newaxis]
        along_x, along_y = gain * slope_x, gain * slope_y
        ones = np.ones_like(value)
        slopes = np.stack([along_x, along_y, along_x * x, along_y * y, value, ones], 1)
        slopes *= inside[:, np.newaxis]
        normal = slopes @ slopes.transpose(0, 2, 1)
        diagonal = np.arange(6)
        # Slightly damped, so that images without structure don't diverge.
        normal[:, diagonal, diagonal] *= 1.01
        normal[:, diagonal, diagonal] += 1e-3
        right = slopes @ (goal - gain * value)[..., np.newaxis]
        change = np.linalg.solve(normal, right)[:, :4, 0]
        moved = (moved + change.clip(-0.1, 0.1)).clip(-_LARGEST, _LARGEST)
    return best


def _sample(
    source: np.ndarray, x: np.ndarray, y: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Interpolate between pixels: values, slopes along x and y, and their mask."""
    side = int(np.sqrt(source.shape[1]))
    column, row = (x + 1) * side / 2 - 0.5, (y + 1) * side / 2 - 0.5
    inside = (column >= 0) & (column <= side - 1) & (row >= 0) & (row <= side - 1)
    column, row = column.clip(0, side - 1.001), row.clip(0, side - 1.001)
    left, top = column.astype(np.intp), row.astype(np.intp)
    right_share, bottom_share = column - left, row - top
    corner = top * side + left
    a, b, c, d = (
        np.take_along_axis(source, corner + offset, axis=1)
        for offset in (0, 1, side, side + 1)
    )
    upper, lower = a + (b - a) * right_share, c + (d - c) * right_share
    slope_x = (b - a) + ((d - c) - (b - a)) * bottom_share
    half = np.float32(side / 2)
    return (
        upper + (lower - upper) * bottom_share,
        slope_x * half,
        (lower - upper) * half,
        inside.astype(np.float32),
    )

"""Registering small pictures to one another."""

from functools import cache

import numpy as np
from scipy.ndimage import binary_erosion, gaussian_filter1d

# Residuals above this many standard deviations of the picture count little, so that
# text, watermarks and frames do not pull the picture away.
_TOLERANCE = 0.6
# Share of a picture at each edge that is not compared: bars with text lie there.
_MARGIN = 0.095
_FARTHEST = 0.5  # Largest shift, in halves of a picture.
_LARGEST_STEP = 0.1


def register(
    first: np.ndarray, second: np.ndarray, start: np.ndarray, n_steps: int
) -> np.ndarray:
    """Find where each point of the second picture lies in the first, for many pairs.

    The Gauss-Newton method in its inverse compositional form [1]_, with the six
    parameters of an affine map, on pictures of equal local contrast and with robust
    weights, so that brightness, tone and text matter little.

    Parameters
    ----------
    first, second : ndarray of shape (n, side, side)
        The pairs, grey, 0..255.
    start : ndarray of float32 of shape (n, 2, 3)
        Where to begin.
    n_steps : int
        Number of steps.

    Returns
    -------
    ndarray of float32 of shape (n, 2, 3)
        For each pair the matrix that maps (x, y, 1) of the second picture to (x, y) of
        the first, with x and y from -1 to 1.

    References
    ----------
    .. [1] S. Baker and I. Matthews, "Lucas-Kanade 20 years on: a unifying framework",
       International Journal of Computer Vision 56, 2004.
    """
    source, aim = _equalize_inside(first), _equalize_inside(second)
    x, y = _grid(first.shape[1])
    slopes = _find_slopes(aim)
    aim = aim.reshape(len(aim), -1)
    moved = start.astype(np.float32)
    for _ in range(n_steps):
        places = _move(moved, x, y)
        residual = _interpolate(source, *places) - aim
        moved = _step(moved, slopes, residual, _is_inner(x, y, *places))
    return moved


def refine(
    first: np.ndarray, second: np.ndarray, moved: np.ndarray, n_steps: int
) -> np.ndarray:
    """Improve a registration, by filtering only what both pictures show.

    `register` filters each picture once, as a whole. That is fast, but where one is a
    part of the other, the filters see other surroundings, and the result is off by a
    fraction of a pixel.

    Parameters
    ----------
    first, second : ndarray of shape (n, side, side)
        The pairs, grey, 0..255.
    moved : ndarray of shape (n, 2, 3)
        From `register`.
    n_steps : int
        Number of steps.

    Returns
    -------
    ndarray of float32 of shape (n, 2, 3)
        As from `register`.
    """
    n, side = first.shape[:2]
    for _ in range(n_steps):
        shared = find_shared(moved, side)
        one, other = warp(first, moved), second.astype(np.float32)
        one, other = (equalize_contrast(z, shared=shared) for z in (one, other))
        slopes = _find_slopes((one + other) / 2)
        inner = binary_erosion(shared, structure=np.ones((1, 3, 3)))
        residual = (one - other).reshape(n, -1)
        moved = _step(moved, slopes, residual, inner.reshape(n, -1))
    return moved


def _find_slopes(aim: np.ndarray) -> np.ndarray:
    """Return how each of the six parameters changes each pixel."""
    n, side = aim.shape[:2]
    x, y = _grid(side)
    down, across = np.gradient(aim, axis=(1, 2))
    half = np.float32(side / 2)  # Pixels for each unit of x and y.
    across, down = (g.reshape(n, -1) * half for g in (across, down))
    return np.stack([across * x, across * y, across, down * x, down * y, down], 1)


def _step(
    moved: np.ndarray, slopes: np.ndarray, residual: np.ndarray, inner: np.ndarray
) -> np.ndarray:
    weighted = slopes * (inner / (1 + (residual / _TOLERANCE) ** 2))[:, np.newaxis]
    normal = weighted @ slopes.transpose(0, 2, 1)
    diagonal = np.arange(6)
    # Slightly damped, so that pictures without structure don't diverge.
    normal[:, diagonal, diagonal] *= 1.01
    normal[:, diagonal, diagonal] += 1e-3
    change = np.linalg.solve(normal, weighted @ residual[..., np.newaxis])[..., 0]
    return _compose(moved, change.clip(-_LARGEST_STEP, _LARGEST_STEP))


def warp(picture: np.ndarray, moved: np.ndarray) -> np.ndarray:
    """Return pictures as seen from those that they were registered to.

    Parameters
    ----------
    picture : ndarray of shape (n, side, side)
        The first pictures of the pairs.
    moved : ndarray of shape (n, 2, 3)
        From `register`.

    Returns
    -------
    ndarray of float32 of shape (n, side, side)
        Interpolated linearly; at the edge the outermost pixels go on.
    """
    x, y = _grid(picture.shape[1])
    places = _move(moved, x, y)
    return _interpolate(picture.astype(np.float32), *places).reshape(picture.shape)


def find_shared(moved: np.ndarray, side: int) -> np.ndarray:
    """Return a mask of what lies in the inner part of both pictures.

    Parameters
    ----------
    moved : ndarray of shape (n, 2, 3)
        From `register`.
    side : int
        Height and width of the pictures.

    Returns
    -------
    ndarray of bool of shape (n, side, side)
        Of the second pictures.
    """
    x, y = _grid(side)
    return _is_inner(x, y, *_move(moved, x, y)).reshape(-1, side, side)


def equalize_contrast(
    picture: np.ndarray, shared: np.ndarray | None = None
) -> np.ndarray:
    """Subtract the local mean and divide by the local contrast.

    Parameters
    ----------
    picture : ndarray of shape (n, side, side)
        Grey, 0..255.
    shared : ndarray of bool of shape (n, side, side), default=None
        Pixels that count; the result is 0 elsewhere. None means all.

    Returns
    -------
    ndarray of float32 of shape (n, side, side)
        With a standard deviation near 1 around each point.
    """
    side = picture.shape[1]
    # Small pictures are averages already.
    fine, coarse = 0.7 if side >= 48 else 0.0, max(side / 8, 2.0)
    image = picture.astype(np.float32)
    band = smooth(image, fine, shared) - smooth(image, coarse, shared)
    # Four grey levels more, so that noise in flat regions stays small.
    result = band / (np.sqrt(smooth(band**2, coarse, shared)) + 4)
    return result if shared is None else result * shared


def _equalize_inside(picture: np.ndarray) -> np.ndarray:
    """Equalize without the margins, so that text there has no influence."""
    margin = round(picture.shape[1] * _MARGIN)
    inside = slice(margin, -margin)
    result = np.zeros(picture.shape, dtype=np.float32)
    result[:, inside, inside] = equalize_contrast(picture[:, inside, inside])
    return result


def smooth(
    picture: np.ndarray, sigma: float, shared: np.ndarray | None = None
) -> np.ndarray:
    """Smooth each picture with a Gaussian filter.

    Parameters
    ----------
    picture : ndarray of float32 of shape (n, side, side)
        Of any range.
    sigma : float
        Standard deviation in pixels.
    shared : ndarray of bool of shape (n, side, side), default=None
        Pixels that count; None means all.

    Returns
    -------
    ndarray of float32 of shape (n, side, side)
        Weighted means.
    """
    if sigma == 0:
        return picture
    if shared is not None:
        inside = shared.astype(np.float32)
        share = np.maximum(smooth(inside, sigma), 0.01)
        return smooth(picture * inside, sigma) / share
    kernel = _make_kernel(picture.shape[1], sigma)
    return kernel @ picture @ kernel.T


@cache
def _make_kernel(side: int, sigma: float) -> np.ndarray:
    """Return the filter as a matrix; products are faster for small pictures."""
    pixels = np.eye(side, dtype=np.float32)
    return gaussian_filter1d(pixels, sigma, axis=0, mode="nearest", truncate=3.0)


def _grid(side: int) -> tuple[np.ndarray, np.ndarray]:
    axis = ((np.arange(side) + 0.5) / side * 2 - 1).astype(np.float32)
    y, x = np.meshgrid(axis, axis, indexing="ij")
    return x.ravel(), y.ravel()


def _move(
    moved: np.ndarray, x: np.ndarray, y: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    a, b, c = (moved[:, 0, i, np.newaxis] for i in range(3))
    d, e, f = (moved[:, 1, i, np.newaxis] for i in range(3))
    return a * x + b * y + c, d * x + e * y + f


def _is_inner(
    x: np.ndarray, y: np.ndarray, there_x: np.ndarray, there_y: np.ndarray
) -> np.ndarray:
    inner = 1 - 2 * _MARGIN
    here = (np.abs(x) < inner) & (np.abs(y) < inner)
    return here & (np.abs(there_x) < inner) & (np.abs(there_y) < inner)


def _interpolate(source: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    n, side = source.shape[:2]
    column = ((x + 1) * (side / 2) - 0.5).clip(0, side - 1.001)
    row = ((y + 1) * (side / 2) - 0.5).clip(0, side - 1.001)
    left, top = column.astype(np.intp), row.astype(np.intp)
    right_share, bottom_share = column - left, row - top
    # One index into all pictures is faster than take_along_axis.
    corner = top * side + left + (np.arange(n) * side * side)[:, np.newaxis]
    pixels = source.reshape(-1)
    a, b, c, d = (pixels.take(corner + offset) for offset in (0, 1, side, side + 1))
    upper, lower = a + (b - a) * right_share, c + (d - c) * right_share
    return upper + (lower - upper) * bottom_share


def _compose(moved: np.ndarray, change: np.ndarray) -> np.ndarray:
    """Undo a small change of the second picture, and move on from there."""
    whole = np.tile(np.eye(3, dtype=np.float32), (len(moved), 1, 1))
    step = whole.copy()
    step[:, 0] += change[:, :3]
    step[:, 1] += change[:, 3:]
    whole[:, :2] = moved
    result = (whole @ np.linalg.inv(step))[:, :2]
    # Beyond this, nothing of a picture would be left to compare.
    result[:, :, :2] = result[:, :, :2].clip([[0.6, -0.3], [-0.3, 0.6]],
                                             [[1.6, 0.3], [0.3, 1.6]])  # fmt: skip
    result[:, :, 2] = result[:, :, 2].clip(-_FARTHEST, _FARTHEST)
    return result

"""Whether two registered pictures are one photograph, or only look alike.

Two photographs of one person in one pose correlate as highly as many copies do. But
their parts do not lie in the same places: after the best registration of the whole,
eyes, mouth and hair are still off by a fifth of a pixel or more, each in another
direction, while everything in a copy fits, however noisy or dark it is.
"""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import binary_erosion

from skfer.datasets._registration import find_shared, smooth, warp

_FINE, _COARSE, _WINDOW = 1.0, 6.0, 5.0  # Standard deviations of filters, in pixels.
_LEVELS = np.linspace(0, 1, 33)
_STEP = 5  # Distance of the points that are looked at, in pixels.
_LEAST_POINTS = 12
_SIDE = 64  # Shifts are given in pixels of a picture of this size.
# Blurs of the sharper picture, in pixels, that are tried to make both equally sharp.
_BLURS = (0.7, 1.0, 1.4, 2.0, 2.8)
_SHARPER = 1.15


@dataclass
class Fit:
    """How well the parts of registered pictures agree; one entry per pair."""

    correlation: np.ndarray  # Median over points of the correlation there; -1 if none.
    shift: np.ndarray  # Median shift that is left there, in pixels of 64 by 64.
    softness: np.ndarray  # How much sharper one picture is than the other, at least 1.


def measure_fit(first: np.ndarray, second: np.ndarray, moved: np.ndarray) -> Fit:
    """Measure how well the parts of registered pictures agree.

    Parameters
    ----------
    first, second : ndarray of uint8 of shape (n, side, side)
        The pairs, grey.
    moved : ndarray of shape (n, 2, 3)
        From `register`.

    Returns
    -------
    Fit
        What was measured.
    """
    side = first.shape[1]
    shared = find_shared(moved, side)
    one, other = warp(first, moved), second.astype(np.float32)
    sharpness = [_measure_sharpness(pictures, shared) for pictures in (one, other)]
    one, other = _make_equally_sharp(one, other, shared, *sharpness)
    one, other = _take_band(one, shared), _take_band(other, shared)
    power_one, power_other = smooth(one**2, _WINDOW), smooth(other**2, _WINDOW)
    power = np.sqrt(power_one * power_other)
    local = smooth(one * other, _WINDOW) / (power + 1e-3)
    shifts, texture = _find_shifts(one, other, shared)
    lies_on_grid = np.zeros((side, side), dtype=bool)
    lies_on_grid[_STEP // 2 :: _STEP, _STEP // 2 :: _STEP] = True
    correlation, shift = np.full(len(first), -1.0), np.full(len(first), np.inf)
    for row, inside in enumerate(shared):
        points = inside & lies_on_grid
        if points.sum() < _LEAST_POINTS:
            continue
        # Where nothing is to be seen, nothing can agree.
        seen = points & (power[row] > 0.1 * power[row][inside].mean())
        edges = points & (texture[row] > 0.3 * texture[row][inside].mean())
        if seen.any() and edges.any():
            correlation[row] = np.median(local[row][seen])
            shift[row] = np.median(shifts[row][edges]) * _SIDE / side
    return Fit(correlation, shift, np.max(sharpness, 0) / np.min(sharpness, 0))


def match_tone(first: np.ndarray, second: np.ndarray, moved: np.ndarray) -> np.ndarray:
    """Give pictures the grey levels of others, by their quantiles where both show.

    Parameters
    ----------
    first, second : ndarray of uint8 of shape (n, side, side)
        The pairs, grey.
    moved : ndarray of shape (n, 2, 3)
        From `register`.

    Returns
    -------
    ndarray of float32 of shape (n, side, side)
        The first pictures, in the tone of the second.
    """
    seen = warp(first, moved)
    result = first.astype(np.float32)
    for row, inside in enumerate(find_shared(moved, first.shape[1])):
        if inside.any():
            own = np.quantile(seen[row][inside], _LEVELS)
            wanted = np.quantile(second[row][inside], _LEVELS)
            result[row] = np.interp(first[row], own, wanted)
    return result


def _make_equally_sharp(
    one: np.ndarray,
    other: np.ndarray,
    shared: np.ndarray,
    sharpness_one: np.ndarray,
    sharpness_other: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Blur the sharper picture of each pair until it is as soft as the other."""
    one, other = one.copy(), other.copy()
    for pictures, own, wanted in (
        (one, sharpness_one, sharpness_other),
        (other, sharpness_other, sharpness_one),
    ):
        original = pictures.copy()
        left = np.flatnonzero(own > _SHARPER * wanted)
        for blur in _BLURS:
            if len(left) == 0:
                break
            pictures[left] = smooth(original[left], blur)
            now = _measure_sharpness(pictures[left], shared[left])
            left = left[now > _SHARPER * wanted[left]]
    return one, other


def _measure_sharpness(pictures: np.ndarray, shared: np.ndarray) -> np.ndarray:
    """Return the share of fine structure, whatever the contrast."""
    fine = pictures - smooth(pictures, _FINE)
    band = smooth(pictures, _FINE) - smooth(pictures, _COARSE)
    inside = shared.astype(np.float32)
    strength = (band**2 * inside).sum(axis=(1, 2)) + 1e-3
    return np.sqrt((fine**2 * inside).sum(axis=(1, 2)) / strength)


def _take_band(pictures: np.ndarray, shared: np.ndarray) -> np.ndarray:
    """Return middle frequencies of what both pictures show; 0 elsewhere."""
    fine, coarse = (smooth(pictures, sigma, shared) for sigma in (_FINE, _COARSE))
    return (fine - coarse) * shared


def _find_shifts(
    one: np.ndarray, other: np.ndarray, shared: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the length of the shift around each pixel, and the texture there."""
    one, other = (
        z / (np.sqrt(smooth(z**2, _COARSE, shared)) + 4) for z in (one, other)
    )
    down, across = np.gradient((one + other) / 2, axis=(1, 2))
    # At the edge of the mask there is a step that is none of the picture's.
    deep = binary_erosion(shared, structure=np.ones((1, 3, 3))).astype(np.float32)
    down, across = down * deep, across * deep
    difference = one - other
    xx, yy, xy = (
        smooth(z, _WINDOW) for z in (across * across, down * down, across * down)
    )
    x, y = smooth(across * difference, _WINDOW), smooth(down * difference, _WINDOW)
    texture = xx + yy
    # Damped, so that a straight edge does not slide along itself.
    damping = 0.025 * texture.mean(axis=(1, 2), keepdims=True) + 1e-9
    xx, yy = xx + damping, yy + damping
    determinant = xx * yy - xy**2
    shift = np.hypot(yy * x - xy * y, xx * y - xy * x) / determinant
    return shift, texture

"""Pairs of pictures that may show one photograph, out of all possible pairs.

A copy may be a part of the other picture. So windows of each picture are compared
with all pictures as they are, by a short description that a change of tone, noise or
a saving as JPEG hardly alters.
"""

from dataclasses import dataclass

import numpy as np
from scipy.fft import dctn
from threadpoolctl import threadpool_limits

from skfer._threads import run_in_threads
from skfer.datasets._registration import equalize_contrast, smooth, warp

_SIDE = 16
_FREQUENCIES = 12  # Of the cosine transform, in half waves per picture.
_LEAST = 0.6  # Correlation; random faces have 0 with a standard deviation of 0.1.
#: Candidates for each picture at most.
MOST = 8
_BLOCK = 256
# Pictures by which the mean and the variances are held back, so that a few of them,
# or many copies of one, do not describe what all have in common.
_PRIOR = 500.0


@dataclass
class Candidates:
    """Pairs of rows to look at more closely."""

    first: np.ndarray  # (n_pairs,) int; a window of this picture
    second: np.ndarray  # (n_pairs,) int; resembles the whole of this one.
    start: np.ndarray  # (n_pairs, 2, 3): where the second lies in the first.


def find_candidates(
    small: np.ndarray, asked: np.ndarray, is_flipped: bool, n_jobs: int | None
) -> Candidates:
    """Find the pairs that resemble each other.

    Parameters
    ----------
    small : ndarray of uint8 of shape (n, 32, 32)
        All pictures, grey.
    asked : ndarray of int of shape (n_asked,)
        Rows whose resemblance to all rows is wanted.
    is_flipped : bool
        Whether to mirror the rows that are asked for.
    n_jobs : int or None
        Number of threads.

    Returns
    -------
    Candidates
        Each pair once, with the better of its two directions.
    """
    waves = _describe(small, _WHOLE, False)
    n = len(small)
    mean = waves.mean(axis=0) * (n / (n + _PRIOR))
    variance = (waves.var(axis=0) * n + _PRIOR) / (n + _PRIOR)
    scale = 1 / np.sqrt(variance + 0.3 * variance.mean())
    waves = _normalize(waves, mean, scale)

    def work(begin: int) -> tuple[np.ndarray, ...]:
        rows = asked[begin : begin + _BLOCK]
        best = [_search(waves, small, rows, is_flipped, mean, scale, w)
                for w in range(len(_WINDOWS))]  # fmt: skip
        row, column, score, window = map(np.concatenate, zip(*best, strict=True))
        # Each pair once, then the best of each row.
        order = np.lexsort((-score, column, row))
        row, column, score, window = (z[order] for z in (row, column, score, window))
        is_new = np.append(True, (np.diff(row) != 0) | (np.diff(column) != 0))[
            : len(row)
        ]
        row, column, score, window = (z[is_new] for z in (row, column, score, window))
        order = np.lexsort((-score, row))
        row, column, score, window = (z[order] for z in (row, column, score, window))
        place = np.arange(len(row)) - np.searchsorted(row, row)
        keep = place < MOST
        return row[keep], column[keep], score[keep], window[keep]

    with threadpool_limits(1):
        blocks = run_in_threads(n_jobs, work, range(0, len(asked), _BLOCK))
    row, column, score, window = map(np.concatenate, zip(*blocks, strict=True))
    pair = np.minimum(row, column) * n + np.maximum(row, column)
    order = np.lexsort((-score, pair))
    chosen = order[np.unique(pair[order], return_index=True)[1]]
    return Candidates(row[chosen], column[chosen], np.stack(_WINDOWS)[window[chosen]])


def _make_window(left: float, top: float, right: float, bottom: float) -> np.ndarray:
    """Return the matrix that maps -1..1 to a part of a picture, given in shares."""
    width, height = right - left, bottom - top
    return np.array(
        [[width, 0, left + right - 1], [0, height, top + bottom - 1]], dtype=np.float32
    )


_WHOLE = _make_window(0, 0, 1, 1)
# The whole, the middle for crops and frames, and crops of one side.
_WINDOWS = (
    _WHOLE,
    _make_window(0.075, 0.075, 0.925, 0.925),
    _make_window(0.1, 0, 1, 1),
    _make_window(0, 0, 0.9, 1),
    _make_window(0, 0.1, 1, 1),
    _make_window(0, 0, 1, 0.9),
)


def _describe(small: np.ndarray, window: np.ndarray, is_flipped: bool) -> np.ndarray:
    """Return the low frequencies of a part of each picture, at equal local contrast."""
    parts = []
    for begin in range(0, len(small), _BLOCK):
        part = small[begin : begin + _BLOCK]
        if is_flipped:
            part = part[:, :, ::-1]
        if window is not _WHOLE:
            part = warp(part, np.broadcast_to(window, (len(part), 2, 3)))
        part = smooth(part.astype(np.float32), 0.7)
        step = part.shape[1] // _SIDE
        tiny = part.reshape(-1, _SIDE, step, _SIDE, step).mean(axis=(2, 4))
        waves = dctn(equalize_contrast(tiny), axes=(1, 2), norm="ortho")
        parts.append(waves[:, _IS_LOW])
    return np.concatenate(parts).astype(np.float32)


_IS_LOW = np.hypot(*np.indices((_SIDE, _SIDE))) < _FREQUENCIES
_IS_LOW[0, 0] = False


def _normalize(waves: np.ndarray, mean: np.ndarray, scale: np.ndarray) -> np.ndarray:
    waves = ((waves - mean) * scale).astype(np.float32)
    waves /= np.maximum(np.linalg.norm(waves, axis=1, keepdims=True), 1e-6)
    return waves


def _search(
    waves: np.ndarray,
    small: np.ndarray,
    rows: np.ndarray,
    is_flipped: bool,
    mean: np.ndarray,
    scale: np.ndarray,
    window: int,
) -> tuple[np.ndarray, ...]:
    """Return row, column, score and window of pairs above the threshold."""
    looked = _describe(small[rows], _WINDOWS[window], is_flipped)
    score = _normalize(looked, mean, scale) @ waves.T
    # A mirrored picture may resemble itself.
    score[np.arange(len(rows)), rows] = 0
    row, column = np.nonzero(score > _LEAST)
    return rows[row], column, score[row, column], np.full(len(row), window)

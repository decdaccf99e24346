"""Pairs of pictures that may show one photograph, out of all possible pairs.

A copy may be a part of the other picture. So windows of each picture are compared
with all pictures as they are, by a short description that a change of tone, noise or
a saving as JPEG hardly alters.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.fft import dctn
from threadpoolctl import threadpool_limits

from skfer._threads import run_in_threads
from skfer.datasets._nearest_neighbours import NearestNeighbours, is_there
from skfer.datasets._registration import equalize_contrast, smooth, warp

_SIDE = 16
_FREQUENCIES = 12  # Of the cosine transform, in half waves per picture.
_LEAST = 0.6  # Correlation; random faces have 0 with a standard deviation of 0.1.
#: Candidates for each picture at most.
MOST = 8
#: As many pictures are compared with all others.
EXACT_UP_TO = 50_000
_BLOCK = 256
# Pictures by which the mean and the variances are held back, so that a few of them,
# or many copies of one, do not describe what all have in common.
_PRIOR = 500.0

# Gets descriptions; returns which of them resemble a picture, which one, and how much.
_Search = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray, np.ndarray]]


@dataclass
class Candidates:
    """Pairs of rows to look at more closely."""

    first: np.ndarray  # (n_pairs,) int; a window of this picture
    second: np.ndarray  # (n_pairs,) int; resembles the whole of this one.
    window: np.ndarray  # (n_pairs,) uint8

    def take(self, pairs: np.ndarray) -> "Candidates":
        """Return some of the pairs."""
        return Candidates(self.first[pairs], self.second[pairs], self.window[pairs])


def find_starts(windows: np.ndarray) -> np.ndarray:
    """Return where the second pictures lie in the first: (n, 2, 3), maps of -1..1."""
    return np.stack(_WINDOWS)[windows]


def find_candidates(
    small: np.ndarray,
    among: np.ndarray,
    asked: np.ndarray,
    is_flipped: bool,
    n_jobs: int | None,
) -> Candidates:
    """Find the pairs that resemble each other.

    Parameters
    ----------
    small : ndarray of uint8 of shape (n, 32, 32)
        All pictures, grey.
    among : ndarray of int of shape (n_among,)
        Rows that are compared, ascending.
    asked : ndarray of int of shape (n_asked,)
        Rows among them whose resemblance to the others is wanted, ascending.
    is_flipped : bool
        Whether to mirror the rows that are asked for.
    n_jobs : int or None
        Number of threads.

    Returns
    -------
    Candidates
        Each pair once, with the better of its two directions.

    Warns
    -----
    UserWarning
        If there are many pictures, and what finds them faster is not installed.
    """
    row, column, score, window = _ask_all(small, among, asked, is_flipped, n_jobs)
    pair = np.minimum(row, column).astype(np.int64) * len(small)
    pair += np.maximum(row, column)
    order = np.lexsort((-score, pair))
    chosen = order[np.unique(pair[order], return_index=True)[1]]
    return Candidates(row[chosen], column[chosen], window[chosen])


def _ask_all(
    small: np.ndarray,
    among: np.ndarray,
    asked: np.ndarray,
    is_flipped: bool,
    n_jobs: int | None,
) -> tuple[np.ndarray, ...]:
    """Return rows, what resembles each of them most, how much, and which window."""
    describe = _Descriptions(small, among)
    is_large = len(among) > EXACT_UP_TO
    if is_large and not is_there():
        warnings.warn(
            f"Copies are looked for among {len(among):,} images by comparing all of "
            "them, which takes the square of their number. pip install 'skfer[large]' "
            "makes it faster.",
            UserWarning,
            stacklevel=2,
        )
        is_large = False
    if is_large:
        search = _search_nearest(NearestNeighbours(describe, len(among)))
    else:
        search = _search_all(describe(np.arange(len(among))))

    def work(begin: int) -> tuple[np.ndarray, ...]:
        rows = asked[begin : begin + _BLOCK]
        found = []
        for number, matrix in enumerate(_WINDOWS):
            waves = _describe(small[rows], matrix, is_flipped)
            row, place, score = search(describe.normalize(waves))
            row, column = rows[row], among[place]
            # A picture, also a mirrored one, resembles itself.
            other = row != column
            found.append(
                (row[other], column[other], score[other],
                 np.full(other.sum(), number, np.uint8))
            )  # fmt: skip
        row, column, score, window = map(np.concatenate, zip(*found, strict=True))
        # Each pair once, then the best of each row.
        order = np.lexsort((-score, column, row))
        row, column, score, window = (z[order] for z in (row, column, score, window))
        is_new = np.append(True, (np.diff(row) != 0) | (np.diff(column) != 0))[
            : len(row)
        ]
        row, column, score, window = (z[is_new] for z in (row, column, score, window))
        order = np.lexsort((-score, row))
        row, column, score, window = (z[order] for z in (row, column, score, window))
        rank = np.arange(len(row)) - np.searchsorted(row, row)
        keep = rank < MOST
        # Of a million rows there are millions of pairs: half the memory will do.
        row, column = (z[keep].astype(np.int32) for z in (row, column))
        return row, column, score[keep].astype(np.float32), window[keep]

    with threadpool_limits(1):
        blocks = run_in_threads(n_jobs, work, range(0, len(asked), _BLOCK))
    return tuple(map(np.concatenate, zip(*blocks, strict=True)))


class _Descriptions:
    """Descriptions of whole pictures, in which what all have in common is left out."""

    def __init__(self, small: np.ndarray, among: np.ndarray) -> None:
        self.small, self.among = small, among
        n = len(among)
        some = among
        if n > EXACT_UP_TO:
            some = among[np.linspace(0, n - 1, EXACT_UP_TO).astype(int)]
        waves = _describe(small[some], _WHOLE, False)
        n = len(some)
        self.mean = waves.mean(axis=0) * (n / (n + _PRIOR))
        variance = (waves.var(axis=0) * n + _PRIOR) / (n + _PRIOR)
        self.scale = 1 / np.sqrt(variance + 0.3 * variance.mean())

    def __call__(self, places: np.ndarray) -> np.ndarray:
        """Describe some of the pictures."""
        return self.normalize(_describe(self.small[self.among[places]], _WHOLE, False))

    def normalize(self, waves: np.ndarray) -> np.ndarray:
        waves = ((waves - self.mean) * self.scale).astype(np.float32)
        waves /= np.maximum(np.linalg.norm(waves, axis=1, keepdims=True), 1e-6)
        return waves


def _search_all(waves: np.ndarray) -> _Search:
    """Return a search that compares with all pictures."""

    def search(asked: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        score = asked @ waves.T
        row, place = np.nonzero(score > _LEAST)
        return row, place, score[row, place]

    return search


def _search_nearest(index: NearestNeighbours) -> _Search:
    """Return a search among the nearest pictures."""

    def search(asked: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        score, places = index.search(asked, MOST + 1)  # One may be itself.
        row, k = np.nonzero((score > _LEAST) & (places >= 0))
        return row, places[row, k], score[row, k]

    return search


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

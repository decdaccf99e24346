"""Finding pictures that are copies of one another."""

from typing import Any

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from sklearn.neighbors import NearestNeighbors

from skfer._threads import run_in_threads
from skfer.datasets._fingerprints import SIDE, Fingerprints, fingerprint
from skfer.datasets._image_table import ImageTable
from skfer.datasets._registration import correlate_registered

# Correlations measured on FER-2013. Few pairs below the first threshold at 8 by 8
# pixels, or below the second after registration at 16 by 16, show one photograph; at
# 32 by 32, nearly all pairs above the third do, and nearly none below it.
_CANDIDATE = 0.84
_LIKELY = 0.95
_TWIN = 0.98
_NEIGHBOURS = 8
_BLOCK = 128  # Pairs, so that their pictures stay in the cache.


def find_twins(X: Any, *, near: bool = True, n_jobs: int | None = -1) -> np.ndarray:
    """Give images that are copies of one another the same number.

    Exact twins have the same pixels after decoding. Near twins are versions of
    one photograph: a thumbnail, saved again, brighter or darker, or cropped by up to
    about a tenth on each side.

    Parameters
    ----------
    X : ImageTable, array-like of str or Path of shape (n_samples,), or images
        A table, files, arrays of shape (n_samples, height, width[, 3]), or a list of
        images of different sizes. The result is stored in a table.
    near : bool, default=True
        Whether to look for near twins too.
    n_jobs : int, default=-1
        Number of threads that read files.

    Returns
    -------
    ndarray of int of shape (n_samples,)
        The same number for all images of a group; an image without a twin has its
        own. Images that can't be read have no twins, and blank ones exact twins only.
        Useful as ``groups`` in any of scikit-learn's splitters.

    Notes
    -----
    The images are shrunk to 8 by 8 grey pixels, and for each the 8 nearest
    others are found (scikit-learn's `NearestNeighbors`). Those that correlate
    above 0.84 are shifted and stretched onto each other, first at 16 by 16 pixels,
    then at 32 by 32, and are twins if they correlate above 0.98 in the end. Mirrored
    copies, tighter crops and thumbnails of less than 32 pixels may be missed.

    Examples
    --------
    >>> from skfer.datasets import find_twins, make_faces
    >>> images = make_faces(n_samples=4, n_subjects=4, random_state=0).images
    >>> find_twins([images[0], images[1], images[0], images[3][::2, ::2]]).tolist()
    [0, 1, 0, 2]
    """
    if not near:
        return _number_exact(_fingerprint(X, n_jobs))[1]
    return number_twins(X, n_jobs)[1]


def number_twins(X: Any, n_jobs: int | None = -1) -> tuple[np.ndarray, np.ndarray]:
    """Return groups of exact twins, and groups of exact and near twins.

    Parameters
    ----------
    X : ImageTable, array-like of str or Path of shape (n_samples,), or images
        As in `find_twins`.
    n_jobs : int, default=-1
        Number of threads.

    Returns
    -------
    exact, all : ndarray of int of shape (n_samples,)
        Group of each image.
    """
    if not isinstance(X, ImageTable):
        return _number(_fingerprint(X, n_jobs), n_jobs)
    if X._twins is None:
        X._twins = _number(_fingerprint(X, n_jobs), n_jobs)
    return X._twins


def _fingerprint(X: Any, n_jobs: int | None) -> Fingerprints:
    if isinstance(X, ImageTable):
        return X._read_fingerprints(n_jobs)
    return fingerprint(X, n_jobs)


def _number_exact(prints: Fingerprints) -> tuple[np.ndarray, np.ndarray]:
    """Return the first image of each group of exact twins, and the groups."""
    unreadable = np.flatnonzero(prints.reason != "")
    keys = prints.digest.astype("U64")
    keys[unreadable] = [f"unreadable {row}" for row in unreadable]
    _, first, exact = np.unique(keys, return_index=True, return_inverse=True)
    return first, _in_order(exact)


def _number(prints: Fingerprints, n_jobs: int | None) -> tuple[np.ndarray, np.ndarray]:
    first, exact = _number_exact(prints)
    # One image of each group is enough, and blank ones resemble everything.
    rows = np.sort(first)
    rows = rows[(prints.reason[rows] == "") & ~prints.blank[rows]]
    small = prints.small[rows]
    pairs = _near_pairs(small, np.arange(len(rows)), n_jobs)
    labels = _join(pairs, len(rows))
    while True:
        # If an image has more copies than neighbours, the others are found by
        # comparing one image of each group.
        _, heads, sizes = np.unique(labels, return_index=True, return_counts=True)
        crowded = np.flatnonzero(sizes > _NEIGHBOURS)
        more = heads[_near_pairs(small[heads], crowded, n_jobs)]
        if len(more) == 0:
            break
        pairs = np.concatenate([pairs, more])
        labels = _join(pairs, len(rows))
    group = np.arange(len(exact))
    group[rows] = rows[heads][labels]
    return exact, _in_order(group[np.sort(first)[exact]])


def _join(pairs: np.ndarray, n: int) -> np.ndarray:
    """Give connected nodes the same number."""
    graph = coo_array((np.ones(len(pairs), dtype=bool), pairs.T), shape=(n, n))
    return connected_components(graph, directed=False)[1]


def _in_order(labels: np.ndarray) -> np.ndarray:
    """Return numbers in the order of the first members of groups."""
    _, first, labels = np.unique(labels, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[labels]


def _near_pairs(small: np.ndarray, asked: np.ndarray, n_jobs: int | None) -> np.ndarray:
    """Find the near twins of some pictures among all, as pairs of row numbers."""
    if len(small) < 2 or len(asked) == 0:
        return np.empty((0, 2), dtype=np.intp)
    tiny = _shrink(small, 8).reshape(len(small), -1)
    tiny -= tiny.mean(axis=1, keepdims=True)
    tiny /= np.maximum(np.linalg.norm(tiny, axis=1, keepdims=True), 1e-6)
    # One more, because each picture is the nearest to itself.
    search = NearestNeighbors(
        n_neighbors=min(_NEIGHBOURS + 1, len(small)), algorithm="brute"
    )
    distances, found = search.fit(tiny).kneighbors(tiny[asked])
    # For vectors of length 1, the distance gives the correlation.
    row, place = np.nonzero(1 - distances**2 / 2 > _CANDIDATE)
    pairs = np.sort(np.stack([asked[row], found[row, place]], axis=1), axis=1)
    pairs = np.unique(pairs[pairs[:, 0] < pairs[:, 1]], axis=0)
    pairs = _keep_alike(_shrink(small, 16), pairs, _LIKELY, 0.05, n_jobs)
    return _keep_alike(small, pairs, _TWIN, 0.02, n_jobs)


def _shrink(small: np.ndarray, side: int) -> np.ndarray:
    step = SIDE // side
    blocks = small.reshape(len(small), side, step, side, step)
    return blocks.mean(axis=(2, 4), dtype=np.float32)


def _keep_alike(
    images: np.ndarray,
    pairs: np.ndarray,
    least: float,
    doubt: float,
    n_jobs: int | None,
) -> np.ndarray:
    """Keep pairs that correlate after registration, in either direction."""

    def work(start: int) -> np.ndarray:
        first, second = pairs[start : start + _BLOCK].T
        score = correlate_registered(images[first], images[second])
        # Stretching may converge in one direction only; try both where it is close.
        again = (score <= least) & (score > least - doubt)
        first, second = first[again], second[again]
        other = correlate_registered(images[second], images[first])
        score[again] = np.maximum(score[again], other)
        return score > least

    blocks = run_in_threads(n_jobs, work, range(0, len(pairs), _BLOCK))
    return pairs[np.concatenate([np.empty(0, dtype=bool), *blocks])]

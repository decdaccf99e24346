"""Finding copies of photographs, and pictures that only look alike."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from threadpoolctl import threadpool_limits

from skfer._threads import run_in_threads
from skfer.datasets._candidates import MOST, Candidates, find_candidates, find_starts
from skfer.datasets._fingerprints import Fingerprints, fingerprint
from skfer.datasets._image_table import ImageTable
from skfer.datasets._registration import (
    equalize_contrast,
    find_shared,
    refine,
    register,
    warp,
)
from skfer.datasets._same_photograph import match_tone, measure_fit

# Correlation at equal local contrast, below which pictures are no copies.
_RELATED = 0.85
# Correlation of grey levels at 32 by 32, above which pictures look alike.
_ALIKE = 0.98
# Pictures at least this wide are compared at 128 by 128 pixels, others at 64 by 64.
_WIDE = 96
# The median shift that is left between copies at most, in pixels of 64 by 64: as seen
# at 64 by 64, and at 128 by 128.
_LARGEST_SHIFT, _LARGEST_SHIFT_CLOSE = 0.165, 0.095
_LEAST_CORRELATION = 0.85
_BLURRED = 2.0  # Times less sharp.
_PAIRS = 1 << 18


@dataclass
class Resemblance:
    """Which images show the same; one entry per image in each array of groups."""

    exact: np.ndarray  # Same pixels.
    copies: np.ndarray  # Same photograph; joins groups of exact copies.
    alike: np.ndarray  # Same photograph, person or video; joins groups of copies.

    def take(self, rows: np.ndarray) -> "Resemblance":
        """Return the groups of some of the images."""
        return Resemblance(self.exact[rows], self.copies[rows], self.alike[rows])


def find_copies(
    X: Any, *, near: bool = True, mirrored: bool = False, n_jobs: int | None = -1
) -> np.ndarray:
    """Give images that are copies of one photograph the same number.

    Exact copies have the same pixels after decoding. Near copies were saved again,
    made smaller, grey, brighter, darker or softer, cropped by up to a tenth on each
    side, framed, turned by a few degrees, or have text on them.

    Parameters
    ----------
    X : ImageTable, array-like of str or Path of shape (n_samples,), or images
        A table, files, arrays of shape (n_samples, height, width[, 3]), or a list of
        images of different sizes. The result is stored in a table.
    near : bool, default=True
        Whether to look for near copies too.
    mirrored : bool, default=False
        Whether to look for mirrored copies too, which takes twice as long.
    n_jobs : int, default=-1
        Number of threads.

    Returns
    -------
    ndarray of int of shape (n_samples,)
        The same number for all images of a group; an image without a copy has its
        own. Images that can't be read have no copies, and blank ones exact copies only.
        Useful as ``groups`` in any of scikit-learn's splitters.

    Raises
    ------
    ValueError
        If ``mirrored`` is asked for without ``near``, or X holds neither paths nor
        images.

    See Also
    --------
    find_look_alikes : Other photographs of the same person too.

    Notes
    -----
    Each picture and five parts of it are described by their low frequencies at 16 by
    16 pixels, and resembling pairs are registered to one another (shift, stretch,
    rotation, shear). They are copies if all their parts fit then: at most places the
    detail correlates, and what is left to shift is a small part of a pixel. Two
    photographs of one person in one pose fail this, because face and hair have moved.
    Measured recall is shown in the documentation, see `python -m benchmarks copies`.

    Examples
    --------
    >>> from skfer.datasets import find_copies, make_faces
    >>> images = make_faces(n_samples=4, n_subjects=4, random_state=0).images
    >>> find_copies([images[0], images[1], images[0], images[3][::2, ::2]]).tolist()
    [0, 1, 0, 2]
    """
    if mirrored and not near:
        raise ValueError(
            "find_copies got mirrored=True and near=False. A mirrored copy is a near "
            "one: leave near out."
        )
    if not near:
        return _number_exact(_read(X, n_jobs))[1]
    return find_resemblance(X, mirrored=mirrored, n_jobs=n_jobs).copies


def find_look_alikes(X: Any, *, n_jobs: int | None = -1) -> np.ndarray:
    """Give images that nearly look the same one number, copies or not.

    Look-alikes are mostly photographs of one person in one pose, or frames of one
    video. They are no copies, and nothing is wrong with them, but a classifier that was
    trained on one of them has nearly seen the other: the splitters of skfer keep them
    on one side.

    Parameters
    ----------
    X : ImageTable, array-like of str or Path of shape (n_samples,), or images
        As in `find_copies`.
    n_jobs : int, default=-1
        Number of threads.

    Returns
    -------
    ndarray of int of shape (n_samples,)
        The same number for copies, for images whose grey levels correlate above 0.98
        after registration at 32 by 32 pixels, and for all that a chain of such pairs
        links.

    Notes
    -----
    Not all photographs of a person look alike: where you know who is shown, pass
    groups.

    Examples
    --------
    >>> from skfer.datasets import find_look_alikes, make_faces
    >>> images = make_faces(n_samples=2, n_subjects=2, random_state=0).images
    >>> find_look_alikes([*images, images[1] // 2]).tolist()
    [0, 1, 1]
    """
    return find_resemblance(X, n_jobs=n_jobs).alike


def find_resemblance(
    X: Any, *, mirrored: bool = False, n_jobs: int | None = -1
) -> Resemblance:
    """Find copies and look-alikes together; a table remembers the result."""
    if not isinstance(X, ImageTable):
        return compare_prints(_read(X, n_jobs), mirrored, n_jobs)
    if mirrored not in X._resemblance:
        X._resemblance[mirrored] = compare_prints(_read(X, n_jobs), mirrored, n_jobs)
    return X._resemblance[mirrored]


def _read(X: Any, n_jobs: int | None) -> Fingerprints:
    if isinstance(X, ImageTable):
        return X._read_fingerprints(n_jobs)
    return fingerprint(X, n_jobs, "find_copies")


def _number_exact(prints: Fingerprints) -> tuple[np.ndarray, np.ndarray]:
    """Return the first image of each group of exact copies, and the groups."""
    unreadable = np.flatnonzero(prints.reason != "")
    keys = prints.digest.copy()
    keys[unreadable] = [f"unreadable {row}".encode() for row in unreadable]
    _, first, exact = np.unique(keys, return_index=True, return_inverse=True)
    return first, _in_order(exact)


def compare_prints(
    prints: Fingerprints, mirrored: bool, n_jobs: int | None
) -> Resemblance:
    first, exact = _number_exact(prints)
    # One image of each group is enough, and blank ones resemble everything.
    rows = np.sort(first)
    rows = rows[(prints.reason[rows] == "") & ~prints.blank[rows]]
    copies, alike = _find_pairs(prints, rows, rows, mirrored, n_jobs)
    while True:
        # If an image has more copies than candidates, the others are found by
        # comparing one image of each group.
        labels = _join(np.concatenate([copies, alike]), len(exact))[rows]
        _, heads, sizes = np.unique(labels, return_index=True, return_counts=True)
        crowded = np.sort(rows[heads[sizes > MOST]])
        more = _find_pairs(prints, np.sort(rows[heads]), crowded, mirrored, n_jobs)
        if not sum(map(len, more)):
            break
        copies = np.concatenate([copies, more[0]])
        alike = np.concatenate([alike, more[1]])
    return Resemblance(
        exact,
        _spread(_join(copies, len(exact))[rows], rows, first, exact),
        _spread(labels, rows, first, exact),
    )


def _spread(
    labels: np.ndarray, rows: np.ndarray, first: np.ndarray, exact: np.ndarray
) -> np.ndarray:
    """Return groups of all images from those of one image of each exact group."""
    _, heads, numbers = np.unique(labels, return_index=True, return_inverse=True)
    group = np.arange(len(exact))
    group[rows] = rows[heads][numbers]
    return _in_order(group[np.sort(first)[exact]])


def _join(pairs: np.ndarray, n: int) -> np.ndarray:
    """Give connected nodes the same number."""
    graph = coo_array((np.ones(len(pairs), dtype=bool), pairs.T), shape=(n, n))
    return connected_components(graph, directed=False)[1]


def _in_order(labels: np.ndarray) -> np.ndarray:
    """Return numbers in the order of the first members of groups."""
    _, first, labels = np.unique(labels, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[labels]


def _find_pairs(
    prints: Fingerprints,
    among: np.ndarray,
    asked: np.ndarray,
    mirrored: bool,
    n_jobs: int | None,
) -> tuple[np.ndarray, np.ndarray]:
    """Return pairs of rows that are copies, and pairs that look alike."""
    none = np.empty((0, 2), dtype=np.intp)
    if len(among) < 2 or len(asked) == 0:
        return none, none
    copies, alike = [none], [none]
    for is_flipped in (False, True) if mirrored else (False,):
        found = find_candidates(prints.small, among, asked, is_flipped, n_jobs)
        lower = np.minimum(found.first, found.second)
        rank = np.arange(len(lower)) - np.searchsorted(lower, lower)
        # Stable: of many pictures, those that lie together on disk are read together.
        turn = np.argsort(rank.clip(max=255).astype(np.uint8), kind="stable")
        del lower, rank
        # A part at a time: each pair takes a hundred bytes while it is looked at. The
        # first pair of each picture comes first: of the frames of a video it mostly
        # links all, and pairs that are linked already need not be looked at.
        step = min(_PAIRS, len(among))
        for begin in range(0, len(turn), step):
            some = found.take(turn[begin : begin + step])
            group = _join(np.concatenate(copies), len(prints.small))
            some = some.take(group[some.first] != group[some.second])
            pairs = np.stack([some.first, some.second], axis=1)
            are_copies, are_alike = _look_closely(prints, some, is_flipped, n_jobs)
            copies.append(pairs[are_copies])
            if not is_flipped:
                alike.append(pairs[are_alike])
    return np.concatenate(copies), np.concatenate(alike)


def _look_closely(
    prints: Fingerprints, found: Candidates, is_flipped: bool, n_jobs: int | None
) -> tuple[np.ndarray, np.ndarray]:
    """Register pairs, coarse to fine, and say which are copies and which look alike."""
    pairs = np.stack([found.first, found.second], axis=1)
    are_copies = np.zeros(len(pairs), dtype=bool)
    if len(pairs) == 0:
        return are_copies, are_copies
    flip = slice(None, None, -1 if is_flipped else 1)

    def overlook(rows: slice) -> tuple[np.ndarray, ...]:
        first = prints.small[pairs[rows, 0]][:, :, flip]
        second = prints.small[pairs[rows, 1]]
        start = find_starts(found.window[rows])
        moved = register(_halve(first), _halve(second), start, 3)
        moved = register(first, second, moved, 4)
        shared = find_shared(moved, first.shape[1])
        seen, second = warp(first, moved), second.astype(np.float32)
        return moved, _resemble(seen, second, shared), _correlate(seen, second, shared)

    moved, resemblance, correlation = _in_blocks(overlook, len(pairs), 64, n_jobs)
    are_alike = correlation > _ALIKE
    left = np.flatnonzero(resemblance > _RELATED)
    moved = moved[left]

    def show(rows: np.ndarray, side: int) -> tuple[np.ndarray, np.ndarray]:
        first, second = (
            np.stack([prints.show_detail(row, side) for row in column])
            for column in pairs[rows].T
        )
        return first[:, :, flip], second

    def approach(rows: slice) -> tuple[np.ndarray, ...]:
        first, second = show(left[rows], 64)
        places = register(first, second, moved[rows], 4)
        shared = find_shared(places, 64)
        seen, second = warp(first, places), second.astype(np.float32)
        return places, _resemble(seen, second, shared)

    if len(left):
        moved, resemblance = _in_blocks(approach, len(left), 16, n_jobs)
        near = resemblance > _RELATED
        left, moved = left[near], moved[near]

    def examine(rows: slice, side: int) -> tuple[np.ndarray, ...]:
        first, second = show(left[rows], side)
        places = moved[rows]
        if side > 64:
            places = register(first, second, places, 4)
        first = match_tone(first, second, places)
        places = refine(first, second, places, 2)
        fit = measure_fit(first, second, places)
        return places, fit.shift, fit.correlation, fit.softness

    if len(left):
        moved, shift, correlation, _ = _in_blocks(
            lambda rows: examine(rows, 64), len(left), 16, n_jobs
        )
        fits = (shift < _LARGEST_SHIFT) & (correlation > _LEAST_CORRELATION)
        are_copies[left[fits]] = True
        # Of larger pictures more can be seen. What is far off already is no copy.
        sides = prints.find_sides()[pairs[left]].min(axis=1)
        closer = (sides >= _WIDE) & (shift < 2 * _LARGEST_SHIFT)
        left, moved = left[closer], moved[closer]
    if len(left):
        _, shift, correlation, softness = _in_blocks(
            lambda rows: examine(rows, 128), len(left), 4, n_jobs
        )
        # If one of them is blurred, there is nothing more to be seen.
        sharp = softness < _BLURRED
        fits = (shift < _LARGEST_SHIFT_CLOSE) & (correlation > _LEAST_CORRELATION)
        are_copies[left[sharp]] = fits[sharp]
    return are_copies, are_alike


def _resemble(one: np.ndarray, other: np.ndarray, shared: np.ndarray) -> np.ndarray:
    """Correlate pairs of pictures after making local contrasts equal."""
    one, other = (equalize_contrast(z, shared) for z in (one, other))
    return _correlate(one, other, shared)


def _in_blocks(
    work: Callable[[slice], tuple[np.ndarray, ...]],
    n: int,
    size: int,
    n_jobs: int | None,
) -> list[np.ndarray]:
    """Call ``work`` with blocks of rows that fit into the cache; join the results."""

    def call(start: int) -> tuple[np.ndarray, ...]:
        return work(slice(start, min(start + size, n)))

    # The threads share the cores; those of matrix products would only wait.
    with threadpool_limits(1):
        blocks = run_in_threads(n_jobs, call, range(0, n, size))
    return [np.concatenate(parts) for parts in zip(*blocks, strict=True)]


def _halve(small: np.ndarray) -> np.ndarray:
    n, side = small.shape[:2]
    blocks = small.reshape(n, side // 2, 2, side // 2, 2)
    return blocks.mean(axis=(2, 4), dtype=np.float32)


def _correlate(one: np.ndarray, other: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Correlate pairs of pictures where the mask is True."""
    one, other, mask = (z.reshape(len(z), -1) for z in (one, other, mask))
    n = np.maximum(mask.sum(axis=1, keepdims=True), 1)
    one = (one - (one * mask).sum(axis=1, keepdims=True) / n) * mask
    other = (other - (other * mask).sum(axis=1, keepdims=True) / n) * mask
    power = (one**2).sum(axis=1) * (other**2).sum(axis=1)
    return (one * other).sum(axis=1) / np.sqrt(np.maximum(power, 1e-6))

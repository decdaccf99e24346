"""Votes of pixels for the orientations of their gradients."""

from functools import lru_cache

import numpy as np

# Square of the sine below which a gradient lies on an edge up to rounding.
ON_EDGE = 1e-18
_LARGEST = 255  # Of the differences of two uint8 pixels.


def exact_votes(
    images: np.ndarray, orientations: int, take_sqrt: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Find the orientation bin and the weight of every pixel's vote.

    Parameters
    ----------
    images : ndarray of shape (n, height, width, channels)
        Pixels.
    orientations : int
        Number of bins over 180 degrees.
    take_sqrt : bool
        Whether to take the square root of the pixels first.

    Returns
    -------
    bins, magnitude : ndarray of shape (n, height, width), integers and float64
        Of several channels the one with the largest gradient at each pixel.
    """
    # float32 stays float32 here as in scikit-image, so that bins agree.
    single = images.dtype == np.float32
    pixels: np.ndarray = images.astype(np.float32 if single else np.float64)
    g_row, g_col = _gradients(np.sqrt(pixels) if take_sqrt else pixels)
    if images.shape[3] > 1:
        strongest = np.hypot(g_row, g_col).argmax(axis=3)[..., np.newaxis]
        g_row = np.take_along_axis(g_row, strongest, axis=3)
        g_col = np.take_along_axis(g_col, strongest, axis=3)
    return find_votes(
        g_row[..., 0].astype(np.float64), g_col[..., 0].astype(np.float64), orientations
    )


def look_up_votes(
    images: np.ndarray, bins: np.ndarray, magnitudes: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Do the same as `exact_votes` for uint8 with the tables of `vote_table`."""
    g_row, g_col = _gradients(images.astype(np.int32))
    pairs = (g_row + _LARGEST) * (2 * _LARGEST + 1) + g_col + _LARGEST
    magnitude = magnitudes.take(pairs)
    if images.shape[3] > 1:
        strongest = magnitude.argmax(axis=3)[..., np.newaxis]
        pairs = np.take_along_axis(pairs, strongest, axis=3)
        magnitude = np.take_along_axis(magnitude, strongest, axis=3)
    return bins.take(pairs[..., 0]), magnitude[..., 0]


@lru_cache(maxsize=8)
def vote_table(orientations: int) -> tuple[np.ndarray, np.ndarray]:
    """Votes of all pairs of differences along rows and columns, flat.

    Two uint8 pixels have 511 differences, so there are few enough pairs to know
    all the angles beforehand.
    """
    differences = np.arange(-_LARGEST, _LARGEST + 1, dtype=np.float64)
    g_row, g_col = np.meshgrid(differences, differences, indexing="ij")
    bins, magnitudes = find_votes(g_row.ravel(), g_col.ravel(), orientations)
    return bins.astype(np.min_scalar_type(orientations - 1)), magnitudes


def _gradients(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Central differences along rows and columns, zero on the border."""
    g_row, g_col = np.zeros_like(pixels), np.zeros_like(pixels)
    np.subtract(pixels[:, 2:], pixels[:, :-2], out=g_row[:, 1:-1])
    np.subtract(pixels[:, :, 2:], pixels[:, :, :-2], out=g_col[:, :, 1:-1])
    return g_row, g_col


def find_votes(
    g_row: np.ndarray, g_col: np.ndarray, orientations: int
) -> tuple[np.ndarray, np.ndarray]:
    """Orientation bin and magnitude of gradients in float64."""
    magnitude = np.hypot(g_row, g_col)
    degrees = np.arctan2(g_row, g_col) * (180 / np.pi) % 180
    bins = np.searchsorted(bin_edges(orientations), degrees, side="right")
    # A tiny negative angle is 180 degrees after rounding, which is in no bin.
    magnitude[degrees >= 180] = 0
    return bins, magnitude


def bin_edges(orientations: int) -> np.ndarray:
    """Degrees at which a bin ends; scikit-image keeps them in single precision."""
    edges = (180.0 / orientations * np.arange(1, orientations)).astype(np.float32)
    return edges.astype(np.float64)


def sum_votes(
    bins: np.ndarray, magnitudes: np.ndarray, orientations: int, cell: tuple[int, int]
) -> np.ndarray:
    """Sum magnitudes by cell and orientation.

    Parameters
    ----------
    bins, magnitudes : ndarray of shape (n, height, width)
        The votes.
    orientations : int
        Number of bins.
    cell : (int, int)
        Height and width of a cell.

    Returns
    -------
    ndarray of shape (n, cell rows, cell columns, orientations), float64
        The sums.
    """
    n, height, width = bins.shape
    rows, cols = height // cell[0], width // cell[1]
    inside = (slice(None), slice(rows * cell[0]), slice(cols * cell[1]))
    of_row = np.arange(rows * cell[0]) // cell[0] * cols
    of_col = np.arange(cols * cell[1]) // cell[1]
    of_cell = (of_row[:, np.newaxis] + of_col) * orientations
    of_image = np.arange(n)[:, None, None] * (rows * cols * orientations)
    index = bins[inside] + of_cell
    index += of_image
    sums = np.bincount(
        index.ravel(),
        magnitudes[inside].ravel(),
        minlength=n * rows * cols * orientations,
    )
    return sums.reshape(n, rows, cols, orientations)

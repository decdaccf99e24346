"""The inner loops of HOG and LBP for uint8 images, compiled by Numba.

This module is optional: without Numba, `_hog` and `_lbp` compute the same numbers
with NumPy. All functions release the interpreter lock. Loops run along whole rows
or images, because that is what the compiler turns into vector instructions;
indices are unsigned because signed ones are tested for counting from the end.
"""

import math

import numpy as np
from numba import njit

from skfer.features._hog_votes import ON_EDGE

# Interpolation in single precision is exact to a tenth of this; what is nearer to
# a tie is decided in double precision.
_UNSURE = np.float32(1e-3)


@njit(nogil=True, cache=True)
def sum_votes(
    images: np.ndarray,
    bins: np.ndarray,
    magnitudes: np.ndarray,
    orientations: int,
    cell: tuple[int, int],
) -> np.ndarray:
    """Sum gradient magnitudes by cell and orientation.

    Parameters
    ----------
    images : ndarray of shape (n, height, width, channels), uint8
        Pixels.
    bins, magnitudes : ndarray of shape (511 * 511,)
        Vote of each pair of differences along rows and columns, flat.
    orientations : int
        Number of bins.
    cell : (int, int)
        Height and width of a cell.

    Returns
    -------
    ndarray of shape (n, cell rows, cell columns, orientations), float64
        The sums. Of several channels the one with the largest gradient votes.

    References
    ----------
    Dalal, N. and Triggs, B. (2005). Histograms of oriented gradients for human
    detection. CVPR. doi:10.1109/CVPR.2005.177
    """
    n, height, width, n_channels = images.shape
    rows, cols = height // cell[0], width // cell[1]
    sums = np.zeros((n, rows * cols * orientations))
    of_col = np.arange(cols * cell[1]) // cell[1] * orientations
    pairs = np.empty(width, np.int32)
    others = np.empty(width, np.int32)
    for i in range(n):
        for r in range(rows * cell[0]):
            _pair_differences(images[i, :, :, 0], r, pairs)
            for k in range(1, n_channels):
                _pair_differences(images[i, :, :, k], r, others)
                for c in range(width):
                    stronger = magnitudes[others[c]] > magnitudes[pairs[c]]
                    pairs[c] = others[c] if stronger else pairs[c]
            of_row = r // cell[0] * cols * orientations
            for c in range(cols * cell[1]):
                pair = np.uint32(pairs[c])
                place = np.uint32(of_row + of_col[c] + bins[pair])
                sums[i, place] += magnitudes[pair]
    return sums.reshape(n, rows, cols, orientations)


@njit(nogil=True, cache=True)
def _pair_differences(image: np.ndarray, r: int, pairs: np.ndarray) -> None:
    """Give every pair of central differences a number; 0 beyond the border."""
    height, width = image.shape
    inside = 0 < r < height - 1
    above, below = image[r - 1 if inside else r], image[r + 1 if inside else r]
    for c in range(width):
        g_row = np.int32(below[c]) - np.int32(above[c])
        pairs[c] = (g_row + 255) * 511 + 255
    row = image[r]
    for c in range(1, width - 1):
        pairs[c] += np.int32(row[c + 1]) - np.int32(row[c - 1])


@njit(nogil=True, cache=True)
def sum_root_votes(
    images: np.ndarray, roots: np.ndarray, edges: np.ndarray, cell: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Do the same as `sum_votes` for the square roots of the pixels.

    Roots have too many differences for a table of all pairs. A bin is found by the
    side of each edge that a gradient lies on, without an arc tangent. Where a gradient
    lies on an edge up to rounding, the caller has to decide.

    Parameters
    ----------
    images : ndarray of shape (n, height, width, channels), uint8
        Pixels.
    roots : ndarray of shape (256,), float64
        Of the values of pixels.
    edges : ndarray of shape (orientations - 1,), float64
        Where bins end, in degrees.
    cell : (int, int)
        Height and width of a cell.

    Returns
    -------
    sums : ndarray of shape (n * cell rows * cell columns * orientations,), float64
        The sums, without the pixels to decide about.
    places : ndarray of int64 of shape (n_undecided,)
        Where the votes of each of these begin in the sums.
    gradients : ndarray of shape (n_undecided, 2), float64
        Their differences along rows and columns.
    """
    n, height, width = images.shape[:3]
    rows, cols = height // cell[0], width // cell[1]
    orientations = len(edges) + 1
    sums = np.zeros(n * rows * cols * orientations)
    places = np.empty(n * height * width, np.int64)
    gradients = np.empty((n * height * width, 2))
    n_undecided = 0
    sines, cosines = np.sin(edges * (np.pi / 180)), np.cos(edges * (np.pi / 180))
    g_row, g_col = np.empty(width), np.empty(width)
    power, bins = np.empty(width), np.empty(width, np.int32)
    for i in range(n):
        for r in range(rows * cell[0]):
            _root_differences(images[i], roots, r, g_row, g_col, power)
            bins[:] = 0
            for edge in range(orientations - 1):
                sine, cosine = sines[edge], cosines[edge]
                for c in range(width):
                    side = g_row[c] * cosine - g_col[c] * sine
                    # Gradients are turned into the upper half plane.
                    down = g_row[c] < 0 or (g_row[c] == 0 and g_col[c] < 0)
                    bins[c] += (-side if down else side) >= 0
            of_row = (i * rows + r // cell[0]) * cols
            for c in range(cols * cell[1]):
                if power[c] == 0:
                    continue
                place = (of_row + c // cell[1]) * orientations
                is_on_edge = False
                for edge in range(orientations - 1):
                    side = g_row[c] * cosines[edge] - g_col[c] * sines[edge]
                    is_on_edge |= side * side < ON_EDGE * power[c]
                if is_on_edge:
                    places[n_undecided] = place
                    gradients[n_undecided] = g_row[c], g_col[c]
                    n_undecided += 1
                else:
                    sums[place + bins[c]] += math.sqrt(power[c])
    return sums, places[:n_undecided], gradients[:n_undecided]


@njit(nogil=True, cache=True)
def _root_differences(
    image: np.ndarray,
    roots: np.ndarray,
    r: int,
    g_row: np.ndarray,
    g_col: np.ndarray,
    power: np.ndarray,
) -> None:
    """Find the strongest gradient of each pixel of a row."""
    height, width, n_channels = image.shape
    inside = 0 < r < height - 1
    above, below = r - 1 if inside else r, r + 1 if inside else r
    for k in range(n_channels):
        for c in range(width):
            down = roots[image[below, c, k]] - roots[image[above, c, k]]
            left, right = max(c - 1, 0), min(c + 1, width - 1)
            along = roots[image[r, right, k]] - roots[image[r, left, k]]
            # Zero on the border.
            along = 0.0 if c == 0 or c == width - 1 else along
            # Of several channels, NumPy's way to round decides which is the strongest.
            if k == 0 or math.hypot(down, along) > math.hypot(g_row[c], g_col[c]):
                g_row[c], g_col[c] = down, along
                power[c] = down * down + along * along


@njit(nogil=True, cache=True)
def count_patterns(
    gray: np.ndarray,
    shifts: np.ndarray,
    down: np.ndarray,
    along: np.ndarray,
    pad: int,
    codes: np.ndarray,
    places: np.ndarray,
    sizes: np.ndarray,
) -> np.ndarray:
    """Count the local binary patterns of each image by grid cell.

    Parameters
    ----------
    gray : ndarray of shape (n, height, width), uint8
        Grey images.
    shifts : ndarray of shape (n_points, 2), int64
        Whole rows and columns to each point.
    down, along : ndarray of shape (n_points, height), (n_points, width), float64
        What is left of the way at each position, 0 to 1.
    pad : int
        Rows and columns of black around an image that the shifts need.
    codes : ndarray of shape (2**n_points,), integers
        Code of each pattern.
    places : ndarray of shape (height, width), integers
        Where the codes of each pixel's cell begin in a row of the output.
    sizes : ndarray of shape (n_features_out,), float64
        Number of pixels in each cell.

    Returns
    -------
    ndarray of shape (n, n_features_out), float32
        The histograms.

    References
    ----------
    Ojala, T., Pietikainen, M. and Maenpaa, T. (2002). Multiresolution gray-scale
    and rotation invariant texture classification with local binary patterns.
    IEEE TPAMI 24(7). doi:10.1109/TPAMI.2002.1017623
    """
    n, height, width = gray.shape
    step = width + 2 * pad
    padded = np.zeros((height + 2 * pad, step), np.float32)
    flat = padded.ravel()
    # From the first to the last pixel inside, what is beyond the sides included.
    span = (height - 1) * step + width
    starts = (pad + shifts[:, 0]) * step + pad + shifts[:, 1]
    bits, unsure = np.empty(span, np.int32), np.empty(span, np.int32)
    counts = np.empty(len(sizes), np.int32)
    out = np.empty((n, len(sizes)), np.float32)
    for i in range(n):
        padded[pad : pad + height, pad : pad + width] = gray[i]
        center = flat[pad * step + pad :][:span]
        bits[:], unsure[:], counts[:] = 0, 0, 0
        for point in range(len(shifts)):
            bit = np.int32(1 << point)
            near = flat[starts[point] :]
            fraction = down[point, 0], along[point, 0]
            if fraction == (0, 0):
                _compare(near, center, bit, bits)
            else:
                _compare_between(near, step, fraction, center, bit, bits, unsure)
        _decide_ties(flat, step, starts, down, along, center, unsure, bits)
        for r in range(height):
            row = bits[r * step :]
            for c in range(width):
                place = places[r, c] + codes[np.uint32(row[c])]
                counts[np.uint32(place)] += 1
        for k in range(len(sizes)):
            out[i, k] = counts[k] / sizes[k]
    return out


@njit(nogil=True, cache=True)
def _compare(near: np.ndarray, center: np.ndarray, bit: int, bits: np.ndarray) -> None:
    for k in range(len(center)):
        bits[k] |= bit if near[k] >= center[k] else np.int32(0)


@njit(nogil=True, cache=True)
def _compare_between(
    near: np.ndarray,
    step: int,
    fraction: tuple[float, float],
    center: np.ndarray,
    bit: int,
    bits: np.ndarray,
    unsure: np.ndarray,
) -> None:
    """Compare with points between four pixels, and mark where it's a close call."""
    right, below, beyond = near[1:], near[step:], near[step + 1 :]
    down, along = np.float32(fraction[0]), np.float32(fraction[1])
    up, back = np.float32(1) - down, np.float32(1) - along
    w0, w1, w2, w3 = up * back, up * along, down * back, down * along
    for k in range(len(center)):
        point = w0 * near[k] + w1 * right[k] + w2 * below[k] + w3 * beyond[k]
        difference = point - center[k]
        bits[k] |= bit if difference > _UNSURE else np.int32(0)
        unsure[k] |= bit if abs(difference) <= _UNSURE else np.int32(0)


@njit(nogil=True, cache=True)
def _decide_ties(
    flat: np.ndarray,
    step: int,
    starts: np.ndarray,
    down: np.ndarray,
    along: np.ndarray,
    center: np.ndarray,
    unsure: np.ndarray,
    bits: np.ndarray,
) -> None:
    """Do the marked comparisons again, rounding as scikit-image does."""
    height, width = down.shape[1], along.shape[1]
    rows, cols = np.empty(len(center), np.uint64), np.empty(len(center), np.uint64)
    n_ties = 0
    for r in range(height):
        for c in range(width):
            if unsure[r * step + c]:
                rows[n_ties], cols[n_ties] = r, c
                n_ties += 1
    for point in range(len(starts)):
        if down[point, 0] == 0 and along[point, 0] == 0:
            continue
        start, below = np.uint64(starts[point]), np.uint64(starts[point] + step)
        for tie in range(n_ties):
            d, a = down[point, rows[tie]], along[point, cols[tie]]
            k = rows[tie] * np.uint64(step) + cols[tie]
            one, two = start + k, below + k
            upper = (1 - a) * flat[one] + a * flat[one + np.uint64(1)]
            lower = (1 - a) * flat[two] + a * flat[two + np.uint64(1)]
            brighter = (1 - d) * upper + d * lower >= center[k]
            bits[k] |= np.int32(brighter) << np.int32(point)

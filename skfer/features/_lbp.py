"""Local binary patterns of whole batches."""

import math
from functools import lru_cache
from numbers import Integral, Real
from pathlib import Path

import numpy as np

from skfer._pixels import to_gray
from skfer._sklearn import Interval, StrOptions
from skfer._validation import holds_counts
from skfer.features._base import ImageFeatureTransformer, load_kernels

# Codes of "default" and "ror" grow as 2 to this power; so does the histogram.
_MAX_POINTS_OF_FULL_CODES = 16


class LBPTransformer(ImageFeatureTransformer):
    """Histograms of local binary patterns (LBP) over a grid of every image.

    Each pixel is compared with points on a circle around it; the outcome is a
    pattern code. The codes are counted in each cell of a grid and divided by
    the cell's number of pixels. Codes equal
    `skimage.feature.local_binary_pattern` exactly, but a whole batch is
    computed at once. Try ``grid`` first, then ``radius``.

    Parameters
    ----------
    n_points : int, default=8
        Number of points on the circle, at most 24; at most 16 for the methods
        "default" and "ror".
    radius : float, default=1
        Radius of the circle in pixels.
    method : {"default", "ror", "uniform", "nri_uniform"}, default="uniform"
        "default" numbers all patterns, "ror" joins those that are rotations of
        one another, "uniform" keeps patterns of at most two changes and joins
        their rotations, "nri_uniform" keeps the rotations apart.
    grid : (int, int), default=(6, 6)
        Number of cells along the rows and the columns.
    image_shape : tuple of int or None, default=None
        How rows of flattened pixels are to be read: (height, width) or
        (height, width, channels). None means square where the number of pixels
        is a square number, else one row of pixels. Ignored for images.
    n_jobs : int or None, default=None
        Number of threads. None means one, -1 all cores.
    cache_dir : str, Path or None, default=None
        Folder in which features are kept, for this and later runs. `transform` then
        returns a `~skfer.preprocessing.CachedArray`, which takes no memory, and
        computes only what is not there yet: an image is known by its pixels. A run that
        was stopped goes on where it was. Several processes may share the folder.
    cache_gb : float or None, default=None
        How many gigabytes ``cache_dir`` may hold; more is an error. None means as much
        as the disk has.

    Attributes
    ----------
    image_shape_in_ : tuple of int
        Height, width and channels of the images at fit.
    pixel_min_in_, pixel_max_in_ : float
        Range of the pixels at fit: 0 and 255 for integers, usually 0 and 1 for floats.
    n_features_in_ : int
        Number of values in an image.
    feature_names_in_ : ndarray of str of shape (n_features,)
        Column names, if it was fitted on a data frame of pixels.

    See Also
    --------
    HOGTransformer : Edges instead of texture.
    skimage.feature.local_binary_pattern : The codes of one image.

    Notes
    -----
    Colour images are turned grey first. Points beyond the border count as
    black, as in scikit-image.

    References
    ----------
    Ojala, T., Pietikainen, M. and Maenpaa, T. (2002). Multiresolution gray-scale
    and rotation invariant texture classification with local binary patterns.
    IEEE TPAMI 24(7). doi:10.1109/TPAMI.2002.1017623

    Examples
    --------
    >>> from skfer import LBPTransformer
    >>> from skfer.datasets import make_faces
    >>> faces = make_faces(n_samples=14, random_state=0)
    >>> lbp = LBPTransformer().fit(faces.images)
    >>> lbp.transform(faces.images).shape
    (14, 360)
    >>> lbp.get_feature_names_out()[-1]
    'grid_row5_col5_pattern_other'
    """

    _parameter_constraints: dict = {
        **ImageFeatureTransformer._parameter_constraints,
        "n_points": [Interval(Integral, 1, 24, closed="both")],
        "radius": [Interval(Real, 0, None, closed="neither")],
        "method": [StrOptions({"default", "ror", "uniform", "nri_uniform"})],
        "grid": [tuple, list],
    }

    def __init__(
        self,
        n_points: int = 8,
        radius: float = 1,
        method: str = "uniform",
        grid: tuple[int, int] = (6, 6),
        *,
        image_shape: tuple[int, ...] | None = None,
        n_jobs: int | None = None,
        cache_dir: str | Path | None = None,
        cache_gb: float | None = None,
    ) -> None:
        self.n_points = n_points
        self.radius = radius
        self.method = method
        self.grid = grid
        self.image_shape = image_shape
        self.n_jobs = n_jobs
        self.cache_dir = cache_dir
        self.cache_gb = cache_gb

    def _feature_names(self, height: int, width: int) -> list[str]:
        self._check_grid(height, width)
        return [
            f"grid_row{row}_col{col}_pattern_{pattern}"
            for row in range(self.grid[0])
            for col in range(self.grid[1])
            for pattern in self._pattern_names()
        ]

    def _pattern_names(self) -> list[str]:
        if self.method in ("default", "ror"):
            codes = code_table(self.n_points, self.method)
            return [f"{code:0{self.n_points}b}" for code in np.unique(codes)]
        if self.method == "uniform":
            names = [f"{ones}ones" for ones in range(self.n_points + 1)]
        else:
            names = [
                f"{code}" for code in range(self.n_points * (self.n_points - 1) + 2)
            ]
        return [*names, "other"]

    def _check_grid(self, height: int, width: int) -> None:
        if not holds_counts(self.grid, 2):
            raise ValueError(
                f"LBPTransformer got grid={self.grid!r}. It must be two integers of at "
                "least 1: (rows, columns)."
            )
        if self.grid[0] > height or self.grid[1] > width:
            raise ValueError(
                f"LBPTransformer got images of {height} by {width} pixels. With "
                f"grid={tuple(self.grid)} the smallest that works is {self.grid[0]} by "
                f"{self.grid[1]} pixels (height by width). Use larger images or a "
                "coarser grid."
            )
        if (
            self.method in ("default", "ror")
            and self.n_points > _MAX_POINTS_OF_FULL_CODES
        ):
            raise ValueError(
                f"LBPTransformer got n_points={self.n_points} with "
                f"method={self.method!r}, a histogram of 2**{self.n_points} patterns "
                f"per grid cell. Use at most {_MAX_POINTS_OF_FULL_CODES} points, or "
                'method="uniform".'
            )

    def _cell_edges(self, height: int, width: int) -> np.ndarray:
        n_rows, n_cols = self.grid
        cell = np.repeat(np.arange(n_rows * n_cols), len(self._pattern_names()))
        row, col = cell // n_cols, cell % n_cols
        # Pixel p lies in the cell p * n // side, rounded down.
        down = -(-np.arange(n_rows + 1) * height // n_rows)
        along = -(-np.arange(n_cols + 1) * width // n_cols)
        return np.stack([down[row], down[row + 1], along[col], along[col + 1]], axis=1)

    def map_image(self, image: np.ndarray) -> np.ndarray:
        """Return the code of each pixel of one image.

        Parameters
        ----------
        image : ndarray of shape (height, width), uint8
            Any image; the transformer need not be fitted.

        Returns
        -------
        ndarray of int of shape (height, width)
            The codes, numbered as in `skimage.feature.local_binary_pattern`.
        """
        patterns = local_patterns(image[np.newaxis], self.n_points, self.radius)[0]
        return code_table(self.n_points, self.method).take(patterns)

    def _extract(self, images: np.ndarray) -> np.ndarray:
        gray = to_gray(images)
        codes = histogram_columns(self.n_points, self.method)
        grid = int(self.grid[0]), int(self.grid[1])
        n_codes = self._n_features_out // (grid[0] * grid[1])
        if codes.max() >= n_codes:
            # Compiled code would write beyond its array.
            raise ValueError(
                f"LBPTransformer was fitted for {n_codes} patterns in a cell, and its "
                f"parameters now make {codes.max() + 1}. Fit it again."
            )
        places, sizes = find_grid_places(gray.shape[1:], grid, n_codes)
        kernels = load_kernels()
        if kernels and gray.dtype == np.uint8:
            circle = find_circle(self.n_points, self.radius, gray.shape[1:])
            return kernels.count_patterns(gray, *circle, codes, places, sizes)
        patterns = local_patterns(gray, self.n_points, self.radius)
        index = codes.take(patterns) + places
        index += np.arange(len(gray))[:, None, None] * len(sizes)
        counts = np.bincount(index.ravel(), minlength=len(gray) * len(sizes))
        return counts.reshape(len(gray), -1) / sizes


def local_patterns(gray: np.ndarray, n_points: int, radius: float) -> np.ndarray:
    """Compare every pixel with the points on the circle around it.

    Parameters
    ----------
    gray : ndarray of shape (n, height, width)
        Grey images of any real dtype.
    n_points : int
        Number of points.
    radius : float
        Radius in pixels.

    Returns
    -------
    ndarray of shape (n, height, width), unsigned integers
        Bit i is set where point i is at least as bright as the pixel.

    Notes
    -----
    The images are padded and their rows laid end to end, so that a neighbour is a
    shift along one axis. Interpolation follows scikit-image to the last rounding.
    """
    n, height, width = gray.shape
    shifts, down, along, pad = find_circle(n_points, radius, (height, width))
    # Black around the images stands for all that is beyond their borders.
    flat = np.pad(gray, ((0, 0), (pad, pad), (pad, pad))).reshape(n, -1)
    exact = flat.astype(np.float64)
    step = width + 2 * pad  # From one row to the next.
    patterns = np.zeros(flat.shape, dtype=np.min_scalar_type(2**n_points - 1))
    inside = slice(pad * step + pad, -pad * step - pad)
    for bit, (top, left) in enumerate(shifts):
        col_weight = np.tile(np.pad(along[bit], pad), height + 2 * pad)
        row_weight = np.repeat(np.pad(down[bit], pad), step)[pad:-pad]
        source = exact if col_weight.any() else flat
        in_rows = _between(source, left, 1, col_weight, pad)
        point = _between(in_rows, top, step, row_weight, pad * step)
        center = flat if point.dtype == flat.dtype else exact
        brighter = point >= center[:, inside]
        patterns[:, inside] |= brighter * patterns.dtype.type(1 << bit)
    return patterns.reshape(n, -1, step)[:, pad:-pad, pad:-pad]


@lru_cache(maxsize=8)
def find_circle(
    n_points: int, radius: float, shape: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Find the points around every pixel of images of a shape.

    Returns
    -------
    shifts : ndarray of shape (n_points, 2), int64
        Whole rows and columns from a pixel to each point.
    down, along : ndarray of shape (n_points, height) and (n_points, width), float64
        The rest of the way, from 0 to 1. Ties decide the code, so it is taken
        after adding the pixel's own position, with its rounding.
    pad : int
        Rows and columns around an image that the shifts reach.
    """
    height, width = shape
    angles = 2 * np.pi * np.arange(n_points) / n_points
    rows = np.round(-radius * np.sin(angles), 5)[:, np.newaxis]
    cols = np.round(radius * np.cos(angles), 5)[:, np.newaxis]
    pad = min(math.ceil(radius), max(shape)) + 1
    # Points beyond the padding are as black as the padding.
    shifts = np.floor(np.hstack([rows, cols])).clip(-pad, pad - 1).astype(np.int64)
    down, along = rows + np.arange(height), cols + np.arange(width)
    return shifts, down - np.floor(down), along - np.floor(along), pad


def _between(
    flat: np.ndarray, shift: int, step: int, weight: np.ndarray, margin: int
) -> np.ndarray:
    """Interpolate between values ``shift`` and ``shift + 1`` steps farther on.

    The first and last ``margin`` positions, which have no neighbours, are left
    out.
    """
    first, last = margin + shift * step, flat.shape[1] - margin + shift * step
    if not weight.any():
        return flat[:, first:last]
    weight = weight[margin:-margin]
    near, far = flat[:, first:last], flat[:, first + step : last + step]
    return (1 - weight) * near + weight * far


@lru_cache(maxsize=4)
def code_table(n_points: int, method: str) -> np.ndarray:
    """Code of every pattern of bits.

    Parameters
    ----------
    n_points : int
        Number of bits.
    method : {"default", "ror", "uniform", "nri_uniform"}
        As in `LBPTransformer`.

    Returns
    -------
    ndarray of shape (2**n_points,), int32
        The codes, numbered as in scikit-image.
    """
    patterns = np.arange(2**n_points, dtype=np.int32)
    if method == "default":
        return patterns
    full = 2**n_points - 1
    if method == "ror":
        smallest = patterns
        for shift in range(1, n_points):
            rotated = patterns >> shift | patterns << (n_points - shift) & full
            smallest = np.minimum(smallest, rotated)
        return smallest
    # Changes between neighbours, not counting the one from the last to the first.
    changes = np.bitwise_count((patterns ^ patterns >> 1) & (full >> 1))
    ones = np.bitwise_count(patterns).astype(np.int32)
    if method == "uniform":
        return np.where(changes <= 2, ones, n_points + 1)
    first_one = np.bitwise_count((patterns & -patterns) - 1).astype(np.int32)
    first_zero = np.bitwise_count((~patterns & (patterns + 1)) - 1).astype(np.int32)
    turns = np.where(first_one == 0, ones - first_zero, n_points - first_one)
    codes = 1 + (ones - 1) * n_points + turns
    codes[0], codes[full] = 0, n_points * (n_points - 1) + 1
    return np.where(changes <= 2, codes, n_points * (n_points - 1) + 2)


@lru_cache(maxsize=4)
def histogram_columns(n_points: int, method: str) -> np.ndarray:
    """Column of every pattern in a cell's histogram."""
    codes = code_table(n_points, method)
    if method == "ror":
        # Only some numbers are the smallest of their rotations: count those.
        codes = np.unique(codes, return_inverse=True)[1].astype(np.int32)
    return codes


@lru_cache(maxsize=8)
def find_grid_places(
    shape: tuple[int, int], grid: tuple[int, int], n_codes: int
) -> tuple[np.ndarray, np.ndarray]:
    """Say where in a row of the output each pixel is counted.

    Returns
    -------
    places : ndarray of shape (height, width), int64
        Where the histogram of the pixel's cell begins.
    sizes : ndarray of shape (n_features_out,), float64
        Number of pixels in the cell of each feature.
    """
    # Cells differ by at most one pixel where the grid does not divide the image.
    of_row = np.arange(shape[0]) * grid[0] // shape[0]
    of_col = np.arange(shape[1]) * grid[1] // shape[1]
    cells = of_row[:, np.newaxis] * grid[1] + of_col
    sizes = np.bincount(cells.ravel(), minlength=grid[0] * grid[1])
    return cells * n_codes, np.repeat(sizes, n_codes).astype(np.float64)

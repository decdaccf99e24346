"""Local binary patterns of whole batches."""

from functools import lru_cache
from numbers import Integral, Real

import numpy as np

from skfer._images import holds_counts, to_gray
from skfer._sklearn import Interval, StrOptions
from skfer.features._base import ImageFeatureTransformer

# Codes of "default" and "ror" grow as 2 to this power; so does the histogram.
_MAX_POINTS_OF_FULL_CODES = 16


class LBPTransformer(ImageFeatureTransformer):
    """Histograms of local binary patterns (LBP) over a grid of every image.

    Each pixel is compared with points on a circle around it; the outcome is a
    pattern code. The codes are counted in each cell of a grid and divided by
    the cell's number of pixels. Codes equal
    `skimage.feature.local_binary_pattern` exactly; the difference is that a
    whole batch is computed at once.

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

    Attributes
    ----------
    image_shape_in_ : tuple of int
        Height, width and channels of the images at fit.
    pixel_max_in_ : int
        255 if it was fitted on integers, 1 for floats.
    n_features_in_ : int
        Number of values in an image.
    feature_names_in_ : ndarray of str
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
    ) -> None:
        self.n_points = n_points
        self.radius = radius
        self.method = method
        self.grid = grid
        self.image_shape = image_shape
        self.n_jobs = n_jobs

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

    def _extract(self, images: np.ndarray) -> np.ndarray:
        gray = to_gray(images).astype(np.float64)
        table = code_table(self.n_points, self.method)
        if self.method == "ror":
            # Only some numbers are the smallest of their rotations: count those.
            table = np.unique(table, return_inverse=True)[1]
        codes = table[local_patterns(gray, self.n_points, self.radius)]
        n_codes = self._n_features_out // (self.grid[0] * self.grid[1])
        return _grid_histograms(codes, n_codes, self.grid)


def local_patterns(gray: np.ndarray, n_points: int, radius: float) -> np.ndarray:
    """Compare every pixel with the points on the circle around it.

    Parameters
    ----------
    gray : ndarray of shape (n, height, width), float64
        Grey images.
    n_points : int
        Number of points.
    radius : float
        Radius in pixels.

    Returns
    -------
    ndarray of shape (n, height, width), int32
        Bit i is set where point i is at least as bright as the pixel.

    Notes
    -----
    Ties decide the code, so the interpolation follows scikit-image to the last
    rounding: coordinates are rounded to five decimals, and the fraction is
    taken after adding the pixel's own position.
    """
    _, height, width = gray.shape
    angles = 2 * np.pi * np.arange(n_points) / n_points
    row_offsets = np.round(-radius * np.sin(angles), 5)
    col_offsets = np.round(radius * np.cos(angles), 5)
    # One black pixel around the image stands for all that is beyond the border.
    padded = np.pad(gray, ((0, 0), (1, 1), (1, 1)))
    patterns = np.zeros(gray.shape, dtype=np.int32)
    for bit, (row_offset, col_offset) in enumerate(
        zip(row_offsets, col_offsets, strict=True)
    ):
        rows, cols = np.arange(height) + row_offset, np.arange(width) + col_offset
        top, left = np.floor(rows).astype(int), np.floor(cols).astype(int)
        bottom, right = np.ceil(rows).astype(int), np.ceil(cols).astype(int)
        down, along = (rows - top)[:, np.newaxis], cols - left

        def pixels(r: np.ndarray, c: np.ndarray) -> np.ndarray:
            r, c = (r + 1).clip(0, height + 1), (c + 1).clip(0, width + 1)
            return padded[:, r[:, np.newaxis], c]

        upper = (1 - along) * pixels(top, left) + along * pixels(top, right)
        lower = (1 - along) * pixels(bottom, left) + along * pixels(bottom, right)
        point = (1 - down) * upper + down * lower
        patterns |= (point - gray >= 0).astype(np.int32) << bit
    return patterns


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


def _grid_histograms(
    codes: np.ndarray, n_codes: int, grid: tuple[int, int]
) -> np.ndarray:
    """Share of each code in each grid cell, shape (n, cells * codes)."""
    n, height, width = codes.shape
    # Cells differ by at most one pixel where the grid does not divide the image.
    of_row = np.arange(height) * grid[0] // height
    of_col = np.arange(width) * grid[1] // width
    cell = of_row[:, np.newaxis] * grid[1] + of_col
    n_cells = grid[0] * grid[1]
    index = codes + n_codes * (cell + n_cells * np.arange(n)[:, None, None])
    counts = np.bincount(index.ravel(), minlength=n * n_cells * n_codes)
    pixels = np.bincount(cell.ravel(), minlength=n_cells)
    return (counts.reshape(n, n_cells, n_codes) / pixels[:, np.newaxis]).reshape(n, -1)

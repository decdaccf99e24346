"""Histograms of oriented gradients of whole batches."""

from numbers import Integral
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from sklearn.base import clone

from skfer._sklearn import Interval, StrOptions
from skfer._validation import holds_counts
from skfer.features._base import ImageFeatureTransformer, load_kernels
from skfer.features._hog_votes import (
    bin_edges,
    exact_votes,
    find_votes,
    look_up_votes,
    sum_votes,
    vote_table,
)

EPSILON = 1e-5
ROOTS = np.sqrt(np.arange(256.0))  # Of all uint8 pixels.
_STROKE = (0.84, 0.37, 0.0)  # Vermilion: distinct from grey, also for the colour-blind.
CLIP = 0.2  # Hysteresis of L2-Hys, after Lowe (2004).


class HOGTransformer(ImageFeatureTransformer):
    """Histogram of oriented gradients (HOG) of every image.

    The gradients of each cell of pixels vote into a histogram of orientations;
    neighbouring cells form blocks, and each block is normalised. Values equal
    `skimage.feature.hog` with the same parameters to within 1e-6, but a
    whole batch is computed at once. Try ``pixels_per_cell`` first, then
    ``orientations``.

    Parameters
    ----------
    orientations : int, default=9
        Number of orientation bins over 180 degrees.
    pixels_per_cell : (int, int), default=(8, 8)
        Height and width of a cell in pixels. Pixels beyond the last whole cell
        are left out.
    cells_per_block : (int, int), default=(2, 2)
        Height and width of a block in cells.
    block_norm : {"L1", "L1-sqrt", "L2", "L2-Hys"}, default="L2-Hys"
        How a block is normalised.
    transform_sqrt : bool, default=False
        Take the square root of the pixels first, which evens out shadows. The
        pixels must not be negative.
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
    LBPTransformer : Texture instead of edges.
    skimage.feature.hog : The same for one image.

    Notes
    -----
    In colour images, each pixel votes with the channel of the largest gradient.

    References
    ----------
    Dalal, N. and Triggs, B. (2005). Histograms of oriented gradients for human
    detection. CVPR. doi:10.1109/CVPR.2005.177

    Examples
    --------
    >>> from skfer import HOGTransformer
    >>> from skfer.datasets import make_faces
    >>> faces = make_faces(n_samples=14, random_state=0)
    >>> hog = HOGTransformer().fit(faces.images)
    >>> hog.transform(faces.images).shape
    (14, 900)
    >>> hog.get_feature_names_out()[0]
    'block_row0_col0_cell_row0_col0_orientation10deg'
    """

    _parameter_constraints: dict = {
        **ImageFeatureTransformer._parameter_constraints,
        "orientations": [Interval(Integral, 1, None, closed="left")],
        "pixels_per_cell": [tuple, list],
        "cells_per_block": [tuple, list],
        "block_norm": [StrOptions({"L1", "L1-sqrt", "L2", "L2-Hys"})],
        "transform_sqrt": ["boolean"],
    }

    def __init__(
        self,
        orientations: int = 9,
        pixels_per_cell: tuple[int, int] = (8, 8),
        cells_per_block: tuple[int, int] = (2, 2),
        block_norm: str = "L2-Hys",
        *,
        transform_sqrt: bool = False,
        image_shape: tuple[int, ...] | None = None,
        n_jobs: int | None = None,
        cache_dir: str | Path | None = None,
        cache_gb: float | None = None,
    ) -> None:
        self.orientations = orientations
        self.pixels_per_cell = pixels_per_cell
        self.cells_per_block = cells_per_block
        self.block_norm = block_norm
        self.transform_sqrt = transform_sqrt
        self.image_shape = image_shape
        self.n_jobs = n_jobs
        self.cache_dir = cache_dir
        self.cache_gb = cache_gb

    def _feature_names(self, height: int, width: int) -> list[str]:
        block_rows, block_cols = self._count_blocks(height, width)
        # The middle of each orientation bin, in degrees.
        middles = [
            180 / self.orientations * (i + 0.5) for i in range(self.orientations)
        ]
        return [
            f"block_row{row}_col{col}_cell_row{row + i}_col{col + j}"
            f"_orientation{middle:.4g}deg"
            for row in range(block_rows)
            for col in range(block_cols)
            for i in range(self.cells_per_block[0])
            for j in range(self.cells_per_block[1])
            for middle in middles
        ]

    def _count_blocks(self, height: int, width: int) -> tuple[int, int]:
        counts = []
        for name in ("pixels_per_cell", "cells_per_block"):
            pair = getattr(self, name)
            if not holds_counts(pair, 2):
                raise ValueError(
                    f"HOGTransformer got {name}={pair!r}. It must be two integers of "
                    "at least 1: (rows, columns)."
                )
        for side, cell, block in zip(
            (height, width), self.pixels_per_cell, self.cells_per_block, strict=True
        ):
            counts.append(side // cell - block + 1)
        if min(counts) < 1:
            smallest = [
                cell * block
                for cell, block in zip(
                    self.pixels_per_cell, self.cells_per_block, strict=True
                )
            ]
            raise ValueError(
                f"HOGTransformer got images of {height} by {width} pixels. With "
                f"pixels_per_cell={tuple(self.pixels_per_cell)} and "
                f"cells_per_block={tuple(self.cells_per_block)} the smallest that "
                f"works is {smallest[0]} by {smallest[1]} pixels (height by width). "
                "Use larger images or smaller cells."
            )
        return counts[0], counts[1]

    def _cell_edges(self, height: int, width: int) -> np.ndarray:
        n_block_rows, n_block_cols = self._count_blocks(height, width)
        (cell_h, cell_w), (block_h, block_w) = (
            self.pixels_per_cell,
            self.cells_per_block,
        )
        block_row, block_col, row, col, _ = np.indices(
            (n_block_rows, n_block_cols, block_h, block_w, self.orientations)
        ).reshape(5, -1)
        top, left = (block_row + row) * cell_h, (block_col + col) * cell_w
        return np.stack([top, top + cell_h, left, left + cell_w], axis=1)

    def map_image(self, image: np.ndarray) -> np.ndarray:
        """Average the overlapping blocks in each cell of one image.

        Parameters
        ----------
        image : ndarray of shape (height, width), uint8
            Any image; the transformer need not be fitted.

        Returns
        -------
        ndarray of float of shape (cell rows, cell columns, orientations)
            Strength of each orientation in each cell.
        """
        hog = clone(self).set_params(image_shape=None).set_output(transform="default")
        row = hog.fit_transform(image[np.newaxis])[0]
        edges = hog.get_feature_cells()
        cell_rows = edges[:, 0] // self.pixels_per_cell[0]
        cell_cols = edges[:, 2] // self.pixels_per_cell[1]
        shape = cell_rows.max() + 1, cell_cols.max() + 1, self.orientations
        place = cell_rows, cell_cols, np.arange(len(row)) % self.orientations
        total, count = np.zeros(shape), np.zeros(shape)
        np.add.at(total, place, row)
        np.add.at(count, place, 1)
        return total / count

    def draw_map(self, ax: Any, values: np.ndarray, shape: tuple[int, int]) -> None:
        """Draw a stroke along the edges of each orientation in each cell.

        Parameters
        ----------
        ax : matplotlib.axes.Axes
            Where to draw.
        values : ndarray of float of shape (cell rows, cell columns, orientations)
            From `map_image`.
        shape : (int, int)
            Height and width of the image in pixels.
        """
        from matplotlib.collections import LineCollection

        height, width = self.pixels_per_cell
        row, col, bin_ = np.indices(values.shape).reshape(3, -1)
        middle = np.stack([(col + 0.5) * width, (row + 0.5) * height], axis=1) - 0.5
        # An edge runs across its gradient.
        angle = np.pi * (bin_ + 0.5) / self.orientations
        along = np.stack([-np.sin(angle), np.cos(angle)], axis=1)
        along *= min(height, width) / 2
        strength = values.ravel() / max(values.max(), 1e-12)
        strokes = LineCollection(
            [*np.stack([middle - along, middle + along], axis=1)],
            # Squared, so that the strongest of a cell stands out.
            colors=[(*_STROKE, alpha) for alpha in strength**2],
            linewidths=1.6,
        )
        ax.add_collection(strokes)

    def _extract(self, images: np.ndarray) -> np.ndarray:
        if self.transform_sqrt and images.dtype.kind == "f" and (images < 0).any():
            raise ValueError(
                "HOGTransformer got negative pixels with transform_sqrt=True, but "
                "negative numbers have no square root. Pass images in 0..1."
            )
        cell = int(self.pixels_per_cell[0]), int(self.pixels_per_cell[1])
        kernels = load_kernels() if images.dtype == np.uint8 else None
        if kernels and self.transform_sqrt:
            edges = bin_edges(self.orientations)
            flat, places, g = kernels.sum_root_votes(images, ROOTS, edges, cell)
            bins, magnitudes = find_votes(g[:, 0], g[:, 1], self.orientations)
            np.add.at(flat, places + bins, magnitudes)
            rows, cols = images.shape[1] // cell[0], images.shape[2] // cell[1]
            sums = flat.reshape(len(images), rows, cols, self.orientations)
        elif images.dtype != np.uint8 or self.transform_sqrt:
            bins, magnitudes = exact_votes(
                images, self.orientations, self.transform_sqrt
            )
            sums = sum_votes(bins, magnitudes, self.orientations, cell)
        else:
            table = vote_table(self.orientations)
            if kernels:
                sums = kernels.sum_votes(images, *table, self.orientations, cell)
            else:
                votes = look_up_votes(images, *table)
                sums = sum_votes(*votes, self.orientations, cell)
        cells = (sums / (cell[0] * cell[1])).astype(np.float32)
        blocks = sliding_window_view(cells, tuple(self.cells_per_block), axis=(1, 2))
        # (n, block rows, block columns, rows and columns in a block, orientations)
        blocks = blocks.transpose(0, 1, 2, 4, 5, 3)
        flat = blocks.reshape(*blocks.shape[:3], -1)
        return _normalize(flat, self.block_norm).reshape(len(images), -1)


def _normalize(blocks: np.ndarray, norm: str) -> np.ndarray:
    """Normalise blocks of non-negative values along the last axis."""
    if norm.startswith("L1"):
        out = blocks / (blocks.sum(axis=-1, keepdims=True) + EPSILON)
        return np.sqrt(out) if norm == "L1-sqrt" else out
    out = blocks / np.sqrt((blocks**2).sum(axis=-1, keepdims=True) + EPSILON**2)
    if norm == "L2":
        return out
    np.minimum(out, CLIP, out=out)
    return out / np.sqrt((out**2).sum(axis=-1, keepdims=True) + EPSILON**2)

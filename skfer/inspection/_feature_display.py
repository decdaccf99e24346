"""What HOG and LBP see of a face."""

from typing import Any, Self

import numpy as np
from skimage.feature import local_binary_pattern
from sklearn.base import clone

from skfer.features import HOGTransformer, LBPTransformer
from skfer.inspection._axes import take_axes
from skfer.inspection._pictures import show
from skfer.preprocessing import GrayscaleResizer

_STROKE = (0.84, 0.37, 0.0)  # Vermilion stands out from grey for everyone.


class FeatureDisplay:
    """HOG as strokes along the edges in each cell, or LBP codes, beside the face.

    Make it with `from_image`; the object keeps the numbers.

    Parameters
    ----------
    image : ndarray of shape (height, width), uint8
        The face, grey.
    features : ndarray of shape (cell rows, cell columns, orientations) \
            or (height, width)
        Of HOG the strength of every orientation in each cell, the mean over the
        blocks that hold it; of LBP the code of each pixel.
    title : str
        What the features are.

    Attributes
    ----------
    ax_ : ndarray of matplotlib.axes.Axes of shape (2,)
        The face and its features. Set by `plot`.
    figure_ : matplotlib.figure.Figure
        The figure that contains them. Set by `plot`.

    Examples
    --------
    >>> from skfer import HOGTransformer
    >>> from skfer.datasets import make_faces
    >>> from skfer.inspection import FeatureDisplay
    >>> face = make_faces(1, random_state=0).images[0]
    >>> FeatureDisplay.from_image(face, HOGTransformer()).features.shape
    (6, 6, 9)
    """

    def __init__(self, image: np.ndarray, features: np.ndarray, title: str) -> None:
        self.image = image
        self.features = features
        self.title = title

    @classmethod
    def from_image(cls, image: Any, transformer: Any, *, ax: Any = None) -> Self:
        """Compute the features of one image and draw them.

        Parameters
        ----------
        image : array-like of shape (height, width) or (height, width, 3)
            The face; uint8 in 0..255 or float in 0..1.
        transformer : HOGTransformer or LBPTransformer
            Whose parameters are used; it need not be fitted.
        ax : matplotlib.axes.Axes or sequence of them, default=None
            Where to draw. None makes a new figure; one Axes is divided.

        Returns
        -------
        FeatureDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            If the transformer is another, or the image has another number of axes.
        """
        image = np.asarray(image)
        if image.ndim not in (2, 3):
            raise ValueError(
                "FeatureDisplay needs one image of two or three axes, got "
                f"{image.shape}."
            )
        gray = GrayscaleResizer(image.shape[:2]).fit_transform(image[np.newaxis])[0]
        gray = gray.reshape(image.shape[:2])
        if isinstance(transformer, HOGTransformer):
            cells = _hog_of_cells(gray, transformer)
            return cls(gray, cells, "HOG: edges in each cell").plot(ax=ax)
        if isinstance(transformer, LBPTransformer):
            codes = local_binary_pattern(
                gray, transformer.n_points, transformer.radius, transformer.method
            )
            return cls(gray, codes, "LBP: code of each pixel").plot(ax=ax)
        raise ValueError(
            "FeatureDisplay draws HOGTransformer and LBPTransformer, got a "
            f"{type(transformer).__name__}."
        )

    def plot(self, *, ax: Any = None) -> Self:
        """Draw the face and its features.

        Parameters
        ----------
        ax : matplotlib.axes.Axes or sequence of them, default=None
            Where to draw. None makes a new figure; one Axes is divided.

        Returns
        -------
        FeatureDisplay
            Itself.
        """
        axes = take_axes(ax, (7, 3.6), 1, 2)[0]
        show(axes[0], self.image)
        axes[0].set_title("image")
        if self.features.ndim == 3:
            show(axes[1], self.image)
            axes[1].images[0].set_alpha(0.45)
            _draw_strokes(axes[1], self.features, self.image.shape)
        else:
            axes[1].imshow(self.features, cmap="cividis")
            axes[1].set_axis_off()
        axes[1].set_title(self.title)
        self.ax_ = axes
        self.figure_ = axes[0].figure
        return self


def _hog_of_cells(image: np.ndarray, transformer: HOGTransformer) -> np.ndarray:
    """Average what the overlapping blocks say of each cell."""
    hog = clone(transformer).set_params(image_shape=None)
    row = hog.fit_transform(image[np.newaxis])[0]
    block_h, block_w = hog.cells_per_block
    n_rows, n_cols = (
        side // cell
        for side, cell in zip(image.shape, hog.pixels_per_cell, strict=True)
    )
    shape = (n_rows - block_h + 1, n_cols - block_w + 1, block_h, block_w)
    blocks = row.reshape(*shape, hog.orientations)
    total = np.zeros((n_rows, n_cols, hog.orientations))
    count = np.zeros((n_rows, n_cols, 1))
    for block_row, block_col in np.ndindex(shape[:2]):
        cells = np.s_[block_row : block_row + block_h, block_col : block_col + block_w]
        total[cells] += blocks[block_row, block_col]
        count[cells] += 1
    return total / count


def _draw_strokes(ax: Any, cells: np.ndarray, shape: tuple[int, ...]) -> None:
    from matplotlib.collections import LineCollection

    n_rows, n_cols, orientations = cells.shape
    height, width = shape[0] // n_rows, shape[1] // n_cols
    row, col, bin_ = np.indices(cells.shape).reshape(3, -1)
    middle = np.stack([(col + 0.5) * width, (row + 0.5) * height], axis=1) - 0.5
    # An edge runs across its gradient.
    angle = np.pi * (bin_ + 0.5) / orientations
    along = np.stack([-np.sin(angle), np.cos(angle)], axis=1) * min(height, width) / 2
    strength = cells.ravel() / max(cells.max(), 1e-12)
    strokes = LineCollection(
        [*np.stack([middle - along, middle + along], axis=1)],
        # Squared, so that the strongest of a cell stands out.
        colors=[(*_STROKE, alpha) for alpha in strength**2],
        linewidths=1.6,
    )
    ax.add_collection(strokes)

"""What HOG and LBP see of a face."""

from typing import Any, Self

import numpy as np

from skfer.features import HOGTransformer, LBPTransformer
from skfer.inspection._pictures import show
from skfer.preprocessing import GrayscaleResizer


class FeatureDisplay:
    """HOG as strokes along the edges of each cell, or LBP codes, beside a face.

    Make it with `from_image`; the object keeps the numbers.

    Parameters
    ----------
    image : ndarray of shape (height, width), uint8
        The face, grey.
    features : ndarray of shape (height, width)
        What is drawn: strokes of the orientations of each cell, the brighter the
        stronger, or the LBP code of each pixel.
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
    (48, 48)
    """

    def __init__(self, image: np.ndarray, features: np.ndarray, title: str) -> None:
        self.image = image
        self.features = features
        self.title = title

    @classmethod
    def from_image(cls, image: Any, transformer: Any) -> Self:
        """Compute the features of one image and draw them.

        Parameters
        ----------
        image : array-like of shape (height, width) or (height, width, 3)
            The face; uint8 in 0..255 or float in 0..1.
        transformer : HOGTransformer or LBPTransformer
            Whose parameters are used; it need not be fitted.

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
            return cls(gray, _draw_hog(gray, transformer), "HOG: edges of cells").plot()
        if isinstance(transformer, LBPTransformer):
            return cls(gray, _draw_lbp(gray, transformer), "LBP: codes").plot()
        raise ValueError(
            "FeatureDisplay draws HOGTransformer and LBPTransformer, got a "
            f"{type(transformer).__name__}."
        )

    def plot(self) -> Self:
        """Draw the face and its features in a new figure.

        Returns
        -------
        FeatureDisplay
            Itself.
        """
        from matplotlib.figure import Figure

        figure = Figure(figsize=(7, 3.6), layout="constrained")
        axes = figure.subplots(1, 2)
        show(axes[0], self.image)
        axes[0].set_title("image")
        axes[1].imshow(self.features, cmap="cividis")
        axes[1].set_axis_off()
        axes[1].set_title(self.title)
        self.ax_ = axes
        self.figure_ = figure
        return self


def _draw_hog(image: np.ndarray, transformer: HOGTransformer) -> np.ndarray:
    from skimage.feature import hog

    _, strokes = hog(
        image,
        transformer.orientations,
        transformer.pixels_per_cell,
        transformer.cells_per_block,
        transformer.block_norm,
        visualize=True,
        transform_sqrt=transformer.transform_sqrt,
    )
    return strokes


def _draw_lbp(image: np.ndarray, transformer: LBPTransformer) -> np.ndarray:
    from skimage.feature import local_binary_pattern

    return local_binary_pattern(
        image, transformer.n_points, transformer.radius, transformer.method
    )

"""HOG and LBP features, drawn beside the face."""

from typing import Any, Self

import numpy as np

from skfer.inspection._axes import take_axes
from skfer.inspection._pictures import show
from skfer.preprocessing import GrayscaleResizer


class FeatureDisplay:
    """HOG as strokes along the edges in each cell, or LBP codes, beside the face.

    Use `from_image` to create it; it stores the features.

    Parameters
    ----------
    image : ndarray of shape (height, width), uint8
        The face, grey.
    features : ndarray of shape (cell rows, cell columns, orientations) \
            or (height, width)
        For HOG, the strength of every orientation in each cell, averaged over the
        blocks that contain it; for LBP, the code of each pixel.
    transformer : HOGTransformer or LBPTransformer
        The transformer that computed them.

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

    def __init__(
        self, image: np.ndarray, features: np.ndarray, transformer: Any
    ) -> None:
        self.image = image
        self.features = features
        self.transformer = transformer

    @classmethod
    def from_image(cls, image: Any, transformer: Any, *, ax: Any = None) -> Self:
        """Compute the features of one image and draw them.

        Parameters
        ----------
        image : array-like of shape (height, width) or (height, width, 3)
            The face; uint8 in 0..255 or float in 0..1.
        transformer : HOGTransformer or LBPTransformer
            The transformer whose parameters are used; it need not be fitted.
        ax : matplotlib.axes.Axes or sequence of them, default=None
            Where to draw. None makes a new figure; one Axes is divided.

        Returns
        -------
        FeatureDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            If the transformer, or the number of axes of the image, is a different one.
        """
        image = np.asarray(image)
        if image.ndim not in (2, 3):
            raise ValueError(
                "FeatureDisplay needs one image of two or three axes, got "
                f"{image.shape}."
            )
        gray = GrayscaleResizer(image.shape[:2]).fit_transform(image[np.newaxis])[0]
        if not hasattr(transformer, "map_image"):
            raise ValueError(
                "FeatureDisplay needs a HOGTransformer or LBPTransformer, got a "
                f"{type(transformer).__name__}."
            )
        return cls(gray, transformer.map_image(gray), transformer).plot(ax=ax)

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
        axes = take_axes(ax, (6.4, 3.4), 1, 2)[0]
        show(axes[0], self.image)
        axes[0].set_title("image")
        show(axes[1], self.image)
        axes[1].images[0].set_alpha(0.45)
        self.transformer.draw_map(axes[1], self.features, self.image.shape[:2])
        name = type(self.transformer).__name__.removesuffix("Transformer")
        axes[1].set_title(f"{name} features")
        self.ax_ = axes
        self.figure_ = axes[0].figure
        return self

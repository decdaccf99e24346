"""A face and the explanation of its class."""

from typing import Any, Literal, Self

import numpy as np

from skfer.inspection._axes import take_axes
from skfer.inspection._explain import explain_label
from skfer.inspection._pictures import plain, read_pictures, show


class ExplanationDisplay:
    """An image, and the same image with its explanation as a heat map.

    Use `from_estimator` to create it; it stores the heat map.

    Parameters
    ----------
    image : ndarray of shape (height, width) or (height, width, 3)
        The image; uint8 in 0..255 or float in 0..1.
    heat : ndarray of shape (height, width)
        From `explain`.
    title : str
        Shown above the image.

    Attributes
    ----------
    ax_ : ndarray of matplotlib.axes.Axes of shape (2,)
        The image, and the explanation. Set by `plot`.
    figure_ : matplotlib.figure.Figure
        The figure that contains them. Set by `plot`.

    Examples
    --------
    >>> from skfer import make_hog_svm
    >>> from skfer.datasets import make_faces
    >>> from skfer.inspection import ExplanationDisplay
    >>> faces = make_faces(140, random_state=0)
    >>> model = make_hog_svm().fit(faces.images, faces.target)
    >>> ExplanationDisplay.from_estimator(model, faces.images[0]).heat.shape
    (48, 48)
    """

    def __init__(self, image: np.ndarray, heat: np.ndarray, title: str = "") -> None:
        self.image = image
        self.heat = heat
        self.title = title

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        image: Any,
        method: Literal["occlusion", "gradcam", "weights"] = "occlusion",
        *,
        label: Any = None,
        ax: Any = None,
    ) -> Self:
        """Explain and draw.

        Parameters
        ----------
        estimator : classifier or Pipeline
            Fitted.
        image : array-like of shape (height, width) or (height, width, 3)
            The image to explain.
        method, label
            As in `explain`.
        ax : matplotlib.axes.Axes or sequence of them, default=None
            Where to draw. None makes a new figure; one Axes is divided.

        Returns
        -------
        ExplanationDisplay
            The display, drawn.
        """
        image = np.asarray(image)
        found = explain_label(estimator, image, method, label)
        share = f" {found.share:.0%}" if hasattr(estimator, "predict_proba") else ""
        title = f"{found.label}{share}"
        if found.cells:
            rows, columns = found.cells
            title += f", from {rows} x {columns} cells"
        return cls(image, found.heat, title).plot(ax=ax)

    def plot(self, *, ax: Any = None) -> Self:
        """Draw both.

        Parameters
        ----------
        ax : matplotlib.axes.Axes or sequence of them, default=None
            Where to draw. None makes a new figure; one Axes is divided.

        Returns
        -------
        ExplanationDisplay
            Itself.
        """
        axes = take_axes(ax, (6.4, 3.2), 1, 2)[0]
        (picture,) = read_pictures([self.image], [0], max(self.image.shape[:2]))
        show(axes[0], picture)
        axes[0].set_title(plain(self.title))
        show(axes[1], picture)
        reach = max(float(np.abs(self.heat).max()), 1e-12)
        drawn = axes[1].imshow(
            self.heat, cmap="PuOr_r", vmin=-reach, vmax=reach, alpha=0.65
        )
        axes[1].set_title("evidence")
        axes[1].figure.colorbar(
            drawn, ax=axes[1], shrink=0.8, label="violet: against, orange: for"
        )
        self.ax_ = axes
        self.figure_ = axes[0].figure
        return self

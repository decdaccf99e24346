"""A photograph with the faces that were found."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from skfer.faces import DetectedFaces, FaceDetector
from skfer.inspection._axes import take_axes
from skfer.inspection._pictures import plain, read_pictures, show

# Side in pixels to which a photograph is shrunk to be drawn.
_SIDE = 640


class FacesDisplay:
    """A photograph with boxes, eyes, noses and mouths of its faces, and their labels.

    Use `from_image` to create it; it stores the faces.

    Parameters
    ----------
    image : ndarray of shape (height, width) or (height, width, 3)
        The photograph, uint8 in 0..255.
    faces : DetectedFaces
        Its faces, in pixels of the photograph; from `FaceDetector`.
    labels : sequence of str, default=None
        What to write at each face. None writes the scores.

    Attributes
    ----------
    ax_ : matplotlib.axes.Axes
        Where it is drawn. Set by `plot`.
    figure_ : matplotlib.figure.Figure
        The figure that contains it. Set by `plot`.

    Examples
    --------
    >>> import numpy as np
    >>> from skfer.faces import FaceDetector
    >>> from skfer.inspection import FacesDisplay
    >>> photo = np.zeros((50, 60, 3), np.uint8)
    >>> detector = FaceDetector(lambda image: [(10, 10, 30, 30)])
    >>> len(FacesDisplay.from_image(photo, detector).faces)
    1
    """

    def __init__(
        self,
        image: np.ndarray,
        faces: DetectedFaces,
        labels: Sequence[str] | None = None,
    ) -> None:
        self.image = image
        self.faces = faces
        self.labels = labels

    @classmethod
    def from_image(
        cls,
        image: Any,
        detector: FaceDetector | None = None,
        *,
        labels: Sequence[str] | None = None,
        ax: Any = None,
    ) -> Self:
        """Find the faces and draw.

        Parameters
        ----------
        image : str, Path or array-like of shape (height, width[, 3])
            A file, or pixels: integers in 0..255 or floats in 0..1.
        detector : FaceDetector, default=None
            None means ``FaceDetector()``.
        labels : sequence of str, default=None
            What to write at each face, the surest first. None writes the scores.
        ax : matplotlib.axes.Axes, default=None
            Where to draw. None makes a new figure.

        Returns
        -------
        FacesDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            If there are not as many labels as faces, or the file can't be read.
        """
        faces = (FaceDetector() if detector is None else detector).detect([image])
        if faces.reasons[0]:
            raise ValueError(f"FacesDisplay can't read {image}: {faces.reasons[0]}.")
        return cls(image, faces, labels).plot(ax=ax)

    def plot(self, *, ax: Any = None) -> Self:
        """Draw the photograph and the faces.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, default=None
            Where to draw. None makes a new figure.

        Returns
        -------
        FacesDisplay
            Itself.

        Raises
        ------
        ValueError
            If there are not as many labels as faces.
        """
        from matplotlib.patches import Rectangle

        texts = self.labels
        if texts is None:
            texts = [f"{score:.0%}" for score in self.faces.score]
        if len(texts) != len(self.faces):
            raise ValueError(
                f"FacesDisplay got {len(texts)} labels for {len(self.faces)} faces. "
                "Pass one for each, the surest face first."
            )
        ((ax,),) = take_axes(ax, (6, 5))
        (picture,) = read_pictures([self.image], [0], _SIDE)
        show(ax, picture)
        scale = max(picture.shape[:2]) / max(self.faces.size[0])
        for box, points, text in zip(
            self.faces.box * scale, self.faces.points * scale, texts, strict=True
        ):
            left, top, right, bottom = box
            ax.add_patch(
                Rectangle(
                    (left, top), right - left, bottom - top,
                    fill=False, edgecolor="#56B4E9", linewidth=2,
                )
            )  # fmt: skip
            ax.plot(*points.T, ".", color="#E69F00", markersize=6)
            ax.text(
                left, top, plain(text), color="white", fontsize=9, va="bottom",
                bbox={"facecolor": "#0072B2", "edgecolor": "none", "pad": 2},
            )  # fmt: skip
        self.ax_ = ax
        self.figure_ = ax.figure
        return self

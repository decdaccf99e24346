"""A few images of each class."""

from typing import Any, Self

import numpy as np
from sklearn.utils import check_random_state

from skfer.inspection._axes import take_axes
from skfer.inspection._pictures import plain, read_pictures, show


class SampleFacesDisplay:
    """A row of images for each class.

    Use `from_images` to create it; it stores which images are shown.

    Parameters
    ----------
    X : array-like of shape (n_samples,) or (n_samples, height, width[, 3])
        Files (str or Path) or pixels: integers in 0..255 or floats in 0..1.
    rows : dict of str to list of int
        Row numbers of the images to show, for each class.

    Attributes
    ----------
    ax_ : ndarray of matplotlib.axes.Axes of shape (n_classes, n_per_class)
        Where they are drawn. Set by `plot`.
    figure_ : matplotlib.figure.Figure
        The figure that contains them. Set by `plot`.

    Examples
    --------
    >>> from skfer.datasets import make_faces
    >>> from skfer.inspection import SampleFacesDisplay
    >>> faces = make_faces(70, random_state=0)
    >>> display = SampleFacesDisplay.from_images(faces.images, faces.target)
    >>> display.ax_.shape
    (7, 6)
    """

    def __init__(self, X: Any, rows: dict[str, list[int]]) -> None:
        self.X = X
        self.rows = rows

    @classmethod
    def from_images(
        cls,
        X: Any,
        y: Any,
        *,
        n_per_class: int = 6,
        random_state: Any = 0,
        ax: Any = None,
    ) -> Self:
        """Choose images at random, and show them.

        Parameters
        ----------
        X : array-like of shape (n_samples,) or (n_samples, height, width[, 3])
            Files (str or Path) or pixels: integers in 0..255 or floats in 0..1.
        y : array-like of shape (n_samples,)
            Their labels.
        n_per_class : int, default=6
            Maximum number of images of each class.
        random_state : int, RandomState instance or None, default=0
            Seed of the random choice.
        ax : matplotlib.axes.Axes or sequence of them, default=None
            Where to draw. None makes a new figure; one Axes is divided.

        Returns
        -------
        SampleFacesDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            If there are no images, or the lengths differ.
        """
        y = np.asarray(y)
        if len(y) == 0 or len(X) != len(y):
            raise ValueError(
                f"SampleFacesDisplay needs as many labels as images, got {len(X)} "
                f"images and {len(y)} labels."
            )
        return cls(X, choose_samples(y, n_per_class, random_state)).plot(ax=ax)

    def plot(self, *, ax: Any = None) -> Self:
        """Show the images.

        Parameters
        ----------
        ax : matplotlib.axes.Axes or sequence of them, default=None
            Where to draw. None makes a new figure; one Axes is divided.

        Returns
        -------
        SampleFacesDisplay
            Itself.
        """
        n = max(map(len, self.rows.values()))
        size = (1.2 + 0.9 * n, 0.95 * len(self.rows) + 0.2)
        axes = take_axes(ax, size, len(self.rows), n)
        for line, (name, rows) in zip(axes, self.rows.items(), strict=True):
            for panel in line:
                panel.set_axis_off()
            for panel, picture in zip(line, read_pictures(self.X, rows), strict=False):
                show(panel, picture)
            line[0].text(
                -0.1,
                0.5,
                plain(name),
                transform=line[0].transAxes,
                ha="right",
                va="center",
            )
        self.ax_ = axes
        self.figure_ = axes[0, 0].figure
        return self


def choose_samples(
    y: np.ndarray, n_per_class: int, random_state: Any
) -> dict[str, list[int]]:
    """Return the rows of some images of each class, by its name."""
    rng = check_random_state(random_state)
    rows = {}
    for name in np.unique(y):
        there = np.flatnonzero(y == name)
        n = min(n_per_class, len(there))
        rows[str(name)] = sorted(rng.choice(there, n, replace=False).tolist())
    return rows

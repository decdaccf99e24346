"""A confusion matrix with example faces."""

from typing import Any, Self

import numpy as np
from sklearn.metrics import confusion_matrix
from sklearn.utils.validation import check_consistent_length

from skfer._figure_style import show_percent
from skfer.inspection._axes import take_axes
from skfer.inspection._pictures import plain, read_pictures
from skfer.model_selection._confidence import find_confidence


class ConfusionFacesDisplay:
    """A confusion matrix, rows normalised to 1, with a face in each cell.

    The face is the most confident prediction of the cell, or the first if no confidence
    is known.

    Use `from_estimator` or `from_predictions` to create it; it stores the counts.

    Parameters
    ----------
    counts : ndarray of int of shape (n_classes, n_classes)
        Number of images of each true class (rows) and predicted class (columns).
    labels : ndarray of shape (n_classes,)
        The classes.
    pictures : dict of (int, int) to ndarray of shape (height, width[, 3]), default=None
        Picture for a cell, uint8 in 0..255.

    Attributes
    ----------
    matrix : ndarray of float of shape (n_classes, n_classes)
        Shares of each row; 0 in rows without images.
    ax_ : matplotlib.axes.Axes
        Where it is drawn. Set by `plot`.
    figure_ : matplotlib.figure.Figure
        The figure that contains it. Set by `plot`.

    Examples
    --------
    >>> from skfer.inspection import ConfusionFacesDisplay
    >>> display = ConfusionFacesDisplay.from_predictions(
    ...     ["happy", "happy", "sad"], ["happy", "sad", "sad"]
    ... )
    >>> display.matrix.tolist()
    [[0.5, 0.5], [0.0, 1.0]]
    """

    def __init__(
        self,
        counts: np.ndarray,
        labels: np.ndarray,
        pictures: dict[tuple[int, int], np.ndarray] | None = None,
    ) -> None:
        self.counts = counts
        self.labels = labels
        self.pictures = pictures or {}
        self.matrix = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)

    @classmethod
    def from_estimator(
        cls, estimator: Any, X: Any, y: Any, *, faces: bool = True, ax: Any = None
    ) -> Self:
        """Predict and draw.

        Parameters
        ----------
        estimator : classifier
            Fitted.
        X : array-like of shape (n_samples,) or (n_samples, height, width[, 3])
            Files (str or Path) or pixels: integers in 0..255 or floats in 0..1.
        y : array-like of shape (n_samples,)
            The true labels.
        faces : bool, default=True
            Whether cells show the image with the most confident prediction.
        ax : matplotlib.axes.Axes, default=None
            Where to draw. None makes a new figure.

        Returns
        -------
        ConfusionFacesDisplay
            The display, drawn.
        """
        y_pred = estimator.predict(X)
        if not faces:
            return cls.from_predictions(y, y_pred, ax=ax)
        sure = find_confidence(estimator, X, y_pred)
        return cls.from_predictions(y, y_pred, X, sure, ax=ax)

    @classmethod
    def from_predictions(
        cls,
        y_true: Any,
        y_pred: Any,
        X: Any = None,
        confidence: Any = None,
        *,
        ax: Any = None,
    ) -> Self:
        """Draw existing predictions.

        Parameters
        ----------
        y_true, y_pred : array-like of shape (n_samples,)
            Labels and predictions.
        X : array-like of shape (n_samples,) or (n_samples, height, width[, 3]), \
                default=None
            Files (str or Path) or pixels, integers in 0..255 or floats in 0..1; without
            them cells show numbers only.
        confidence : array-like of shape (n_samples,), default=None
            Confidence in the predicted class; the most confident image is shown.
        ax : matplotlib.axes.Axes, default=None
            Where to draw. None makes a new figure.

        Returns
        -------
        ConfusionFacesDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            If there are no predictions, or the lengths differ.
        """
        check_consistent_length(y_true, y_pred, X, confidence)
        y_true, y_pred = np.asarray(y_true), np.asarray(y_pred)
        if len(y_true) == 0:
            raise ValueError("ConfusionFacesDisplay needs predictions, got none.")
        labels = np.unique(np.concatenate([y_true, y_pred]))
        pictures = {}
        if X is not None:
            sure = np.zeros(len(y_true)) if confidence is None else confidence
            sure = np.asarray(sure, dtype=np.float64)
            cells, rows = [], []
            for i, truth in enumerate(labels):
                for j, said in enumerate(labels):
                    there = np.flatnonzero((y_true == truth) & (y_pred == said))
                    if len(there):
                        cells.append((i, j))
                        rows.append(int(there[sure[there].argmax()]))
            pictures = dict(zip(cells, read_pictures(X, rows), strict=True))
        counts = confusion_matrix(y_true, y_pred, labels=labels)
        return cls(counts, labels, pictures).plot(ax=ax)

    def plot(self, *, ax: Any = None) -> Self:
        """Draw the matrix.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, default=None
            Where to draw. None makes a new figure.

        Returns
        -------
        ConfusionFacesDisplay
            Itself.
        """
        n = len(self.labels)
        side = max(4.0, 0.62 * n + 1.9)
        ((ax,),) = take_axes(ax, (side + 0.6, side))
        image = ax.imshow(self.matrix, cmap="cividis", vmin=0, vmax=1)
        for (i, j), picture in self.pictures.items():
            # Above the number, which keeps a strip of the cell's colour.
            gray = picture if picture.ndim == 3 else np.stack([picture] * 3, axis=2)
            ax.imshow(gray, extent=(j - 0.36, j + 0.36, i + 0.2, i - 0.47), zorder=2)
        for i, j in np.ndindex(n, n):
            ax.text(
                j,
                i + (0.34 if self.pictures else 0),
                f"{self.matrix[i, j]:.0%}",
                ha="center",
                va="center",
                color="black" if self.matrix[i, j] > 0.5 else "white",
            )
        names = [plain(label) for label in self.labels]
        ax.set_xticks(range(n), names, rotation=45, ha="right")
        ax.set_yticks(range(n), names)
        ax.set(xlabel="predicted", ylabel="true", xlim=(-0.5, n - 0.5))
        ax.set_ylim(n - 0.5, -0.5)
        bar = ax.figure.colorbar(
            image, ax=ax, label="share of the true class", shrink=0.8
        )
        show_percent(bar.ax.yaxis)
        self.ax_ = ax
        self.figure_ = ax.figure
        return self

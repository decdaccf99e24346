"""Images with their predictions."""

from typing import Any, Literal, Self

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_consistent_length

from skfer._figure_style import COLORS
from skfer.inspection._axes import take_axes
from skfer.inspection._pictures import plain, read_pictures, show
from skfer.model_selection._confidence import find_confidence

_RIGHT, _WRONG = COLORS[0], COLORS[5]


class PredictionsDisplay:
    """A grid of images, each with its prediction, the confidence, and the true class.

    Use `from_estimator` or `from_predictions` to create it; it stores the numbers.

    Parameters
    ----------
    X : array-like of shape (n_samples,) or (n_samples, height, width[, 3])
        Files (str or Path) or pixels: integers in 0..255 or floats in 0..1.
    y_true, y_pred : ndarray of shape (n_samples,)
        Labels and predictions.
    confidence : ndarray of shape (n_samples,)
        Confidence in the predicted class, 0..1.
    rows : ndarray of int of shape (n_shown,)
        Which images to show, in this order.
    is_probability : bool, default=True
        Whether ``confidence`` is a probability, which is written in per cent.

    Attributes
    ----------
    ax_ : ndarray of matplotlib.axes.Axes of shape (n_lines, n_columns)
        Where they are drawn. Set by `plot`.
    figure_ : matplotlib.figure.Figure
        The figure that contains them. Set by `plot`.

    Examples
    --------
    >>> from skfer import make_hog_svm
    >>> from skfer.datasets import make_faces
    >>> from skfer.inspection import PredictionsDisplay
    >>> faces = make_faces(140, random_state=0)
    >>> model = make_hog_svm().fit(faces.images[:70], faces.target[:70])
    >>> display = PredictionsDisplay.from_estimator(
    ...     model, faces.images[70:], faces.target[70:], select="least_confident"
    ... )
    >>> len(display.rows)
    20
    """

    def __init__(
        self,
        X: Any,
        y_true: np.ndarray,
        y_pred: np.ndarray,
        confidence: np.ndarray,
        rows: np.ndarray,
        is_probability: bool = True,
    ) -> None:
        self.X = X
        self.y_true = y_true
        self.y_pred = y_pred
        self.confidence = confidence
        self.rows = rows
        self.is_probability = is_probability

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: Any,
        *,
        select: Literal["errors", "least_confident", "random"] = "errors",
        n_images: int = 20,
        random_state: Any = 0,
        ax: Any = None,
    ) -> Self:
        """Predict and show.

        Parameters
        ----------
        estimator : classifier
            Fitted.
        X : array-like of shape (n_samples,) or (n_samples, height, width[, 3])
            Files (str or Path) or pixels: integers in 0..255 or floats in 0..1.
        y : array-like of shape (n_samples,)
            The true labels.
        select : {"errors", "least_confident", "random"}, default="errors"
            The most confident errors, the least confident predictions, or random ones.
        n_images : int, default=20
            Maximum number of images.
        random_state : int, RandomState instance or None, default=0
            Seed of "random".
        ax : matplotlib.axes.Axes or sequence of them, default=None
            Where to draw. None makes a new figure; one Axes is divided.

        Returns
        -------
        PredictionsDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            If ``select`` is unknown, the lengths differ, or there is nothing to show.
        """
        y_pred = estimator.predict(X)
        sure = find_confidence(estimator, X, y_pred)
        return cls.from_predictions(
            X, y, y_pred, sure, is_probability=hasattr(estimator, "predict_proba"),
            select=select, n_images=n_images, random_state=random_state, ax=ax,
        )  # fmt: skip

    @classmethod
    def from_predictions(
        cls,
        X: Any,
        y_true: Any,
        y_pred: Any,
        confidence: Any = None,
        *,
        is_probability: bool = True,
        select: Literal["errors", "least_confident", "random"] = "errors",
        n_images: int = 20,
        random_state: Any = 0,
        ax: Any = None,
    ) -> Self:
        """Show existing predictions.

        Parameters
        ----------
        X : array-like of shape (n_samples,) or (n_samples, height, width[, 3])
            Files (str or Path) or pixels: integers in 0..255 or floats in 0..1.
        y_true, y_pred : array-like of shape (n_samples,)
            Labels and predictions.
        confidence : array-like of shape (n_samples,), default=None
            Confidence in the predicted class, 0..1. None keeps the given order.
        is_probability : bool, default=True
            Whether the confidence is shown as a percentage, or only used for ranking.
        select, n_images, random_state, ax
            As in `from_estimator`.

        Returns
        -------
        PredictionsDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            If lengths differ, a parameter is not allowed, or there is nothing to show
            because no prediction is wrong.
        """
        check_consistent_length(X, y_true, y_pred, confidence)
        if n_images < 1:
            raise ValueError(
                f"PredictionsDisplay got n_images={n_images}. It must be at least 1."
            )
        y_true, y_pred = np.asarray(y_true), np.asarray(y_pred)
        is_probability = is_probability and confidence is not None
        if confidence is None:
            confidence = np.zeros(len(y_true))
        confidence = np.asarray(confidence, dtype=np.float64)
        if select == "errors":
            rows = np.flatnonzero(y_true != y_pred)
            rows = rows[np.argsort(-confidence[rows], kind="stable")]
        elif select == "least_confident":
            rows = np.argsort(confidence, kind="stable")
        elif select == "random":
            rows = check_random_state(random_state).permutation(len(y_true))
        else:
            raise ValueError(
                f"PredictionsDisplay got select={select!r}. It must be 'errors', "
                "'least_confident' or 'random'."
            )
        if len(rows) == 0:
            raise ValueError(
                "PredictionsDisplay found nothing to show: no prediction is wrong. "
                "Pass select='least_confident' or 'random'."
            )
        rows = rows[:n_images]
        return cls(X, y_true, y_pred, confidence, rows, is_probability).plot(ax=ax)

    def plot(self, *, ax: Any = None) -> Self:
        """Show the images.

        Parameters
        ----------
        ax : matplotlib.axes.Axes or sequence of them, default=None
            Where to draw. None makes a new figure; one Axes is divided.

        Returns
        -------
        PredictionsDisplay
            Itself.
        """
        n_columns = min(4, len(self.rows))
        n_lines = -(-len(self.rows) // n_columns)
        size = (1.6 * n_columns, 1.9 * n_lines)
        axes = take_axes(ax, size, n_lines, n_columns)
        for panel in axes.flat:
            panel.set_axis_off()
        pictures = read_pictures(self.X, self.rows.tolist())
        for panel, row, picture in zip(axes.flat, self.rows, pictures, strict=False):
            show(panel, picture)
            right = self.y_true[row] == self.y_pred[row]
            truth = "" if right else f"\ntrue: {self.y_true[row]}"
            share = f" {self.confidence[row]:.0%}" if self.is_probability else ""
            panel.set_title(
                plain(f"{self.y_pred[row]}{share}{truth}"),
                color=_RIGHT if right else _WRONG,
            )
        self.ax_ = axes
        self.figure_ = axes[0, 0].figure
        return self

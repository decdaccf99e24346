"""Reliability diagrams: whether confidence matches accuracy."""

from typing import Any, Self

import numpy as np
from scipy import stats
from sklearn.utils.validation import check_consistent_length

from skfer._figure_style import TEST, show_percent
from skfer.inspection._axes import take_axes


class ReliabilityDisplay:
    """Reliability diagram: accuracy against confidence in the predicted class.

    All bins hold the same number of images, unlike those of the paper, which have the
    same width. With few images per bin, even a perfectly calibrated classifier appears
    miscalibrated: compare ``error`` with ``expected_error``.

    Use `from_estimator` or `from_predictions` to create it; it stores the numbers.

    Parameters
    ----------
    confidence, accuracy : ndarray of shape (n_bins,)
        Mean confidence, and share of correct predictions, in each bin.
    count : ndarray of int of shape (n_bins,)
        Number of images in each bin; none is empty.

    Attributes
    ----------
    error : float
        Expected calibration error: the mean absolute difference between accuracy and
        confidence, 0..1.
    expected_error : float
        What a perfectly calibrated classifier would show with as many images, on
        average: the mean absolute deviation of binomial counts.
    ax_ : matplotlib.axes.Axes
        Where it is drawn. Set by `plot`.
    figure_ : matplotlib.figure.Figure
        The figure that contains it. Set by `plot`.

    References
    ----------
    Guo, C. et al. (2017). On calibration of modern neural networks. ICML.

    Examples
    --------
    >>> from skfer.inspection import ReliabilityDisplay
    >>> display = ReliabilityDisplay.from_predictions(
    ...     [1, 1, 1, 0], [1, 1, 1, 1], [0.75, 0.75, 0.75, 0.75], n_bins=1
    ... )
    >>> display.error
    0.0
    """

    def __init__(
        self, confidence: np.ndarray, accuracy: np.ndarray, count: np.ndarray
    ) -> None:
        self.confidence = confidence
        self.accuracy = accuracy
        self.count = count
        gaps = np.abs(accuracy - confidence)
        self.error = float((gaps * count).sum() / count.sum())
        # De Moivre's formula for the mean absolute deviation of a binomial count.
        above = np.floor(count * confidence) + 1
        chance = stats.binom.pmf(above, count, confidence)
        deviation = 2 * above * (1 - confidence) * chance
        self.expected_error = float(deviation.sum() / count.sum())

    @classmethod
    def from_estimator(
        cls, estimator: Any, X: Any, y: Any, *, n_bins: int = 10, ax: Any = None
    ) -> Self:
        """Predict and draw.

        Parameters
        ----------
        estimator : classifier
            Fitted, with ``predict_proba``.
        X : array-like of shape (n_samples,) or (n_samples, height, width[, 3])
            Files (str or Path) or pixels: integers in 0..255 or floats in 0..1.
        y : array-like of shape (n_samples,)
            The true labels.
        n_bins : int, default=10
            Number of bins, each with the same number of images.
        ax : matplotlib.axes.Axes, default=None
            Where to draw. None makes a new figure.

        Returns
        -------
        ReliabilityDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            If the classifier gives no probabilities.
        """
        if not hasattr(estimator, "predict_proba"):
            raise ValueError(
                "ReliabilityDisplay needs a classifier with predict_proba, but "
                f"{type(estimator).__name__} has none. Wrap it with "
                "skfer.model_selection.make_calibrated."
            )
        shares = np.asarray(estimator.predict_proba(X))
        y_pred = np.asarray(estimator.classes_)[shares.argmax(axis=1)]
        return cls.from_predictions(y, y_pred, shares.max(axis=1), n_bins=n_bins, ax=ax)

    @classmethod
    def from_predictions(
        cls,
        y_true: Any,
        y_pred: Any,
        confidence: Any,
        *,
        n_bins: int = 10,
        ax: Any = None,
    ) -> Self:
        """Draw existing predictions.

        Parameters
        ----------
        y_true, y_pred : array-like of shape (n_samples,)
            Labels and predictions.
        confidence : array-like of shape (n_samples,)
            Probability of the predicted class, 0..1.
        n_bins, ax
            As in `from_estimator`.

        Returns
        -------
        ReliabilityDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            If the lengths differ, or the confidence is not a probability.
        """
        check_consistent_length(y_true, y_pred, confidence)
        confidence = np.asarray(confidence, dtype=np.float64)
        if len(confidence) == 0 or not (
            confidence.min() >= 0 and confidence.max() <= 1
        ):
            raise ValueError(
                "ReliabilityDisplay needs probabilities in 0..1, got "
                f"{confidence[:3].tolist()}."
            )
        right = np.asarray(y_true) == np.asarray(y_pred)
        # Bins with equal numbers of images are equally reliable.
        parts = np.array_split(np.argsort(confidence, kind="stable"), n_bins)
        parts = [part for part in parts if len(part)]
        return cls(
            np.array([confidence[part].mean() for part in parts]),
            np.array([right[part].mean() for part in parts]),
            np.array([len(part) for part in parts]),
        ).plot(ax=ax)

    def plot(self, *, ax: Any = None) -> Self:
        """Draw the curve.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, default=None
            Where to draw. None makes a new figure.

        Returns
        -------
        ReliabilityDisplay
            Itself.
        """
        ((ax,),) = take_axes(ax, (4.8, 4.8))
        ax.plot([0, 1], [0, 1], ":", color="0.5", label="perfectly calibrated")
        ax.plot(
            self.confidence,
            self.accuracy,
            "o-",
            color=TEST,
            label=(
                f"calibration error {self.error:.1%}\n"
                f"(perfectly calibrated: about {self.expected_error:.1%})"
            ),
        )
        ax.set(xlabel="confidence", ylabel="accuracy", xlim=(0, 1), ylim=(0, 1.02))
        ax.set_aspect("equal")
        show_percent(ax.xaxis)
        show_percent(ax.yaxis)
        ax.grid(alpha=0.3)
        ax.legend(loc="upper left")
        self.ax_ = ax
        self.figure_ = ax.figure
        return self

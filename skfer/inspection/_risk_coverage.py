"""Risk-coverage curves: how right a classifier is where it is sure."""

from typing import Any, Self

import numpy as np
from sklearn.utils.validation import check_consistent_length

from skfer._figure_style import show_percent
from skfer.inspection._axes import take_axes
from skfer.model_selection import SelectiveClassifier, accuracy_interval
from skfer.model_selection._confidence import find_confidence


class RiskCoverageDisplay:
    """Accuracy on the images that a classifier is surest of, for each share of them.

    A classifier may answer only where it is sure. The fewer images it answers (its
    coverage [1]_), the more of its answers should be right; if they are not, its
    confidence says nothing. `find_confidence_threshold` chooses how sure it must be.

    Use `from_estimator` or `from_predictions` to create it; it stores the numbers.

    Parameters
    ----------
    coverage : ndarray of shape (n_thresholds,)
        Share of the images that are answered, ascending to 1.
    accuracy : ndarray of shape (n_thresholds,)
        Share of the answers that are right, at each coverage.
    threshold : ndarray of shape (n_thresholds,)
        Least confidence of the images that are answered, 0..1, descending.
    n_images : int
        Number of images.

    Attributes
    ----------
    area : float
        Area under the risk-coverage curve: the share of wrong answers, averaged over
        all coverages, 0..1; smaller is better.
    ax_ : matplotlib.axes.Axes
        Where it is drawn. Set by `plot`.
    figure_ : matplotlib.figure.Figure
        The figure that contains it. Set by `plot`.

    References
    ----------
    .. [1] Y. Geifman and R. El-Yaniv, "Selective classification for deep neural
       networks", NeurIPS 2017.

    Examples
    --------
    >>> from skfer.inspection import RiskCoverageDisplay
    >>> display = RiskCoverageDisplay.from_predictions(
    ...     [1, 1, 0, 0], [1, 1, 0, 1], [0.9, 0.8, 0.7, 0.6]
    ... )
    >>> display.coverage.tolist(), display.accuracy.tolist()
    ([0.25, 0.5, 0.75, 1.0], [1.0, 1.0, 1.0, 0.75])
    """

    def __init__(
        self,
        coverage: np.ndarray,
        accuracy: np.ndarray,
        threshold: np.ndarray,
        n_images: int,
    ) -> None:
        self.coverage = coverage
        self.accuracy = accuracy
        self.threshold = threshold
        self.n_images = n_images
        steps = np.diff(coverage, prepend=0)
        self.area = float(((1 - accuracy) * steps).sum())

    @classmethod
    def from_estimator(
        cls, estimator: Any, X: Any, y: Any, *, name: str | None = None, ax: Any = None
    ) -> Self:
        """Predict and draw.

        Parameters
        ----------
        estimator : classifier
            Fitted, with ``predict_proba`` or ``decision_function``.
        X : array-like of shape (n_samples,) or (n_samples, height, width[, 3])
            Files (str or Path) or pixels: integers in 0..255 or floats in 0..1.
        y : array-like of shape (n_samples,)
            The true labels.
        name : str, default=None
            Name of the curve.
        ax : matplotlib.axes.Axes, default=None
            Where to draw. None makes a new figure.

        Returns
        -------
        RiskCoverageDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            If the classifier has neither of both methods.
        """
        if isinstance(estimator, SelectiveClassifier):
            estimator = estimator.estimator_  # What it would answer if it had to.
        labels = np.asarray(estimator.predict(X))
        confidence = find_confidence(estimator, X, labels)
        if confidence is None:
            raise ValueError(
                "RiskCoverageDisplay needs a classifier with predict_proba or "
                f"decision_function, but {type(estimator).__name__} has neither."
            )
        return cls.from_predictions(y, labels, confidence, name=name, ax=ax)

    @classmethod
    def from_predictions(
        cls,
        y_true: Any,
        y_pred: Any,
        confidence: Any,
        *,
        name: str | None = None,
        ax: Any = None,
    ) -> Self:
        """Draw existing predictions.

        Parameters
        ----------
        y_true, y_pred : array-like of shape (n_samples,)
            Labels and predictions.
        confidence : array-like of shape (n_samples,)
            Confidence in the predicted class, larger where it is surer.
        name, ax
            As in `from_estimator`.

        Returns
        -------
        RiskCoverageDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            If the lengths differ, there is no image, or a confidence is not finite.
        """
        check_consistent_length(y_true, y_pred, confidence)
        confidence = np.asarray(confidence, dtype=np.float64)
        if len(confidence) == 0 or not np.isfinite(confidence).all():
            raise ValueError(
                "RiskCoverageDisplay needs a finite confidence for each of at least "
                f"one image, got {confidence[:3].tolist()}."
            )
        order = np.argsort(-confidence, kind="stable")
        sure = confidence[order]
        right = (np.asarray(y_true) == np.asarray(y_pred))[order]
        # Images of the same confidence are answered together.
        last = np.flatnonzero(np.append(sure[1:] < sure[:-1], True))
        n = last + 1
        return cls(n / len(sure), right.cumsum()[last] / n, sure[last], len(sure)).plot(
            name=name, ax=ax
        )

    def plot(self, *, name: str | None = None, ax: Any = None) -> Self:
        """Draw the curve, with the 95% interval of each point.

        Parameters
        ----------
        name : str, default=None
            Name of the curve in the legend. None draws no legend.
        ax : matplotlib.axes.Axes, default=None
            Where to draw. None makes a new figure.

        Returns
        -------
        RiskCoverageDisplay
            Itself.
        """
        ((ax,),) = take_axes(ax, (5.6, 4.0))
        (line,) = ax.plot(
            self.coverage, self.accuracy, drawstyle="steps-pre", label=name
        )
        n = np.round(self.coverage * self.n_images).astype(int)
        intervals = [
            accuracy_interval(round(share * count), count)
            for share, count in zip(self.accuracy, n.tolist(), strict=True)
        ]
        low, high = np.transpose(intervals)
        ax.fill_between(
            self.coverage, low, high, step="pre", alpha=0.15, color=line.get_color(),
            linewidth=0,
        )  # fmt: skip
        ax.set(
            xlabel="share of the images that are answered, the surest first",
            ylabel="share of the answers that are right",
            xlim=(0, 1),
            ylim=(0, 1.02),
        )
        show_percent(ax.xaxis)
        show_percent(ax.yaxis)
        ax.grid(alpha=0.3)
        if name is not None:
            ax.legend(loc="lower left")
        self.ax_ = ax
        self.figure_ = ax.figure
        return self

"""How a network learnt, epoch by epoch."""

from typing import Any, Self

from sklearn.utils.validation import check_is_fitted


class TrainingHistoryDisplay:
    """Loss and accuracy of a network after each epoch.

    Make it with `from_estimator`; the object keeps the numbers.

    Parameters
    ----------
    history : dict of str to list of float
        ``history_`` of a fitted `CNNClassifier`.
    best_iter : int or None, default=None
        Epoch whose weights were kept, counted from 1.

    Attributes
    ----------
    axes_ : ndarray of matplotlib.axes.Axes
        The axes of loss and accuracy. Set by `plot`.
    figure_ : matplotlib.figure.Figure
        The figure that contains them. Set by `plot`.

    Examples
    --------
    >>> from skfer.inspection import TrainingHistoryDisplay
    >>> history = {"loss": [1.2, 0.7, 0.5], "accuracy": [0.4, 0.8, 0.9]}
    >>> display = TrainingHistoryDisplay(history).plot()
    >>> [axes.get_ylabel() for axes in display.axes_]
    ['Loss', 'Accuracy']
    """

    def __init__(
        self, history: dict[str, list[float]], *, best_iter: int | None = None
    ) -> None:
        self.history = history
        self.best_iter = best_iter

    @classmethod
    def from_estimator(cls, estimator: Any, *, axes: Any = None) -> Self:
        """Draw the history of a fitted network.

        Parameters
        ----------
        estimator : CNNClassifier or Pipeline
            Fitted; of a Pipeline the last step is taken.
        axes : sequence of two matplotlib.axes.Axes, default=None
            Where to draw. None makes a new figure.

        Returns
        -------
        TrainingHistoryDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            If the estimator keeps no history.
        """
        check_is_fitted(estimator)
        network = estimator[-1] if hasattr(estimator, "steps") else estimator
        if not hasattr(network, "history_"):
            raise ValueError(
                f"TrainingHistoryDisplay needs a fitted CNNClassifier, got a "
                f"{type(network).__name__}, which keeps no history of epochs."
            )
        display = cls(network.history_, best_iter=network.best_iter_)
        return display.plot(axes=axes)

    def plot(self, *, axes: Any = None) -> Self:
        """Draw the curves.

        Parameters
        ----------
        axes : sequence of two matplotlib.axes.Axes, default=None
            Where to draw. None makes a new figure.

        Returns
        -------
        TrainingHistoryDisplay
            Itself.
        """
        if axes is None:
            from matplotlib.figure import Figure

            axes = Figure(figsize=(9, 3.6), layout="constrained").subplots(1, 2)
        for ax, name in zip(axes, ("loss", "accuracy"), strict=True):
            for key, label, style in (
                (name, "training", "-"),
                (f"val_{name}", "validation", "--"),
            ):
                if values := self.history.get(key):
                    epochs = range(1, len(values) + 1)
                    ax.plot(epochs, values, style, marker=".", label=label)
            if self.best_iter and self.best_iter < len(self.history["loss"]):
                ax.axvline(self.best_iter, color="0.6", linestyle=":", label="kept")
            ax.set(xlabel="Epoch", ylabel=name.capitalize())
            ax.grid(alpha=0.3)
            ax.legend()
        self.axes_ = axes
        self.figure_ = axes[0].figure
        return self

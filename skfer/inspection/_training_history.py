"""Training curves of networks."""

from collections.abc import Mapping
from typing import Any, Self

from sklearn.utils.validation import check_is_fitted

from skfer._figure_style import COLORS, TEST, TRAINING, show_percent
from skfer._steps import last_step
from skfer.inspection._axes import take_axes


class TrainingHistoryDisplay:
    """Loss and accuracy of networks after each epoch.

    Use `from_estimator` or `from_estimators` to create it; it stores the numbers.

    Parameters
    ----------
    histories : dict of str to dict of str to list of float
        ``history_`` of fitted `CNNClassifier` objects, by the name of the run.
    best_iters : dict of str to int, default=None
        Epoch whose weights were kept, counted from 1, for runs where it isn't the
        last.

    Attributes
    ----------
    ax_ : ndarray of matplotlib.axes.Axes of shape (2,)
        The axes of loss and accuracy. Set by `plot`.
    figure_ : matplotlib.figure.Figure
        The figure that contains them. Set by `plot`.

    Examples
    --------
    >>> from skfer.inspection import TrainingHistoryDisplay
    >>> history = {"loss": [1.2, 0.7, 0.5], "accuracy": [0.4, 0.8, 0.9]}
    >>> display = TrainingHistoryDisplay({"first": history}).plot()
    >>> [axes.get_ylabel() for axes in display.ax_]
    ['Loss', 'Accuracy']
    """

    def __init__(
        self,
        histories: Mapping[str, Mapping[str, list[float]]],
        best_iters: Mapping[str, int] | None = None,
    ) -> None:
        self.histories = histories
        self.best_iters = best_iters or {}

    @classmethod
    def from_estimator(cls, estimator: Any, *, ax: Any = None) -> Self:
        """Draw the history of a fitted network.

        Parameters
        ----------
        estimator : CNNClassifier or Pipeline
            Fitted; the last step of a Pipeline is used.
        ax : matplotlib.axes.Axes or sequence of them, default=None
            Where to draw. None makes a new figure; one Axes is divided.

        Returns
        -------
        TrainingHistoryDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            If the estimator keeps no history.
        """
        return cls.from_estimators({"": estimator}, ax=ax)

    @classmethod
    def from_estimators(cls, estimators: Mapping[str, Any], *, ax: Any = None) -> Self:
        """Draw the histories of several fitted networks in one figure.

        Parameters
        ----------
        estimators : mapping of str to CNNClassifier or Pipeline
            Fitted, by the name of the run.
        ax : matplotlib.axes.Axes or sequence of them, default=None
            Where to draw. None makes a new figure; one Axes is divided.

        Returns
        -------
        TrainingHistoryDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            If an estimator keeps no history.
        """
        histories, best_iters = {}, {}
        for name, estimator in estimators.items():
            check_is_fitted(estimator)
            network = last_step(estimator)
            if not hasattr(network, "history_"):
                raise ValueError(
                    f"TrainingHistoryDisplay needs a fitted network, got a "
                    f"{type(network).__name__}, which keeps no history of epochs."
                )
            histories[name] = network.history_
            if network.best_iter_ and network.best_iter_ < len(
                network.history_["loss"]
            ):
                best_iters[name] = network.best_iter_
        return cls(histories, best_iters).plot(ax=ax)

    def plot(self, *, ax: Any = None) -> Self:
        """Draw the curves.

        Parameters
        ----------
        ax : matplotlib.axes.Axes or sequence of them, default=None
            Where to draw. None makes a new figure; one Axes is divided.

        Returns
        -------
        TrainingHistoryDisplay
            Itself.
        """
        axes = take_axes(ax, (6.4, 6.4), 2, 1)[:, 0]
        for panel, name in zip(axes, ("loss", "accuracy"), strict=True):
            for number, (run, history) in enumerate(self.histories.items()):
                color = COLORS[number % len(COLORS)]
                colors = (color, color) if len(self.histories) > 1 else (TRAINING, TEST)
                for key, label, style, color in (
                    (name, "training", "-", colors[0]),
                    (f"val_{name}", "validation", "--", colors[1]),
                ):
                    if values := history.get(key):
                        epochs = range(1, len(values) + 1)
                        label = f"{run}, {label}" if run else label
                        panel.plot(
                            epochs, values, style, marker=".", color=color, label=label
                        )
                if best := self.best_iters.get(run):
                    kept = f"{run}, best epoch" if run else "best epoch"
                    panel.axvline(best, color=colors[1], linestyle=":", label=kept)
            panel.set(xlabel="Epoch", ylabel=name.capitalize())
            panel.xaxis.get_major_locator().set_params(integer=True)
            panel.grid(alpha=0.3)
            panel.legend()
        show_percent(axes[1].yaxis)
        self.ax_ = axes
        self.figure_ = axes[0].figure
        return self

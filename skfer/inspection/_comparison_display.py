"""Scores of models side by side."""

from typing import Any, Self

from skfer._figure_style import TEST, show_percent
from skfer.inspection._axes import take_axes
from skfer.inspection._pictures import plain
from skfer.model_selection import Comparison
from skfer.model_selection._wording import MAJORITY, is_share


class ComparisonDisplay:
    """The score of each model of a comparison with its interval, the best on top.

    Grey marks are the scores of the folds; shaded is what is no better than the
    majority baseline, which always predicts the largest class.

    Use `from_comparison` to create it; it stores the comparison.

    Parameters
    ----------
    comparison : Comparison
        From `compare_pipelines`.

    Attributes
    ----------
    ax_ : matplotlib.axes.Axes
        Where it is drawn. Set by `plot`.
    figure_ : matplotlib.figure.Figure
        The figure that contains it. Set by `plot`.

    Examples
    --------
    >>> from skfer import make_hog_svm
    >>> from skfer.datasets import make_faces
    >>> from skfer.inspection import ComparisonDisplay
    >>> from skfer.model_selection import compare_pipelines
    >>> faces = make_faces(140, random_state=0)
    >>> comparison = compare_pipelines({"hog": make_hog_svm()}, faces, cv=2)
    >>> ComparisonDisplay.from_comparison(comparison).ax_.get_xlabel()
    'accuracy, 95% interval'
    """

    def __init__(self, comparison: Comparison) -> None:
        self.comparison = comparison

    @classmethod
    def from_comparison(cls, comparison: Comparison, *, ax: Any = None) -> Self:
        """Draw a comparison.

        Parameters
        ----------
        comparison : Comparison
            From `compare_pipelines`.
        ax : matplotlib.axes.Axes, default=None
            Where to draw. None makes a new figure.

        Returns
        -------
        ComparisonDisplay
            The display, drawn.
        """
        return cls(comparison).plot(ax=ax)

    def plot(self, *, ax: Any = None) -> Self:
        """Draw the scores.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, default=None
            Where to draw. None makes a new figure.

        Returns
        -------
        ComparisonDisplay
            Itself.
        """
        comparison = self.comparison
        ((ax,),) = take_axes(ax, (6.4, 1.6 + 0.45 * len(comparison.scores)))
        models = [s for s in comparison.scores.values() if s.model != MAJORITY][::-1]
        for place, s in enumerate(models):
            folds = comparison.fold_scores[s.model]
            if len(folds) > 1:
                ax.plot(
                    folds, [place] * len(folds), "|", color="0.5", markersize=10,
                    label=None if place else "one fold",
                )  # fmt: skip
            ax.errorbar(
                s.score,
                place,
                xerr=[[s.score - s.score_low], [s.score_high - s.score]],
                fmt="o",
                color=TEST,
                capsize=4,
            )
        guessing = comparison.scores[MAJORITY].score
        low = min(ax.get_xlim()[0], guessing - 0.05)
        ax.axvspan(
            low, guessing, color="0.5", alpha=0.2, linewidth=0,
            label="no better than guessing the largest class",
        )  # fmt: skip
        ax.set_xlim(left=low)
        if is_share(comparison.scoring):
            show_percent(ax.xaxis)
        ax.set_yticks(range(len(models)), [plain(s.model) for s in models])
        ax.set(
            xlabel=f"{comparison.scoring}, 95% interval",
            ylim=(-0.5, len(models) - 0.5),
        )
        ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1), frameon=False)
        self.ax_ = ax
        self.figure_ = ax.figure
        return self

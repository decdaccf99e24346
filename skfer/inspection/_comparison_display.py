"""Scores of models side by side."""

from typing import Any, Self

from skfer.inspection._axes import take_axes
from skfer.model_selection import Comparison


class ComparisonDisplay:
    """The score of each model of a comparison, with its interval.

    Make it with `from_comparison`; the object keeps the comparison.

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
    >>> comparison = compare_pipelines(
    ...     {"hog": make_hog_svm()}, faces.images, faces.target, cv=2
    ... )
    >>> ComparisonDisplay.from_comparison(comparison).ax_.get_xlabel()
    'accuracy, 95 % interval'
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
        ((ax,),) = take_axes(ax, (6.4, 1.6 + 0.45 * len(self.comparison.scores)))
        self.ax_ = self.comparison.plot(ax=ax)
        self.figure_ = ax.figure
        return self

"""How many images each class has."""

from typing import Any, Self

import numpy as np

from skfer._figure_style import COLORS
from skfer.inspection._axes import take_axes
from skfer.inspection._pictures import plain


class ClassBalanceDisplay:
    """Bars with the number of images of each class, in each part of a data set.

    Use `from_labels` to create it; it stores the counts.

    Parameters
    ----------
    counts : dict of str to ndarray of int of shape (n_classes,)
        Images of each class, for each part.
    classes : sequence
        Names of the classes.

    Attributes
    ----------
    ax_ : matplotlib.axes.Axes
        Where it is drawn. Set by `plot`.
    figure_ : matplotlib.figure.Figure
        The figure that contains it. Set by `plot`.

    Examples
    --------
    >>> from skfer.inspection import ClassBalanceDisplay
    >>> display = ClassBalanceDisplay.from_labels(["happy", "happy", "sad"])
    >>> display.counts["all"].tolist()
    [2, 1]
    """

    def __init__(self, counts: dict[str, np.ndarray], classes: Any) -> None:
        self.counts = counts
        self.classes = classes

    @classmethod
    def from_labels(cls, y: Any, split: Any = None, *, ax: Any = None) -> Self:
        """Count labels and draw.

        Parameters
        ----------
        y : array-like of shape (n_samples,)
            Labels.
        split : array-like of shape (n_samples,), default=None
            Part of the data set that each image belongs to.
        ax : matplotlib.axes.Axes, default=None
            Where to draw. None makes a new figure.

        Returns
        -------
        ClassBalanceDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            If there are no labels, or the lengths differ.
        """
        y = np.asarray(y)
        split = np.full(len(y), "all") if split is None else np.asarray(split)
        if len(y) == 0 or len(y) != len(split):
            raise ValueError(
                f"ClassBalanceDisplay needs as many parts as labels, got {len(y)} "
                f"labels and {len(split)} parts."
            )
        classes = np.unique(y)
        counts = {
            str(part): np.array([int((y[split == part] == c).sum()) for c in classes])
            for part in dict.fromkeys(split.tolist())
        }
        return cls(counts, classes).plot(ax=ax)

    def plot(self, *, ax: Any = None) -> Self:
        """Draw the bars.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, default=None
            Where to draw. None makes a new figure.

        Returns
        -------
        ClassBalanceDisplay
            Itself.
        """
        height = 1.2 + 0.4 * len(self.classes) * max(1, len(self.counts) * 0.7)
        ((ax,),) = take_axes(ax, (6.4, height))
        thick = 0.8 / len(self.counts)
        places = np.arange(len(self.classes))
        for number, (part, counts) in enumerate(self.counts.items()):
            bars = ax.barh(
                places + number * thick,
                counts,
                thick,
                label=part,
                color=COLORS[number % len(COLORS)],
            )
            ax.bar_label(bars, fmt="{:,.0f}", padding=3)
        ax.set_yticks(places + 0.4 - thick / 2, [plain(c) for c in self.classes])
        ax.invert_yaxis()
        ax.margins(x=0.12)
        ax.set(xlabel="number of images")
        if len(self.counts) > 1:
            ax.legend(
                loc="lower center", bbox_to_anchor=(0.5, 1), ncols=4, frameon=False
            )
        self.ax_ = ax
        self.figure_ = ax.figure
        return self

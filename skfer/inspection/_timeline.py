"""Probabilities over the length of a video."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from skfer._figure_style import COLORS, show_percent
from skfer.datasets import ImageTable
from skfer.inspection._axes import take_axes
from skfer.inspection._pictures import plain
from skfer.model_selection._confidence import predict_shares


class TimelineDisplay:
    """The share of each class over the seconds of a video.

    Use `from_estimator` to create it; it stores the numbers.

    Parameters
    ----------
    seconds : ndarray of shape (n_frames,)
        When each frame is shown, ascending.
    shares : ndarray of shape (n_frames, n_classes)
        Share of each class, 0..1.
    classes : sequence of shape (n_classes,)
        Names of the classes.
    is_probability : bool, default=True
        Whether shares are probabilities, or only useful for ranking.

    Attributes
    ----------
    ax_ : matplotlib.axes.Axes
        Where it is drawn. Set by `plot`.
    figure_ : matplotlib.figure.Figure
        The figure that contains it. Set by `plot`.

    Examples
    --------
    >>> import numpy as np
    >>> from skfer.inspection import TimelineDisplay
    >>> shares = np.array([[0.9, 0.1], [0.4, 0.6]])
    >>> display = TimelineDisplay([0.0, 0.5], shares, ["happy", "sad"]).plot()
    >>> len(display.ax_.get_lines())
    2
    """

    def __init__(
        self,
        seconds: Any,
        shares: np.ndarray,
        classes: Sequence[Any],
        is_probability: bool = True,
    ) -> None:
        self.seconds = np.asarray(seconds)
        self.shares = shares
        self.classes = list(classes)
        self.is_probability = is_probability

    @classmethod
    def from_estimator(
        cls, estimator: Any, frames: ImageTable, *, ax: Any = None
    ) -> Self:
        """Predict the frames of a video, and draw.

        Parameters
        ----------
        estimator : classifier
            Fitted, with ``predict_proba`` or ``decision_function``.
        frames : ImageTable
            Frames of one video, from `read_video`.
        ax : matplotlib.axes.Axes, default=None
            Where to draw. None makes a new figure.

        Returns
        -------
        TimelineDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            If the table has no column seconds, or holds several videos.
        """
        columns = frames.columns
        if "seconds" not in columns or len(set(columns.get("video", [0]))) > 1:
            raise ValueError(
                "TimelineDisplay needs the frames of one video with the column "
                f"seconds, got {frames!r}. Read them with read_video, and choose one: "
                "frames[frames.video == name]."
            )
        order = np.argsort(columns["seconds"], kind="stable")
        video = frames[order]
        return cls(
            video["seconds"],
            predict_shares(estimator, video.X),
            np.asarray(estimator.classes_).tolist(),
            hasattr(estimator, "predict_proba"),
        ).plot(ax=ax)

    def plot(self, *, ax: Any = None) -> Self:
        """Draw a line for each class.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, default=None
            Where to draw. None makes a new figure.

        Returns
        -------
        TimelineDisplay
            Itself.
        """
        ((ax,),) = take_axes(ax, (6.4, 3.2))
        for place, (name, shares) in enumerate(
            zip(self.classes, self.shares.T, strict=True)
        ):
            color = COLORS[place % len(COLORS)]
            ax.plot(self.seconds, shares, label=plain(name), color=color)
        ax.set(
            xlabel="seconds",
            ylabel="probability" if self.is_probability else "share (not calibrated)",
            ylim=(0, 1),
        )
        show_percent(ax.yaxis)
        ax.grid(alpha=0.3)
        ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
        self.ax_ = ax
        self.figure_ = ax.figure
        return self

"""Probabilities over the length of videos."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np

from skfer._figure_style import COLORS, show_percent
from skfer.datasets import ImageTable
from skfer.inspection._axes import take_axes
from skfer.inspection._pictures import plain
from skfer.model_selection._confidence import predict_shares

_HEIGHT = 0.9  # Of a probability of 1; rows are 1 apart.


class TimelineDisplay:
    """The share of each class over the seconds of a video, or of several.

    Of one video each class is a line. Of several, each video is a row of bars, in the
    colour of the likeliest class and as high as its share. Use `from_estimator` to
    create it; it stores the numbers.

    Parameters
    ----------
    seconds : ndarray of shape (n_frames,)
        When each frame is shown, ascending within each video.
    shares : ndarray of shape (n_frames, n_classes)
        Share of each class, 0..1; nan where there is no answer.
    classes : sequence of shape (n_classes,)
        Names of the classes.
    is_probability : bool, default=True
        Whether shares are probabilities, or only useful for ranking.
    videos : array-like of str of shape (n_frames,), default=None
        The file of each frame. None means that all are of one video.

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

    The answers of `skfer.prediction.classify_images` for the frames of several videos
    are drawn with ``TimelineDisplay(results.seconds, results.probability,
    model.classes_, videos=results.video).plot()``.
    """

    def __init__(
        self,
        seconds: Any,
        shares: np.ndarray,
        classes: Sequence[Any],
        is_probability: bool = True,
        videos: Any = None,
    ) -> None:
        self.seconds = np.asarray(seconds)
        self.shares = np.asarray(shares)
        self.classes = list(classes)
        self.is_probability = is_probability
        self.videos = np.asarray(["video"] * len(shares) if videos is None else videos)

    @classmethod
    def from_estimator(
        cls, estimator: Any, frames: ImageTable, *, ax: Any = None
    ) -> Self:
        """Predict the frames of one or several videos, and draw.

        Parameters
        ----------
        estimator : classifier
            Fitted, with ``predict_proba`` or ``decision_function``.
        frames : ImageTable
            Frames of videos, from `read_video`.
        ax : matplotlib.axes.Axes, default=None
            Where to draw. None makes a new figure.

        Returns
        -------
        TimelineDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            If the table has no column seconds.
        """
        columns = frames.columns
        if "seconds" not in columns:
            raise ValueError(
                "TimelineDisplay needs frames with the column seconds, got "
                f"{frames!r}. Read them with read_video."
            )
        order = np.argsort(columns["seconds"], kind="stable")
        frames = frames[order]
        return cls(
            frames["seconds"],
            predict_shares(estimator, frames.X),
            np.asarray(estimator.classes_).tolist(),
            hasattr(estimator, "predict_proba"),
            frames.columns.get("video"),
        ).plot(ax=ax)

    def plot(self, *, ax: Any = None) -> Self:
        """Draw a line for each class, or a row of bars for each of several videos.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, default=None
            Where to draw. None makes a new figure.

        Returns
        -------
        TimelineDisplay
            Itself.
        """
        names = list(dict.fromkeys(self.videos.tolist()))
        if len(names) == 1:
            ((ax,),) = take_axes(ax, (6.4, 3.2))
            self._draw_lines(ax)
        else:
            ((ax,),) = take_axes(ax, (8, 1.4 + 0.3 * len(names)))
            self._draw_bars(ax, names)
        self.ax_ = ax
        self.figure_ = ax.figure
        return self

    @property
    def _kind(self) -> str:
        return "probability" if self.is_probability else "share (not calibrated)"

    def _draw_lines(self, ax: Any) -> None:
        for place, (name, shares) in enumerate(
            zip(self.classes, self.shares.T, strict=True)
        ):
            color = COLORS[place % len(COLORS)]
            ax.plot(self.seconds, shares, label=plain(name), color=color)
        ax.set(xlabel="seconds", ylabel=self._kind, ylim=(0, 1))
        show_percent(ax.yaxis)
        ax.grid(alpha=0.3)
        ax.legend(loc="upper left", bbox_to_anchor=(1, 1))

    def _draw_bars(self, ax: Any, names: list[str]) -> None:
        from matplotlib.collections import PolyCollection
        from matplotlib.patches import Patch

        colors = [COLORS[place % len(COLORS)] for place in range(len(self.classes))]
        for place, name in enumerate(names):
            rows = np.flatnonzero(self.videos == name)
            begun, shares = self.seconds[rows], np.nan_to_num(self.shares[rows])
            # Each frame stands for the time until the next one.
            length = float(np.median(np.diff(begun))) if len(begun) > 1 else 1.0
            left, right = begun, np.append(begun[1:], begun[-1] + length)
            low = np.full(len(rows), place + _HEIGHT / 2)
            high = low - _HEIGHT * shares.max(axis=1)
            corners = [(left, low), (left, high), (right, high), (right, low)]
            # One collection: a patch for each frame would take seconds a thousand.
            bars = PolyCollection(
                list(np.transpose(corners, (2, 0, 1))),
                facecolors=[colors[answer] for answer in shares.argmax(axis=1)],
                linewidths=0,
            )
            ax.add_collection(bars)
        ax.autoscale_view()
        answered = self.shares[~np.isnan(self.shares).any(axis=1)]
        answers = np.unique(answered.argmax(axis=1)).tolist()
        short = [Path(name).stem for name in names]
        ax.set_yticks(
            range(len(names)),
            [plain(name) for name in (short if len({*short}) == len(short) else names)],
        )
        ax.set(
            xlabel="seconds",
            ylim=(len(names) - 0.5, -0.5),
            title=f"Likeliest class; a full bar is a {self._kind} of 100%",
        )
        ax.legend(
            [Patch(color=colors[answer]) for answer in answers],
            [plain(self.classes[answer]) for answer in answers],
            loc="upper left",
            bbox_to_anchor=(1, 1),
        )

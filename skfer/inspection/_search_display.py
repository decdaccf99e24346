"""The candidates of a search, and their scores."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from skfer._figure_style import COLORS, show_percent
from skfer.faces import FaceCropper
from skfer.inspection._axes import take_axes
from skfer.preprocessing import ImageLoader, ImageResizer

_MAX_LETTERS = 28
# Inches between two parameters at least, and for each letter of a name.
_COLUMN, _LETTER = 1.2, 0.09
# Steps that tell no family from another.
_USUAL = (ImageLoader, ImageResizer, FaceCropper, StandardScaler, FunctionTransformer)


class SearchDisplay:
    """Scores of a search as a heat map of two parameters, or as parallel lines.

    Use `from_cv_results` to create it; it stores the scores.

    Parameters
    ----------
    parameters : dict of str to list of str
        Value of each varied parameter, for each candidate; "-" where a family of
        candidates does not have it.
    scores : ndarray of shape (n_candidates,)
        Mean scores.

    Attributes
    ----------
    ax_ : matplotlib.axes.Axes
        Where it is drawn. Set by `plot`.
    figure_ : matplotlib.figure.Figure
        The figure that contains it. Set by `plot`.

    Examples
    --------
    >>> from skfer.inspection import SearchDisplay
    >>> results = {
    ...     "params": [{"C": 1}, {"C": 5}], "mean_test_score": [0.5, 0.6],
    ... }
    >>> SearchDisplay.from_cv_results(results).parameters
    {'C': ['1', '5']}
    """

    def __init__(self, parameters: dict[str, list[str]], scores: np.ndarray) -> None:
        self.parameters = parameters
        self.scores = scores

    @classmethod
    def from_cv_results(cls, cv_results: Mapping[str, Any], *, ax: Any = None) -> Self:
        """Draw the results of a search.

        Parameters
        ----------
        cv_results : mapping
            ``cv_results_`` of a fitted search of scikit-learn.
        ax : matplotlib.axes.Axes, default=None
            Where to draw. None makes a new figure.

        Returns
        -------
        SearchDisplay
            The display, drawn: a heat map where two parameters vary and all their
            combinations were tried, else parallel lines.

        Raises
        ------
        ValueError
            If it holds no candidates, or no ``mean_test_score``.
        """
        if "mean_test_score" not in cv_results or not len(cv_results["params"]):
            raise ValueError(
                "SearchDisplay needs the cv_results_ of a fitted search with one score "
                f"(mean_test_score), got the keys {sorted(cv_results)[:6]}."
            )
        # Of a halving search only the last round: earlier ones used fewer resources.
        rounds = np.asarray(cv_results.get("iter", np.zeros(len(cv_results["params"]))))
        last = np.flatnonzero(rounds == rounds.max())
        candidates = [cv_results["params"][row] for row in last]
        scores = np.asarray(cv_results["mean_test_score"], dtype=np.float64)[last]
        if np.isnan(scores).all():
            raise ValueError(
                "SearchDisplay got a search in which every candidate failed. Pass "
                "error_score='raise' to the search to see why."
            )
        names = list(dict.fromkeys(name for one in candidates for name in one))
        columns = {
            name: _shorten([one.get(name, "-") for one in candidates]) for name in names
        }
        varied = {name: texts for name, texts in columns.items() if len(set(texts)) > 1}
        steps = [
            name
            for name in varied
            if all(_is_step(one.get(name)) for one in candidates)
        ]
        # Of steps that vary together, only the one with the most values is needed.
        for name in sorted(steps, key=lambda name: len(set(varied[name]))):
            others = [varied[one] for one in steps if one != name and one in varied]
            if any(_determines(other, varied[name]) for other in others):
                del varied[name]
        return cls(varied or dict(list(columns.items())[:1]), scores).plot(ax=ax)

    def plot(self, *, ax: Any = None) -> Self:
        """Draw the heat map or the lines.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, default=None
            Where to draw. None makes a new figure.

        Returns
        -------
        SearchDisplay
            Itself.
        """
        values = [list(dict.fromkeys(texts)) for texts in self.parameters.values()]
        n_cells = int(np.prod([len(texts) for texts in values]))
        is_map = len(values) == 2 and n_cells == len(self.scores)
        names = [_last(name) for name in self.parameters]
        longest = [
            max(map(len, [name, *texts]))
            for name, texts in zip(names, values, strict=True)
        ]
        places = np.cumsum([0, *(max(_COLUMN, _LETTER * n) for n in longest)])
        width = 6.4 if is_map else max(6.4, places[-1] + 2)
        ((ax,),) = take_axes(ax, (width, 4.8))
        if is_map:
            self._draw_map(ax, names, values)
        else:
            self._draw_lines(ax, names, values, places)
        self.ax_ = ax
        self.figure_ = ax.figure
        return self

    @property
    def _is_share(self) -> bool:
        """Whether scores are such as accuracy; those of losses are below 0."""
        return bool(np.nanmin(self.scores) >= 0 and np.nanmax(self.scores) <= 1)

    def _spell(self, score: float) -> str:
        return f"{score:.1%}" if self._is_share else f"{score:.3g}"

    def _draw_map(self, ax: Any, names: list[str], values: list[list[str]]) -> None:
        first, second = self.parameters.values()
        table = np.full((len(values[0]), len(values[1])), np.nan)
        for a, b, score in zip(first, second, self.scores, strict=True):
            table[values[0].index(a), values[1].index(b)] = score
        image = ax.imshow(table, cmap="cividis", aspect="auto")
        middle = (np.nanmin(table) + np.nanmax(table)) / 2
        for (i, j), score in np.ndenumerate(table):
            failed = np.isnan(score)
            color = "black" if failed or score > middle else "white"
            text = "failed" if failed else self._spell(score)
            ax.text(j, i, text, ha="center", va="center", color=color)
        ax.set_yticks(range(len(values[0])), values[0])
        ax.set_xticks(range(len(values[1])), values[1], rotation=30, ha="right")
        ax.set(ylabel=names[0], xlabel=names[1])
        bar = ax.figure.colorbar(image, ax=ax, label="mean score")
        if self._is_share:
            show_percent(bar.ax.yaxis)

    def _draw_lines(
        self, ax: Any, names: list[str], values: list[list[str]], places: np.ndarray
    ) -> None:
        low, high = np.nanmin(self.scores), np.nanmax(self.scores)
        span = max(high - low, 1e-9)
        best = int(np.nanargmax(self.scores))
        order = np.argsort(np.nan_to_num(self.scores, nan=-np.inf))  # The best on top.
        for candidate in order:
            heights = [
                (texts.index(column[candidate]) + 0.5) / len(texts)
                for texts, column in zip(values, self.parameters.values(), strict=True)
            ]
            failed = np.isnan(self.scores[candidate])
            if not failed:  # The line of a failed candidate ends before the scores.
                heights.append(0.05 + 0.9 * (self.scores[candidate] - low) / span)
            is_best = candidate == best
            ax.plot(
                places[: len(heights)],
                heights,
                color=COLORS[5] if is_best else COLORS[0],
                alpha=1 if is_best else 0.3,
                linewidth=2.5 if is_best else 1,
                linestyle=":" if failed else "-",
                label=f"best: {self._spell(high)}" if is_best else None,
            )
        for place, texts in zip(places, values, strict=False):
            for number, text in enumerate(texts):
                ax.annotate(
                    text,
                    (place, (number + 0.5) / len(texts)),
                    xytext=(4, 0),
                    textcoords="offset points",
                    va="center",
                    bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
                )
        ax.set_xticks(places, [*names, "mean score"])
        ax.set_yticks([])
        right = ax.secondary_yaxis("right")
        ticks = np.linspace(low, high, 5) if high > low else np.array([low])
        heights = 0.05 + 0.9 * (ticks - low) / span
        right.set_yticks(heights, [self._spell(tick) for tick in ticks])
        ax.set(ylim=(0, 1), xlim=(-0.1, places[-1] + 0.02))
        ax.grid(axis="x", alpha=0.5)
        ax.legend(loc="upper left", bbox_to_anchor=(0, 1.12), frameon=False)


def _shorten(values: Sequence[Any]) -> list[str]:
    """Return short names of values, distinct for distinct values."""
    texts = [_describe(value) for value in values]
    names: dict[str, str] = {}
    for text in dict.fromkeys(texts):
        name = text
        for part in ("Transformer", "Classifier", "Truncated", "Features"):
            name = name.replace(part, "")
        if len(name) > _MAX_LETTERS:
            name = f"{name[: _MAX_LETTERS - 1]}…"
        if name in names.values():
            name = f"{len(names) + 1}: {name[: _MAX_LETTERS - 5]}…"
        names[text] = name
    return [names[text] for text in texts]


def _describe(value: Any) -> str:
    if isinstance(value, Pipeline):
        steps = [step for _, step in value.steps]
        kinds = [step for step in steps if not isinstance(step, _USUAL)]
        return " + ".join(type(step).__name__ for step in kinds)
    return " ".join(repr(value).split()) if hasattr(value, "get_params") else str(value)


def _is_step(value: Any) -> bool:
    return hasattr(value, "get_params") or value == "passthrough"


def _determines(first: list[str], second: list[str]) -> bool:
    return len(set(zip(first, second, strict=True))) == len(set(first))


def _last(name: str) -> str:
    return name.rpartition("__")[2]

"""Whether more images would help."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from sklearn.model_selection import LearningCurveDisplay, learning_curve
from sklearn.utils import check_random_state

from skfer._figure_style import TEST, TRAINING, show_percent
from skfer.datasets._image_table import as_table
from skfer.model_selection._leak_free_k_fold import make_folds
from skfer.model_selection._paired_tests import corrected_t_test
from skfer.model_selection._wording import is_share

# Each part is half of the next, and the smallest has about this many images a class.
_MOST_HALVINGS, _LEAST = 3, 8
# Less than this share is hardly worth the work of collecting images.
_HARDLY = 0.02


@dataclass(frozen=True, eq=False)
class LearningCurve:
    """Scores of a model that was trained on more and more images.

    Attributes
    ----------
    n_images : ndarray of int of shape (n_sizes,)
        Number of training images, each about twice the one before.
    train_scores, test_scores : ndarray of shape (n_sizes, n_folds)
        Scores on the images that were trained on, and on those of the test part.
    n_test : float
        Mean number of images in a test part.
    scoring : str
        Name of the score.
    gain : float
        How much higher the test score is with all training images than with a quarter
        of them (half of them, if there are only two sizes), on average.
    low, high : float
        95% interval of the gain, of the corrected resampled t test.
    last_gain : float
        How much of it came with the last doubling.
    advice : str
        Whether more images would help.
    verdict : str
        The same after the figures that it follows from.

    Examples
    --------
    >>> from skfer import make_hog_svm
    >>> from skfer.datasets import make_faces
    >>> from skfer.model_selection import learning_curve_images
    >>> faces = make_faces(280, random_state=0)
    >>> curve = learning_curve_images(make_hog_svm(image_size=24), faces)
    >>> curve.test_scores.shape
    (3, 5)
    """

    n_images: np.ndarray
    train_scores: np.ndarray
    test_scores: np.ndarray
    n_test: float
    scoring: str = "accuracy"

    @property
    def _from(self) -> int:
        return max(len(self.n_images) - 3, 0)

    @property
    def _gains(self) -> np.ndarray:
        return self.test_scores[-1] - self.test_scores[self._from]

    @property
    def gain(self) -> float:
        return float(self._gains.mean())

    @property
    def last_gain(self) -> float:
        return float((self.test_scores[-1] - self.test_scores[-2]).mean())

    @cached_property
    def _bounds(self) -> tuple[float, float]:
        return self._interval(self._gains)

    def _interval(self, gains: np.ndarray) -> tuple[float, float]:
        return corrected_t_test(gains, float(self.n_images[-1]), self.n_test)[1]

    @property
    def low(self) -> float:
        return self._bounds[0]

    @property
    def high(self) -> float:
        return self._bounds[1]

    @property
    def verdict(self) -> str:
        first, last = self.n_images[self._from], self.n_images[-1]
        before, after = self.test_scores[self._from].mean(), self.test_scores[-1].mean()
        unit, points, percent = 1.0, "", ""
        if is_share(self.scoring):
            unit, points, percent = 100.0, " points", "%"

        def show(value: float) -> str:
            return f"{value:.3f}" if unit == 1 else f"{unit * value:.1f}"

        return (
            f"With {last:,} instead of {first:,} training images, the "
            f"{self.scoring.replace('_', ' ')} is {show(after)}{percent} instead of "
            f"{show(before)}{percent}, a gain of {show(self.gain)}{points} (95% "
            f"interval {show(self.low)} to {show(self.high)}), of which "
            f"{show(self.last_gain)} came with the last doubling. {self.advice}"
        )

    @property
    def advice(self) -> str:
        # Not from the estimate alone: with few images it varies by several points.
        if self._interval(self.test_scores[-1] - self.test_scores[-2])[1] < _HARDLY:
            return (
                "More images like these would hardly help; correct labels, cropped "
                "faces or another model may."
            )
        if self.low > 0 and self.last_gain >= _HARDLY:
            return "More images like these would help further."
        return "More images like these may help or not: the gain may be chance."

    def plot(self, *, ax: Any = None) -> LearningCurveDisplay:
        """Draw the scores against the number of images.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, default=None
            Where to draw. None makes a new figure.

        Returns
        -------
        sklearn.model_selection.LearningCurveDisplay
            The display, drawn.
        """
        from matplotlib import pyplot

        if ax is None:
            _, ax = pyplot.subplots(figsize=(6.4, 4.2), layout="constrained")

        display = LearningCurveDisplay(
            train_sizes=self.n_images,
            train_scores=self.train_scores,
            test_scores=self.test_scores,
            score_name=self.scoring.replace("_", " "),
        )
        display.plot(ax=ax, score_type="both", line_kw={"marker": "o"})
        parts = zip(display.lines_, display.fill_between_, strict=True)
        for (line, spread), color in zip(parts, (TRAINING, TEST), strict=True):
            line.set_color(color)
            spread.set_color(color)
            spread.set_alpha(0.2)
        for text, name in zip(
            display.ax_.legend().get_texts(), ("training", "test"), strict=True
        ):
            text.set_text(name)
        if is_share(self.scoring):
            show_percent(display.ax_.yaxis)
        display.ax_.set_xscale("log", base=2)
        display.ax_.set_xticks(self.n_images, [f"{n:,}" for n in self.n_images])
        display.ax_.set_xlabel("training images")
        display.ax_.grid(alpha=0.3)
        return display


def learning_curve_images(
    estimator: Any,
    X: Any,
    y: Any = None,
    *,
    groups: Any = None,
    cv: Any = None,
    scoring: str = "accuracy",
    random_state: Any = 0,
    n_jobs: int | None = None,
) -> LearningCurve:
    """Train on a half, a quarter and an eighth of the images as well.

    scikit-learn's `learning_curve` on folds without leaks. Smaller parts have fewer
    people, with all their images, so that the curve tells what more people would give.

    Parameters
    ----------
    estimator : classifier
        For instance `make_hog_svm`; it is cloned.
    X : ImageTable or array-like of shape (n_samples, ...)
        A table with its target and groups; or paths or images.
    y : array-like of shape (n_samples,), default=None
        Labels, if X is not a table.
    groups : array-like of shape (n_samples,), default=None
        Who or what each image shows, if X is not a table.
    cv : int, splitter or iterable of (train, test), default=None
        None means `LeakFreeKFold` with 5 folds, an int with that many.
    scoring : str, default="accuracy"
        Name of a scikit-learn scorer.
    random_state : int, RandomState instance or None, default=0
        Seed of the order in which people or images are added.
    n_jobs : int, default=None
        Number of trainings to run in parallel.

    Returns
    -------
    LearningCurve
        With ``verdict`` and ``plot()``.

    Raises
    ------
    ValueError
        If there are no labels, fewer than two folds, images that are both trained
        and tested on, or too few people of each class for two sizes.

    Notes
    -----
    Parts with fewer than about eight images of each class are left out.

    Examples
    --------
    >>> from skfer import make_hog_svm
    >>> from skfer.datasets import make_faces
    >>> from skfer.model_selection import learning_curve_images
    >>> faces = make_faces(280, random_state=0)
    >>> curve = learning_curve_images(make_hog_svm(image_size=24), faces)
    >>> curve.n_images.tolist()
    [54, 108, 217]
    >>> curve.verdict.startswith("With 217 instead of 54 training images, the accur")
    True
    """
    table = as_table(X, y, groups=groups, who="learning_curve_images")
    if table.target is None:
        raise ValueError(
            "learning_curve_images needs labels, got none. Pass y, or a table with a "
            "target."
        )
    target, people = table.target, table.groups
    rng = check_random_state(random_state)
    folds = [
        (_shuffle(train, people, target, rng), test)
        for train, test in make_folds(table, cv, "learning_curve_images")
    ]
    if len(folds) < 2:
        raise ValueError(
            f"learning_curve_images needs at least two folds, got {len(folds)}, "
            "because one says nothing of how much scores vary. Pass LeakFreeKFold."
        )
    n_train = min(len(train) for train, _ in folds)
    least = _LEAST * len(np.unique(target))
    halvings = int(np.clip(np.rint(np.log2(n_train / least)), 1, _MOST_HALVINGS))
    sizes = [n_train >> halving for halving in range(halvings, -1, -1)]
    # People are whole, so that a small part may still lack a class.
    sizes = [n for n in sizes if _have_two_classes(folds, target, n)]
    if len(sizes) < 2:
        raise ValueError(
            "learning_curve_images can't make two sizes of training parts in which "
            "there are two classes, because people stay whole. Add images of others."
        )
    n_images, train_scores, test_scores = learning_curve(
        estimator,
        table.X,
        target,
        cv=folds,
        train_sizes=sizes,
        scoring=scoring,
        n_jobs=n_jobs,
        error_score="raise",
    )
    n_test = float(np.mean([len(test) for _, test in folds]))
    return LearningCurve(n_images, train_scores, test_scores, n_test, scoring)


def _shuffle(
    train: np.ndarray, people: Any, target: np.ndarray, rng: np.random.RandomState
) -> np.ndarray:
    """Put the rows into random order, those of each person one after the other.

    The first people have all classes between them, because no model learns from one.
    """
    numbers = np.arange(len(train))
    if people is not None:
        numbers = np.unique(people[train], return_inverse=True)[1]
    order = rng.permutation(numbers.max() + 1)
    place = np.empty(len(order), dtype=int)
    place[order] = np.arange(len(order))
    labels = target[train]
    firsts = [place[numbers[labels == name]].min() for name in np.unique(labels)]
    ahead = np.isin(place, firsts)
    place = np.where(ahead, place - len(order), place)[numbers]
    return train[np.argsort(place, kind="stable")]


def _have_two_classes(folds: list[Any], target: np.ndarray, n: int) -> bool:
    return all(len(set(target[train[:n]].tolist())) > 1 for train, _ in folds)

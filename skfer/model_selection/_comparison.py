"""What a comparison of pipelines found."""

import csv
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from skfer._wording import MAJORITY, is_share, show_interval, show_p_value
from skfer.model_selection._intervals import mcnemar_p_value
from skfer.model_selection._paired_tests import corrected_t_test, holm_correction

_SIGNIFICANT = 0.05


@dataclass(frozen=True)
class Score:
    """One row of the table of a `Comparison`.

    Shares are 0 to 1, intervals hold with 95 % confidence.

    Attributes
    ----------
    model : str
        Name of the pipeline, or "majority".
    score, score_low, score_high : float
        Mean over the folds of the score that models are ranked by, and its interval.
    accuracy, accuracy_low, accuracy_high : float
        Share of all predictions that are right, and Wilson's interval.
    macro_f1, macro_f1_low, macro_f1_high : float
        Mean of the F1 of all classes, and its bootstrap interval.
    fit_seconds : float
        Seconds that a fit took, on average over the folds.
    predict_images_per_second : float
        Images a second in prediction.
    megabytes : float
        Size of the fitted pipeline on disk, on average.
    recall : dict of label to float
        Share of each class that was found.

    Examples
    --------
    >>> from skfer.model_selection import Score
    >>> score = Score("hog", *[0.9, 0.8, 0.95] * 3, 1.5, 500.0, 0.3, {"happy": 0.9})
    >>> score.accuracy_low, score.recall["happy"]
    (0.8, 0.9)
    """

    model: str
    score: float
    score_low: float
    score_high: float
    accuracy: float
    accuracy_low: float
    accuracy_high: float
    macro_f1: float
    macro_f1_low: float
    macro_f1_high: float
    fit_seconds: float
    predict_images_per_second: float
    megabytes: float
    recall: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Pair:
    """The test of two models against each other.

    Attributes
    ----------
    first, second : str
        Names of the models, the better one first.
    difference : float
        Mean score of the first less that of the second.
    p_value : float
        Of McNemar's exact test on one test part, else of the corrected resampled t
        test.
    corrected_p_value : float
        The same, corrected after Holm for the number of pairs.

    Examples
    --------
    >>> from skfer.model_selection import Pair
    >>> Pair("hog", "lbp", 0.1, p_value=0.02, corrected_p_value=0.06).is_significant
    False
    """

    first: str
    second: str
    difference: float
    p_value: float
    corrected_p_value: float

    @property
    def is_significant(self) -> bool:
        """Whether the corrected p-value is below 0.05."""
        return self.corrected_p_value < _SIGNIFICANT


@dataclass(frozen=True)
class Comparison:
    """What `compare_pipelines` returns.

    Attributes
    ----------
    scores : list of Score
        One per pipeline and one for the majority, the best first.
    fold_scores : dict of str to ndarray of shape (n_folds,)
        The scores of each model on each fold.
    scoring : str
        Name of the score.
    predictions : dict of str to ndarray of shape (n_tested,)
        Predictions on the test parts of all folds, one after the other.
    y_test : ndarray of shape (n_tested,)
        The labels of the same.
    test_rows : ndarray of int of shape (n_tested,)
        Which images these are.
    n_train : float
        Images that a fold is trained on, on average.
    estimators : dict of str to list of estimators
        Those fitted on each fold, or empty lists.
    train_rows : ndarray of int of shape (n_train,)
        Which images were trained on, if there is one test part; else empty.

    Examples
    --------
    >>> from skfer import make_hog_svm, make_lbp_svm
    >>> from skfer.datasets import make_faces
    >>> from skfer.model_selection import compare_pipelines
    >>> faces = make_faces(140, classes=["happy", "sad"], random_state=0)
    >>> comparison = compare_pipelines(
    ...     {"hog": make_hog_svm(image_size=24), "lbp": make_lbp_svm(image_size=24)},
    ...     faces.images, faces.target, cv=2,
    ... )
    >>> print(comparison.summary.splitlines()[1].split()[0])
    hog
    """

    scores: list[Score]
    fold_scores: dict[str, np.ndarray]
    scoring: str
    predictions: dict[str, np.ndarray]
    y_test: np.ndarray
    test_rows: np.ndarray
    n_train: float
    estimators: dict[str, list[Any]]
    train_rows: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=np.intp))

    @property
    def n_folds(self) -> int:
        return len(self.fold_scores[self.scores[0].model])

    @property
    def pairs(self) -> list[Pair]:
        """Tests of all pairs of models but the majority, corrected after Holm.

        None on one test part by another score than the accuracy, for which McNemar's
        test is not made.
        """
        if not self._is_tested:
            return []
        names = [s.model for s in self.scores if s.model != MAJORITY]
        return self._test(list(combinations(names, 2)))

    @property
    def _is_tested(self) -> bool:
        return self.n_folds > 1 or self.scoring == "accuracy"

    def _test(self, couples: Sequence[tuple[str, str]]) -> list[Pair]:
        p_values = [self._p_value(first, second) for first, second in couples]
        differences = [
            float(np.mean(self.fold_scores[first] - self.fold_scores[second]))
            for first, second in couples
        ]
        corrected = holm_correction(p_values)
        return [
            Pair(*couple, difference, p, raised)
            for couple, difference, p, raised in zip(
                couples, differences, p_values, corrected, strict=True
            )
        ]

    def _p_value(self, first: str, second: str) -> float:
        if self.n_folds == 1:
            return mcnemar_p_value(
                self.y_test, self.predictions[first], self.predictions[second]
            )
        differences = self.fold_scores[first] - self.fold_scores[second]
        n_test = len(self.y_test) / self.n_folds
        return corrected_t_test(differences, self.n_train, n_test)[0]

    @property
    def verdict(self) -> str:
        """Say which models differ, in a plain sentence or two."""
        models = {s.model: s.score for s in self.scores if s.model != MAJORITY}
        best, top = next(iter(models.items()))
        where = f"on {len(np.unique(self.test_rows)):,} images"
        if self.n_folds > 1:
            where += f" in {self.n_folds} folds"
        sentences = []
        if not self._is_tested and len(models) > 1:
            ranked = ", ".join(f"{name} {self._show(s)}" for name, s in models.items())
            sentences.append(
                f"{self.scoring} {where}: {ranked}. One test part does not tell "
                "whether these differ by more than chance; compare by accuracy, or "
                "over folds."
            )
        for is_better in (True, False):
            pairs = [
                pair
                for pair in self.pairs
                if best in (pair.first, pair.second)
                and pair.is_significant == is_better
            ]
            if not pairs:
                continue
            others = [p.second if p.first == best else p.first for p in pairs]
            names = " and ".join(filter(None, [", ".join(others[:-1]), others[-1]]))
            claim = (
                f"{best} is better than {names} {where}"
                if is_better
                else f"{best} and {names} do not differ significantly {where}"
            )
            shares = ", ".join(self._show(models[name]) for name in others)
            scores = f"{self._show(top)} against {shares} {self.scoring}"
            sentences.append(f"{claim}: {scores} ({self._tell(pairs)}).")
        if len(models) == 1:
            sentences.append(
                f"{best} reaches {self._show(top)} {self.scoring} {where}."
            )
        majority = next(s.score for s in self.scores if s.model == MAJORITY)
        guess = f"Always guessing the largest class would reach {self._show(majority)}"
        doubt = ""
        if self._is_tested:
            (chance,) = self._test([(best, MAJORITY)])
            if not chance.is_significant or chance.difference <= 0:
                test = self._tell([chance], corrected=False)
                doubt = f", and {best} is not shown to be better ({test})"
        return " ".join([*sentences, f"{guess}{doubt}."])

    def _show(self, score: float) -> str:
        return f"{score:.1%}" if is_share(self.scoring) else f"{score:.3f}"

    def _tell(self, pairs: Sequence[Pair], *, corrected: bool = True) -> str:
        values = [pair.corrected_p_value for pair in pairs]
        texts = [show_p_value(p) for p in values]
        test = "McNemar's exact test"
        if self.n_folds > 1:
            test = "corrected resampled t test"
        holm = " after Holm" if corrected and len(self.scores) > 3 else ""
        return f"{test}, {', '.join(texts)}{holm}"

    @property
    def summary(self) -> str:
        """A table as text, the tests of all pairs, and the verdict."""
        head = (
            f"{'model':<16}{self.scoring:>24}{'macro F1':>24}{'fit s':>9}"
            f"{'images/s':>10}{'MB':>8}"
        )
        lines = [head]
        lines += [
            f"{s.model:<16}"
            f"{show_interval(s.score, s.score_low, s.score_high, self.scoring):>24}"
            f"{show_interval(s.macro_f1, s.macro_f1_low, s.macro_f1_high):>24}"
            f"{s.fit_seconds:>9.1f}{s.predict_images_per_second:>10,.0f}"
            f"{s.megabytes:>8.1f}"
            for s in self.scores
        ]
        lines += [
            f"{pair.first} - {pair.second}: {pair.difference:+.1%}, "
            f"{show_p_value(pair.p_value)}, "
            f"corrected {show_p_value(pair.corrected_p_value)}"
            for pair in self.pairs
        ]
        return "\n".join([*lines, self.verdict])

    def to_frame(self) -> Any:
        """Return the scores as a pandas DataFrame, a row for each model.

        Returns
        -------
        DataFrame
            With a column for each field of `Score`, and one for the recall of each
            class.

        Raises
        ------
        ImportError
            If pandas is missing.
        """
        try:
            import pandas
        except ImportError:
            raise ImportError(
                "Comparison.to_frame needs pandas. Install it with `pip install "
                "pandas`, or use `scores`."
            ) from None
        return pandas.DataFrame(self._rows())

    def to_csv(self, path: str | Path) -> None:
        """Write the table of scores.

        Parameters
        ----------
        path : str or Path
            File to write; one that exists is overwritten.
        """
        rows = self._rows()
        with Path(path).open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)

    def _rows(self) -> list[dict[str, Any]]:
        rows = []
        for score in self.scores:
            row = asdict(score)
            recall = row.pop("recall")
            rows.append(row | {f"recall {name}": r for name, r in recall.items()})
        return rows

    def plot(self, ax: Any = None) -> Any:
        """Draw the score of each model with its interval, and those of the folds.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure.

        Returns
        -------
        matplotlib Axes
            The best model on top; a grey line where the majority is.
        """
        if ax is None:
            import matplotlib.pyplot as plt

            _, ax = plt.subplots(layout="constrained")
        models = [s for s in self.scores if s.model != MAJORITY][::-1]
        majority = next(s for s in self.scores if s.model == MAJORITY)
        for place, s in enumerate(models):
            folds = self.fold_scores[s.model]
            if len(folds) > 1:
                ax.plot(folds, [place] * len(folds), "|", color="0.5", markersize=10)
            ax.errorbar(
                s.score,
                place,
                xerr=[[s.score - s.score_low], [s.score_high - s.score]],
                fmt="o",
                color="#0072B2",
                capsize=4,
            )
        ax.axvline(majority.score, color="0.5", linestyle=":", label="largest class")
        ax.set_yticks(range(len(models)), [s.model for s in models])
        ax.set(xlabel=f"{self.scoring}, 95 % interval", ylim=(-0.5, len(models) - 0.5))
        ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1), frameon=False)
        return ax

"""The statistics of a comparison: scores with intervals, and tests of pairs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from sklearn.metrics import accuracy_score, f1_score, recall_score

from skfer.model_selection._intervals import (
    accuracy_interval,
    macro_f1_interval,
    mcnemar_p_value,
)
from skfer.model_selection._paired_tests import corrected_t_test, holm_correction
from skfer.model_selection._wording import is_share

if TYPE_CHECKING:
    from skfer.model_selection._comparison import Comparison

_SIGNIFICANT = 0.05


@dataclass(frozen=True, kw_only=True)
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
        Mean F1 score of the classes, and its bootstrap interval.
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
    >>> from skfer import make_hog_svm
    >>> from skfer.datasets import make_faces
    >>> from skfer.model_selection import compare_pipelines
    >>> faces = make_faces(140, classes=["happy", "sad"], random_state=0)
    >>> pipelines = {"hog": make_hog_svm(image_size=24)}
    >>> comparison = compare_pipelines(pipelines, faces, cv=2)
    >>> score = comparison.scores["hog"]
    >>> score.score_low < score.score < score.score_high, sorted(score.recall)
    (True, ['happy', 'sad'])
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
        Mean score of the first minus that of the second.
    p_value : float
        Of McNemar's exact test on one test part, else of the corrected resampled t
        test.
    corrected_p_value : float
        The same, with Holm's correction for the number of pairs.

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


def score_models(comparison: "Comparison") -> dict[str, Score]:
    """Return the score of each model, the best first.

    Raises
    ------
    ValueError
        If a score is nan.
    """
    scores = [_score_model(comparison, name) for name in comparison.fits]
    for score in scores:
        if np.isnan(score.score):
            raise ValueError(
                f"{score.model} got a score of nan by {comparison.scoring!r}, so that "
                "nothing can be compared. Choose another scoring, or leave the "
                "pipeline out."
            )
    scores.sort(key=lambda score: (-score.score, -score.macro_f1))
    return {score.model: score for score in scores}


def _score_model(comparison: "Comparison", name: str) -> Score:
    fits, scoring = comparison.fits[name], comparison.scoring
    y_test, predicted = comparison.y_test, comparison.predictions[name]
    # Repeated splitters test an image several times; it still counts as one image.
    once = np.unique(comparison.test_rows, return_index=True)[1]
    accuracy = float(accuracy_score(y_test, predicted))
    wilson = accuracy_interval(round(accuracy * len(once)), len(once))
    bootstrap = macro_f1_interval(y_test[once], predicted[once], random_state=0)
    folds = comparison.fold_scores[name]
    if len(fits) > 1:
        n_test = len(y_test) / len(fits)
        low, high = corrected_t_test(folds, comparison.n_train, n_test)[1]
        if is_share(scoring):
            low, high = max(low, 0.0), min(high, 1.0)
        if scoring == "accuracy":
            # Few folds may agree by chance: never narrower than the images allow.
            low, high = min(low, wilson[0]), max(high, wilson[1])
    elif scoring in ("accuracy", "f1_macro"):
        low, high = wilson if scoring == "accuracy" else bootstrap
    else:
        low, high = float("nan"), float("nan")
    names = np.unique(y_test)
    recalls = recall_score(y_test, predicted, labels=names, average=None)
    seconds = sum(fit.predict_seconds for fit in fits)
    return Score(
        model=name,
        score=float(folds.mean()),
        score_low=low,
        score_high=high,
        accuracy=accuracy,
        accuracy_low=wilson[0],
        accuracy_high=wilson[1],
        macro_f1=float(f1_score(y_test, predicted, average="macro", zero_division=0.0)),
        macro_f1_low=bootstrap[0],
        macro_f1_high=bootstrap[1],
        fit_seconds=float(np.mean([fit.fit_seconds for fit in fits])),
        predict_images_per_second=len(y_test) / max(seconds, 1e-9),
        megabytes=float(np.mean([fit.n_bytes for fit in fits])) / 1e6,
        recall=dict(zip(names.tolist(), recalls.tolist(), strict=True)),
    )


def is_tested(comparison: "Comparison") -> bool:
    """Whether there is a test for this score: over folds, or of the accuracy."""
    return comparison.n_folds > 1 or comparison.scoring == "accuracy"


def compare_pairs(
    comparison: "Comparison", couples: Sequence[tuple[str, str]]
) -> list[Pair]:
    """Test models against each other, with Holm's correction for all the pairs."""
    p_values = [_p_value(comparison, *couple) for couple in couples]
    corrected = holm_correction(p_values)
    folds = comparison.fold_scores
    return [
        Pair(first, second, float(np.mean(folds[first] - folds[second])), p, raised)
        for (first, second), p, raised in zip(couples, p_values, corrected, strict=True)
    ]


def _p_value(comparison: "Comparison", first: str, second: str) -> float:
    if comparison.n_folds == 1:
        return mcnemar_p_value(
            comparison.y_test,
            comparison.predictions[first],
            comparison.predictions[second],
        )
    differences = comparison.fold_scores[first] - comparison.fold_scores[second]
    n_test = len(comparison.y_test) / comparison.n_folds
    return corrected_t_test(differences, comparison.n_train, n_test)[0]

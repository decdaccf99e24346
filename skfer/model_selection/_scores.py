"""The statistics of a comparison: scores with intervals, and tests of pairs."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats
from sklearn.metrics import recall_score

from skfer.model_selection._intervals import (
    accuracy_interval,
    compare_macro_f1,
    find_macro_f1,
    macro_f1_interval,
    mcnemar_p_value,
)
from skfer.model_selection._pair import SIGNIFICANT, Pair
from skfer.model_selection._paired_tests import corrected_t_test, holm_correction
from skfer.model_selection._people import (
    clustered_accuracy_interval,
    find_standard_error,
    sign_flip_p_value,
)
from skfer.model_selection._score import Score
from skfer.model_selection._wording import is_share

if TYPE_CHECKING:
    from skfer.model_selection._comparison import Comparison

_POWER = 0.8


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
    right = find_right(comparison, name)
    accuracy = _accuracy_bounds(comparison, right)
    classes = _classes_of(comparison, name)
    macro_f1 = _macro_f1_bounds(comparison, predicted, classes)
    folds = comparison.fold_scores[name]
    bounds = {"accuracy": accuracy, "f1_macro": macro_f1}.get(scoring)
    if len(fits) > 1:
        n_test = len(y_test) / len(fits)
        low, high = corrected_t_test(folds, comparison.n_train, n_test)[1]
        if is_share(scoring):
            low, high = max(low, 0.0), min(high, 1.0)
        # Few folds may agree by chance: never narrower than the images allow.
        bounds = (low, high) if bounds is None else _widest([bounds, (low, high)])
    names = np.unique(y_test)
    recalls = recall_score(y_test, predicted, labels=names, average=None)
    seconds = sum(fit.predict_seconds for fit in fits)
    low, high = (float("nan"), float("nan")) if bounds is None else bounds
    return Score(
        model=name,
        # The mean over folds, but for unequal folds.
        score=float(right.mean() if scoring == "accuracy" else folds.mean()),
        score_low=low,
        score_high=high,
        accuracy=float(right.mean()),
        accuracy_low=accuracy[0],
        accuracy_high=accuracy[1],
        macro_f1=find_macro_f1(y_test, predicted, classes),
        macro_f1_low=macro_f1[0],
        macro_f1_high=macro_f1[1],
        n_correct=float(right.sum()),
        fit_seconds=float(np.mean([fit.fit_seconds for fit in fits])),
        predict_images_per_second=len(y_test) / max(seconds, 1e-9),
        megabytes=float(np.mean([fit.n_bytes for fit in fits])) / 1e6,
        recall=dict(zip(names.tolist(), recalls.tolist(), strict=True)),
    )


def _classes_of(comparison: "Comparison", *names: str) -> np.ndarray:
    """Return what is a class: "unknown" and the like are none.

    Models that were not trained here may know more classes than are tested.
    """
    classes = np.unique(comparison.table.target)
    for fit in (fit for name in names for fit in comparison.fits[name]):
        known = getattr(fit.estimator, "classes_", classes)
        classes = np.union1d(classes, np.asarray(known).astype(classes.dtype.kind))
    return classes


def find_right(comparison: "Comparison", name: str) -> np.ndarray:
    """Return for each tested image how often it was right, 0 to 1.

    Repeated splitters test an image several times; it still counts as one image.
    """
    rows, numbers = np.unique(comparison.test_rows, return_inverse=True)
    right = comparison.predictions[name] == comparison.y_test
    times = np.bincount(numbers, minlength=len(rows))
    return np.bincount(numbers, right, minlength=len(rows)) / times


def _accuracy_bounds(
    comparison: "Comparison", right: np.ndarray
) -> tuple[float, float]:
    bounds = [accuracy_interval(round(right.sum()), len(right))]
    if comparison.people is not None:
        bounds.append(clustered_accuracy_interval(right, comparison.people))
    return _widest(bounds)


def _macro_f1_bounds(
    comparison: "Comparison", predicted: np.ndarray, classes: np.ndarray
) -> tuple[float, float]:
    once = np.unique(comparison.test_rows, return_index=True)[1]
    y_test, predicted = comparison.y_test[once], predicted[once]
    find = partial(
        macro_f1_interval,
        y_test,
        predicted,
        labels=classes,
        random_state=0,
    )
    bounds = [find()]
    if comparison.people is not None:
        bounds.append(find(groups=comparison.people))
    return _widest(bounds)


def _widest(bounds: Sequence[tuple[float, float]]) -> tuple[float, float]:
    return min(low for low, _ in bounds), max(high for _, high in bounds)


def is_tested(comparison: "Comparison") -> bool:
    """Whether there is a test for this score."""
    return comparison.n_folds > 1 or comparison.scoring in ("accuracy", "f1_macro")


def compare_pairs(
    comparison: "Comparison", couples: Sequence[tuple[str, str]]
) -> list[Pair]:
    """Test models against each other, with Holm's correction for all the pairs."""
    # The strictest step of Holm's correction.
    level = SIGNIFICANT / max(len(couples), 1)
    tests = [_test(comparison, *couple, level) for couple in couples]
    corrected = holm_correction([p_value for p_value, _ in tests])
    folds = comparison.fold_scores
    return [
        Pair(
            first,
            second,
            float(np.mean(folds[first] - folds[second])),
            p_value,
            raised,
            smallest,
        )
        for (first, second), (p_value, smallest), raised in zip(
            couples, tests, corrected, strict=True
        )
    ]


def _test(
    comparison: "Comparison", first: str, second: str, level: float
) -> tuple[float, float]:
    """Return the p-value, and the smallest difference that would have been found."""
    people = comparison.people
    difference = find_right(comparison, first) - find_right(comparison, second)
    if comparison.n_folds == 1 and comparison.scoring == "f1_macro":
        return compare_macro_f1(
            comparison.y_test,
            comparison.predictions[first],
            comparison.predictions[second],
            labels=_classes_of(comparison, first, second),
            groups=comparison.groups_test,
        )
    error = find_standard_error(difference, people)
    if comparison.n_folds == 1:
        p_value = mcnemar_p_value(
            comparison.y_test,
            comparison.predictions[first],
            comparison.predictions[second],
        )
        freedom = np.inf if people is None else len(set(people.tolist())) - 1
        reach = _reach(freedom, level)
    else:
        folds = comparison.fold_scores[first] - comparison.fold_scores[second]
        n_test = len(comparison.y_test) / comparison.n_folds
        p_value, (low, high) = corrected_t_test(folds, comparison.n_train, n_test)
        # The standard error that this test used, or that of the images if larger.
        of_folds = (high - low) / 2 / stats.t.ppf(0.975, len(folds) - 1)
        error = max(error, of_folds) if comparison.scoring == "accuracy" else of_folds
        reach = _reach(len(folds) - 1, level)
    smallest = float(reach * error) if error > 0 else float("nan")
    if people is not None and comparison.scoring == "accuracy":
        p_value = max(p_value, sign_flip_p_value(difference, people))
        if 2 ** (1 - len(set(people.tolist()))) > level:
            # All people together agree that often by chance.
            smallest = float("inf")
    if people is not None and comparison.scoring == "f1_macro":
        by_person = compare_macro_f1(
            comparison.y_test,
            comparison.predictions[first],
            comparison.predictions[second],
            labels=_classes_of(comparison, first, second),
            groups=comparison.groups_test,
        )
        p_value, smallest = max(p_value, by_person[0]), max(smallest, by_person[1])
    return p_value, smallest


def _reach(freedom: float, level: float) -> float:
    """Return how many standard errors a difference must be large to be found mostly."""
    if freedom < 1:
        return float("nan")
    return float(stats.t.ppf(1 - level / 2, freedom) + stats.t.ppf(_POWER, freedom))

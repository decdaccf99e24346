"""Fitting several classifiers on the same images and comparing them honestly."""

import csv
import time
import warnings
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from sklearn.base import clone
from sklearn.metrics import accuracy_score, f1_score

from skfer.model_selection._intervals import (
    accuracy_interval,
    macro_f1_interval,
    mcnemar_p_value,
)

_SIGNIFICANT = 0.05


class Progress(Protocol):
    """What `compare_classifiers` tells while it runs."""

    def watch(self, name: str, estimator: Any) -> AbstractContextManager[Any]:
        """Follow the fit and the prediction of one classifier."""

    def predicting(self) -> None:
        """Take note that the fit is over and the prediction begins."""


@dataclass(frozen=True)
class Score:
    """One row of the table of a `Comparison`.

    Shares are 0 to 1, intervals hold with 95 % confidence.
    """

    model: str
    accuracy: float
    accuracy_low: float
    accuracy_high: float
    macro_f1: float
    macro_f1_low: float
    macro_f1_high: float
    fit_seconds: float
    predict_images_per_second: float


@dataclass(frozen=True)
class Comparison:
    """What `compare_classifiers` returns.

    Attributes
    ----------
    scores : list of Score
        One per classifier, the most accurate first.
    estimators : dict of str to estimator
        The fitted classifiers.
    predictions : dict of str to ndarray of shape (n_samples,)
        Their predictions on the test images.
    y_test : ndarray of shape (n_samples,)
        The labels of the test images.
    """

    scores: list[Score]
    estimators: dict[str, Any]
    predictions: dict[str, np.ndarray]
    y_test: np.ndarray

    def summarize(self) -> str:
        """Say which classifier wins and whether the difference is significant.

        Returns
        -------
        str
            One sentence; the test is McNemar's exact test against the second.
        """
        best = self.scores[0]
        n_test = f"{len(self.y_test):,} test images"
        if len(self.scores) == 1:
            return f"{best.model} reaches {best.accuracy:.1%} on {n_test}."
        second = self.scores[1]
        p = mcnemar_p_value(
            self.y_test, self.predictions[best.model], self.predictions[second.model]
        )
        p_text = "p < 0.001" if p < 0.001 else f"p = {p:.3f}"
        ahead = f"{best.accuracy:.1%} against {second.accuracy:.1%} on {n_test}"
        if best.accuracy == second.accuracy:
            return (
                f"{best.model} and {second.model} are level with {best.accuracy:.1%} "
                f"on {n_test} (McNemar's exact test, {p_text})."
            )
        if p < _SIGNIFICANT:
            return (
                f"{best.model} wins over {second.model} with {ahead}, and the "
                f"difference is significant (McNemar's exact test, {p_text})."
            )
        return (
            f"{best.model} is ahead of {second.model} with {ahead}, but the difference "
            f"is not significant (McNemar's exact test, {p_text})."
        )

    def to_csv(self, path: str | Path) -> None:
        """Write the table of scores.

        Parameters
        ----------
        path : str or Path
            File to write; one that exists is overwritten.
        """
        rows = [asdict(score) for score in self.scores]
        with Path(path).open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)


def compare_classifiers(
    classifiers: Mapping[str, Any],
    X_train: Any,
    y_train: Any,
    X_test: Any,
    y_test: Any,
    *,
    random_state: int | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """Fit classifiers on the same images and score them on the same others.

    Parameters
    ----------
    classifiers : mapping of str to estimator
        Names and classifiers, for instance Pipelines. They are cloned.
    X_train, y_train : array-like
        What they are fitted on.
    X_test, y_test : array-like
        What they are scored on.
    random_state : int or None, default=None
        Seed of the bootstrap of the macro F1 intervals.
    progress : Progress or None, default=None
        Told about every fit, for instance a `ProgressDisplay`.

    Returns
    -------
    Comparison
        Scores, fitted classifiers and predictions.

    Raises
    ------
    ValueError
        If there is no classifier, or the test labels have classes that the
        training labels lack.

    Examples
    --------
    >>> from skfer import make_hog_svm, make_lbp_svm
    >>> from skfer.datasets import make_faces
    >>> from skfer.model_selection import compare_classifiers
    >>> train, test = make_faces(210, random_state=0), make_faces(70, random_state=1)
    >>> comparison = compare_classifiers(
    ...     {"hog": make_hog_svm(), "lbp": make_lbp_svm()},
    ...     train.images, train.target, test.images, test.target,
    ... )
    >>> comparison.scores[0].model
    'hog'
    """
    if not classifiers:
        raise ValueError("compare_classifiers needs at least one classifier, got none.")
    y_test = np.asarray(y_test)
    if strangers := sorted(set(y_test.tolist()) - set(np.asarray(y_train).tolist())):
        raise ValueError(
            f"compare_classifiers got the classes {strangers} in the test labels but "
            "not in the training labels. Both need the same class names."
        )
    scores, estimators, predictions = [], {}, {}
    for name, classifier in classifiers.items():
        estimator = clone(classifier)
        watching = (
            nullcontext() if progress is None else progress.watch(name, estimator)
        )
        with watching, warnings.catch_warnings():
            # PCA and SVC don't report progress in scikit-learn 1.9.
            warnings.filterwarnings("ignore", "The estimator .* does not support call")
            start = time.perf_counter()
            estimator.fit(X_train, y_train)
            fitted = time.perf_counter()
            if progress is not None:
                progress.predicting()
            y_pred = estimator.predict(X_test)
            end = time.perf_counter()
        estimators[name], predictions[name] = estimator, y_pred
        scores.append(
            _score(name, y_test, y_pred, fitted - start, end - fitted, random_state)
        )
    scores.sort(key=lambda score: (-score.accuracy, -score.macro_f1))
    return Comparison(scores, estimators, predictions, y_test)


def _score(
    name: str,
    y_test: np.ndarray,
    y_pred: np.ndarray,
    fit_seconds: float,
    predict_seconds: float,
    random_state: int | None,
) -> Score:
    n_correct = int((y_pred == y_test).sum())
    return Score(
        name,
        float(accuracy_score(y_test, y_pred)),
        *accuracy_interval(n_correct, len(y_test)),
        float(f1_score(y_test, y_pred, average="macro", zero_division=0.0)),
        *macro_f1_interval(y_test, y_pred, random_state=random_state),
        fit_seconds=fit_seconds,
        predict_images_per_second=len(y_test) / max(predict_seconds, 1e-9),
    )

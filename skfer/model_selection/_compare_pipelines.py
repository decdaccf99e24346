"""Fitting several pipelines on the same folds and comparing them honestly."""

import io
import os
import tempfile
import time
import warnings
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from importlib.metadata import version
from numbers import Integral
from pathlib import Path
from typing import Any, Protocol

import joblib
import numpy as np
from sklearn.base import clone
from sklearn.dummy import DummyClassifier
from sklearn.metrics import accuracy_score, f1_score, get_scorer, recall_score
from sklearn.model_selection import check_cv
from sklearn.utils.validation import check_consistent_length

from skfer._images import holds_paths
from skfer._sklearn import safe_indexing
from skfer._wording import MAJORITY, is_share
from skfer.model_selection._comparison import Comparison, Score
from skfer.model_selection._intervals import accuracy_interval, macro_f1_interval
from skfer.model_selection._leak_free_k_fold import LeakFreeKFold
from skfer.model_selection._paired_tests import corrected_t_test


class Progress(Protocol):
    """What `compare_pipelines` tells while it runs."""

    def watch(self, name: str, estimator: Any) -> AbstractContextManager[Any]:
        """Follow the fit and the prediction of one pipeline."""

    def predicting(self) -> None:
        """Take note that the fit is over and the prediction begins."""


def compare_pipelines(
    pipelines: Mapping[str, Any],
    X: Any,
    y: Any,
    *,
    cv: Any = None,
    groups: Any = None,
    scoring: str = "accuracy",
    n_jobs: int | None = None,
    return_estimator: bool = False,
    cache: str | os.PathLike | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """Fit pipelines on the same folds, test them on the same images, and judge.

    A classifier that always guesses the largest class is compared too. Steps that
    several pipelines share, such as loading and shrinking, run once a fold, and count
    in the seconds of the first of them only; not so with ``progress``.

    Parameters
    ----------
    pipelines : mapping of str to estimator
        Names and classifiers, for instance Pipelines. They are cloned.
    X : array-like of shape (n_samples, ...)
        Paths or images, or whatever the pipelines take.
    y : array-like of shape (n_samples,)
        Labels.
    cv : int, splitter or iterable of (train, test), default=None
        None or an int takes `LeakFreeKFold` with 5 or so many folds. For one
        test part pass ``[(train, test)]``, two arrays of row numbers.
    groups : array-like of shape (n_samples,), default=None
        Who or what each image shows, for the splitter.
    scoring : str, default="accuracy"
        Name of a scorer of scikit-learn, by which models are ranked and tested.
    n_jobs : int, default=None
        How many fits run at a time.
    return_estimator : bool, default=False
        Whether to keep the fitted pipelines.
    cache : str or Path, default=None
        Folder for what is done: called again with the same arguments, the
        comparison goes on with the fits that are missing.
    progress : Progress, default=None
        Told about every fit, for instance a `ProgressDisplay`; not with ``n_jobs``.

    Returns
    -------
    Comparison
        With ``summary``, ``verdict``, ``scores``, ``pairs``, ``plot()`` and
        ``to_frame()``.

    Raises
    ------
    ValueError
        If there is no pipeline, one is named "majority", or a test part has classes
        that its training part lacks.

    Notes
    -----
    Intervals of the score are Wilson's for the accuracy on one test part, and those of
    the corrected resampled t test over folds, for the accuracy at least as wide as
    Wilson's. Macro F1 and recall are of all predictions together; the interval is a
    bootstrap. Pairs of models are tested with McNemar's exact test on one test part
    and by accuracy, and with the corrected resampled t test over folds, corrected after
    Holm. On one test part there is no test, and but for "f1_macro" no interval, of
    other scores.

    Examples
    --------
    >>> from skfer import make_hog_svm, make_lbp_svm
    >>> from skfer.datasets import make_faces
    >>> from skfer.model_selection import compare_pipelines
    >>> faces = make_faces(210, random_state=0)
    >>> comparison = compare_pipelines(
    ...     {"hog": make_hog_svm(), "lbp": make_lbp_svm()},
    ...     faces.images, faces.target, groups=faces.groups, cv=3,
    ... )
    >>> [score.model for score in comparison.scores]
    ['hog', 'lbp', 'majority']
    """
    _check(pipelines, n_jobs, progress)
    check_consistent_length(X, y, groups)
    y = np.asarray(y)
    if cv is None or isinstance(cv, Integral):
        cv = LeakFreeKFold(5 if cv is None else int(cv))
    folds = [tuple(map(_row_numbers, f)) for f in check_cv(cv).split(X, y, groups)]
    for train, test in folds:
        if strangers := sorted(set(y[test].tolist()) - set(y[train].tolist()), key=str):
            raise ValueError(
                f"compare_pipelines got the classes {strangers} in a test part but not "
                "in its training part. Both need the same class names."
            )
    models = {**pipelines, MAJORITY: DummyClassifier(strategy="most_frequent")}
    jobs = [(name, fold) for fold in folds for name in models]
    with _working_folder(cache) as folder:
        data = "" if cache is None else _describe(X, y)
        run = _Run(X, y, scoring, return_estimator, folder, data, progress)
        done = joblib.Parallel(n_jobs=n_jobs)(
            joblib.delayed(run.fit_one)(name, models[name], *fold)
            for name, fold in jobs
        )
    results: dict[str, list[dict[str, Any]]] = {name: [] for name in models}
    for (name, _), result in zip(jobs, done, strict=True):
        results[name].append(result)
    return _collect(results, y, folds, scoring, return_estimator)


def _check(pipelines: Mapping[str, Any], n_jobs: Any, progress: Any) -> None:
    if strange := [name for name in pipelines if Path(str(name)).name != str(name)]:
        raise ValueError(
            f"compare_pipelines names files after its pipelines, and {strange[0]!r} "
            "can't be the name of a file. Leave out slashes."
        )
    if not pipelines or MAJORITY in pipelines:
        raise ValueError(
            "compare_pipelines needs at least one pipeline, and none named "
            f"{MAJORITY!r}, which it adds itself; got {list(pipelines)}."
        )
    if progress is not None and n_jobs not in (None, 1):
        raise ValueError(
            f"compare_pipelines shows progress of one fit at a time, and got "
            f"n_jobs={n_jobs}. Leave one of the two out."
        )


def _row_numbers(rows: Any) -> np.ndarray:
    rows = np.asarray(rows)
    return np.flatnonzero(rows) if rows.dtype == bool else rows


def _describe(X: Any, y: np.ndarray) -> str:
    """Return a hash of the data: of files also their sizes and times of change."""
    files = []
    if holds_paths(X):
        for path in map(Path, X):
            # A file in an archive has no size of its own: take the archive's.
            there = next((p for p in (path, *path.parents) if p.is_file()), None)
            stat = there.stat() if there else None
            files.append((stat.st_size, stat.st_mtime_ns) if stat else None)
    versions = [version(package) for package in ("skfer", "scikit-learn", "keras")]
    return joblib.hash((X, y, files, versions))


def _working_folder(cache: str | os.PathLike | None) -> AbstractContextManager[str]:
    if cache is None:
        return tempfile.TemporaryDirectory(prefix="skfer-")
    Path(cache).mkdir(parents=True, exist_ok=True)
    return nullcontext(os.fspath(cache))


class _Run:
    """One comparison; what workers need to fit a pipeline on a fold."""

    def __init__(
        self,
        X: Any,
        y: np.ndarray,
        scoring: str,
        return_estimator: bool,
        folder: str,
        data: str,
        progress: Progress | None,
    ) -> None:
        self.X = X
        self.y = y
        self.scoring = scoring
        self.return_estimator = return_estimator
        self.folder = folder
        self.data = data
        self.progress = progress

    def fit_one(
        self, name: str, pipeline: Any, train: np.ndarray, test: np.ndarray
    ) -> dict[str, Any]:
        if not self.data:
            return self._fit(name, pipeline, train, test)
        wanted = (self.data, name, pipeline, train, test, self.scoring)
        key = joblib.hash((*wanted, self.return_estimator))
        file = Path(self.folder, f"{name}-{key}.joblib")
        if file.exists():
            return joblib.load(file)
        result = self._fit(name, pipeline, train, test)
        # Aside and renamed, so that an interruption leaves nothing half-written.
        aside = file.with_name(f".{os.getpid()}-{file.name}")
        try:
            joblib.dump(result, aside)
            aside.replace(file)
        finally:
            aside.unlink(missing_ok=True)
        return result

    def _fit(
        self, name: str, pipeline: Any, train: np.ndarray, test: np.ndarray
    ) -> dict[str, Any]:
        estimator = clone(pipeline)
        # Shared steps run once; the last step is never stored. Who watches wants to
        # see every step.
        shares = (
            self.progress is None
            and "memory" in estimator.get_params()
            and estimator.memory is None
        )
        if shares:
            memory = joblib.Memory(Path(self.folder, self.data[:16]), verbose=0)
            estimator.set_params(memory=memory)
        X_train, X_test = (safe_indexing(self.X, rows) for rows in (train, test))
        progress = None if name == MAJORITY else self.progress
        watching = (
            nullcontext() if progress is None else progress.watch(name, estimator)
        )
        with watching, warnings.catch_warnings():
            # PCA and SVC don't report progress in scikit-learn 1.9.
            warnings.filterwarnings("ignore", "The estimator .* does not support call")
            # joblib says so of a disk that is busy; nobody can do anything about it.
            warnings.filterwarnings("ignore", "Persisting input arguments took")
            start = time.perf_counter()
            estimator.fit(X_train, self.y[train])
            fitted = time.perf_counter()
            if progress is not None:
                progress.predicting()
            predicted = estimator.predict(X_test)
            end = time.perf_counter()
        if self.scoring == "accuracy":
            score = accuracy_score(self.y[test], predicted)
        else:
            score = get_scorer(self.scoring)(estimator, X_test, self.y[test])
        if shares:
            estimator.set_params(memory=None)
        return {
            "predicted": predicted,
            "score": float(score),
            "fit_seconds": fitted - start,
            "predict_seconds": end - fitted,
            "bytes": _size(estimator),
            "estimator": estimator if self.return_estimator else None,
        }


def _size(estimator: Any) -> int:
    stream = io.BytesIO()
    joblib.dump(estimator, stream)
    return stream.tell()


def _collect(
    results: dict[str, list[dict[str, Any]]],
    y: np.ndarray,
    folds: list[tuple[np.ndarray, ...]],
    scoring: str,
    keep: bool,
) -> Comparison:
    rows = np.concatenate([test for _, test in folds])
    y_test = y[rows]
    n_train = float(np.mean([len(train) for train, _ in folds]))
    predictions = {
        name: np.concatenate([one["predicted"] for one in ones])
        for name, ones in results.items()
    }
    fold_scores = {
        name: np.array([one["score"] for one in ones]) for name, ones in results.items()
    }
    scores = [
        _score(
            name,
            results[name],
            fold_scores[name],
            (y_test, predictions[name], rows),
            n_train,
            scoring,
        )
        for name in results
    ]
    for score in scores:
        if np.isnan(score.score):
            raise ValueError(
                f"{score.model} got the score nan by {scoring!r}, so that nothing can "
                "be compared. Choose another scoring, or leave the pipeline out."
            )
    scores.sort(key=lambda score: (-score.score, -score.macro_f1))
    estimators = {
        name: [one["estimator"] for one in ones] if keep else []
        for name, ones in results.items()
    }
    train_rows = folds[0][0] if len(folds) == 1 else np.empty(0, dtype=np.intp)
    return Comparison(
        scores,
        fold_scores,
        scoring,
        predictions,
        y_test,
        rows,
        n_train,
        estimators,
        train_rows,
    )


def _score(
    name: str,
    results: list[dict[str, Any]],
    fold_scores: np.ndarray,
    tested: tuple[np.ndarray, np.ndarray, np.ndarray],
    n_train: float,
    scoring: str,
) -> Score:
    y_test, predicted, rows = tested
    accuracy = accuracy_score(y_test, predicted)
    # Splitters that repeat test an image several times, which is no further image.
    once = np.unique(rows, return_index=True)[1]
    interval = accuracy_interval(round(accuracy * len(once)), len(once))
    f1_interval = macro_f1_interval(y_test[once], predicted[once], random_state=0)
    mean = float(fold_scores.mean())
    if len(results) > 1:
        n_test = len(y_test) / len(results)
        low, high = corrected_t_test(fold_scores, n_train, n_test)[1]
        if is_share(scoring):
            low, high = max(low, 0.0), min(high, 1.0)
        if scoring == "accuracy":
            # Few folds may agree by chance: never narrower than the images allow.
            low, high = min(low, interval[0]), max(high, interval[1])
    elif scoring in ("accuracy", "f1_macro"):
        low, high = interval if scoring == "accuracy" else f1_interval
    else:
        low, high = float("nan"), float("nan")
    names = np.unique(y_test)
    recalls = recall_score(y_test, predicted, labels=names, average=None)
    seconds = sum(one["predict_seconds"] for one in results)
    return Score(
        name,
        mean,
        low,
        high,
        float(accuracy),
        *interval,
        float(f1_score(y_test, predicted, average="macro", zero_division=0.0)),
        *f1_interval,
        fit_seconds=float(np.mean([one["fit_seconds"] for one in results])),
        predict_images_per_second=len(y_test) / max(seconds, 1e-9),
        megabytes=float(np.mean([one["bytes"] for one in results])) / 1e6,
        recall=dict(zip(names.tolist(), recalls.tolist(), strict=True)),
    )

"""Fitting several pipelines on the same folds and comparing them fairly."""

import os
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from sklearn.dummy import DummyClassifier

from skfer._row_cache import make_keys
from skfer._sklearn import safe_indexing
from skfer._steps import find_part
from skfer._writing import check_folder
from skfer.datasets import ImageTable, find_copies
from skfer.datasets._image_table import as_table
from skfer.model_selection._comparison import Comparison
from skfer.model_selection._fit_params import choose_params, cut_params
from skfer.model_selection._fold_cache import load_fit, save_fit
from skfer.model_selection._fold_fit import FoldFit
from skfer.model_selection._fold_run import FoldRun, Progress
from skfer.model_selection._keep_together import check_readable
from skfer.model_selection._leak_free_k_fold import FEW_IMAGES, N_REPEATS, make_folds
from skfer.model_selection._loaded_images import LoadedImages
from skfer.model_selection._selective_classifier import SelectiveClassifier
from skfer.model_selection._wording import MAJORITY

_Fold = tuple[np.ndarray, np.ndarray]


def compare_pipelines(
    pipelines: Mapping[str, Any],
    X: Any,
    y: Any = None,
    *,
    cv: Any = None,
    groups: Any = None,
    params: Mapping[str, Any] | None = None,
    scoring: str = "accuracy",
    n_jobs: int | None = None,
    return_estimator: bool = True,
    cache: str | os.PathLike | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """Fit pipelines on the same folds, and compare them on the same test images.

    A classifier that always guesses the largest class is compared too. Leading
    steps that several pipelines share, such as loading and resizing, run once per fold;
    their time counts for each of these pipelines. Begin with ``groups`` and ``cv``:
    they decide what the result is worth.

    Parameters
    ----------
    pipelines : mapping of str to estimator
        Names and classifiers, for instance Pipelines. They are cloned.
    X : ImageTable or array-like of shape (n_samples, ...)
        A table with its target and groups; or paths, images, or whatever the
        pipelines take.
    y : array-like of shape (n_samples,), default=None
        Labels, if X is not a table.
    cv : int, splitter or iterable of (train, test), default=None
        None means `LeakFreeKFold` with 5 folds, made twice if there are fewer than
        2,000 images: one way of splitting few images says little. An int means that
        many folds, made once.
        `LeakFreeShuffleSplit` makes a single test part. For a given split, pass
        ``[(train, test)]``, two arrays of row numbers or masks.
    groups : array-like of shape (n_samples,), default=None
        Who or what each image shows, if X is not a table. They are passed to the
        splitter, and to every fit that accepts ``groups``.
    params : mapping of str to object, default=None
        Further parameters for the fits that accept them, such as ``sample_weight``,
        ``soft_labels``, or ``X_val`` with ``y_val``. Values with an entry for each
        image are indexed by fold; ``X_val`` goes through the steps before the
        classifier. Names like ``classifier__sample_weight`` address a step.
    scoring : str, default="accuracy"
        Name of a scikit-learn scorer, by which models are ranked and tested.
    n_jobs : int, default=None
        Number of folds to run in parallel.
    return_estimator : bool, default=True
        Whether to keep the fitted pipelines.
    cache : str or Path, default=None
        Folder for finished fits: called again with the same arguments, the
        comparison continues with those that are missing. Only load from folders that
        you trust: a fit is kept as a pickle.
    progress : Progress, default=None
        Notified of every fit, for instance a `ProgressDisplay`; not with ``n_jobs``.

    Returns
    -------
    Comparison
        With ``summary``, ``verdict``, ``scores``, ``pairs``, ``to_frame()`` and all
        that `save_report` needs.

    Raises
    ------
    ValueError
        If there is no pipeline, one is named "majority", a test part has classes that
        its training part lacks or images that are trained on, no pipeline takes one
        of ``params``, ``cache`` is no folder that can be written to, or a pipeline may
        answer with a word where labels are numbers.

    Notes
    -----
    Copies of a photograph (`find_copies`) count once in a test part: only the largest
    is tested.

    Intervals are the widest of several: by picture (Wilson's for the accuracy, a
    bootstrap for macro F1); by person, if groups are known
    (`clustered_accuracy_interval`); and over folds that of the corrected resampled t
    test. Without groups they hold for the people in the pictures, not for new ones.

    Pairs of models are compared by McNemar's exact test on a single test part, and by
    the corrected resampled t test over folds; if groups are known, by a sign-flip test
    by person as well (`sign_flip_p_value`), and the larger p-value counts. Holm's
    correction allows for the number of pairs. On a single test part, macro F1
    ("f1_macro") is compared by a paired bootstrap, by person if groups are known, and
    other scores than these two are not tested.

    With scikit-learn's metadata routing enabled, ``params`` and groups go where the
    steps request them.

    Examples
    --------
    >>> from skfer import make_hog_svm, make_lbp_svm
    >>> from skfer.datasets import make_faces
    >>> from skfer.model_selection import compare_pipelines
    >>> faces = make_faces(210, random_state=0)
    >>> comparison = compare_pipelines(
    ...     {"hog": make_hog_svm(), "lbp": make_lbp_svm()}, faces, cv=3
    ... )
    >>> list(comparison.scores)
    ['hog', 'lbp', 'majority']
    """
    table = as_table(X, y, groups=groups, who="compare_pipelines")
    _check_pipelines(pipelines, table, n_jobs, progress)
    _check_table(table)
    if cache is not None:
        check_folder(cache, "cache")
    models = {**pipelines, MAJORITY: DummyClassifier(strategy="most_frequent")}
    chosen = _route(models, table, params or {})
    n_repeats = N_REPEATS if len(table) < FEW_IMAGES else 1
    folds = make_folds(table, cv, "compare_pipelines", n_repeats)
    folds, n_copies = count_copies_once(table, folds)
    loaded = LoadedImages(table, models, folds)
    settings = {
        "scoring": scoring,
        "return_estimator": return_estimator,
        "progress": progress,
        "loaded": loaded,
    }
    data = "" if cache is None else _describe(table, chosen)
    # Models of one fold share their first steps, unless there are more workers than
    # folds.
    parts = [models]
    if joblib.effective_n_jobs(n_jobs) > len(folds):
        parts = [{name: model} for name, model in models.items()]
    done = joblib.Parallel(n_jobs=n_jobs)(
        joblib.delayed(_run_fold)(table, part, chosen, fold, cache, data, settings)
        for part in parts
        for fold in folds
    )
    fits: dict[str, list[FoldFit]] = {name: [] for name in models}
    for results in done:
        for name, fit in results.items():
            fits[name].append(fit)
    comparison = Comparison(
        table, pipelines, folds, fits, scoring, n_copies, loaded, chosen
    )
    # Computed now, so that a nan score raises its error here.
    _ = comparison.scores
    return comparison


def _check_pipelines(
    pipelines: Mapping[str, Any], table: ImageTable, n_jobs: Any, progress: Any
) -> None:
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
    has_words = table.target is None or table.target.dtype.kind not in "biuf"
    for name, pipeline in pipelines.items():
        if not has_words and find_part(pipeline, SelectiveClassifier) is not None:
            raise ValueError(
                f"compare_pipelines got {name!r}, which may answer 'unknown', and "
                "labels that are numbers, with which a word can't be compared. Pass "
                "labels that are words, for instance y.astype(str)."
            )
    if progress is not None and n_jobs not in (None, 1):
        raise ValueError(
            f"compare_pipelines shows progress of one fit at a time, but got "
            f"n_jobs={n_jobs}. Leave one of the two out."
        )


def _check_table(table: ImageTable) -> None:
    if len(table) == 0:
        raise ValueError(
            "compare_pipelines needs at least one image, got none. Check the folder or "
            "the selection."
        )
    if table.target is None:
        raise ValueError(
            f"compare_pipelines needs images with labels, got {table!r}. Pass y, or a "
            "table with a target."
        )
    check_readable(table, "compare_pipelines")


def _route(
    models: Mapping[str, Any], table: ImageTable, params: Mapping[str, Any]
) -> dict[str, dict[str, Any]]:
    """Return what the fit of each model gets; weights would change the majority."""
    known = {} if table.groups is None else {"groups": table.groups}
    chosen = {
        name: {} if name == MAJORITY else choose_params(model, {**known, **params})
        for name, model in models.items()
    }
    taken = {name for one in chosen.values() for name in one}
    taken |= {name.rpartition("__")[2] for name in taken}
    if unused := [name for name in params if name not in taken]:
        raise ValueError(
            f"compare_pipelines got params {unused}, which no pipeline accepts in "
            "its fit. Check the names, or name the step: classifier__sample_weight."
        )
    return chosen


def count_copies_once(table: ImageTable, folds: list[_Fold]) -> tuple[list[_Fold], int]:
    """Test only the largest of the copies of a photograph in each test part."""
    if not table.shows_pictures:
        return folds, 0
    prints, copies = table.fingerprints, find_copies(table)
    pixels = prints.width * prints.height
    kept, left_out = [], set()
    for train, test in folds:
        order = np.lexsort((test, -pixels[test]))
        first = np.unique(copies[test][order], return_index=True)[1]
        once = np.sort(order[first])
        left_out |= set(test.tolist()) - set(test[once].tolist())
        kept.append((train, test[once]))
    return kept, len(left_out)


def _describe(table: ImageTable, chosen: Mapping[str, Any]) -> str:
    """Return a hash of the data; for files also of sizes and modification times."""
    files = None if table.paths is None else make_keys(table.paths)
    versions = [version(package) for package in ("skfer", "scikit-learn", "keras")]
    return joblib.hash((table.X, table["target"], chosen, files, versions))


def _run_fold(
    table: ImageTable,
    models: Mapping[str, Any],
    chosen: Mapping[str, Mapping[str, Any]],
    fold: _Fold,
    folder: str | os.PathLike | None,
    data: str,
    settings: Mapping[str, Any],
) -> dict[str, FoldFit]:
    """Fit and test every model on one fold, or load it from the cache folder."""
    train, test = fold
    y = table["target"]
    run = FoldRun(
        models,
        safe_indexing(table.X, train),
        y[train],
        safe_indexing(table.X, test),
        y[test],
        rows=fold,
        **settings,
    )
    results = {}
    for name in models:
        given = cut_params(table.X, chosen[name], train)
        if folder is None:
            results[name] = run.fit(name, given)
            continue
        wanted = (data, name, models[name], train, test, settings["scoring"])
        key = joblib.hash((*wanted, settings["return_estimator"]))
        file = Path(folder, f"{name}-{key}.joblib")
        known = load_fit(file)
        results[name] = known or run.fit(name, given)
        if known is None:
            save_fit(results[name], file)
    return results

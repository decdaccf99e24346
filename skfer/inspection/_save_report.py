"""A comparison as one page to hand in."""

import os
import platform
from collections.abc import Mapping
from html import escape
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.utils.validation import check_consistent_length

from skfer._sklearn import safe_indexing
from skfer._wording import MAJORITY, show_interval
from skfer.datasets import ImageAudit
from skfer.inspection._class_balance import ClassBalanceDisplay
from skfer.inspection._comparison_display import ComparisonDisplay
from skfer.inspection._confidence import find_confidence
from skfer.inspection._confusion_faces import ConfusionFacesDisplay
from skfer.inspection._html import embed_figure, make_page, make_table, write_page
from skfer.inspection._predictions import PredictionsDisplay
from skfer.inspection._sample_faces import SampleFacesDisplay
from skfer.inspection._training_history import TrainingHistoryDisplay
from skfer.model_selection import Comparison

_PACKAGES = ("skfer", "scikit-learn", "keras", "tensorflow", "jax", "torch", "numpy")


def save_report(
    comparison: Comparison,
    path: str | os.PathLike,
    *,
    X: Any,
    y: Any,
    pipelines: Mapping[str, Any],
    audit: ImageAudit | None = None,
    title: str = "Comparison of classifiers",
) -> Path:
    """Write one HTML page with the data, the table, the verdict and the figures.

    Parameters
    ----------
    comparison : Comparison
        From `compare_pipelines`. With ``return_estimator=True`` and one test part the
        page shows faces, errors and training curves too.
    path : str or Path
        The file; it is replaced only once the new one is complete.
    X : array-like of shape (n_samples,) or (n_samples, height, width[, 3])
        What was compared on: files (str or Path) or pixels, integers of 0..255 or
        floats of 0..1.
    y : array-like of shape (n_samples,)
        Its labels.
    pipelines : mapping of str to estimator
        What was compared, for their parameters.
    audit : ImageAudit, default=None
        From `audit_images`, with the ``split`` that was compared on; what it found is
        listed.
    title : str, default="Comparison of classifiers"
        Heading of the page.

    Returns
    -------
    Path
        The file. It has no scripts and loads nothing.

    Raises
    ------
    ValueError
        If X and y have different lengths, or are not those of the comparison.

    Examples
    --------
    >>> import tempfile
    >>> from skfer import make_hog_svm
    >>> from skfer.datasets import make_faces
    >>> from skfer.inspection import save_report
    >>> from skfer.model_selection import compare_pipelines
    >>> faces = make_faces(140, random_state=0)
    >>> pipelines = {"hog": make_hog_svm()}
    >>> comparison = compare_pipelines(pipelines, faces.images, faces.target, cv=2)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = save_report(
    ...         comparison, f"{folder}/report.html",
    ...         X=faces.images, y=faces.target, pipelines=pipelines,
    ...     )
    ...     comparison.verdict in file.read_text()
    True
    """
    check_consistent_length(X, y)
    if comparison.test_rows.max() >= len(y):
        raise ValueError(
            f"save_report got {len(y)} images, and the comparison tested row "
            f"{comparison.test_rows.max()}. Pass the X and y that were compared on."
        )
    y = np.asarray(y)
    sections = [
        ("Verdict", f"<p><strong>{escape(comparison.verdict)}</strong></p>\n"),
        ("Scores", _table(comparison)),
        ("The images", _data(comparison, X, y)),
    ]
    if audit is not None:
        sections.append(("Audit", f"<pre>{escape(audit.summary)}</pre>\n"))
    sections += [
        (score.model, _model(comparison, score.model, X))
        for score in comparison.scores
        if score.model != MAJORITY
    ]
    sections.append(("Parameters", _parameters(pipelines)))
    sections.append(("Versions", f"<p>{escape(_versions())}</p>\n"))
    body = "".join(
        f"<section><h2>{escape(name)}</h2>\n{text}</section>\n"
        for name, text in sections
    )
    return write_page(path, make_page(title, body))


def _table(comparison: Comparison) -> str:
    heads = ["model", comparison.scoring, "macro F1", "fit seconds", "images/s", "MB"]
    rows = []
    for s in comparison.scores:
        timed = s.model != MAJORITY
        rows.append(
            [
                s.model,
                show_interval(s.score, s.score_low, s.score_high, comparison.scoring),
                show_interval(s.macro_f1, s.macro_f1_low, s.macro_f1_high),
                f"{s.fit_seconds:,.1f}" if timed else "",
                f"{s.predict_images_per_second:,.0f}" if timed else "",
                f"{s.megabytes:,.1f}" if timed else "",
            ]
        )
    recalls = [
        [str(name), *(f"{s.recall[name]:.0%}" for s in comparison.scores)]
        for name in comparison.scores[0].recall
    ]
    figure = embed_figure(
        ComparisonDisplay.from_comparison(comparison).figure_, "scores and intervals"
    )
    return (
        make_table(heads, rows)
        + f"<p>In brackets 95 % intervals; on {len(comparison.y_test):,} test images."
        f"</p>\n{figure}<h3>Recall: share of each class that was found</h3>\n"
        + make_table(["class", *(s.model for s in comparison.scores)], recalls)
    )


def _data(comparison: Comparison, X: Any, y: np.ndarray) -> str:
    split = None
    if comparison.n_folds == 1:
        split = np.full(len(y), "unused", dtype=object)
        split[comparison.train_rows] = "train"
        split[comparison.test_rows] = "test"
    return embed_figure(
        ClassBalanceDisplay.from_labels(y, split).figure_, "images of each class"
    ) + embed_figure(
        SampleFacesDisplay.from_images(X, y).figure_, "some images of each class"
    )


def _model(comparison: Comparison, name: str, X: Any) -> str:
    """Confusion, errors and curves of one model."""
    tested = safe_indexing(X, comparison.test_rows)
    y_pred, estimators = comparison.predictions[name], comparison.estimators[name]
    if comparison.n_folds > 1 or not estimators:
        figure = ConfusionFacesDisplay.from_predictions(comparison.y_test, y_pred)
        return embed_figure(figure.figure_, f"confusion matrix of {name}")
    sure = find_confidence(estimators[0], tested, y_pred)
    confusion = ConfusionFacesDisplay.from_predictions(
        comparison.y_test, y_pred, tested, sure
    )
    text = embed_figure(confusion.figure_, f"confusion matrix of {name}")
    if (y_pred != comparison.y_test).any():
        errors = PredictionsDisplay.from_predictions(
            tested,
            comparison.y_test,
            y_pred,
            sure,
            is_probability=hasattr(estimators[0], "predict_proba"),
        )
        text += "<h3>Most confident errors</h3>\n"
        text += embed_figure(errors.figure_, f"most confident errors of {name}")
    final = estimators[0]
    final = final[-1] if hasattr(final, "steps") else final
    if hasattr(final, "history_"):
        curves = TrainingHistoryDisplay.from_estimator(final)
        text += "<h3>Training</h3>\n"
        text += embed_figure(curves.figure_, f"training curves of {name}")
    return text


def _parameters(pipelines: Mapping[str, Any]) -> str:
    return "".join(
        f"<h3>{escape(name)}</h3>\n<pre>{escape(repr(pipeline))}</pre>\n"
        for name, pipeline in pipelines.items()
    )


def _versions() -> str:
    found = [f"Python {platform.python_version()}", platform.platform()]
    for package in _PACKAGES:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    return ", ".join(found)

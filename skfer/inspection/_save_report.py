"""A comparison as a single HTML page."""

import os
import platform
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from skfer._steps import last_step
from skfer._writing import written_aside
from skfer.inspection._class_balance import ClassBalanceDisplay
from skfer.inspection._comparison_display import ComparisonDisplay
from skfer.inspection._confusion_faces import ConfusionFacesDisplay
from skfer.inspection._page import embed_figure, render_page
from skfer.inspection._predictions import PredictionsDisplay
from skfer.inspection._sample_faces import SampleFacesDisplay
from skfer.inspection._training_history import TrainingHistoryDisplay
from skfer.model_selection import Comparison, LearningCurve, score_slices
from skfer.model_selection._audit_comparison import name_parts
from skfer.model_selection._overview import Overview
from skfer.model_selection._score_table import ScoreTable

_PACKAGES = ("skfer", "scikit-learn", "keras", "tensorflow", "jax", "torch", "numpy")
_MAX_SLICES = 8
# Columns that say how images were read, not what they show.
_NOT_SLICED = ("split", "status", "source", "split_name", "width", "height")


@dataclass(frozen=True)
class _Figure:
    source: str
    alt: str
    heading: str = ""


def save_report(
    comparison: Comparison,
    path: str | os.PathLike,
    *,
    title: str = "Comparison of classifiers",
    learning_curve: LearningCurve | None = None,
    command: str = "",
) -> Path:
    """Write one HTML page with the images, the table, the verdict and the figures.

    Parameters
    ----------
    comparison : Comparison
        From `compare_pipelines`. Training curves are shown if its fitted pipelines
        were kept.
    path : str or Path
        The file; it is replaced only once the new one is complete.
    title : str, default="Comparison of classifiers"
        Heading of the page.
    learning_curve : LearningCurve, default=None
        From `Comparison.learning_curve`: whether more images would help.
    command : str, default=""
        The command that the page comes from. What to do next is then said as a command,
        else in Python.

    Returns
    -------
    Path
        The file. It has no scripts and loads no other files.

    Notes
    -----
    The page begins with which model to take, how good it is, what limits this result,
    and what to do next; all numbers stand behind it. It holds an audit of the images.
    Files are read for that, unless the table read them before (``check="pixels"`` in
    `read_images`).

    Examples
    --------
    >>> import tempfile
    >>> from skfer import make_hog_svm
    >>> from skfer.datasets import make_faces
    >>> from skfer.inspection import save_report
    >>> from skfer.model_selection import compare_pipelines
    >>> faces = make_faces(140, random_state=0)
    >>> comparison = compare_pipelines({"hog": make_hog_svm()}, faces, cv=2)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = save_report(comparison, f"{folder}/report.html")
    ...     comparison.verdict in file.read_text()
    True
    """
    audit, slices = comparison.audit, _slices(comparison)
    models = [
        {"name": name, "id": f"model-{n}", "figures": _model_figures(comparison, name)}
        for n, name in enumerate(comparison.scores)
        if name in comparison.pipelines
    ]
    score_figure = ComparisonDisplay.from_comparison(comparison).figure_
    text = render_page(
        "report.html",
        title=title,
        comparison=comparison,
        scores=ScoreTable.from_comparison(comparison),
        recall=_recall(comparison),
        slices=slices,
        growth=None if learning_curve is None else _growth(learning_curve),
        score_figure=_Figure(embed_figure(score_figure), "scores and intervals"),
        audit=audit,
        overview=Overview.from_comparison(comparison),
        date=datetime.now().astimezone().strftime("%Y-%m-%d, %H:%M %Z"),
        command=command,
        contents=[
            ("scores", "Scores"),
            *([("growth", "Would more images help?")] if learning_curve else []),
            *([("weak", f"Where {comparison.best_name} is weak")] if slices else []),
            ("images", "Images"),
            *([("audit", "Audit")] if audit else []),
            *((model["id"], model["name"]) for model in models),
            ("parameters", "Parameters"),
            ("versions", "Versions"),
        ],
        image_figures=_image_figures(comparison),
        models=models,
        versions=_versions(),
    )
    with written_aside(path) as aside:
        aside.write_text(text, encoding="utf-8")
    return Path(path)


def _growth(curve: LearningCurve) -> dict[str, object]:
    alt = "scores against the number of training images"
    figure = _Figure(embed_figure(curve.plot().figure_), alt)
    return {"verdict": curve.verdict, "figure": figure}


def _recall(comparison: Comparison) -> ScoreTable:
    scores = comparison.scores.values()
    return ScoreTable(
        ["class", *(score.model for score in scores)],
        [
            [str(name), *(f"{score.recall[name]:.0%}" for score in scores)]
            for name in next(iter(scores)).recall
        ],
    )


def _slices(comparison: Comparison) -> list[dict[str, object]]:
    """Return a table of the worst slices by each column that tells images apart."""
    table, tables = comparison.table, []
    wanted = [name for name, values in table.columns.items()
              if values.ndim == 1 and name not in _NOT_SLICED]  # fmt: skip
    if table.shows_pictures:
        wanted.append("brightness")
    for name in wanted:
        slices = score_slices(comparison, name)
        if not 1 < len(slices) <= max(_MAX_SLICES, comparison.n_images // 3):
            continue
        heads = [name, "accuracy", "95 % interval", "images", "people", ""]
        rows = [
            [
                s.name,
                f"{s.accuracy:.1%}",
                f"{100 * s.low:.1f} to {100 * s.high:.1f}",
                f"{s.n_images:,}",
                "unknown" if s.n_people is None else f"{s.n_people:,}",
                "worse than all together" if s.is_worse else "",
            ]
            for s in slices
        ]
        more = max(0, len(rows) - _MAX_SLICES)
        heading = "groups or people" if name == "groups" else name
        rows = rows[:_MAX_SLICES]
        tables.append({"heading": heading, "heads": heads, "rows": rows, "more": more})
    return tables


def _image_figures(comparison: Comparison) -> list[_Figure]:
    table = comparison.table
    balance = ClassBalanceDisplay.from_labels(table.target, name_parts(comparison))
    figures = [_Figure(embed_figure(balance.figure_), "images of each class")]
    if table.shows_pictures:
        samples = SampleFacesDisplay.from_images(table, table.target)
        alt = "some images of each class"
        figures.append(_Figure(embed_figure(samples.figure_), alt))
    return figures


def _model_figures(comparison: Comparison, name: str) -> list[_Figure]:
    """Confusion, errors and training curves of one model."""
    y_pred, sure = comparison.predictions[name], comparison.confidences[name]
    tested = comparison.table[comparison.test_rows]
    shows_faces = comparison.table.shows_pictures
    confusion = ConfusionFacesDisplay.from_predictions(
        comparison.y_test, y_pred, tested if shows_faces else None, sure
    )
    alt = f"confusion matrix of {name}"
    figures = [_Figure(embed_figure(confusion.figure_), alt)]
    # Of images that were tested several times, the first answer.
    once = np.unique(comparison.test_rows, return_index=True)[1]
    if shows_faces and (y_pred != comparison.y_test)[once].any():
        errors = PredictionsDisplay.from_predictions(
            tested[once],
            comparison.y_test[once],
            y_pred[once],
            None if sure is None else sure[once],
            is_probability=comparison.fits[name][0].is_probability,
        )
        alt, heading = f"most confident errors of {name}", "Most confident errors"
        figures.append(_Figure(embed_figure(errors.figure_), alt, heading))
    for estimator in comparison.estimators[name][:1]:
        if hasattr(last_step(estimator), "history_"):
            curves = TrainingHistoryDisplay.from_estimator(estimator)
            alt = f"training curves of {name}"
            figures.append(_Figure(embed_figure(curves.figure_), alt, "Training"))
    return figures


def _versions() -> str:
    found = [f"Python {platform.python_version()}", platform.platform()]
    for package in _PACKAGES:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    return ", ".join(found)

"""A comparison as a single HTML page."""

import os
import platform
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple

from skfer._steps import last_step
from skfer._text import count_of
from skfer._writing import written_aside
from skfer.inspection._class_balance import ClassBalanceDisplay
from skfer.inspection._comparison_display import ComparisonDisplay
from skfer.inspection._confusion_table import ConfusionTable
from skfer.inspection._error_cards import ErrorCard, find_agreed_errors, find_errors
from skfer.inspection._finding_cards import make_cards
from skfer.inspection._first_answers import FirstAnswers
from skfer.inspection._page import embed_figure, embed_picture, render_page
from skfer.inspection._pictures import read_pictures
from skfer.inspection._reliability import ReliabilityDisplay
from skfer.inspection._report_files import make_files
from skfer.inspection._sample_faces import choose_samples
from skfer.inspection._tested_pictures import TestedPictures
from skfer.inspection._training_history import TrainingHistoryDisplay
from skfer.model_selection import Comparison, LearningCurve, score_slices
from skfer.model_selection._audit_comparison import list_parts
from skfer.model_selection._overview import Overview
from skfer.model_selection._score_table import ScoreTable

_PACKAGES = ("skfer", "scikit-learn", "keras", "tensorflow", "jax", "torch", "numpy")
_MAX_SLICES = 8
_WORDS = {
    "accuracy": "Share of the test pictures that are right.",
    "macro F1": "The same for rare classes as for frequent ones: the mean over the "
    "classes of a score that falls when a class is missed, or answered too often.",
    "95% interval": "The true value lies in such an interval in 95 of 100 tests.",
    "fold": "A part of the pictures that is tested by models trained on the others.",
    "majority": "Always answers the class that is most frequent. What is no better has "
    "learnt nothing.",
    "hog-svm": "Directions of edges in each part of the face, and a support vector "
    "machine.",
    "lbp-svm": "Small patterns of light and dark in each part of the face, and a "
    "support vector machine.",
    "cnn": "A neural network that is trained from the beginning.",
    "transfer": "What a neural network sees that was trained on other faces, and a "
    "logistic regression.",
}
_ALWAYS = ("accuracy", "macro F1", "95% interval", "fold")
_N_GROUPS = 6  # Of a finding; skfer audit --report shows more.
# What columns are called in text.
_SLICED_BY = {"target": "class", "groups": "person or group"}
# Columns that say how images were read or drawn, not what they show.
_NOT_SLICED = ("split", "status", "source", "split_name", "width", "height", "copy_of")


@dataclass(frozen=True)
class _Figure:
    source: str
    alt: str
    heading: str = ""


class _Model(NamedTuple):
    name: str
    id: str
    errors: list[ErrorCard]
    figures: list[_Figure]


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
        The file. It loads no other files. Its script sorts and filters the table of
        test pictures; without it all is readable.

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
    answers, slices = FirstAnswers.from_comparison(comparison), _slices(comparison)
    models = [
        _Model(name, f"model-{number}", *_errors_and_figures(comparison, answers, name))
        for number, name in enumerate(answers.predicted)
    ]
    table, audit = comparison.table, comparison.audit
    tested = doubtful = None
    if table.shows_pictures:
        tested = TestedPictures.from_answers(comparison, answers)
        doubtful = find_agreed_errors(comparison, answers)
    about = {
        "title": title,
        "date": datetime.now().astimezone().strftime("%Y-%m-%d, %H:%M %Z"),
        "command": command,
        "versions": _versions(),
    }
    sections = [
        ("scores", "Scores", True),
        ("confusion", "Which classes are confused", True),
        ("growth", "Would more images help?", learning_curve),
        ("weak", f"Where {comparison.best_name} is weak", slices),
        *(
            (model.id, f"{model.name} in detail", model.errors or model.figures)
            for model in models
        ),
        ("labels", "Labels that look wrong", doubtful),
        ("images", "Images", True),
        ("pictures", "All test pictures", tested),
        ("audit", "Audit", audit is not None),
        ("parameters", "Parameters and versions", True),
        ("files", "Files to save", True),
    ]
    named = {*comparison.scores, *_ALWAYS}
    text = render_page(
        "report.html",
        **about,
        comparison=comparison,
        headings={id: heading for id, heading, is_there in sections if is_there},
        overview=Overview.from_comparison(comparison, command),
        scores=ScoreTable.from_comparison(comparison),
        score_figure=_score_figure(comparison),
        recall=_recall(comparison),
        confusions=[
            ConfusionTable.from_predictions(name, answers.label, predicted)
            for name, predicted in answers.predicted.items()
        ],
        growth=None if learning_curve is None else _growth(learning_curve),
        slices=slices,
        n_slices=sum(int(len(one["rows"]) + one["more"]) for one in slices),
        words={word: text for word, text in _WORDS.items() if word in named},
        models=[model for model in models if model.errors or model.figures],
        doubtful=doubtful,
        balance_figure=_balance_figure(comparison),
        samples=_samples(comparison),
        left_out=table.left_out,
        n_left_out=count_of(len(table.left_out), "file"),
        tested=tested,
        is_repeated=len(answers.rows) < len(comparison.test_rows),
        audit=audit,
        cards=[] if audit is None else make_cards(audit, n_groups=_N_GROUPS),
        files=make_files(comparison, answers, about),
    )
    with written_aside(path) as aside:
        aside.write_text(text, encoding="utf-8")
    return Path(path)


def _score_figure(comparison: Comparison) -> _Figure:
    figure = ComparisonDisplay.from_comparison(comparison).figure_
    return _Figure(embed_figure(figure), "scores and intervals")


def _growth(curve: LearningCurve) -> dict[str, object]:
    alt = "scores against the number of training images"
    figure = _Figure(embed_figure(curve.plot().figure_), alt)
    return {"advice": curve.advice, "verdict": curve.verdict, "figure": figure}


def _recall(comparison: Comparison) -> ScoreTable:
    scores = comparison.scores.values()
    return ScoreTable(
        ["class", *(score.model for score in scores)],
        [
            [str(name), *(f"{score.recall[name]:.0%}" for score in scores)]
            for name in next(iter(scores)).recall
        ],
    )


def _slices(comparison: Comparison) -> list[dict[str, Any]]:
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
        called = _SLICED_BY.get(name, name)
        heads = [called, "accuracy", "95% interval", "images", "people", ""]
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
        rows = rows[:_MAX_SLICES]
        tables.append({"heading": called, "heads": heads, "rows": rows, "more": more})
    return tables


def _balance_figure(comparison: Comparison) -> _Figure:
    parts = list_parts(comparison)
    balance = ClassBalanceDisplay.from_labels(comparison.table.target, parts)
    return _Figure(embed_figure(balance.figure_), "images of each class")


def _samples(comparison: Comparison) -> dict[str, list[str]]:
    """Return some pictures of each class, as data URIs."""
    table = comparison.table
    if not table.shows_pictures:
        return {}
    rows = choose_samples(table.target, n_per_class=6, random_state=0)
    return {
        name: [embed_picture(picture) for picture in read_pictures(table, some)]
        for name, some in rows.items()
    }


def _errors_and_figures(
    comparison: Comparison, answers: FirstAnswers, name: str
) -> tuple[list[ErrorCard], list[_Figure]]:
    """Return the errors of a model, how sure it may be, and how it was trained."""
    errors, figures = [], []
    if comparison.table.shows_pictures:
        errors = find_errors(comparison, answers, name)
    if answers.is_probability[name]:
        reliability = ReliabilityDisplay.from_predictions(
            answers.label, answers.predicted[name], answers.confidence[name]
        )
        source, alt = embed_figure(reliability.figure_), f"reliability of {name}"
        figures.append(_Figure(source, alt, "Can its probabilities be trusted?"))
    for estimator in comparison.estimators[name][:1]:
        if hasattr(last_step(estimator), "history_"):
            curves = TrainingHistoryDisplay.from_estimator(estimator)
            source, alt = embed_figure(curves.figure_), f"training curves of {name}"
            figures.append(_Figure(source, alt, "Training"))
    return errors, figures


def _versions() -> str:
    found = [f"Python {platform.python_version()}", platform.platform()]
    for package in _PACKAGES:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    return ", ".join(found)

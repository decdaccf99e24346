"""Saving a comparison as a table and figures."""

import csv
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from skfer._steps import last_step
from skfer._text import as_cell
from skfer.inspection._pictures import plain
from skfer.inspection._training_history import TrainingHistoryDisplay
from skfer.model_selection import Comparison


def save_comparison(comparison: Comparison, folder: str | Path) -> list[Path]:
    """Write the table, the confusion matrices and the training curves.

    All files are written to a temporary folder first and moved when all are
    complete, so that an error leaves nothing half-written.

    Parameters
    ----------
    comparison : Comparison
        From `compare_pipelines`.
    folder : str or Path
        Where to write; it is created if needed, and files of the same name are
        replaced.

    Returns
    -------
    list of Path
        ``comparison.csv``; ``confusion_<model>.png`` for each model, rows
        normalised to 1; ``training_<model>.png`` for each network.

    Examples
    --------
    >>> import tempfile
    >>> from skfer import make_hog_svm
    >>> from skfer.datasets import make_faces
    >>> from skfer.inspection import save_comparison
    >>> from skfer.model_selection import compare_pipelines
    >>> faces = make_faces(140, random_state=0)
    >>> comparison = compare_pipelines({"hog": make_hog_svm()}, faces, cv=2)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [path.name for path in save_comparison(comparison, folder)]
    ['comparison.csv', 'confusion_hog.png']
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".aside-", dir=folder) as name:
        aside = Path(name)
        _write_csv(comparison, aside / "comparison.csv")
        for model in comparison.pipelines:
            _save_figure(
                _draw_confusion(comparison, model), aside / f"confusion_{model}.png"
            )
            for estimator in comparison.estimators[model][:1]:
                if hasattr(last_step(estimator), "history_"):
                    display = TrainingHistoryDisplay.from_estimator(estimator)
                    _save_figure(display.figure_, aside / f"training_{model}.png")
        made = sorted(aside.iterdir())
        for file in made:
            file.replace(folder / file.name)
    return [folder / file.name for file in made]


def _write_csv(comparison: Comparison, path: Path) -> None:
    rows = comparison.to_rows()
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(map(as_cell, rows[0]))
        writer.writerows(map(as_cell, row.values()) for row in rows)


def _draw_confusion(comparison: Comparison, model: str) -> Any:
    from matplotlib.figure import Figure
    from sklearn.metrics import ConfusionMatrixDisplay

    figure = Figure(figsize=(6.4, 5.6), layout="constrained")
    axes = figure.subplots()
    y_test, y_pred = comparison.y_test, comparison.predictions[model]
    ConfusionMatrixDisplay.from_predictions(
        y_test,
        y_pred,
        display_labels=[plain(name) for name in np.union1d(y_test, y_pred)],
        normalize="true",
        values_format=".0%",
        cmap="cividis",
        im_kw={"vmin": 0, "vmax": 1},
        xticks_rotation=45,
        ax=axes,
    )
    accuracy = comparison.scores[model].accuracy
    axes.set_title(f"{plain(model)}: accuracy {accuracy:.1%}, rows add up to 100%")
    return figure


def _save_figure(figure: Any, path: Path) -> None:
    from matplotlib import pyplot

    figure.savefig(path, dpi=120)
    pyplot.close(figure)

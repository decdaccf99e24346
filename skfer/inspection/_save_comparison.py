"""The files that a comparison leaves behind."""

import tempfile
from pathlib import Path
from typing import Any

from skfer._wording import MAJORITY
from skfer.inspection._training_history import TrainingHistoryDisplay
from skfer.model_selection import Comparison


def save_comparison(comparison: Comparison, folder: str | Path) -> list[Path]:
    """Write the table, the confusion matrices and the training curves.

    All files are made aside first and moved when every one is complete, so
    that an error leaves nothing half-written.

    Parameters
    ----------
    comparison : Comparison
        From `compare_pipelines` with ``return_estimator=True``.
    folder : str or Path
        Where to write; it is made if needed, and files of the same names are
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
    >>> comparison = compare_pipelines(
    ...     {"hog": make_hog_svm()}, faces.images, faces.target, cv=2,
    ... )
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [path.name for path in save_comparison(comparison, folder)]
    ['comparison.csv', 'confusion_hog.png']
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".aside-", dir=folder) as name:
        aside = Path(name)
        comparison.to_csv(aside / "comparison.csv")
        for score in comparison.scores:
            if score.model == MAJORITY:
                continue
            _save_figure(
                _draw_confusion(comparison, score.model),
                aside / f"confusion_{score.model}.png",
            )
        for model, estimators in comparison.estimators.items():
            for estimator in estimators[:1]:
                final = estimator[-1] if hasattr(estimator, "steps") else estimator
                if hasattr(final, "history_"):
                    display = TrainingHistoryDisplay.from_estimator(final)
                    _save_figure(display.figure_, aside / f"training_{model}.png")
        made = sorted(aside.iterdir())
        for file in made:
            file.replace(folder / file.name)
    return [folder / file.name for file in made]


def _draw_confusion(comparison: Comparison, model: str) -> Any:
    from matplotlib.figure import Figure
    from sklearn.metrics import ConfusionMatrixDisplay

    score = next(score for score in comparison.scores if score.model == model)
    figure = Figure(figsize=(6.4, 5.6), layout="constrained")
    axes = figure.subplots()
    ConfusionMatrixDisplay.from_predictions(
        comparison.y_test,
        comparison.predictions[model],
        normalize="true",
        values_format=".0%",
        cmap="cividis",
        im_kw={"vmin": 0, "vmax": 1},
        xticks_rotation=45,
        ax=axes,
    )
    axes.set_title(f"{model}: accuracy {score.accuracy:.1%}, rows add up to 100 %")
    return figure


def _save_figure(figure: Any, path: Path) -> None:
    from matplotlib import pyplot

    figure.savefig(path, dpi=120)
    pyplot.close(figure)

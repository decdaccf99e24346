"""Saving a comparison as a table and figures."""

import io
import warnings
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np

from skfer._steps import last_step
from skfer._text import to_csv
from skfer._writing import written_aside
from skfer.inspection._pictures import plain
from skfer.inspection._training_history import TrainingHistoryDisplay
from skfer.model_selection import Comparison


def save_comparison(comparison: Comparison, folder: str | Path) -> list[Path]:
    """Write the table, the confusion matrices and the training curves.

    All files are written under other names first and renamed when all are complete,
    so that an error leaves nothing half-written.

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

    Raises
    ------
    OSError
        If they can't be written; none is then.

    Warns
    -----
    UserWarning
        If the fonts of matplotlib lack letters of class names.

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
    contents = {"comparison.csv": to_csv(comparison.to_rows())}
    for model in comparison.pipelines:
        contents[f"confusion_{model}.png"] = _draw(_draw_confusion(comparison, model))
        for estimator in comparison.estimators[model][:1]:
            if hasattr(last_step(estimator), "history_"):
                display = TrainingHistoryDisplay.from_estimator(estimator)
                contents[f"training_{model}.png"] = _draw(display.figure_)
    # Renamed only when all of them are written.
    with ExitStack() as files:
        for name, content in sorted(contents.items()):
            aside = files.enter_context(written_aside(Path(folder, name)))
            aside.write_bytes(content)
    return [Path(folder, name) for name in sorted(contents)]


def _draw_confusion(comparison: Comparison, model: str) -> Any:
    from matplotlib.figure import Figure
    from sklearn.metrics import ConfusionMatrixDisplay

    figure = Figure(figsize=(6.4, 5.6), layout="constrained")
    axes = figure.subplots()
    y_test, y_pred = comparison.y_test, comparison.predictions[model]
    ConfusionMatrixDisplay.from_predictions(
        y_test,
        y_pred,
        display_labels=[_spell(name) for name in np.union1d(y_test, y_pred)],
        normalize="true",
        values_format=".0%",
        cmap="cividis",
        im_kw={"vmin": 0, "vmax": 1},
        xticks_rotation=45,
        ax=axes,
    )
    accuracy = comparison.scores[model].accuracy
    axes.set_title(f"{_spell(model)}: accuracy {accuracy:.1%}, rows add up to 100%")
    return figure


def _spell(name: object) -> str:
    """Return a name as text for a figure; what the fonts lack, by its numbers.

    Browsers have more letters: the report shows them as they are.
    """
    from matplotlib import rcParams
    from matplotlib.font_manager import FontProperties, findfont, get_font

    families = rcParams["font.family"]
    fonts = [get_font(findfont(FontProperties(family=[one]))) for one in families]
    known = {code for font in fonts for code in font.get_charmap()}
    if lacking := sorted({one for one in str(name) if ord(one) not in known}):
        warnings.warn(
            f"The fonts {families} of matplotlib lack {''.join(lacking)!r}, which "
            f"figures show by their numbers. Install a font that has them, and add it "
            "to matplotlib.rcParams['font.family'].",
            UserWarning,
            stacklevel=4,
        )
    shown = "".join(
        one if ord(one) in known else one.encode("ascii", "backslashreplace").decode()
        for one in str(name)
    )
    return plain(shown)


def _draw(figure: Any) -> bytes:
    """Return a figure as PNG, and close it."""
    from matplotlib import pyplot

    content = io.BytesIO()
    figure.savefig(content, format="png", dpi=120)
    pyplot.close(figure)
    return content.getvalue()

"""How good a fitted model is on pictures that it has not seen."""

import time
from typing import Any

import numpy as np

from skfer._steps import check_classifier
from skfer.datasets import ImageTable
from skfer.model_selection import Comparison, FoldFit
from skfer.model_selection._compare_pipelines import count_copies_once
from skfer.model_selection._wording import MAJORITY
from skfer.prediction._classify_images import classify_images


def evaluate_model(
    model: Any,
    table: ImageTable,
    *,
    name: str = "model",
    n_jobs: int | None = None,
) -> Comparison:
    """Test a fitted model, with intervals by picture and by person.

    Parameters
    ----------
    model : classifier
        Fitted. It is not fitted again.
    table : ImageTable
        Pictures with labels; pictures that it was fitted on would make the result
        meaningless.
    name : str, default="model"
        What to call it.
    n_jobs : int or None, default=None
        Number of threads that read files.

    Returns
    -------
    Comparison
        Of the model with the class that is the most frequent among these pictures.
        Rows that can't be read are left out. An answer that is no class, such as
        "unknown", counts as wrong; labels that are numbers become texts beside it.

    Raises
    ------
    TypeError
        If ``model`` is no classifier.
    ValueError
        If it is not fitted, there are no labels, no picture can be read, or a class is
        unknown to the model.

    See Also
    --------
    skfer.model_selection.compare_pipelines : Trains as well.

    Examples
    --------
    >>> from skfer import make_hog_svm
    >>> from skfer.datasets import make_faces
    >>> from skfer.prediction import evaluate_model
    >>> two = {"classes": ["happy", "sad"]}
    >>> faces, others = (make_faces(70, **two, random_state=seed) for seed in (0, 1))
    >>> model = make_hog_svm(image_size=24).fit(faces.images, faces.target)
    >>> evaluate_model(model, others).scores["model"].n_correct
    69.0
    """
    if table.target is None:
        raise ValueError(
            "evaluate_model needs a table with labels. Read it with read_images, from "
            "a folder for each class."
        )
    model = check_classifier(model, "evaluate_model")
    known = np.asarray(model.classes_).tolist()
    if strange := sorted({*table.target.tolist()} - {*known}, key=str):
        raise ValueError(
            f"evaluate_model got pictures of {strange}, which the model does not know. "
            f"Its classes are {known}. Leave them out, or rename the folders."
        )
    table = table[table.is_readable]
    rows = np.arange(len(table))
    ((seen, rows),), n_copies = count_copies_once(table, [(rows[:0], rows)])
    begun = time.perf_counter()
    results = classify_images(model, table[rows], n_jobs=n_jobs)
    seconds = time.perf_counter() - begun
    is_known = results.is_readable
    if not is_known.any():
        raise ValueError(
            "evaluate_model got no picture that can be classified. The first: "
            f"{results.status[0] if len(results) else 'there is none'}."
        )
    rows, results = rows[is_known], results[is_known]
    y, predicted = results.target, results["predicted"]
    if not set(predicted.tolist()) <= set(known):
        # "unknown" can't be compared with labels that are numbers.
        names = {label: str(label) for label in known}
        table["target"] = [names[label] for label in table.target.tolist()]
        y = np.array([names[label] for label in y.tolist()])
        predicted = np.array([names.get(label, str(label)) for label in predicted])
    labels, counts = np.unique(y, return_counts=True)
    fits = {
        name: FoldFit(
            predicted=predicted,
            score=float(np.mean(predicted == y)),
            confidence=results["probability"].max(axis=1),
            is_probability=hasattr(model, "predict_proba"),
            predict_seconds=seconds,
            estimator=model,
        ),
        MAJORITY: FoldFit(
            predicted=np.full(len(y), labels[counts.argmax()]),
            score=float(counts.max() / len(y)),
        ),
    }
    fits_by_name = {key: [fit] for key, fit in fits.items()}
    return Comparison(
        table, {name: model}, [(seen, rows)], fits_by_name, n_copies=n_copies
    )

"""Labels, probabilities and faces of pictures, one row for each."""

import copy
from typing import Any, NamedTuple

import numpy as np
from sklearn.pipeline import Pipeline

from skfer._decoding import decode_all
from skfer._steps import check_classifier, find_part, find_parts, transform
from skfer._threads import count_threads, run_in_threads
from skfer._validation import check_collection, check_size, holds_paths
from skfer.datasets import ImageTable
from skfer.faces import FaceCropper
from skfer.model_selection import SelectiveClassifier
from skfer.model_selection._confidence import predict_shares
from skfer.preprocessing import ImageLoader

#: Status of pictures in which the model needs a face.
NO_FACE = "no face is found"


class _Read(NamedTuple):
    """Pictures as far as they were read."""

    X: Any  # One entry for each row, whether it can be read or not.
    steps: list[tuple[str, Any]]  # What is left to do; the last one classifies.
    reasons: np.ndarray  # Why a row can't be classified; empty where it can.
    face: np.ndarray | None = None  # "found", "missing" or "unreadable".
    box: np.ndarray | None = None


def classify_images(model: Any, X: Any, *, n_jobs: int | None = None) -> ImageTable:
    """Classify pictures, and keep a row for each of them.

    Parameters
    ----------
    model : classifier
        Fitted: a Pipeline of skfer, or what wraps one, such as
        `CalibratedClassifierCV`.
    X : ImageTable, or array-like of str or Path of shape (n_samples,), or images
        The pictures; of `list_pictures` for folders and videos. Files are read only
        here, so that memory does not depend on their number if they come in parts.
    n_jobs : int or None, default=None
        Number of threads that read files. None means one, -1 all cores.

    Returns
    -------
    ImageTable
        With the columns of ``X`` and

        - ``predicted``: the label, None where ``status`` says why there is none;
        - ``probability`` of shape (n_samples, n_classes): in the order of
          ``model.classes_``, nan where there is none; shares that are not calibrated
          if the model has no ``predict_proba``;
        - ``status``: why a picture could not be read or classified, else empty;
        - ``face`` ("found", "missing" or "unreadable") and ``box`` (left, top, right
          and bottom in pixels, nan where there is none), if the model looks for faces.

    Raises
    ------
    TypeError
        If ``model`` is no classifier.
    ValueError
        If it is not fitted, or ``X`` holds neither files nor images.

    See Also
    --------
    list_pictures : Finds the pictures of folders, archives and videos.
    evaluate_model : Compares with labels that are known.

    Examples
    --------
    >>> from skfer import load_pretrained
    >>> from skfer.datasets import make_faces
    >>> from skfer.prediction import classify_images
    >>> model = load_pretrained()
    >>> results = classify_images(model, make_faces(3, random_state=0).images)
    >>> results.probability.shape, results.status.tolist()
    ((3, 7), ['', '', ''])
    """
    model = check_classifier(model, "classify_images")
    table = X if isinstance(X, ImageTable) else ImageTable(X)
    check_collection(table.X, "classify_images")
    read = _read(model, table.X, n_jobs)
    rows = np.flatnonzero(read.reasons == "")
    predicted = np.full(len(table), None, dtype=object)
    probability = np.full((len(table), len(model.classes_)), np.nan)
    if len(rows):
        *before, (_, last) = read.steps
        features = transform(before, read.X[rows])
        probability[rows] = predict_shares(last, features)
        # Both are of the same probabilities; the rest of the model is run once.
        labels = (
            last.answer(probability[rows])
            if isinstance(last, SelectiveClassifier)
            else last.predict(features)
        )
        predicted[rows] = np.asarray(labels).tolist()
    columns = {
        "predicted": predicted,
        "probability": probability,
        "status": read.reasons,
        "face": read.face,
        "box": read.box,
    }
    results = table[np.arange(len(table))]
    for name, values in columns.items():
        if values is not None:
            results[name] = values
    return results


def _read(model: Any, X: Any, n_jobs: int | None) -> _Read:
    """Read the files of pictures, and find the faces if the model does."""
    steps = model.steps if type(model) is Pipeline else [("model", model)]
    first = steps[0][1]
    cropper = find_part(model, FaceCropper)
    if cropper is not None:
        images, reasons, face, box = _crop(cropper, X)
        if first is cropper:
            return _Read(images, steps[1:], reasons, face, box)
        return _Read(X, steps, reasons, face, box)
    if not holds_paths(X):
        return _Read(X, steps, np.full(len(X), "", dtype=object))
    loader = first if isinstance(first, ImageLoader) else _common_loader(model)
    images, reasons = _decode(loader, X, n_jobs)
    return _Read(images, steps[1:] if first is loader else steps, reasons)


def _common_loader(model: Any) -> ImageLoader:
    """Return how all parts of a model read files, or what keeps all that they need."""
    loaders = [part for part in find_parts(model) if isinstance(part, ImageLoader)]
    if len({(loader.mode, _size_of(loader)) for loader in loaders}) == 1:
        return loaders[0]
    return ImageLoader(None)


def _size_of(loader: ImageLoader) -> tuple[int, int] | None:
    return None if loader.size is None else check_size(loader, loader.size)


def _crop(cropper: FaceCropper, X: Any) -> tuple[Any, ...]:
    quiet = copy.copy(cropper)
    is_needed = cropper.on_missing == "raise"
    quiet.on_error = "blank"
    quiet.on_missing = "full" if is_needed else cropper.on_missing
    cropped = quiet.crop(X)
    faces = cropped.faces
    reasons = np.array(faces.reasons, dtype=object)
    if is_needed:
        reasons[cropped.status == "missing"] = NO_FACE
    box = np.full((len(reasons), 4), np.nan)
    has_face = faces.largest >= 0
    box[has_face] = faces.box[faces.largest[has_face]]
    return cropped.images, reasons, cropped.status, box


def _decode(loader: ImageLoader, paths: Any, n_jobs: int | None) -> tuple[Any, Any]:
    """Return the images of files as the loader reads them, and why some have none."""
    size = _size_of(loader)
    step = -(-len(paths) // (4 * count_threads(n_jobs)))

    def work(start: int) -> list[Any]:
        return decode_all(list(paths[start : start + step]), loader.mode, size)

    decoded = [
        one
        for part in run_in_threads(n_jobs, work, range(0, len(paths), step))
        for one in part
    ]
    images = np.empty(len(decoded), dtype=object)
    images[:] = [one.pixels for one in decoded]
    return images, np.array([one.reason or "" for one in decoded], dtype=object)

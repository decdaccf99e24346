"""Keeping a model in a file that can be handed on."""

import io
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from skfer._steps import check_classifier, find_parts, last_step
from skfer._text import count_of
from skfer._writing import check_free, written_aside
from skfer.datasets import ImageAudit, ImageTable
from skfer.model_selection import Comparison
from skfer.persistence._check_parts import check_parts
from skfer.persistence._describe import (
    LIMITS,
    describe_audit,
    describe_faces,
    describe_here,
    describe_model,
    describe_results,
    describe_training,
)
from skfer.persistence._model_card import ModelCard
from skfer.persistence._model_file import pack
from skfer.persistence._trusted import TRUSTED, find_strange


def save_model(
    model: Any,
    path: str | os.PathLike,
    *,
    name: str | None = None,
    table: ImageTable | None = None,
    audit: ImageAudit | None = None,
    refit: bool = True,
    notes: str = "",
    overwrite: bool = False,
    trusted: Sequence[str] = (),
) -> ModelCard:
    """Save a fitted model, or the winner of a comparison, with a card.

    The file holds arrays, texts and numbers only, written by skops: nothing in it is
    code, unlike in a pickle.

    Parameters
    ----------
    model : classifier or Comparison
        Fitted; of a fitted search, its best estimator is saved. Of a comparison, its
        best model, or the one called ``name``.
    path : str or Path
        File to write, for instance "smile.skfer".
    name : str, default=None
        What to call it on the card; of a comparison, which model to save.
    table : ImageTable, default=None
        The images that ``model`` was fitted on, which the card describes. A
        comparison knows its own.
    audit : ImageAudit, default=None
        Of these images, from `audit_images`, for the card.
    refit : bool, default=True
        Of a comparison: whether to fit the model on all images, which usually makes it
        better than what was tested. False saves the model as it was tested, which
        needs a single split.
    notes : str, default=""
        What else people should know of it.
    overwrite : bool, default=False
        Whether a file that exists may be replaced.
    trusted : sequence of str, default=()
        Names of further types that the model contains, as the error lists them. Whoever
        loads the file has to trust them too.

    Returns
    -------
    ModelCard
        What the file says of it.

    Raises
    ------
    FileExistsError
        If the file exists and ``overwrite`` is False.
    OSError
        If the file can't be written, for instance to a full disk; it says where the
        model is kept then.
    TypeError
        If ``model`` is neither a classifier nor a comparison.
    ValueError
        If it is not fitted, contains types that are not trusted, a comparison has no
        model ``name``, or ``path`` can't be written.

    See Also
    --------
    load_model : Loads it again.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from skfer import make_hog_svm
    >>> from skfer.datasets import make_faces
    >>> from skfer.persistence import load_model, save_model
    >>> faces = make_faces(140, classes=["happy", "sad"], random_state=0)
    >>> model = make_hog_svm(image_size=24).fit(faces.images, faces.target)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "smile.skfer"
    ...     card = save_model(model, path, table=faces)
    ...     again = load_model(path)
    >>> card.training["images"], again.predict(faces.images[:1]).tolist()
    (140, ['sad'])
    """
    check_free(path, "save_model's path", overwrite)
    if isinstance(model, Comparison):
        comparison, name = model, model.best_name if name is None else name
        if name not in comparison.pipelines:
            raise ValueError(
                f"save_model got name={name!r}, and the models of the comparison are "
                f"{list(comparison.pipelines)}."
            )
        model, table, fitted_on = _take_winner(comparison, name, refit)
        results = describe_results(comparison, name)
    else:
        results, fitted_on = {"limits": list(LIMITS)}, ""
    model = _check_model(model)
    if table is not None:
        results["limits"] = [*describe_faces(table), *results["limits"]]
    training, hashes = ({}, None) if table is None else describe_training(table)
    card = ModelCard(
        name=name or type(last_step(model)).__name__,
        fitted_on=fitted_on,
        training=training,
        audit=None if audit is None else describe_audit(audit),
        notes=notes,
        **describe_model(model),
        **results,
        **describe_here(),
    )
    content = _dump(model, card, hashes, trusted)
    try:
        with written_aside(path) as aside:
            aside.write_bytes(content)
    except OSError as error:
        _rescue(content, Path(path).name, error)
    return card


def _rescue(content: bytes, name: str, error: OSError) -> NoReturn:
    """Write a model to another place, since to fit it may have taken hours."""
    place = Path(tempfile.mkdtemp(prefix="skfer-"), name)
    try:
        place.write_bytes(content)
    except OSError:
        shutil.rmtree(place.parent, ignore_errors=True)
        raise error from None
    reason = f"{error.strerror}. The model is safe in {place}: move it to its place"
    raise OSError(error.errno, reason, error.filename) from error


def _take_winner(
    comparison: Comparison, name: str, refit: bool
) -> tuple[Any, ImageTable, str]:
    """Return a model of a comparison, its images, and which these are, in words."""
    if refit:
        fitted_on = "It was fitted on all of them, after it was tested."
        return comparison.refit(name), comparison.table, fitted_on
    estimators = comparison.estimators[name]
    if comparison.n_folds != 1 or len(estimators) != 1:
        raise ValueError(
            f"save_model can't save {name!r} as it was tested: it was trained "
            f"{count_of(comparison.n_folds, 'time')} and {len(estimators)} of these "
            "models were kept. Pass refit=True, or compare on a single split with "
            "return_estimator=True."
        )
    ((train, _),) = comparison.folds
    return estimators[0], comparison.table[train], "It is the model that was tested."


def _check_model(model: Any) -> Any:
    model = check_classifier(model, "save_model, which also takes a Comparison,")
    try:
        with _without_caches(model):
            check_parts(model)
    except ValueError as error:
        raise ValueError(f"save_model can't save it: {error}.") from error
    return model


@contextmanager
def _without_caches(model: Any) -> Iterator[None]:
    """Set ``cache_dir`` to None for a while: elsewhere, a model must write nothing."""
    cached = {
        part: part.cache_dir
        for part in find_parts(model)
        if getattr(part, "cache_dir", None) is not None
    }
    try:
        for part in cached:
            part.cache_dir = None
        yield
    finally:
        for part, folder in cached.items():
            part.cache_dir = folder


def _dump(
    model: Any, card: ModelCard, hashes: np.ndarray | None, trusted: Sequence[str]
) -> bytes:
    import skops.io
    from skops.io.exceptions import UnsupportedTypeException

    try:
        with _without_caches(model):
            dumped = skops.io.dumps(model)
        untrusted = skops.io.get_untrusted_types(data=dumped)
        with zipfile.ZipFile(io.BytesIO(dumped)) as archive:
            untrusted += find_strange(json.loads(archive.read("schema.json")), trusted)
    except (UnsupportedTypeException, RecursionError, TypeError, ValueError) as error:
        raise ValueError(
            f"save_model can't save this {type(model).__name__}: {error} Parameters "
            "that are no numbers, texts, arrays or estimators, such as keras.Model or "
            "functions without a name, can't be saved."
        ) from error
    if strange := sorted(set(untrusted) - {*TRUSTED, *trusted}):
        raise ValueError(
            f"save_model got a model with types that load_model does not trust: "
            f"{', '.join(strange)}. If you trust them, pass trusted={strange} to both."
        )
    added = {"card.json": card.to_json(), "card.md": card.to_markdown()}
    members = {name: text.encode() for name, text in added.items()}
    if hashes is not None and len(hashes):
        buffer = io.BytesIO()
        np.save(buffer, hashes, allow_pickle=False)
        members["images.npy"] = buffer.getvalue()
    return pack(dumped, members)

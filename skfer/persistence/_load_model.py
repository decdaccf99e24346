"""Reading a model file, without running anything that it says."""

import io
import os
import zipfile
from collections.abc import Sequence
from inspect import Parameter, signature
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skfer._steps import find_parts
from skfer.persistence._check_parts import check_parts
from skfer.persistence._describe import describe_model
from skfer.persistence._model_card import ModelCard
from skfer.persistence._model_file import opened, read_json
from skfer.persistence._trusted import TRUSTED, find_strange

# Fields of the card that the model must bear out.
_CHECKED = ("classes", "image_shape", "threshold")


def load_model(path: str | os.PathLike, *, trusted: Sequence[str] = ()) -> Any:
    """Load a model that `save_model` wrote.

    Nothing in the file is run. It is checked first that no byte was changed, that all
    types are known, and that arrays are as large as they say.

    Parameters
    ----------
    path : str or Path
        The file.
    trusted : sequence of str, default=()
        Names of further types that it may have, as the error lists them. Their code is
        run: name only those that you know.

    Returns
    -------
    classifier
        Fitted; usually a Pipeline.

    Raises
    ------
    OSError
        If the file can't be opened.
    ValueError
        If it is no model file, was cut short or changed, was written by a newer version
        of skfer, has types that are not trusted, or a card that contradicts the model.

    See Also
    --------
    read_card : What is known of it, without loading it.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from skfer import make_lbp_svm
    >>> from skfer.datasets import make_faces
    >>> from skfer.persistence import load_model, save_model
    >>> faces = make_faces(140, classes=["happy", "sad"], random_state=0)
    >>> model = make_lbp_svm(image_size=24).fit(faces.images, faces.target)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "smile.skfer"
    ...     _ = save_model(model, path)
    ...     load_model(path).classes_.tolist()
    ['happy', 'sad']
    """
    with opened(path, "load_model") as archive:
        card = ModelCard.from_dict(read_json(archive, "card.json"))
        model = _rebuild(archive, path, trusted)
        found = _describe(model, path)
    for name in _CHECKED:
        if (said := getattr(card, name)) != found[name]:
            raise ValueError(
                f"load_model: the card in {path} says {name} = {str(said)[:200]}, but "
                f"the model has {str(found[name])[:200]}. The file was not written by "
                "save_model."
            )
    return model


def _describe(model: Any, path: Any) -> dict[str, Any]:
    try:
        _add_new_parameters(model)
        check_is_fitted(model)
        check_parts(model)
        return describe_model(model)
    except Exception as error:
        raise ValueError(
            f"load_model: what {path} holds is no whole classifier "
            f"({type(error).__name__}: {str(error)[:200]})."
        ) from error


def _add_new_parameters(model: Any) -> None:
    """Give a model of an earlier version the defaults of parameters added since."""
    for part in find_parts(model):
        if not type(part).__module__.startswith("skfer."):
            continue
        for name, parameter in signature(type(part)).parameters.items():
            if parameter.default is not Parameter.empty and not hasattr(part, name):
                setattr(part, name, parameter.default)


def _rebuild(archive: zipfile.ZipFile, path: Any, trusted: Sequence[str]) -> Any:
    import skops.io
    from skops.io.exceptions import UntrustedTypesFoundException

    known = [*TRUSTED, *trusted]
    try:
        untrusted = skops.io.get_untrusted_types(file=archive.fp)
        strange = find_strange(read_json(archive, "schema.json"), trusted)
        if found := sorted({*untrusted, *strange} - {*known}):
            raise UntrustedTypesFoundException(found)
        return skops.io.load(archive.fp, trusted=known)
    except UntrustedTypesFoundException as error:
        raise ValueError(
            f"load_model: {path} has types that skfer does not trust: {error} If you "
            "know what they do, pass their names as trusted=[...]."
        ) from error
    except Exception as error:
        # What a file can say wrongly is without end, and so are the errors of it.
        raise ValueError(
            f"load_model: the model in {path} can't be built again "
            f"({type(error).__name__}: {str(error)[:200]})."
        ) from error


def read_card(path: str | os.PathLike) -> ModelCard:
    """Read what is known of a model, without loading it.

    Parameters
    ----------
    path : str or Path
        File that `save_model` wrote.

    Returns
    -------
    ModelCard
        The card in it.

    Raises
    ------
    OSError
        If the file can't be opened.
    ValueError
        If it is no model file, or was changed.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from skfer import make_lbp_svm
    >>> from skfer.datasets import make_faces
    >>> from skfer.persistence import read_card, save_model
    >>> faces = make_faces(140, classes=["happy", "sad"], random_state=0)
    >>> model = make_lbp_svm(image_size=24).fit(faces.images, faces.target)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "smile.skfer"
    ...     _ = save_model(model, path, table=faces)
    ...     read_card(path).training["classes"]
    {'happy': 70, 'sad': 70}
    """
    with opened(path, "read_card") as archive:
        return ModelCard.from_dict(read_json(archive, "card.json"))


def read_hashes(path: str | os.PathLike) -> np.ndarray | None:
    """Return the hashes of the images that a model was fitted on, None if unknown.

    Raises
    ------
    OSError
        If the file can't be opened.
    ValueError
        If it is no model file, or was changed.
    """
    with opened(path, "read_hashes") as archive:
        if "images.npy" not in archive.namelist():
            return None
        return np.load(io.BytesIO(archive.read("images.npy")), allow_pickle=False)

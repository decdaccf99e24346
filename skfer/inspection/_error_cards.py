"""Errors of models, each with what may explain it."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from sklearn.neighbors import NearestNeighbors

from skfer.inspection._draw_explanation import draw_explanation
from skfer.inspection._first_answers import FirstAnswers
from skfer.inspection._page import embed_picture
from skfer.inspection._pictures import read_original, read_pictures
from skfer.model_selection import Comparison

_MAX_ERRORS = 12
_N_NEAREST = 3
_SIDE = 96  # Of pictures, in pixels.


class _Nearest(NamedTuple):
    source: str
    label: str


@dataclass(frozen=True)
class ErrorCard:
    """A picture that a model gets wrong.

    Attributes
    ----------
    name, label, predicted : str
        The file, its label, and the answer.
    share : str
        The probability of the answer, such as " 92%"; may be empty.
    source : str
        The picture as a data URI.
    explanation : str
        The face with what speaks for the answer, as a data URI; may be empty.
    nearest : list of tuple (source, label)
        The training pictures that look most like it.

    Examples
    --------
    >>> from skfer.inspection._error_cards import ErrorCard
    >>> ErrorCard("a.png", "sad", "happy", " 92%", "data:,").nearest
    []
    """

    name: str
    label: str
    predicted: str
    share: str
    source: str
    explanation: str = ""
    nearest: list[_Nearest] = field(default_factory=list)


def find_errors(
    comparison: Comparison, answers: FirstAnswers, model: str
) -> list[ErrorCard]:
    """Return the errors that a model is most confident of.

    Parameters
    ----------
    comparison : Comparison
        Of images.
    answers : FirstAnswers
        Of its models.
    model : str
        Name of a model.

    Returns
    -------
    list of ErrorCard
        At most 12, explained if the fitted pipelines were kept.
    """
    said, sure = answers.predicted[model], answers.confidence[model]
    places = np.flatnonzero(said != answers.label)
    if sure is not None:
        places = places[np.argsort(-sure[places], kind="stable")]
    places = places[:_MAX_ERRORS]
    nearest = _find_nearest(comparison, answers, places)
    return [
        ErrorCard(
            answers.names[place],
            str(answers.label[place]),
            str(said[place]),
            answers.show_share(model, place),
            _show(comparison, [answers.rows[place]])[0],
            _explain(comparison, answers, model, place),
            [
                _Nearest(source, str(comparison.table.target[row]))
                for source, row in zip(
                    _show(comparison, nearest[place]), nearest[place], strict=True
                )
            ],
        )
        for place in places.tolist()
    ]


def find_agreed_errors(
    comparison: Comparison, answers: FirstAnswers
) -> list[ErrorCard]:
    """Return pictures to which all of several models give the same other class.

    Parameters
    ----------
    comparison : Comparison
        Of images.
    answers : FirstAnswers
        Of its models.

    Returns
    -------
    list of ErrorCard
        At most 12, those of the most confident models first.
    """
    said = list(answers.predicted.values())
    if len(said) < 2:
        return []
    is_agreed = np.all([one == said[0] for one in said], axis=0)
    places = np.flatnonzero(is_agreed & (said[0] != answers.label))
    known = [sure for sure in answers.confidence.values() if sure is not None]
    if known:
        places = places[np.argsort(-np.mean(known, axis=0)[places], kind="stable")]
    return [
        ErrorCard(
            answers.names[place],
            str(answers.label[place]),
            str(said[0][place]),
            "",
            _show(comparison, [answers.rows[place]])[0],
        )
        for place in places[:_MAX_ERRORS].tolist()
    ]


def _show(comparison: Comparison, rows: Any) -> list[str]:
    pictures = read_pictures(comparison.table, list(rows), _SIDE)
    return [embed_picture(picture) for picture in pictures]


def _explain(
    comparison: Comparison, answers: FirstAnswers, model: str, place: int
) -> str:
    fitted = comparison.fits[model][answers.fold[place]].estimator
    if fitted is None:
        return ""
    label = answers.predicted[model][place]
    try:
        image = read_original(comparison.table, answers.rows[place])
        drawn = draw_explanation(fitted, image, _SIDE * 2, label=label)
    except ValueError:  # The file is gone, or the classifier can't be explained.
        return ""
    return embed_picture(drawn)


def _find_nearest(
    comparison: Comparison, answers: FirstAnswers, places: np.ndarray
) -> dict[int, list[int]]:
    """Return the rows of the training pictures that look most like each picture."""
    small = comparison.table.fingerprints.small
    found: dict[int, list[int]] = {}
    for fold in np.unique(answers.fold[places]).tolist():
        train, _ = comparison.folds[fold]
        here = places[answers.fold[places] == fold]
        if len(train) == 0:  # A model that was fitted before is tested.
            found |= {place: [] for place in here.tolist()}
            continue
        n = min(_N_NEAREST, len(train))
        search = NearestNeighbors(n_neighbors=n).fit(_standardize(small[train]))
        _, near = search.kneighbors(_standardize(small[answers.rows[here]]))
        found |= {
            place: train[rows].tolist()
            for place, rows in zip(here.tolist(), near, strict=True)
        }
    return found


def _standardize(small: np.ndarray) -> np.ndarray:
    """Return rows of pixels that neither light nor contrast tells apart."""
    rows = small.reshape(len(small), -1).astype(np.float32)
    rows -= rows.mean(axis=1, keepdims=True)
    spread = rows.std(axis=1, keepdims=True)
    rows /= np.maximum(spread, 1)
    return rows

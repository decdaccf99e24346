"""The table of all test pictures on the page of a comparison."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from skfer.inspection._first_answers import FirstAnswers
from skfer.inspection._page import embed_picture
from skfer.inspection._pictures import read_pictures
from skfer.model_selection import Comparison

# Side of the pictures, in pixels, up to so many of them.
_SIDES = ((64, 1000), (48, 10_000), (32, 10**9))
# All pictures together; browsers open larger pages slowly.
_MAX_BYTES = 10_000_000
_AT_ONCE = 500


class _Answer(NamedTuple):
    label: str
    share: str


class _Row(NamedTuple):
    source: str  # Empty if the picture is not shown.
    name: str
    label: str
    answers: list[_Answer]
    more: list[str]


@dataclass(frozen=True)
class TestedPictures:
    """A row for each test picture, those that most models get wrong first.

    Attributes
    ----------
    heads : list of str
        Names of the columns.
    rows : list of tuple (source, name, label, answers, more)
        The cells; ``source`` is the picture as a data URI.
    models, labels : list of str
        Names of the models, and of all labels and answers.
    n_shown : int
        How many rows have a picture: as many as fit into 10 MB.

    Examples
    --------
    >>> from skfer import make_hog_svm
    >>> from skfer.datasets import make_faces
    >>> from skfer.inspection._first_answers import FirstAnswers
    >>> from skfer.inspection._tested_pictures import TestedPictures
    >>> from skfer.model_selection import compare_pipelines
    >>> faces = make_faces(140, classes=["happy", "sad"], random_state=0)
    >>> pipelines = {"hog": make_hog_svm(image_size=24)}
    >>> comparison = compare_pipelines(pipelines, faces, cv=2)
    >>> answers = FirstAnswers.from_comparison(comparison)
    >>> TestedPictures.from_answers(comparison, answers).heads
    ['picture', 'file', 'label', 'hog', 'models right', 'person or group', 'fold']
    """

    heads: list[str]
    rows: list[_Row]
    models: list[str]
    labels: list[str]
    n_shown: int

    # pytest takes it for a test otherwise.
    __test__ = False

    @classmethod
    def from_answers(
        cls, comparison: Comparison, answers: FirstAnswers
    ) -> "TestedPictures":
        """List the pictures.

        Parameters
        ----------
        comparison : Comparison
            Of images.
        answers : FirstAnswers
            Of its models.

        Returns
        -------
        TestedPictures
            All of them.
        """
        table, models = comparison.table, list(answers.predicted)
        n_right = answers.count_right()
        order = np.argsort(n_right, kind="stable").tolist()
        sources = _embed(comparison, answers.rows[order].tolist())
        more: dict[str, list[str]] = {
            "models right": [f"{n} of {len(models)}" for n in n_right]
        }
        if table.groups is not None:
            more["person or group"] = table.groups[answers.rows].astype(str).tolist()
        if "box" in table.columns:
            more["face box"] = [
                "" if np.isnan(box[0]) else " ".join(f"{side:.0f}" for side in box)
                for box in table["box"][answers.rows]
            ]
        if comparison.n_folds > 1:
            more["fold"] = [str(number + 1) for number in answers.fold]
        said = [comparison.y_test, *answers.predicted.values()]
        return cls(
            ["picture", "file", "label", *models, *more],
            [
                _Row(
                    source,
                    answers.names[place],
                    str(answers.label[place]),
                    [
                        _Answer(str(said[place]), answers.show_share(name, place))
                        for name, said in answers.predicted.items()
                    ],
                    [cells[place] for cells in more.values()],
                )
                for source, place in zip(sources, order, strict=True)
            ],
            models,
            [str(name) for name in np.unique(np.concatenate(said))],
            sum(map(bool, sources)),
        )


def _embed(comparison: Comparison, rows: list[int]) -> list[str]:
    """Return as many pictures as fit, then empty strings."""
    side = next(side for side, most in _SIDES if len(rows) <= most)
    sources: list[str] = []
    n_bytes = 0
    for start in range(0, len(rows), _AT_ONCE):
        part = rows[start : start + _AT_ONCE]
        for picture in read_pictures(comparison.table, part, side):
            source = embed_picture(picture)
            n_bytes += len(source)
            if n_bytes > _MAX_BYTES:
                return sources + [""] * (len(rows) - len(sources))
            sources.append(source)
    return sources

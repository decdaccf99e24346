"""A confusion matrix as the cells of a table."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from sklearn.metrics import confusion_matrix

_STEPS = 10  # Shades of a cell.


class _Cell(NamedTuple):
    n_pictures: int
    share: str
    strength: int  # 0 to 10.


@dataclass(frozen=True)
class ConfusionTable:
    """Counts and shares of each label and answer.

    Attributes
    ----------
    model : str
        Whose answers.
    labels : list of str
        The classes, in the order of the columns.
    rows : list of tuple (label, cells)
        A cell is (count, share of the row as text, share of the row in tenths).

    Examples
    --------
    >>> from skfer.inspection._confusion_table import ConfusionTable
    >>> table = ConfusionTable.from_predictions("hog", ["a", "a", "b"], ["a", "b", "b"])
    >>> label, cells = table.rows[0]
    >>> label, cells[1].n_pictures, cells[1].share
    ('a', 1, '50%')
    """

    model: str
    labels: list[str]
    rows: list[tuple[str, list[_Cell]]]

    @classmethod
    def from_predictions(
        cls, model: str, y_true: np.ndarray, y_pred: np.ndarray
    ) -> "ConfusionTable":
        """Count.

        Parameters
        ----------
        model : str
            Whose answers.
        y_true, y_pred : array-like of shape (n_samples,)
            Labels and answers.

        Returns
        -------
        ConfusionTable
            With a row for each label, and a column for each label and answer.
        """
        labels = np.unique(np.concatenate([y_true, y_pred]))
        counts = confusion_matrix(y_true, y_pred, labels=labels)
        shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        names = [str(label) for label in labels]
        rows = [
            (
                name,
                [
                    _Cell(int(count), f"{100 * share:.0f}%", round(_STEPS * share))
                    for count, share in zip(line, part, strict=True)
                ],
            )
            for name, line, part in zip(names, counts, shares, strict=True)
            if line.any()
        ]
        return cls(model, names, rows)

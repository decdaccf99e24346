"""Counts are those of scikit-learn, shares those of the rows."""

import numpy as np
from sklearn.metrics import confusion_matrix

from skfer.inspection._confusion_table import ConfusionTable


def test_cells():
    rng = np.random.default_rng(0)
    truth, said = rng.choice(["a", "b", "c"], (2, 200))
    table = ConfusionTable.from_predictions("m", truth, said)
    counts = [[cell.n_pictures for cell in cells] for _, cells in table.rows]
    assert counts == confusion_matrix(truth, said).tolist()
    for _, cells in table.rows:
        n = sum(cell.n_pictures for cell in cells)
        for cell in cells:
            assert cell.share == f"{100 * cell.n_pictures / n:.0f}%"
            assert cell.strength == round(10 * cell.n_pictures / n)


def test_an_answer_that_is_no_label_has_a_column_but_no_row():
    table = ConfusionTable.from_predictions("m", [1, 1, 2], [1, 3, 2])
    assert table.labels == ["1", "2", "3"]
    assert [label for label, _ in table.rows] == ["1", "2"]

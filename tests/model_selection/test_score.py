"""A score holds what scikit-learn computes of the predictions."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score, recall_score

from tests.model_selection.made_up import make


def test_a_score_agrees_with_scikit_learn():
    comparison = make({"hog": 0.8})
    score = comparison.scores["hog"]
    y, predicted = comparison.y_test, comparison.predictions["hog"]
    assert score.model == "hog"
    assert score.accuracy == pytest.approx(accuracy_score(y, predicted))
    assert score.macro_f1 == pytest.approx(f1_score(y, predicted, average="macro"))
    by_class = recall_score(y, predicted, average=None)
    assert dict(zip(np.unique(y), by_class, strict=True)) == pytest.approx(score.recall)
    for name in ("score", "accuracy", "macro_f1"):
        low, high = (getattr(score, f"{name}_{end}") for end in ("low", "high"))
        assert low < getattr(score, name) < high

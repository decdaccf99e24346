"""Of pictures that were tested several times, the first answer counts."""

import numpy as np

from skfer.inspection._first_answers import FirstAnswers
from skfer.model_selection import Comparison
from tests.model_selection.made_up import make


def repeat(comparison):
    """The same comparison, tested a second time with all answers wrong."""
    fits = {
        name: [*folds, *(flip(fold) for fold in folds)]
        for name, folds in comparison.fits.items()
    }
    return Comparison(
        comparison.table, comparison.pipelines, comparison.folds * 2, fits
    )


def flip(fold):
    kept = {"score": fold.score, "fit_seconds": 1.0, "n_bytes": 1}
    other = np.where(fold.predicted == "sad", "happy", "sad")
    return type(fold)(predicted=other, **kept)


def test_rows_folds_and_answers():
    comparison = make({"a": 0.9, "b": 0.5}, n_folds=4)
    answers = FirstAnswers.from_comparison(repeat(comparison))
    assert answers.rows.tolist() == list(range(120))
    assert answers.fold.tolist() == np.repeat(range(4), 30).tolist()
    assert list(answers.predicted) == ["a", "b"]
    for name, predicted in answers.predicted.items():
        assert predicted.tolist() == comparison.predictions[name].tolist()
    right = [comparison.predictions[name] == comparison.y_test for name in "ab"]
    assert answers.count_right().tolist() == np.sum(right, axis=0).tolist()
    assert answers.names[:2] == ["row 0", "row 1"]


def test_only_probabilities_are_shown():
    answers = FirstAnswers.from_comparison(make({"a": 0.9}))
    assert answers.show_share("a", 0) == ""
    answers.confidence["a"] = np.full(120, 0.876)
    assert answers.show_share("a", 0) == ""
    answers.is_probability["a"] = True
    assert answers.show_share("a", 0) == " 88%"

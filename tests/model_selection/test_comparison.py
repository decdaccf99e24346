"""Sentences, tests of pairs, table and figure, from made-up predictions."""

import numpy as np
import pytest
from sklearn.naive_bayes import GaussianNB
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

from skfer.datasets import ImageTable
from skfer.model_selection import Comparison, FoldFit

ROWS = np.arange(120)


def make(shares, n_folds=1, seed=0, scoring="accuracy"):
    """A comparison of models that are right for these shares of 120 images."""
    rng = np.random.default_rng(seed)
    truth = np.repeat(["happy", "sad"], [60, 60])
    wrong = np.where(truth == "sad", "happy", "sad")
    predictions = {
        name: np.where(rng.permutation(120) < share * 120, truth, wrong)
        for name, share in shares.items()
    }
    predictions["majority"] = np.full(120, "happy")
    folds = {
        name: np.array([part.mean() for part in np.split(p == truth, n_folds)])
        for name, p in predictions.items()
    }
    fits = {
        name: [
            FoldFit(predicted=part, score=score, fit_seconds=2.0, n_bytes=1_500_000)
            for part, score in zip(np.split(p, n_folds), folds[name], strict=True)
        ]
        for name, p in predictions.items()
    }
    pipelines = {name: GaussianNB() for name in shares}
    table = ImageTable(np.zeros((120, 4, 4), np.uint8), truth, groups=ROWS % 30)
    tested = np.split(ROWS, n_folds)
    splits = [(np.setdiff1d(ROWS, rows) if n_folds > 1 else ROWS[:0], rows)
              for rows in tested]  # fmt: skip
    return Comparison(table, pipelines, splits, fits, scoring)


def test_one_test_part_is_judged_by_mcnemar():
    comparison = make({"cnn": 0.95, "hog": 0.7, "lbp": 0.93})
    names = [(pair.first, pair.second) for pair in comparison.pairs]
    assert names == [("cnn", "lbp"), ("cnn", "hog"), ("lbp", "hog")]
    p_values = []
    for pair in comparison.pairs:
        a, b = (
            comparison.predictions[name] == comparison.y_test
            for name in (pair.first, pair.second)
        )
        table = [[(a & b).sum(), (a & ~b).sum()], [(~a & b).sum(), (~a & ~b).sum()]]
        p_values.append(mcnemar(table, exact=True).pvalue)
        assert pair.p_value == pytest.approx(p_values[-1])
        assert pair.difference == pytest.approx(a.mean() - b.mean())
    corrected = multipletests(p_values, method="holm")[1]
    assert [p.corrected_p_value for p in comparison.pairs] == pytest.approx(corrected)
    verdict = comparison.verdict
    assert verdict.startswith(
        "cnn is better than hog on 120 images: 95.0% against 70.0% accuracy (McNemar's "
        "exact test, p < 0.001 after Holm)."
    )
    assert "cnn and lbp do not differ significantly on 120 images: 95.0% ag" in verdict
    assert verdict.endswith("Always guessing the largest class would reach 50.0%.")


def test_folds_are_judged_by_the_corrected_t_test():
    verdict = make({"a": 0.9, "b": 0.85}, n_folds=5).verdict
    assert "a and b do not differ significantly on 120 images in 5 folds" in verdict
    assert "corrected resampled t test" in verdict
    assert "Holm" not in verdict


def test_a_model_that_knows_nothing_is_said_to():
    verdict = make({"a": 0.52}).verdict
    assert verdict.startswith("a reaches 52.5% accuracy on 120 images.")
    assert "would reach 50.0%, and a is not shown to be better (McNemar" in verdict


def test_the_summary_and_the_tables():
    comparison = make({"cnn": 0.95, "hog": 0.7})
    lines = comparison.summary.splitlines()
    assert lines[0].split()[:2] == ["model", "accuracy"]
    assert lines[1].split()[:3] == ["cnn", "95.0%", "(89.5"]
    assert lines[3].split()[0] == "majority"
    assert len(lines[3]) < len(lines[1])  # The majority has no seconds.
    assert lines[4].startswith("cnn - hog: +25.0%, p < 0.001")
    assert lines[-1] == comparison.verdict
    frame = comparison.to_frame()
    assert frame.model.tolist() == ["cnn", "hog", "majority"]
    assert frame["recall sad"].tolist()[2] == 0
    assert frame.megabytes.tolist() == [1.5] * 3
    assert [list(row) for row in comparison.to_rows()] == [list(frame)] * 3


def test_statistics_are_computed_once(monkeypatch):
    from skfer.model_selection import _scores

    asked = []
    test = _scores.mcnemar_p_value

    def count(*arguments):
        asked.append(arguments)
        return test(*arguments)

    monkeypatch.setattr(_scores, "mcnemar_p_value", count)
    comparison = make({"cnn": 0.95, "hog": 0.7, "lbp": 0.6})
    for _ in range(3):
        assert comparison.verdict
        assert comparison.pairs
        assert comparison.summary
    # Three pairs, and the best one against guessing.
    assert len(asked) == 4


def test_comparisons_are_compared_by_identity():
    first, second = make({"a": 0.9}), make({"a": 0.9})
    assert first == first
    assert first != second
    assert repr(first) == "<Comparison of a on 120 images>"


def test_other_scores_of_one_test_part_are_not_tested():
    comparison = make({"a": 0.9, "b": 0.6}, scoring="balanced_accuracy")
    assert comparison.pairs == []
    assert comparison.verdict.startswith(
        "balanced_accuracy on 120 images: a 90.0%, b 60.0%. One test part does not tell"
    )
    assert "McNemar" not in comparison.summary
    over_folds = make({"a": 0.9, "b": 0.6}, 5, scoring="balanced_accuracy")
    assert "a is better than b on 120 images in 5 folds" in over_folds.verdict


def test_images_that_were_tested_several_times_count_once():
    comparison = make({"a": 0.9, "b": 0.6}, 5)
    folds = [(train, test * 5 % 120) for train, test in comparison.folds]
    repeated = Comparison(
        comparison.table, comparison.pipelines, folds, comparison.fits
    )
    assert "on 24 images in 5 folds" in repeated.verdict


def test_the_single_test_against_the_majority_is_not_corrected():
    verdict = make({"a": 0.52, "b": 0.51, "c": 0.5}).verdict
    sentence = verdict[verdict.index("Always guessing") :]
    assert "is not shown to be better (McNemar" in sentence
    assert "Holm" not in sentence
    assert "Holm" in verdict

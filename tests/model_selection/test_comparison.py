"""Sentences, tests of pairs, table and figure, from made-up predictions."""

import csv
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pytest
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

from skfer.model_selection import Comparison, Score

ROWS = np.arange(120)


def make(shares, n_folds=1, seed=0):
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
    scores = [
        Score(
            name,
            *[float(f.mean()), f.mean() - 0.1, f.mean() + 0.1] * 3,
            2.0,
            50.0,
            1.5,
            {"sad": 0.5},
        )
        for name, f in folds.items()
    ]
    scores.sort(key=lambda score: -score.score)
    return Comparison(scores, folds, "accuracy", predictions, truth, ROWS, 480.0, {})


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


def test_the_summary_and_the_tables(tmp_path):
    comparison = make({"cnn": 0.95, "hog": 0.7})
    lines = comparison.summary.splitlines()
    assert lines[1].split()[:4] == ["cnn", "95.0%", "(85.0", "to"]
    assert lines[4].startswith("cnn - hog: +25.0%, p < 0.001")
    assert lines[-1] == comparison.verdict
    frame = comparison.to_frame()
    assert frame.model.tolist() == ["cnn", "hog", "majority"]
    assert frame["recall sad"].tolist() == [0.5] * 3
    comparison.to_csv(tmp_path / "table.csv")
    with (tmp_path / "table.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert float(rows[0]["accuracy"]) == comparison.scores[0].accuracy
    assert list(rows[0]) == list(frame)


@pytest.mark.parametrize("n_folds", [1, 5])
def test_the_figure_shows_scores_intervals_folds_and_the_majority(n_folds):
    comparison = make({"cnn": 0.95, "hog": 0.7}, n_folds)
    axes = comparison.plot()
    try:
        labels = [label.get_text() for label in axes.get_yticklabels()]
        assert labels == ["hog", "cnn"]
        centres = [c.lines[0].get_xdata()[0] for c in axes.containers]
        assert centres == [comparison.scores[1].score, comparison.scores[0].score]
        marks = [line for line in axes.lines if line.get_marker() == "|"]
        folds = [line for line in marks if line.get_color() == "0.5"]
        assert len(folds) == (2 if n_folds > 1 else 0)
        assert axes.get_legend().get_texts()[0].get_text() == "largest class"
        assert comparison.plot(ax=axes) is axes
    finally:
        plt.close(axes.figure)


def test_other_scores_of_one_test_part_are_not_tested():
    comparison = replace(make({"a": 0.9, "b": 0.6}), scoring="balanced_accuracy")
    assert comparison.pairs == []
    assert comparison.verdict.startswith(
        "balanced_accuracy on 120 images: a 90.0%, b 60.0%. One test part does not tell"
    )
    assert "McNemar" not in comparison.summary
    over_folds = replace(make({"a": 0.9, "b": 0.6}, 5), scoring="balanced_accuracy")
    assert "a is better than b on 120 images in 5 folds" in over_folds.verdict


def test_images_that_were_tested_several_times_count_once():
    comparison = make({"a": 0.9, "b": 0.6}, 5)
    repeated = replace(comparison, test_rows=np.arange(120) % 24)
    assert "on 24 images in 5 folds" in repeated.verdict


def test_the_single_test_against_the_majority_is_not_corrected():
    verdict = make({"a": 0.52, "b": 0.51, "c": 0.5}).verdict
    sentence = verdict[verdict.index("Always guessing") :]
    assert "is not shown to be better (McNemar" in sentence
    assert "Holm" not in sentence
    assert "Holm" in verdict

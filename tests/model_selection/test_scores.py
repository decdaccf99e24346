"""Statistics agree with statsmodels, and are computed once."""

import numpy as np
import pytest
from scipy.stats import binomtest
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from skfer import make_hog_svm, make_lbp_svm
from skfer.model_selection import (
    clustered_accuracy_interval,
    compare_pipelines,
    sign_flip_p_value,
)
from skfer.model_selection._intervals import compare_macro_f1
from tests.model_selection.made_up import make


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


PEOPLE = np.arange(120) // 5


def test_by_person_the_wider_interval_and_the_larger_p_value_count():
    shares = {"a": 0.8, "b": 0.7}
    alone, people = make(shares), make(shares, groups=PEOPLE)
    right = people.predictions["a"] == people.y_test
    wilson = proportion_confint(96, 120, method="wilson")
    by_person = clustered_accuracy_interval(right, PEOPLE)
    for comparison, bounds in ((alone, [wilson]), (people, [wilson, by_person])):
        score = comparison.scores["a"]
        assert score.score_low == pytest.approx(min(low for low, _ in bounds))
        assert score.score_high == pytest.approx(max(high for _, high in bounds))
        assert (score.accuracy_low, score.n_correct) == (score.score_low, 96)
    other = people.predictions["b"] == people.y_test
    flips = sign_flip_p_value(right.astype(int) - other, PEOPLE)
    assert people.pairs[0].p_value == max(alone.pairs[0].p_value, flips)


def test_folds_are_widened_by_people_too():
    shares = {"a": 0.8, "b": 0.7}
    people = np.repeat(np.arange(12), 10)
    wide = make(shares, 4, groups=people).scores["a"]
    alone = make(shares, 4).scores["a"]
    assert wide.score_low <= alone.score_low
    assert wide.score_high >= alone.score_high


def test_macro_f1_is_compared_by_a_paired_bootstrap():
    pair = make({"a": 0.95, "b": 0.6}, scoring="f1_macro").pairs[0]
    assert pair.p_value < 0.001
    equal = make({"a": 0.8, "b": 0.79}, scoring="f1_macro", groups=PEOPLE).pairs[0]
    assert equal.p_value > 0.3
    same = make({"a": 0.8}, scoring="f1_macro")
    predicted = same.predictions["a"]
    labels = np.unique(same.y_test)
    assert compare_macro_f1(same.y_test, predicted, predicted, labels=labels)[0] == 1


def test_the_smallest_difference_is_found_in_four_of_five_experiments():
    """As many as it says, by simulation."""
    rng = np.random.default_rng(0)
    comparison = make({"a": 0.7, "b": 0.7})
    smallest = comparison.pairs[0].smallest_difference
    assert 0.1 < smallest < 0.25
    # Pictures on which the two differ, as often as there.
    a, b = (comparison.predictions[n] == comparison.y_test for n in "ab")
    differ = (a != b).mean()
    found = 0
    for _ in range(300):
        n_differ = rng.binomial(120, differ)
        better = rng.binomial(n_differ, (1 + smallest / differ) / 2)
        found += binomtest(better, n_differ).pvalue < 0.05
    assert 0.65 < found / 300 < 0.9


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


def test_the_order_of_the_test_rows_changes_no_p_value(faces):
    """Each prediction stays with the person whom it is about."""
    rows = np.random.default_rng(0).permutation(len(faces))
    train, test = rows[:80], rows[80:]
    models = {"hog": make_hog_svm(image_size=24), "lbp": make_lbp_svm(image_size=24)}
    found = []
    for order in (test, np.sort(test)):
        folds = [(train, order)]
        found.append(compare_pipelines(models, faces, cv=folds, scoring="f1_macro"))
    shuffled, ordered = (one.pairs[0] for one in found)
    # A bootstrap draws other people then.
    assert shuffled.p_value == pytest.approx(ordered.p_value, rel=0.3)
    smallest = ordered.smallest_difference
    assert shuffled.smallest_difference == pytest.approx(smallest, rel=0.1)

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import proportion_confint

from skfer.model_selection import (
    accuracy_interval,
    macro_f1_interval,
    mcnemar_p_value,
)
from skfer.model_selection._intervals import macro_f1


@given(st.integers(1, 5000), st.floats(0, 1), st.sampled_from([0.9, 0.95, 0.99]))
def test_accuracy_interval_equals_statsmodels(n, share, confidence):
    k = round(share * n)
    ours = accuracy_interval(k, n, confidence)
    theirs = proportion_confint(k, n, alpha=1 - confidence, method="wilson")
    np.testing.assert_allclose(ours, theirs, atol=1e-9)
    assert ours[0] <= k / n <= ours[1]


@given(st.integers(0, 2**32 - 1), st.integers(2, 60), st.integers(2, 5))
def test_mcnemar_equals_statsmodels(seed, n, n_classes):
    rng = np.random.default_rng(seed)
    y, a, b = rng.integers(0, n_classes, (3, n))
    table = [
        [np.sum((a == y) & (b == y)), np.sum((a == y) & (b != y))],
        [np.sum((a != y) & (b == y)), np.sum((a != y) & (b != y))],
    ]
    ours = mcnemar_p_value(y, a, b)
    if table[0][1] + table[1][0] == 0:
        assert ours == 1
    else:
        assert ours == pytest.approx(mcnemar(table, exact=True).pvalue)
    assert mcnemar_p_value(y, b, a) == pytest.approx(ours)


@given(st.integers(0, 2**32 - 1), st.integers(2, 40), st.integers(2, 5))
def test_macro_f1_of_matrices_equals_scikit_learn(seed, n, n_classes):
    from sklearn.metrics import confusion_matrix

    rng = np.random.default_rng(seed)
    y, pred = rng.integers(0, n_classes, (2, n))
    matrix = confusion_matrix(y, pred, labels=np.arange(n_classes))
    # Without the first label, which then stands for "unknown", and with it.
    for labels in (np.arange(1, n_classes), np.arange(n_classes)):
        ours = macro_f1(matrix[np.newaxis], np.isin(np.arange(n_classes), labels))[0]
        occur = np.intersect1d(labels, [*y, *pred])
        if len(occur):
            theirs = f1_score(y, pred, labels=occur, average="macro", zero_division=0)
            assert ours == pytest.approx(theirs)


def test_an_answer_that_is_no_class_does_not_dilute_the_interval():
    y = np.array(["happy", "sad"] * 50)
    pred = np.where(np.arange(100) < 40, "unknown", y)
    low, high = macro_f1_interval(y, pred, labels=["happy", "sad"], random_state=0)
    assert low < f1_score(y, pred, labels=["happy", "sad"], average="macro") < high
    assert macro_f1_interval(y, pred, random_state=0)[1] < low
    with pytest.raises(ValueError, match="none of them occurs; .*'unknown'"):
        macro_f1_interval(y, pred, labels=["angry"])


def test_macro_f1_interval_equals_drawing_samples():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 4, 300)
    pred = np.where(rng.random(300) < 0.7, y, rng.integers(0, 4, 300))
    low, high = macro_f1_interval(y, pred, random_state=0)
    scores = []
    for _ in range(800):
        rows = rng.integers(0, 300, 300)
        scores.append(f1_score(y[rows], pred[rows], average="macro"))
    np.testing.assert_allclose(
        [low, high], np.quantile(scores, [0.025, 0.975]), atol=0.015
    )
    assert low < f1_score(y, pred, average="macro") < high


@pytest.mark.parametrize("share", [0, 1])
def test_macro_f1_of_a_dozen_is_never_certain(share):
    y = np.arange(12) % 2
    interval = macro_f1_interval(y, y if share else 1 - y)
    assert interval == accuracy_interval(12 * share, 12)
    assert interval[1] - interval[0] > 0.2


def test_the_seed_repeats():
    y, pred = np.arange(40) % 4, np.arange(40) % 3
    assert macro_f1_interval(y, pred, random_state=1) == macro_f1_interval(
        y, pred, random_state=1
    )

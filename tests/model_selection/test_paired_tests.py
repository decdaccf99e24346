"""The tests give what statsmodels, mlxtend and the published formulas give."""

from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mlxtend.evaluate import paired_ttest_5x2cv
from scipy import stats
from sklearn.datasets import load_iris
from sklearn.dummy import DummyClassifier
from sklearn.model_selection import train_test_split
from sklearn.tree import DecisionTreeClassifier
from statsmodels.stats.multitest import multipletests

from skfer.model_selection import (
    corrected_t_test,
    five_by_two_p_value,
    holm_correction,
)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_equals_statsmodels(p_values):
    # statsmodels collects garbage each time, which takes longer than the rest.
    with mock.patch("gc.collect"):
        expected = multipletests(p_values, method="holm")[1]
    np.testing.assert_allclose(holm_correction(p_values), expected, atol=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_5x2_equals_mlxtend(seed):
    X, y = load_iris(return_X_y=True)
    first = DecisionTreeClassifier(max_depth=1, random_state=0)
    second = DecisionTreeClassifier(random_state=0)
    if seed == 3:
        second = DummyClassifier()
    for classifier in (first, second):
        # mlxtend 0.23 asks for it, and scikit-learn no longer sets it.
        classifier._estimator_type = "classifier"
    _, expected = paired_ttest_5x2cv(first, second, X, y, random_seed=seed)
    rng = np.random.RandomState(seed)
    differences = []
    for _ in range(5):
        halves = train_test_split(
            X, y, test_size=0.5, random_state=rng.randint(low=0, high=32767)
        )
        a, b, y_a, y_b = halves
        differences.append(
            [
                first.fit(X_1, y_1).score(X_2, y_2)
                - second.fit(X_1, y_1).score(X_2, y_2)
                for X_1, y_1, X_2, y_2 in ((a, y_a, b, y_b), (b, y_b, a, y_a))
            ]
        )
    assert five_by_two_p_value(differences) == pytest.approx(expected, abs=1e-12)


def test_without_overlap_the_correction_vanishes():
    differences = np.random.default_rng(0).normal(0.02, 0.03, 8)
    p_value, (low, high) = corrected_t_test(differences, 1e12, 1)
    plain = stats.ttest_1samp(differences, 0)
    assert p_value == pytest.approx(plain.pvalue)
    assert (low, high) == pytest.approx(tuple(plain.confidence_interval()))


def test_the_correction_widens_as_published():
    differences = [0.02, 0.04, 0.03, 0.05, 0.01]
    p_value, (low, high) = corrected_t_test(differences, 80, 20)
    spread = np.sqrt((1 / 5 + 20 / 80) * np.var(differences, ddof=1))
    assert p_value == pytest.approx(2 * stats.t.sf(0.03 / spread, 4))
    assert (high - low) / 2 == pytest.approx(stats.t.ppf(0.975, 4) * spread)


def test_differences_that_are_all_the_same():
    assert corrected_t_test([0, 0, 0], 2, 1) == (1.0, (0.0, 0.0))
    # Nothing tells how much they would vary, so nothing is shown.
    assert corrected_t_test([0.5, 0.5], 2, 1) == (1.0, (0.5, 0.5))
    assert five_by_two_p_value(np.zeros((5, 2))) == 1.0
    assert five_by_two_p_value(np.ones((5, 2))) == 1.0


def test_bad_shapes_are_explained():
    with pytest.raises(ValueError, match="at least 2 folds, got 1"):
        corrected_t_test([0.1], 2, 1)
    with pytest.raises(ValueError, match=r"shape \(5, 2\).*got \(2, 5\)"):
        five_by_two_p_value(np.zeros((2, 5)))

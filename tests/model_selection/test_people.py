"""Intervals and tests by person, against other implementations and simulations."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from skfer import CNNClassifier
from skfer.datasets import ImageTable
from skfer.model_selection import (
    LeakFreeKFold,
    LeakFreeShuffleSplit,
    accuracy_interval,
    clustered_accuracy_interval,
    macro_f1_interval,
    mcnemar_p_value,
    sign_flip_p_value,
)
from skfer.model_selection._people import find_standard_error


@given(st.integers(0, 2**32 - 1), st.integers(40, 400), st.floats(0.1, 0.9))
def test_a_person_on_each_picture_is_nearly_wilson(seed, n, share):
    right = np.random.default_rng(seed).random(n) < share
    ours = clustered_accuracy_interval(right, np.arange(n))
    wilson = proportion_confint(right.sum(), n, method="wilson")
    np.testing.assert_allclose(ours, wilson, atol=0.035)
    assert ours[1] - ours[0] >= (wilson[1] - wilson[0]) * 0.999


@given(st.integers(0, 2**32 - 1), st.integers(2, 30), st.integers(1, 10))
@example(3000, 3, 1)  # None right, and rounding put the lower end above 0.
@settings(max_examples=60)
def test_it_is_never_narrower_than_that_of_pictures(seed, n_people, n_pictures):
    rng = np.random.default_rng(seed)
    people = np.repeat(np.arange(n_people), n_pictures)
    right = rng.random(len(people)) < rng.random(n_people)[people]
    low, high = clustered_accuracy_interval(right, people)
    alone = accuracy_interval(int(right.sum()), len(right))
    assert 0 <= low <= right.mean() <= high <= 1
    assert high - low >= alone[1] - alone[0] - 1e-9


def test_repeating_every_picture_adds_nothing():
    right = np.random.default_rng(0).random(60) < 0.7
    once = clustered_accuracy_interval(right, np.arange(60))
    ten = clustered_accuracy_interval(
        np.repeat(right, 10), np.repeat(np.arange(60), 10)
    )
    np.testing.assert_allclose(once, ten)


@pytest.mark.parametrize("share", [0, 1])
def test_all_right_counts_people(share):
    right, people = np.full(80, share), np.repeat(np.arange(20), 4)
    low, high = clustered_accuracy_interval(right, people)
    assert high - low > accuracy_interval(20 * share, 20)[1] * 0.1
    assert high - low > 0.15


def test_one_person_says_nothing():
    assert clustered_accuracy_interval([1, 1, 0], ["a"] * 3) == (0, 1)
    y = np.array([0, 1, 0, 1])
    assert macro_f1_interval(y, 1 - y[::-1], groups=["a"] * 4) == (0, 1)
    assert sign_flip_p_value([1, 1, 1], ["a"] * 3) == 1


def simulate(rng, n_people, accuracy=0.8, alike=0.2):
    chance = rng.beta(accuracy * (1 / alike - 1), (1 - accuracy) * (1 / alike - 1),
                      n_people)  # fmt: skip
    people = np.repeat(np.arange(n_people), rng.integers(2, 15, n_people))
    return people, rng.random(len(people)) < chance[people]


def test_coverage_by_person_where_pictures_alone_promise_too_much():
    rng = np.random.default_rng(0)
    by_person = by_picture = 0
    for _ in range(400):
        people, right = simulate(rng, 24)
        low, high = clustered_accuracy_interval(right, people)
        by_person += low <= 0.8 <= high
        low, high = accuracy_interval(int(right.sum()), len(right))
        by_picture += low <= 0.8 <= high
    assert 0.92 <= by_person / 400 <= 0.97
    assert by_picture / 400 < 0.85


def test_macro_f1_by_person_is_wider():
    rng = np.random.default_rng(0)
    people, right = simulate(rng, 20, alike=0.4)
    y = rng.integers(0, 3, len(people))
    predicted = np.where(right, y, (y + 1) % 3)
    alone = macro_f1_interval(y, predicted, random_state=0)
    low, high = macro_f1_interval(y, predicted, groups=people, random_state=0)
    assert high - low > 1.3 * (alone[1] - alone[0])


def test_sign_flips_equal_the_exact_sum_over_all_signs():
    rng = np.random.default_rng(0)
    of_person = rng.integers(-3, 4, 9)
    differences = np.concatenate([np.full(abs(d), np.sign(d)) for d in of_person])
    people = np.repeat(np.arange(9), abs(of_person))
    signs = np.array(np.meshgrid(*[[-1, 1]] * 9)).reshape(9, -1)
    # Those that contribute nothing don't change the share.
    extreme = np.abs(of_person @ signs) >= abs(of_person.sum())
    assert sign_flip_p_value(differences, people) == pytest.approx(extreme.mean())


def test_one_picture_each_is_nearly_mcnemar():
    rng = np.random.default_rng(3)
    first, second = rng.random(120) < 0.8, rng.random(120) < 0.7
    truth = np.ones(120, dtype=bool)
    ours = sign_flip_p_value(first.astype(int) - second, np.arange(120))
    assert ours == pytest.approx(mcnemar_p_value(truth, first, second), abs=0.02)


@pytest.mark.slow
def test_false_claims_by_person_are_few():
    """Two models that are better on half of the people each."""
    rng = np.random.default_rng(1)
    false = pictures = 0
    for _ in range(250):
        people = np.repeat(np.arange(24), 8)
        chances = np.where(rng.random(24) < 0.5, 0.95, 0.65)
        first = rng.random(len(people)) < 0.8
        second = rng.random(len(people)) < chances[people]
        false += sign_flip_p_value(first.astype(int) - second, people) < 0.05
        truth = np.ones(len(people), dtype=bool)
        pictures += mcnemar_p_value(truth, first, second) < 0.05
    assert false / 250 <= 0.06 < pictures / 250


def test_the_standard_error_equals_that_of_the_mean():
    values = np.random.default_rng(0).normal(size=50)
    assert find_standard_error(values) == pytest.approx(stats.sem(values))
    many = find_standard_error(np.repeat(values, 4), np.repeat(np.arange(50), 4))
    assert many == pytest.approx(stats.sem(values))


def test_bad_input_is_explained():
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        clustered_accuracy_interval([1, 0], ["a"])
    with pytest.raises(ValueError, match="At least one prediction"):
        sign_flip_p_value([], [])


@pytest.mark.parametrize("gap", [None, float("nan"), ""])
def test_missing_groups_are_refused_wherever_people_count(gap, two_classes):
    groups = [*two_classes.groups[:-1].tolist(), gap]
    y = two_classes.target
    right = np.ones(len(y))
    network = CNNClassifier(early_stopping=True)
    for ask in (
        lambda: list(LeakFreeKFold(2).split(two_classes.images, y, groups)),
        lambda: list(LeakFreeShuffleSplit().split(two_classes.images, y, groups)),
        lambda: clustered_accuracy_interval(right, groups),
        lambda: sign_flip_p_value(right, groups),
        lambda: macro_f1_interval(y, y, groups=groups),
        lambda: network.fit(two_classes.images, y, groups=groups),
        lambda: ImageTable(two_classes.images, y, groups=groups),
    ):
        with pytest.raises(ValueError, match="row 47"):
            ask()
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        macro_f1_interval(y, y, groups=groups[:5])

"""The sentences say which model to take, what that rests on, and no more."""

import numpy as np
import pytest

from skfer.model_selection import Comparison
from tests.model_selection.made_up import make

PEOPLE = np.arange(120) // 5


def test_one_split_without_people():
    verdict = make({"cnn": 0.95, "hog": 0.7, "lbp": 0.93}).verdict
    assert verdict.startswith(
        "Take cnn: 114 of 120 test pictures right (95.0%, 95% interval 89.5 to 97.7). "
        "This is better than always guessing the largest class (60 right, 50.0%; "
        "p < 0.001). It is better than hog (70.0%; p < 0.001). The data do not show "
        "that it is better than lbp (93.3%; p = "
    )
    assert "a true difference below about" in verdict
    assert "points would mostly go unnoticed." in verdict
    assert (
        "This compares models that were trained once, on one split; another split may "
        "rank them differently (McNemar's exact test, Holm-corrected)."
    ) in verdict
    assert verdict.endswith(
        "People unknown: if people have several pictures, the results for new people "
        "are worse and less certain; pass groups."
    )


def test_people_are_counted():
    verdict = make({"a": 0.9, "b": 0.6}, groups=PEOPLE).verdict
    assert verdict.startswith("Take a: 108 of 120 test pictures of 24 people right (")
    assert (
        "(McNemar's exact test and sign-flip test by person, the larger p)" in verdict
    )
    assert "unknown" not in verdict
    assert "too few" not in verdict


@pytest.mark.parametrize(
    ("groups", "words"),
    [
        (np.arange(120) // 20, "show 6 people only: too few to say how good it is for"),
        (np.zeros(120, dtype=int), "show one person only, which says nothing about"),
    ],
)
def test_few_people_say_nothing_about_others(groups, words):
    assert words in make({"a": 0.9}, groups=groups).verdict


def test_folds_are_judged_by_the_corrected_t_test():
    verdict = make({"a": 0.9, "b": 0.85}, n_folds=5).verdict
    assert "The data do not show that it is better than b (85.0%; p = " in verdict
    assert (
        "Each model was trained 5 times, and tested each time on pictures that it had "
        "not seen (corrected resampled t test)."
    ) in verdict
    assert "Holm" not in verdict
    assert "one split" not in verdict


def test_a_model_that_knows_nothing_is_said_to():
    verdict = make({"a": 0.52}).verdict
    assert verdict.startswith("Don't take a yet: 63 of 120 test pictures right (52.5%")
    assert (
        "It is not shown that this is better than always guessing the largest class "
        "(60 right, 50.0%; p = 0."
    ) in verdict
    assert "nothing may have been learnt" in verdict
    verdict = make({"a": 0.4}).verdict
    assert verdict.startswith("Don't take a yet: 48 of 120 test pictures right")
    verdict = make({"a": 0.4, "b": 0.3}).verdict
    assert verdict.startswith("Take none of them yet; the best is a: 48 of 120 test")


def test_other_scores_of_one_test_part_are_not_tested():
    comparison = make({"a": 0.9, "b": 0.6}, scoring="balanced_accuracy")
    assert comparison.pairs == []
    assert comparison.verdict.startswith(
        "Take a: balanced_accuracy 90.0%, 108 of 120 test pictures right. Always "
        "guessing the largest class reaches 50.0%. The others: b 60.0%. A single test "
    )
    assert "McNemar" not in comparison.summary
    over_folds = make({"a": 0.9, "b": 0.6}, 5, scoring="balanced_accuracy")
    assert "It is better than b (60.0%" in over_folds.verdict


def test_macro_f1_has_an_interval_and_a_test():
    verdict = make({"a": 0.9, "b": 0.6}, scoring="f1_macro", groups=PEOPLE).verdict
    assert verdict.startswith("Take a: f1_macro 90.0% (95% interval ")
    assert "It is better than b (60.0%; p < 0.001)" in verdict
    assert "(paired bootstrap by person)" in verdict


def test_images_that_were_tested_several_times_count_once():
    comparison = make({"a": 0.9, "b": 0.6}, 5)
    folds = [(train, test * 5 % 120) for train, test in comparison.folds]
    repeated = Comparison(
        comparison.table, comparison.pipelines, folds, comparison.fits
    )
    assert " of 24 test pictures right" in repeated.verdict


def test_copies_and_small_classes_are_named():
    whole = make({"a": 0.9}, n_copies=3)
    assert "left out of the test parts: 3 copies." in whole.verdict
    assert "Fewer than 20" not in whole.verdict
    rows = np.arange(50, 70)  # Ten of each class.
    small = Comparison(
        whole.table,
        whole.pipelines,
        [(np.arange(50), rows)],
        {
            name: [type(fit)(predicted=fit.predicted[rows], score=0.9)]
            for name, (fit,) in whole.fits.items()
        },
    )
    assert (
        "Fewer than 20 test pictures: happy (10), sad (10); the interval of macro F1 "
        "is too narrow."
    ) in small.verdict


def test_few_people_could_not_have_shown_a_difference():
    """All of five people agree by chance in one of 16 cases, which is too often."""
    shares = {"a": 0.95, "b": 0.6}
    few = make(shares, groups=np.arange(120) % 5)
    assert "could not have shown any difference between these models." in few.verdict
    assert np.isinf(few.pairs[0].smallest_difference)
    # With three pairs, Holm's correction asks for more people.
    three = shares | {"c": 0.94}
    assert "6 people could not have" in make(three, groups=np.arange(120) % 6).verdict
    assert "could not have" not in make(three, groups=np.arange(120) % 8).verdict


def test_more_models_need_larger_differences():
    two = make({"a": 0.8, "b": 0.78}).pairs[0]
    three = make({"a": 0.8, "b": 0.78, "c": 0.5}).pairs[0]
    assert (two.first, two.second) == (three.first, three.second)
    assert three.smallest_difference > 1.1 * two.smallest_difference


def test_few_folds_could_not_have_shown_a_difference():
    """The t test of two folds asks for differences beyond 100 points."""
    comparison = make({"a": 0.9, "b": 0.8, "c": 0.6}, 2)
    assert max(pair.smallest_difference for pair in comparison.pairs) > 1
    assert "With only 2 folds, no difference could" in comparison.verdict
    assert " points would mostly" not in comparison.verdict

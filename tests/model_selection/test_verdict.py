"""The sentences say what was tested, and no more."""

from skfer.model_selection import Comparison
from tests.model_selection.made_up import make


def test_folds_are_judged_by_the_corrected_t_test():
    verdict = make({"a": 0.9, "b": 0.85}, n_folds=5).verdict
    assert "a and b do not differ significantly on 120 images in 5 folds" in verdict
    assert "corrected resampled t test" in verdict
    assert "Holm" not in verdict


def test_a_model_that_knows_nothing_is_said_to():
    verdict = make({"a": 0.52}).verdict
    assert verdict.startswith("a reaches 52.5% accuracy on 120 images.")
    assert "would reach 50.0%, and a is not shown to be better (McNemar" in verdict


def test_other_scores_of_one_test_part_are_not_tested():
    comparison = make({"a": 0.9, "b": 0.6}, scoring="balanced_accuracy")
    assert comparison.pairs == []
    assert comparison.verdict.startswith(
        "balanced_accuracy on 120 images: a 90.0%, b 60.0%. A single test part"
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

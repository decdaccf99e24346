"""The threshold keeps its promise on new images, and says when it can't."""

import numpy as np
import pytest

from skfer.model_selection import find_confidence_threshold


def draw(rng, n, n_people=None):
    """Confidence, whether right, and who; calibrated but for people who differ."""
    sure = rng.uniform(0.4, 1, n)
    people = rng.integers(0, n_people, n) if n_people else None
    shift = rng.normal(0, 0.12, n_people)[people] if n_people else 0
    return sure, rng.random(n) < np.clip(sure + shift, 0, 1), people


@pytest.mark.slow
@pytest.mark.parametrize("n_people", [None, 40])
def test_new_answers_are_as_accurate_as_wanted_in_nearly_all_runs(n_people):
    rng = np.random.default_rng(0)
    broken = runs = 0
    for _ in range(300):
        sure, right, people = draw(rng, 600, n_people)
        try:
            threshold = find_confidence_threshold(
                np.ones(600), right, sure, accuracy=0.85, groups=people
            )
        except ValueError:
            continue
        runs += 1
        # The mean chance of being right of new pictures that are answered.
        broken += (threshold + 1) / 2 < 0.85
    assert runs > 50
    assert broken / runs <= 0.05


def test_more_is_answered_where_less_is_wanted():
    sure, right, _ = draw(np.random.default_rng(0), 2000)
    thresholds = [
        find_confidence_threshold(np.ones(2000), right, sure, accuracy=accuracy)
        for accuracy in (0.6, 0.75, 0.9)
    ]
    assert thresholds == sorted(thresholds)
    assert thresholds[0] == sure.min()  # 70% of all are right.


def test_people_make_it_more_careful():
    sure = np.linspace(0.5, 1, 400)
    people = np.arange(400) % 8
    right = people != 3
    alone = find_confidence_threshold(np.ones(400), right, sure, accuracy=0.8)
    assert alone == 0.5
    with pytest.raises(ValueError, match="more images of more people"):
        find_confidence_threshold(
            np.ones(400), right, sure, accuracy=0.8, groups=people
        )


def test_what_cannot_be_shown_is_an_error_with_the_counts():
    with pytest.raises(ValueError, match="of the surest 2, 2 are right, of all 100%"):
        find_confidence_threshold([1] * 20, [1] * 20, np.linspace(0, 1, 20))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"accuracy": 1.0}, "accuracy=1.0"),
        ({"error": 0}, "error=0"),
        ({"confidence": [np.inf, 1]}, "finite confidence"),
        ({"groups": ["a"]}, "inconsistent numbers"),
    ],
)
def test_bad_input(options, message):
    arguments = {"confidence": [0.5, 0.6], **options}
    with pytest.raises(ValueError, match=message):
        find_confidence_threshold([1, 1], [1, 0], **arguments)

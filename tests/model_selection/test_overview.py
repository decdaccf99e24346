"""The first screen says what a reader without statistics needs, and nothing false."""

import numpy as np
import pytest

from skfer.datasets import audit_images, make_faces
from skfer.model_selection import _overview
from skfer.model_selection._overview import Overview
from tests.model_selection.made_up import make

PEOPLE = np.arange(120) // 5


def look(*args, **kwargs):
    comparison = make(*args, **kwargs)
    comparison.audit = None  # Of pictures that are all alike.
    return Overview.from_comparison(comparison)


def test_facts():
    tiles = {tile.heading: tile for tile in look({"cnn": 0.9, "hog": 0.6}).tiles}
    assert tiles["Best model"][1:3] == (
        "108 of 120",
        "cnn: 90% of the test pictures right (95% interval 83% to 94%)",
    )  # fmt: skip
    assert tiles["Classes"][1:3] == ("2", "happy, sad")
    assert tiles["Pictures"][1:3] == ("120", "people unknown")
    assert tiles["Better than guessing"].fact == "yes"


@pytest.mark.parametrize(
    ("shares", "words"),
    [
        (
            {"a": 0.95, "b": 0.6},
            "Take a: its score (accuracy) is the highest, and the lead",
        ),
        (
            {"a": 0.95, "b": 0.94},
            "Take a: its score (accuracy) is the highest. The data do not",
        ),
        (
            {"a": 0.52, "b": 0.5},
            "Take none yet: the best, a, is not shown to be better",
        ),
        ({"a": 0.9}, "a has learnt something"),
        ({"a": 0.5}, "Take none yet: it is not shown"),
    ],
)
def test_which_model(shares, words):
    assert look(shares).take.startswith(words)


def test_the_best_model_has_the_interval_of_the_table():
    for people in (None, PEOPLE):
        comparison = make({"a": 0.9}, groups=people, n_folds=4)
        score = comparison.scores["a"]
        (tile,) = (
            tile
            for tile in Overview.from_comparison(comparison).tiles
            if tile.heading == "Best model"
        )
        interval = f"{score.score_low:.0%} to {score.score_high:.0%}"
        assert f"(95% interval {interval})" in tile.detail


def test_missing_faces_that_tell_the_class_limit_it():
    faces = make_faces(80, classes=["happy", "sad"], n_subjects=80, random_state=0)
    faces["face"] = np.where(faces.target == "sad", "missing", "found")
    comparison = make({"a": 0.9})
    comparison.audit = audit_images(faces)
    assert "(0% of happy, 100% of sad): that alone says much about the class" in (
        Overview.from_comparison(comparison).limit
    )


def test_what_limits_it():
    assert look({"a": 0.9}).limit.startswith("Nobody said who is shown.")
    few = look({"a": 0.9}, groups=PEOPLE // 6, n_folds=4).limit
    assert few.startswith("The test pictures show 4 people only")
    some = look({"a": 0.9}, groups=PEOPLE, n_folds=4).limit
    assert some.startswith("There are 120 test pictures only. Of new pictures, 8")


def test_the_class_that_is_found_least_is_named():
    comparison = make({"cnn": 0.8})
    comparison.audit = None
    recall = comparison.scores["cnn"].recall
    hardest = min(recall, key=recall.get)
    assert recall["happy"] != recall["sad"]
    tiles = Overview.from_comparison(comparison).tiles
    (classes,) = [tile for tile in tiles if tile.heading == "Classes"]
    said = f"happy, sad; hardest: {hardest}, {recall[hardest]:.0%} found"
    assert classes.detail == said


def test_a_serious_audit_comes_first():
    faces = make_faces(40, classes=["happy", "sad"], n_copies=3, random_state=0)
    faces["split"] = np.where(np.arange(40) % 2, "train", "test")
    comparison = make({"a": 0.9})
    comparison.audit = audit_images(faces)
    assert not comparison.audit.is_sound
    overview = Overview.from_comparison(comparison)
    assert overview.limit.startswith("The images limit this result: ")
    assert overview.tiles[-1].fact == "serious" and overview.tiles[-1].is_bad


@pytest.mark.parametrize("shares", [{"a": 0.52, "b": 0.5}, {"a": 0.55}, {"a": 0.3}])
@pytest.mark.parametrize("scoring", ["accuracy", "f1_macro", "balanced_accuracy"])
def test_it_agrees_with_the_verdict(shares, scoring):
    comparison = make(shares, scoring=scoring)
    comparison.audit = None
    take = Overview.from_comparison(comparison).take
    refuses = comparison.verdict.startswith(("Take none of them", "Don't take"))
    assert take.startswith("Take none yet") == refuses


def test_new_people_are_claimed_only_where_nobody_is_on_both_sides(monkeypatch):
    monkeypatch.setattr(_overview, "_FEW_IMAGES", 100)
    apart = make({"a": 0.95}, n_folds=4, groups=np.arange(120) // 2)
    apart.audit = None
    assert "people that it had not seen" in Overview.from_comparison(apart).limit
    mixed = make({"a": 0.95}, n_folds=4, groups=np.arange(120) % 40)
    mixed.audit = None
    assert "The same people are trained and tested on" in (
        Overview.from_comparison(mixed).limit
    )

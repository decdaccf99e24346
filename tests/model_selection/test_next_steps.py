"""At most three things to do, the most important first, each for a reason."""

import numpy as np
import pytest

from skfer.datasets import audit_images, make_faces
from skfer.model_selection._next_steps import find_next_steps
from tests.model_selection.made_up import make

PEOPLE = np.arange(120) // 5


def test_a_good_model_is_kept():
    (step,) = find_next_steps(make({"a": 0.95, "b": 0.6}, groups=PEOPLE), None)
    assert step.command == "--save model.skfer"


def test_who_is_shown_is_asked_for():
    first, _ = find_next_steps(make({"a": 0.95, "b": 0.6}), None)
    assert first.command == "--groups PATTERN"


@pytest.mark.parametrize("shares", [{"a": 0.95, "b": 0.9}, {"a": 0.55}])
def test_an_open_difference_takes_more_pictures(shares):
    comparison = make(shares, n_folds=1)
    steps = find_next_steps(comparison, None)
    (more,) = [s.reason for s in steps if s.reason.startswith("Collect more")]
    n = int(more.split("about ")[1].split(" ")[0].replace(",", ""))
    assert 120 < n <= 20 * 120
    assert more.endswith("there are 120.")


def test_copies_are_cleaned_first():
    audit = audit_images(make_faces(40, classes=["happy"], n_copies=3, random_state=0))
    first = find_next_steps(make({"a": 0.95}), audit)[0]
    assert first.command == "skfer clean IN OUT" and "copies" in first.reason

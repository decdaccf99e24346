"""What counts as a label or a group, wherever parts are set aside."""

import numpy as np
import pandas as pd
import pytest

from skfer import CNNClassifier
from skfer._holdout import hold_out, number_labels
from skfer.model_selection import LeakFreeKFold
from tests.conftest import TINY_NETWORK

NO_GROUPS = [
    (lambda n: np.zeros(n - 1), "with the group of each"),
    (lambda n: np.zeros((n, 2)), r"array of shape \(48, 2\)"),
    (lambda n: [None, *range(n - 1)], "no group for row 0 of 48"),
    (lambda n: [pd.NA, *range(n - 1)], "no group for row 0 of 48"),
    (lambda n: [*range(n - 1), np.nan], "no group for row 47 of 48"),
    (lambda n: ["", *map(str, range(n - 1))], "no group for row 0"),
]


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize(("make", "message"), NO_GROUPS)
def test_groups_of_a_network(two_classes, make, message, early_stopping, fake_training):
    classifier = CNNClassifier(**TINY_NETWORK, early_stopping=early_stopping)
    groups = make(len(two_classes.target))
    with pytest.raises(ValueError, match=f"CNNClassifier .*{message}"):
        classifier.fit(two_classes.images, two_classes.target, groups=groups)


@pytest.mark.parametrize(("make", "message"), NO_GROUPS[1:])
def test_groups_of_folds(two_classes, make, message):
    y = two_classes.target
    folds = LeakFreeKFold(2, look_alikes=False)
    with pytest.raises(ValueError, match=f"LeakFreeKFold .*{message}"):
        next(folds.split(np.zeros(len(y)), y, make(len(y))))


def test_groups_of_several_kinds():
    labels = np.array([0, 1] * 20)
    groups = [("video", 3, 2.5, np.str_("3"))[i // 2 % 4] for i in range(40)]
    kept, aside = hold_out(
        labels, groups=groups, fraction=0.25, random_state=0, who="It"
    )
    numbers = number_labels(groups)
    assert set(numbers[kept]) | set(numbers[aside]) == {0, 1, 2, 3}
    assert not set(numbers[kept]) & set(numbers[aside])


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (None, "no label for row 5"),
        (pd.NA, "no label for row 5"),
        (np.nan, "no label for row 5"),
        (pd.NaT, "no label for row 5"),
        (7, "of one kind, got '.*' in row 0 and 7 in row 5"),
    ],
)
def test_labels_are_complete_and_of_one_kind(wrong, message, two_classes):
    y = two_classes.target.astype(object)
    y[5] = wrong
    with pytest.raises(ValueError, match=f"CNNClassifier .*{message}"):
        CNNClassifier(**TINY_NETWORK).fit(two_classes.images, y)
    with pytest.raises(ValueError, match=f"LeakFreeKFold .*{message}"):
        next(LeakFreeKFold(2).split(two_classes.images, y))


@pytest.mark.parametrize("seed", range(10))
def test_both_parts_have_every_class_if_another_order_gives_it(seed):
    """Seven classes, each in a part of the people, of whom an eighth is set aside."""
    rng = np.random.default_rng(seed)
    groups = np.sort(rng.integers(0, 14, 140))
    labels = (groups + rng.integers(0, 5, 140)) % 7
    kept, aside = hold_out(
        labels, groups=groups, fraction=0.12, random_state=seed, who="It"
    )
    assert set(labels[kept]) == set(labels[aside]) == set(labels)
    assert not set(groups[kept]) & set(groups[aside])

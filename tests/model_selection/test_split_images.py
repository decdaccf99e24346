import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skfer.model_selection import split_train_test


@given(
    counts=st.lists(st.integers(2, 30), min_size=2, max_size=5),
    test_size=st.floats(0.05, 0.6),
    seed=st.integers(0, 1000),
)
@settings(max_examples=60, deadline=None)
def test_every_class_is_on_both_sides(counts, test_size, seed):
    y = np.repeat(np.arange(len(counts)), counts)
    train, test = split_train_test(y, test_size=test_size, random_state=seed)
    assert sorted([*train, *test]) == list(range(len(y)))
    assert abs(len(test) - test_size * len(y)) <= len(counts)
    if min(counts) * test_size >= 1 and min(counts) * (1 - test_size) >= 1:
        assert set(y[train]) == set(y[test]) == set(y)


def test_class_sorted_folders_are_shuffled():
    _, test = split_train_test(np.repeat(["a", "b"], 50), random_state=0)
    assert test.min() < 50 < test.max()
    assert len(test) == 20


@given(st.integers(0, 1000), st.integers(2, 12))
@settings(max_examples=40, deadline=None)
def test_groups_stay_together(seed, n_groups):
    rng = np.random.default_rng(seed)
    groups = rng.integers(0, n_groups, 80)
    y = rng.integers(0, 3, 80)
    if len(np.unique(groups)) < 2 or np.bincount(y).min() < 2:
        return
    train, test = split_train_test(y, groups=groups, random_state=seed)
    assert len(train)
    assert len(test)
    assert not set(groups[train]) & set(groups[test])


@pytest.mark.parametrize(
    ("y", "options", "message"),
    [
        (["a", "a", "b"], {}, r"classes \['b'\] have only 1 image"),
        (["a", "a", "b", "b"], {"test_size": 1.0}, "between 0 and 1"),
        (["a", "a", "b", "b"], {"groups": [1] * 4}, "all images are of one group"),
        (["a", "a", "b", "b"], {"groups": [1] * 3}, "inconsistent numbers"),
    ],
)
def test_what_cannot_be_split_is_explained(y, options, message):
    with pytest.raises(ValueError, match=message):
        split_train_test(y, **options)

"""Folds hold people and copies together, or say why they can't."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score

from skfer import make_hog_svm
from skfer.datasets import ImageTable, make_faces
from skfer.model_selection import LeakFreeKFold, LeakFreeShuffleSplit


@pytest.fixture(scope="module")
def faces():
    return make_faces(
        140, n_subjects=140, classes=["happy", "sad"], n_copies=30, random_state=0
    )


def test_copies_stay_together_and_classes_have_their_share(faces):
    seen = []
    for train, test in LeakFreeKFold(5).split(faces.images, faces.target):
        assert not set(faces.copy_of[train]) & set(faces.copy_of[test])
        assert abs((faces.target[test] == "happy").mean() - 0.5) < 0.15
        seen.extend(test)
    assert sorted(seen) == list(range(140))


def test_a_chain_of_people_and_copies_stays_together():
    images = make_faces(8, n_subjects=8, classes=["happy"], random_state=0).images
    images[2] = images[1]  # Links the groups 0 and 1.
    y = [0, 1] * 4
    groups = [0, 0, 1, 1, 2, 2, 3, 3]
    for train, _ in LeakFreeKFold(3).split(images, y, groups):
        assert len({0, 1, 2, 3} & set(train)) in (0, 4)


def test_groups_alone(faces):
    groups = np.arange(140) // 7
    for train, test in LeakFreeKFold(4, look_alikes=False).split(
        np.zeros((140, 3)), faces.target, groups
    ):
        assert not set(groups[train]) & set(groups[test])


def test_in_scikit_learn(faces):
    scores = cross_val_score(
        make_hog_svm(image_size=24), faces.images, faces.target, cv=LeakFreeKFold(3)
    )
    assert scores.shape == (3,)
    seen = []

    class Recording(LeakFreeKFold):
        def split(self, X, y=None, groups=None):
            for train, test in super().split(X, y, groups):
                seen.append((set(groups[train]), set(groups[test])))
                yield train, test

    model = make_hog_svm(image_size=24)
    GridSearchCV(model, {"classifier__C": [1, 5]}, cv=Recording(2)).fit(
        faces.images, faces.target, groups=np.arange(140) // 2
    )
    assert len(seen) == 2
    assert not any(train & test for train, test in seen)


def test_repeatable_and_clonable(faces):
    splitter = LeakFreeKFold(4, random_state=3)
    first, second = (
        [test.tolist() for _, test in s.split(faces.images, faces.target)]
        for s in (splitter, clone(splitter, safe=False))
    )
    assert first == second
    assert "n_splits=4" in repr(splitter)


@given(st.integers(0, 999), st.integers(2, 5), st.integers(2, 30))
@settings(max_examples=60)
def test_folds_part_the_samples_or_counts_are_named(seed, n_splits, n_groups):
    rng = np.random.default_rng(seed)
    groups, y = rng.integers(0, n_groups, 60), rng.integers(0, 3, 60)
    splitter = LeakFreeKFold(n_splits, look_alikes=False, random_state=seed)
    per_class = [len(set(groups[y == name])) for name in set(y)]
    try:
        folds = list(splitter.split(np.zeros(60), y, groups))
    except ValueError as error:
        assert "LeakFreeKFold can't put" in str(error)
        # With groups to spare there is always a way.
        assert min(per_class) < 3 * n_splits
        return
    assert sorted(np.concatenate([test for _, test in folds])) == list(range(60))
    for train, test in folds:
        assert not set(groups[train]) & set(groups[test])
        assert set(y[test]) == set(y)


@pytest.mark.parametrize(
    ("X", "y", "groups", "message"),
    [
        (np.zeros((6, 4)), [0, 1] * 3, None, "got a table of shape"),
        (np.zeros((6, 4, 4)), None, None, "needs y"),
        (np.zeros((6, 4, 4)), [0, 1], None, "inconsistent numbers"),
    ],
)
def test_bad_input(X, y, groups, message):
    with pytest.raises(ValueError, match=message):
        list(LeakFreeKFold(2).split(X, y, groups))


def test_a_class_of_one_person_is_counted():
    with pytest.raises(
        ValueError, match=r"so many groups: \{'b': 1\}.* together. Add images"
    ):
        list(
            LeakFreeKFold(3, look_alikes=False).split(
                np.zeros(8), list("aaaaaabb"), [1, 2, 3, 4, 5, 6, 7, 7]
            )
        )


def test_images_that_cannot_be_read_are_refused():
    table = ImageTable(["a.png"] * 4, ["x", "y"] * 2, status=["", "bad", "", ""])
    with pytest.raises(ValueError, match=r"can't be read, the first at row 1"):
        list(LeakFreeKFold(2).split(table))


@pytest.mark.parametrize("splitter", [LeakFreeKFold(2), LeakFreeShuffleSplit()])
@pytest.mark.parametrize("missing", [None, np.nan, pd.NA])
def test_labels_that_are_missing_are_refused(splitter, missing):
    images = np.random.default_rng(0).integers(0, 256, (12, 24, 24)).astype(np.uint8)
    y = np.array([*["a", "b"] * 5, missing, "a"], dtype=object)
    with pytest.raises(ValueError, match="got no label for row 10. Give"):
        list(splitter.split(images, y))


@pytest.mark.parametrize("n_repeats", [0, -1, 1.5])
def test_repeats_are_checked(faces, n_repeats):
    folds = LeakFreeKFold(2, n_repeats=n_repeats)
    with pytest.raises(ValueError, match="whole number of 1 or more"):
        next(folds.split(faces.images, faces.target))

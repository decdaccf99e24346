"""Single splits, as scikit-learn knows them."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score

from skfer import make_hog_svm
from skfer.model_selection import LeakFreeShuffleSplit, train_test_split_images


@pytest.mark.slow
def test_it_serves_as_cv(faces):
    scores = cross_val_score(
        make_hog_svm(image_size=24), faces.images, faces.target, groups=faces.groups,
        cv=LeakFreeShuffleSplit(2, test_size=0.3),
    )  # fmt: skip
    assert scores.shape == (2,)
    search = GridSearchCV(
        make_hog_svm(image_size=24),
        {"classifier__C": [1, 5]},
        cv=LeakFreeShuffleSplit(),
    )
    search.fit(faces.images, faces.target, groups=faces.groups)
    assert search.n_splits_ == 1


def test_a_table_and_its_arrays_are_split_alike(faces):
    splitter = LeakFreeShuffleSplit(3, random_state=4)
    by_table = list(splitter.split(faces))
    by_arrays = list(splitter.split(faces.images, faces.target, faces.groups))
    for one, other in zip(by_table, by_arrays, strict=True):
        np.testing.assert_array_equal(one[0], other[0])
        np.testing.assert_array_equal(one[1], other[1])
    assert len({tuple(test) for _, test in by_table}) == 3
    train, test = train_test_split_images(faces, random_state=4)
    np.testing.assert_array_equal(train.images, faces.images[by_table[0][0]])
    assert len(test) == len(by_table[0][1])


def test_nobody_is_on_both_sides(faces):
    for seed in range(5):
        ((train, test),) = LeakFreeShuffleSplit(random_state=seed).split(faces)
        assert not set(faces.groups[train]) & set(faces.groups[test])


@pytest.mark.parametrize("random_state", [None, np.random.RandomState(0)])
def test_other_seeds(faces, random_state):
    splitter = LeakFreeShuffleSplit(8, random_state=random_state)
    tested = {tuple(test) for _, test in splitter.split(faces)}
    assert len(tested) > 1
    assert splitter.get_n_splits() == 8


def test_it_clones_and_shows_its_parameters():
    splitter = clone(LeakFreeShuffleSplit(test_size=0.4, look_alikes=False), safe=False)
    assert (splitter.test_size, splitter.look_alikes, splitter.n_splits) == (
        0.4,
        False,
        1,
    )
    assert "test_size=0.4" in repr(splitter)


@pytest.mark.parametrize(
    ("X", "y", "options", "message"),
    [
        (np.zeros((6, 4)), [0, 1] * 3, {}, "got a table of shape"),
        (np.zeros((6, 4, 4)), None, {}, "needs y"),
        (np.zeros((6, 4, 4)), [0, 1], {}, "inconsistent numbers"),
        (np.zeros((6, 4, 4)), [0, 1] * 3, {"test_size": 0}, "between 0 and 1"),
    ],
)
def test_bad_input(X, y, options, message):
    with pytest.raises(ValueError, match=message):
        list(LeakFreeShuffleSplit(**options).split(X, y))

"""One split: every class on both sides, no person and no picture."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.utils import Bunch

from skfer.datasets import make_faces
from skfer.model_selection import train_test_split_images


def bunch(y, groups=None):
    n = len(y)
    return Bunch(
        paths=np.arange(n), target=np.asarray(y), groups=groups, notes=["x"] * n
    )


@given(
    counts=st.lists(st.integers(2, 30), min_size=2, max_size=5),
    test_size=st.floats(0.05, 0.6),
    seed=st.integers(0, 1000),
)
@settings(max_examples=60)
def test_every_class_is_on_both_sides(counts, test_size, seed):
    y = np.repeat(np.arange(len(counts)), counts)
    try:
        train, test = train_test_split_images(
            bunch(y), test_size, twins=False, random_state=seed
        )
    except ValueError as error:
        assert min(counts) * min(test_size, 1 - test_size) < 1
        assert "found no images of" in str(error)
        return
    assert sorted([*train.paths, *test.paths]) == list(range(len(y)))
    assert abs(len(test.paths) - test_size * len(y)) <= len(counts)
    assert set(train.target) == set(test.target) == set(y)
    np.testing.assert_array_equal(y[test.paths], test.target)
    assert test.notes == ["x"] * len(y)


def test_class_sorted_folders_are_shuffled():
    _, test = train_test_split_images(bunch(np.repeat(["a", "b"], 50)), twins=False)
    assert test.paths.min() < 50 < test.paths.max()
    assert len(test.paths) == 20


@given(st.integers(0, 1000), st.integers(4, 12))
@settings(max_examples=40)
def test_groups_stay_together(seed, n_groups):
    rng = np.random.default_rng(seed)
    groups, y = rng.integers(0, n_groups, 80), rng.integers(0, 3, 80)
    try:
        train, test = train_test_split_images(
            bunch(y, groups), twins=False, random_state=seed
        )
    except ValueError as error:
        assert "groups stay whole" in str(error)
        return
    assert len(test.target)
    assert not set(train.groups) & set(test.groups)


def test_copies_stay_together():
    faces = make_faces(
        100, n_subjects=100, classes=["sad", "happy"], n_twins=20, n_thumbnails=20,
        image_size=96, random_state=0,
    )  # fmt: skip
    faces.groups = None
    train, test = train_test_split_images(faces, 0.3)
    assert not set(train.copy_of) & set(test.copy_of)
    train, test = train_test_split_images(faces, 0.3, twins=False)
    assert set(train.copy_of) & set(test.copy_of)


@pytest.mark.parametrize(
    ("y", "groups", "test_size", "message"),
    [
        (["a", "a", "b"], None, 0.2, r"classes \['b'\] have only 1 image"),
        (["a", "a", "b", "b"], None, 1.0, "between 0 and 1"),
        (["a", "a", "b", "b"], [1] * 4, 0.2, "all images are of one group"),
        (["a"] * 6 + ["b"] * 2, [1, 2, 3, 4, 5, 6, 7, 7], 0.2,
         r"found no images of \['b'\].*Groups of each class: \{.*'b': 1"),
    ],
)  # fmt: skip
def test_what_cannot_be_split_is_explained(y, groups, test_size, message):
    groups = None if groups is None else np.array(groups)
    with pytest.raises(ValueError, match=message):
        train_test_split_images(bunch(y, groups), test_size, twins=False)


def test_lists_and_frames_are_cut_like_arrays():
    images = [np.full((4, 4), row, np.uint8) for row in range(10)]
    faces = Bunch(images=images, target=["a", "b"] * 5, target_names=["a", "b"])
    train, test = train_test_split_images(faces, twins=False)
    assert len(train.images) == len(train.target) == 8
    assert {int(i[0, 0]) for i in test.images} == set(range(10)) - {
        int(i[0, 0]) for i in train.images
    }
    assert test.target_names == ["a", "b"]
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"path": list("qwertzuiop"), "target": ["a", "b"] * 5})
    faces = Bunch(paths=frame.path, target=frame.target, frame=frame)
    train, test = train_test_split_images(faces, twins=False)
    assert test.frame.path.tolist() == test.paths.tolist()


@pytest.mark.parametrize("test_size", [0.1, 0.25, 0.4, 0.45, 0.6, 0.8, 0.9])
def test_the_size_is_met_with_groups_too(test_size):
    groups = np.arange(200)
    groups[1] = 0
    _, test = train_test_split_images(
        bunch(np.arange(200) % 2, groups), test_size, twins=False
    )
    assert abs(len(test.paths) / 200 - test_size) < 0.03

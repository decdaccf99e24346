"""One split: every class on both sides, no person and no picture."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from skfer.datasets import ImageTable, make_faces
from skfer.model_selection import train_test_split_images


def table(y, groups=None):
    return ImageTable(np.arange(len(y)), y, groups=groups, remark=["x"] * len(y))


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
            table(y), test_size, look_alikes=False, random_state=seed
        )
    except ValueError as error:
        assert min(counts) * min(test_size, 1 - test_size) < 1
        assert "found no images of" in str(error)
        return
    assert sorted([*train.X, *test.X]) == list(range(len(y)))
    assert abs(len(test.X) - test_size * len(y)) <= len(counts)
    assert set(train.target) == set(test.target) == set(y)
    np.testing.assert_array_equal(y[test.X], test.target)
    assert test.remark.tolist() == ["x"] * len(test)


def test_class_sorted_folders_are_shuffled():
    _, test = train_test_split_images(
        table(np.repeat(["a", "b"], 50)), look_alikes=False
    )
    assert test.X.min() < 50 < test.X.max()
    assert len(test.X) == 20


@given(st.integers(0, 1000), st.integers(4, 12))
@settings(max_examples=40)
def test_groups_stay_together(seed, n_groups):
    rng = np.random.default_rng(seed)
    groups, y = rng.integers(0, n_groups, 80), rng.integers(0, 3, 80)
    try:
        train, test = train_test_split_images(
            table(y, groups), look_alikes=False, random_state=seed
        )
    except ValueError as error:
        assert "groups stay whole" in str(error)
        return
    assert len(test.target)
    assert not set(train.groups) & set(test.groups)


def test_copies_stay_together():
    faces = make_faces(
        100, n_subjects=100, classes=["sad", "happy"], n_copies=20, n_thumbnails=20,
        image_size=96, random_state=0,
    )  # fmt: skip
    faces = ImageTable(faces.images, faces.target, copy_of=faces.copy_of)
    train, test = train_test_split_images(faces, 0.3)
    assert not set(train.copy_of) & set(test.copy_of)
    train, test = train_test_split_images(faces, 0.3, look_alikes=False)
    assert set(train.copy_of) & set(test.copy_of)


@pytest.mark.parametrize(
    ("y", "groups", "test_size", "message"),
    [
        (["a", "a", "b"], None, 0.2, r"classes \['b'\] have only 1 image"),
        (["a", "a", "b", "b"], None, 1.0, "between 0 and 1"),
        (["a", "a", "b", "b"], [1] * 4, 0.2, "all images belong to one group"),
        (["a"] * 6 + ["b"] * 2, [1, 2, 3, 4, 5, 6, 7, 7], 0.2,
         r"found no images of \['b'\].*Groups of each class: \{.*'b': 1"),
    ],
)  # fmt: skip
def test_what_cannot_be_split_is_explained(y, groups, test_size, message):
    groups = None if groups is None else np.array(groups)
    with pytest.raises(ValueError, match=message):
        train_test_split_images(table(y, groups), test_size, look_alikes=False)


def test_only_tables_are_split():
    with pytest.raises(ValueError, match="or use LeakFreeShuffleSplit"):
        train_test_split_images(np.zeros((10, 4, 4)))


@pytest.mark.parametrize("test_size", [0.1, 0.25, 0.4, 0.45, 0.6, 0.8, 0.9])
def test_the_size_is_met_with_groups_too(test_size):
    groups = np.arange(200)
    groups[1] = 0
    _, test = train_test_split_images(
        table(np.arange(200) % 2, groups), test_size, look_alikes=False
    )
    assert abs(len(test.X) / 200 - test_size) < 0.03


def test_people_in_file_names_are_not_split_silently(tmp_path):
    faces = make_faces(40, n_subjects=10, random_state=0)
    names = [f"S{who:03}_{i:03}_1.png" for i, who in enumerate(faces.groups)]
    paths = [str(tmp_path / name) for name in names]
    for path, image in zip(paths, faces.images, strict=True):
        Image.fromarray(image).save(path)
    pictures = ImageTable(paths, faces.target)
    with pytest.warns(UserWarning, match=r"suggest \d+ people.*groups=\"auto\""):
        train_test_split_images(pictures)
    pictures["groups"] = faces.groups
    train, test = train_test_split_images(pictures)
    assert not set(train.groups) & set(test.groups)

"""One row for each picture, and every column cut alike."""

import copy
import pickle
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy.sparse import coo_array

from skfer.datasets import ImageTable, find_copies, make_faces
from skfer.model_selection import (
    LeakFreeKFold,
    LeakFreeShuffleSplit,
    train_test_split_images,
)


@pytest.fixture
def table():
    """40 images that know their number, with an age."""
    faces = make_faces(40, n_subjects=20, classes=["happy", "sad"], random_state=0)
    return ImageTable(
        faces.images,
        faces.target,
        groups=faces.groups,
        split=np.repeat(["train", "test"], 20),
        age=np.arange(40) + 18,
        votes=np.eye(40)[:, :2],
    )


def check(part, whole, rows):
    assert len(part) == len(part.images) == len(part.age) == len(rows)
    np.testing.assert_array_equal(part.images, whole.images[rows])
    for name, values in whole.columns.items():
        np.testing.assert_array_equal(part[name], values[rows])
    assert part.target_names == whole.target_names


@pytest.mark.parametrize(
    ("key", "rows"),
    [
        (3, [3]),
        (-1, [39]),
        (np.int64(5), [5]),
        (slice(2, 9, 3), [2, 5, 8]),
        ([4, 1, 4], [4, 1, 4]),
        (np.arange(40) % 20 == 7, [7, 27]),
        ([True] + [False] * 39, [0]),
        ([], []),
        (slice(0, 0), []),
    ],
)
def test_rows_are_chosen_as_in_numpy(table, key, rows):
    check(table[key], table, rows)


def test_masks_of_pandas_are_understood(table):
    pandas = pytest.importorskip("pandas")
    check(table[pandas.Series(table.age) < 20], table, [0, 1])


@pytest.mark.parametrize(
    "cut",
    [
        lambda table: table[: len(table) * 4 // 5],
        lambda table: train_test_split_images(table, 0.2)[0],
        lambda table: table[next(LeakFreeShuffleSplit().split(table))[0]],
        lambda table: table[next(LeakFreeKFold(5).split(table))[0]],
        lambda table: ImageTable.concatenate([table[:16], table[24:]]),
        lambda table: pickle.loads(pickle.dumps(table))[table.age < 50],
        lambda table: copy.deepcopy(table)[np.arange(32)],
    ],
)
def test_forty_ages_become_thirty_two_with_thirty_two_images(table, cut):
    part = cut(table)
    assert len(part.age) == len(part.images) == len(part) == 32
    # The images are still those of the ages.
    check(part, table, part.age - 18)
    assert len(part.frame) == 32


@given(st.lists(st.integers(-10, 9), max_size=12))
@settings(max_examples=40)
def test_cutting_twice_is_cutting_once(rows):
    whole = ImageTable(
        np.arange(10)[:, None, None] + np.zeros((10, 4, 4), int), age=range(10)
    )
    twice = whole[rows][::-1]
    assert twice.age.tolist() == [range(10)[row] for row in rows][::-1]
    assert twice.images[:, 0, 0].tolist() == twice.age.tolist()


def test_columns_are_added_read_and_replaced(table):
    table["glasses"] = [True, False] * 20
    assert table.glasses.dtype == bool
    table["age"] = table.age * 2
    assert table[3:5].age.tolist() == [42, 44]
    table.height = np.arange(40) + 140
    assert table[[2, 5]].height.tolist() == [142, 145]
    with pytest.raises(ValueError, match="one value of 'hight' for each"):
        table.hight = 3
    assert "glasses" in dir(table)
    assert "age" in repr(table)
    with pytest.raises(AttributeError, match="no attribute or column 'agee'"):
        _ = table.agee
    with pytest.raises(KeyError, match="no column 'agee'"):
        table["agee"]


def test_parts_have_three_names_and_keep_their_own():
    table = ImageTable(
        np.zeros((3, 4, 4), np.uint8), split=["Training", "PublicTest", "dev"]
    )
    assert table.split.tolist() == ["train", "validation", "validation"]
    assert table.split_name.tolist() == ["Training", "PublicTest", "dev"]
    plain = ImageTable(np.zeros((2, 4, 4), np.uint8), split=["train", "test"])
    assert "split_name" not in plain.columns


def test_paths_images_and_rows_of_pixels():
    paths = ImageTable(["a.png", "b.png"])
    assert paths.paths.tolist() == ["a.png", "b.png"]
    assert paths.images is None
    assert paths.data is None
    ragged = ImageTable([np.zeros((4, 5)), np.zeros((6, 5))])
    assert [image.shape for image in ragged.images] == [(4, 5), (6, 5)]
    assert ragged.paths is None
    assert ragged.data is None
    rows = ImageTable(np.zeros((3, 20)))
    assert rows.images is None
    assert rows[1:].X.shape == (2, 20)
    stack = ImageTable(np.zeros((3, 4, 5), np.uint8))
    assert np.shares_memory(stack.data, stack.images)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda X: ImageTable(X, ["a", "b"]), "2 values of 'target' for 3 images"),
        (lambda X: ImageTable(X, age=[1, 2, 3, 4]), "4 values of 'age' for 3 images"),
        (
            lambda X: ImageTable(X, split=["train", "x", "test"]),
            "row 1: 'x' is not the name",
        ),
        (lambda X: ImageTable(X, ["a", None, "b"]), "no value of 'target' for row 1"),
        (lambda X: ImageTable(X, groups=[1, 2, float("nan")]), "'groups' for row 2"),
        (lambda X: ImageTable(X, images=[1, 2, 3]), "column named 'images'"),
        (lambda X: ImageTable(X, _hidden=[1, 2, 3]), "column named '_hidden'"),
        (lambda X: ImageTable(X, age="old"), "one value of 'age' for each"),
        (lambda X: ImageTable(X, ["a", 1, "b"]), "labels of one kind, got int and str"),
        (lambda X: ImageTable(X, np.zeros((3, 2))), r"'target' of shape \(3, 2\)"),
        (lambda X: ImageTable([1, 2, 3]), "row 0 is a int"),
        (lambda X: ImageTable(None), "list of paths or images, got one NoneType"),
        (lambda X: ImageTable(coo_array(X[0])), "sparse coo_array"),
        (lambda X: ImageTable(["a.png", X[0]]), "row 1 a ndarray"),
        (lambda X: ImageTable([X[0], "a.png"]), "paths mixed with images"),
        (lambda X: ImageTable("a.png"), r"Pass \[path\] or \[image\]"),
        (lambda X: ImageTable({"a": 1}), "got one dict"),
        (
            lambda X: ImageTable.concatenate([ImageTable(X), ImageTable(["a.png"])]),
            "all of paths or all of images",
        ),
    ],
)
def test_what_does_not_fit_is_named(make, message):
    with pytest.raises((ValueError, TypeError), match=message):
        make(np.zeros((3, 8, 8), np.uint8))


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ([True, False], r"mask of shape \(2,\) does not fit 40"),
        (np.ones((40, 2), bool), r"mask of shape \(40, 2\) does not fit 40"),
        (40, "no row 40 in a table of 40"),
        ([0, -41], "no row -41"),
        ([0.5], "integers, slices or masks"),
        (None, "integers, slices or masks"),
    ],
)
def test_rows_that_are_not_there_are_named(table, key, message):
    with pytest.raises(IndexError, match=message):
        table[key]


def test_the_frame_needs_pandas(table, monkeypatch):
    assert list(table.frame) == ["target", "group", "split", "age", "votes"]
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match=r"ImageTable\.frame needs pandas"):
        _ = table.frame


def test_an_empty_table_is_no_error_until_something_is_asked_of_it():
    empty = ImageTable([])
    assert len(empty) == 0
    with pytest.raises(ValueError, match="at least one image"):
        _ = empty.fingerprints


def test_the_summary_counts_what_is_there(table):
    lines = table[:30].summary.splitlines()
    assert lines[0] == "30 images of 2 classes"
    assert lines[1].split() == ["train", "test", "all"]
    assert lines[4].split() == ["all", "20", "10", "30"]
    assert "people or other groups: " in table.summary
    assert "sizes: all 48x48" in lines


def test_statuses_tell_what_can_be_read():
    table = ImageTable(["a.png", "b.png"], ["x", "y"], status=["", "it is empty"])
    assert table.is_readable.tolist() == [True, False]
    assert "not readable, kept for the audit: 1 file" in table.summary


def test_fingerprints_are_computed_once_and_cut(table, tmp_path):
    prints = table.fingerprints
    assert table.fingerprints is prints
    cut = table[[5, 2]]
    np.testing.assert_array_equal(cut.fingerprints.small, prints.small[[5, 2]])
    joined = ImageTable.concatenate([table[:3], table[30:]])
    np.testing.assert_array_equal(
        joined.fingerprints.digest, prints.digest[[0, 1, 2, *range(30, 40)]]
    )


def test_new_images_are_looked_at_anew(table):
    before = find_copies(table), table.fingerprints
    table.X = [*table.X[:20], *table.X[:20]]
    after = find_copies(table)
    assert (after[:20] == after[20:]).all()
    assert not np.array_equal(before[0], after)
    assert table.fingerprints.digest[20] == before[1].digest[0]
    with pytest.raises(ValueError, match="of 40 rows got 39 images"):
        table.X = table.X[1:]
    assert len(table) == 40


def test_thumbnails_are_small(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (300, 200, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "large.png")
    Image.fromarray(noise[:36, :36]).save(tmp_path / "small.png")
    prints = ImageTable([tmp_path / "large.png", tmp_path / "small.png"]).fingerprints
    assert prints.show(0).shape == (128, 85, 3)
    assert isinstance(prints.thumbnail[0], bytes)
    np.testing.assert_array_equal(prints.show(1), noise[:36, :36])
    of_arrays = ImageTable([noise, noise[:36, :36]]).fingerprints
    assert of_arrays.show(0).shape == (128, 85, 3)
    # A small array is its own thumbnail, without a copy.
    assert np.shares_memory(of_arrays.thumbnail[1], noise)


@pytest.mark.parametrize("pipe", ["hog", "loader", "network"])
def test_a_table_in_place_of_its_images_is_explained(table, pipe):
    from skfer import CNNClassifier, HOGTransformer, ImageLoader

    step = {
        "hog": HOGTransformer(),
        "loader": ImageLoader(),
        "network": CNNClassifier(),
    }
    with pytest.raises(ValueError, match=r"model\.fit\(table\.X, table\.target\)"):
        step[pipe].fit(table, table.target)


@pytest.mark.parametrize("dtype", [object, "string", str])
def test_a_series_of_paths_is_taken_by_place_not_by_index(dtype):
    pandas = pytest.importorskip("pandas")
    series = pandas.Series(["a.png", "b.png", "c.png"], [2, 1, 0]).astype(dtype)
    table = ImageTable(series, pandas.Series(["x", "y", "z"], [5, 6, 7]))
    assert isinstance(table.paths, np.ndarray)
    assert table.X[0] == "a.png"
    assert table[1:].paths.tolist() == ["b.png", "c.png"]
    assert table[1:].target.tolist() == ["y", "z"]


def test_columns_may_be_set_as_attributes(table):
    table.target = np.where(table.age < 30, "young", "old")
    assert table["target"][0] == table[[0]].target[0] == "young"
    assert table.target_names == ["old", "young"]
    table.split = ["Training"] * 40
    assert set(table[3:].split) == {"train"}
    assert set(table.split_name) == {"Training"}
    table.split = ["test"] * 40
    assert "split_name" not in table.columns
    table.groups = None
    assert "groups" not in table.columns
    with pytest.raises(ValueError, match="3 values of 'age'"):
        table.age = [1, 2, 3]


def test_joining_keeps_what_can_not_be_read_and_names_what_is_lost(table):
    broken = table[:2]
    broken["status"] = ["it is empty", ""]
    joined = ImageTable.concatenate([table[2:4], broken])
    assert joined.is_readable.tolist() == [True, True, False, True]
    less = ImageTable(table.images[:2], table.target[:2], groups=["4", "5"])
    joined = ImageTable.concatenate([table[:2], less])
    assert joined.notes == [
        "columns that not all tables have: ['age', 'split', 'votes']; left out"
    ]
    # The person 4 of one table is not the "4" of another.
    assert len({*joined.groups}) == len({*table.groups[:2]}) + 2
    with pytest.raises(ValueError, match="needs tables"):
        ImageTable.concatenate([])


def test_missing_values_are_allowed_in_further_columns():
    table = ImageTable(np.zeros((2, 4, 4), np.uint8), age=[30, None])
    assert table.age.tolist() == [30, None]
    with pytest.raises(ValueError, match="no value of 'groups' for row 1"):
        ImageTable(np.zeros((2, 4, 4)), groups=np.array([1.0, np.nan]))


@pytest.mark.parametrize(
    "nothing", [None, np.float32("nan"), np.datetime64("NaT", "s")]
)
def test_what_stands_for_nothing_is_no_label(faces, nothing):
    labels = np.array([*faces.target[:2].tolist(), nothing], dtype=object)
    with pytest.raises(ValueError, match="no value of 'target' for row 2"):
        ImageTable(faces.images[:3], labels)

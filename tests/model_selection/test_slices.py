"""Parts of the test images are scored as if nothing else had been tested."""

import numpy as np
import pytest

from skfer.datasets import ImageTable
from skfer.model_selection import (
    Comparison,
    accuracy_interval,
    clustered_accuracy_interval,
    score_slices,
)
from tests.model_selection.made_up import make

PEOPLE = np.arange(120) // 5


def test_each_value_has_its_own_accuracy_and_the_worst_is_first():
    comparison = make({"a": 0.8, "b": 0.6})
    right = comparison.predictions["a"] == comparison.y_test
    places = np.where(right, "studio", "street")
    places[:30] = "web"
    slices = score_slices(comparison, places)
    assert [s.name for s in slices] == ["street", "web", "studio"]
    assert [s.accuracy for s in slices] == [0, right[:30].mean(), 1]
    web = slices[1]
    assert (web.n_images, web.n_people) == (30, None)
    assert (web.low, web.high) == accuracy_interval(int(right[:30].sum()), 30)
    assert slices[0].is_worse
    assert not slices[2].is_worse


def test_columns_numbers_and_other_models():
    comparison = make({"a": 0.8, "b": 0.6}, groups=PEOPLE)
    table = ImageTable(
        comparison.table.X, comparison.table.target, groups=PEOPLE, age=np.arange(120)
    )
    comparison = Comparison(table, comparison.pipelines, comparison.folds,
                            comparison.fits)  # fmt: skip
    right = comparison.predictions["b"] == comparison.y_test
    slices = score_slices(comparison, "age", model="b")
    assert sorted(s.name for s in slices) == [
        "0 to 29.75", "29.75 to 59.5", "59.5 to 89.25", "89.25 to 119",
    ]  # fmt: skip
    (first,) = (s for s in slices if s.name == "0 to 29.75")
    assert first.accuracy == right[:30].mean()
    assert (first.n_images, first.n_people) == (30, 6)
    by_person = clustered_accuracy_interval(right[:30], PEOPLE[:30])
    alone = accuracy_interval(int(right[:30].sum()), 30)
    assert first.low == min(by_person[0], alone[0])
    assert first.high == max(by_person[1], alone[1])
    assert len(score_slices(comparison, "groups")) == 24
    assert {s.name for s in score_slices(comparison, "target")} == {"happy", "sad"}


def test_brightness_is_that_of_the_pictures():
    comparison = make({"a": 0.8})
    images = (
        np.zeros((120, 4, 4), np.uint8) + np.arange(120, dtype=np.uint8)[:, None, None]
    )
    table = ImageTable(images, comparison.table.target)
    comparison = Comparison(table, comparison.pipelines, comparison.folds,
                            comparison.fits)  # fmt: skip
    names = {s.name for s in score_slices(comparison, "brightness")}
    assert "0 to 29.75" in names


def test_a_folder_is_a_slice():
    whole = make({"a": 0.8})
    paths = [f"{'web' if row % 3 else 'studio'}/{row}.png" for row in range(120)]
    table = ImageTable(paths, whole.table.target)
    comparison = Comparison(table, whole.pipelines, whole.folds, whole.fits)
    tested = np.unique(comparison.test_rows)
    counts = {s.name: s.n_images for s in score_slices(comparison, "folder")}
    assert counts == {
        "studio": int((tested % 3 == 0).sum()), "web": int((tested % 3 > 0).sum())
    }  # fmt: skip


@pytest.mark.parametrize(
    ("by", "model", "message"),
    [
        ("height", None, "but the table has the columns"),
        ([1, 2, 3], None, "got 3 values for 120 rows"),
        ("target", "c", "got model='c'; the comparison has"),
    ],
)
def test_bad_input_is_explained(by, model, message):
    with pytest.raises(ValueError, match=message):
        score_slices(make({"a": 0.8}), by, model=model)

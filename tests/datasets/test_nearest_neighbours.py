import sys

import numpy as np
import pytest

from skfer.datasets import _candidates, _nearest_neighbours, find_copies, make_faces
from skfer.datasets._nearest_neighbours import NearestNeighbours, is_there


def make_rows(n, rng):
    rows = rng.normal(size=(n, 30)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_near_rows_are_found():
    rng = np.random.default_rng(0)
    rows = make_rows(5000, rng)
    index = NearestNeighbours(lambda places: rows[places], len(rows))
    asked = rows[:300] + rng.normal(scale=0.03, size=(300, 30)).astype(np.float32)
    scores, found = index.search(asked, 3)
    assert np.mean(found[:, 0] == np.arange(300)) > 0.99
    exact = (asked * rows[found[:, 0]]).sum(axis=1)
    np.testing.assert_allclose(scores[:, 0], exact, atol=0.02)
    assert (np.diff(scores, axis=1) <= 0).all()


def test_of_few_rows_the_rest_is_minus_one():
    rows = make_rows(3, np.random.default_rng(0))
    index = NearestNeighbours(lambda places: rows[places], 3)
    assert sorted(index.search(rows[:1], 5)[1][0].tolist()) == [-1, -1, 0, 1, 2]


@pytest.fixture
def faces():
    return make_faces(150, n_copies=30, n_subjects=150, random_state=0)


def test_copies_are_those_of_comparing_all(faces, monkeypatch):
    exact = find_copies(faces.images)
    monkeypatch.setattr(_candidates, "EXACT_UP_TO", 100)
    called = []
    search = NearestNeighbours.search
    monkeypatch.setattr(
        NearestNeighbours, "search",
        lambda self, *given: called.append(1) or search(self, *given),
    )  # fmt: skip
    assert np.array_equal(find_copies(faces.images), exact)
    assert len(set(exact)) < len(exact) and called


def test_without_its_package_all_are_compared_with_a_warning(faces, monkeypatch):
    exact = find_copies(faces.images[:80])
    monkeypatch.setattr(_candidates, "EXACT_UP_TO", 50)
    monkeypatch.setitem(sys.modules, "faiss", None)
    assert not is_there()
    message = "among [0-9]+ images by comparing all.*pip install 'skfer\\[large\\]'"
    with pytest.warns(UserWarning, match=message):
        assert np.array_equal(find_copies(faces.images[:80]), exact)


def test_an_index_is_made_of_batches(monkeypatch):
    monkeypatch.setattr(_nearest_neighbours, "_ADDED", 7)
    rows = make_rows(100, np.random.default_rng(0))
    index = NearestNeighbours(lambda places: rows[places], len(rows))
    assert np.array_equal(index.search(rows, 1)[1][:, 0], np.arange(100))

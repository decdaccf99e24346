"""The table of test pictures has all of them, and stays small."""

import numpy as np
import pytest

from skfer import make_hog_svm
from skfer.datasets import make_faces
from skfer.inspection import _tested_pictures
from skfer.inspection._first_answers import FirstAnswers
from skfer.inspection._tested_pictures import TestedPictures
from skfer.model_selection import Comparison, compare_pipelines


@pytest.fixture(scope="module")
def comparison():
    faces = make_faces(140, classes=["happy", "sad"], noise=0.6, random_state=0)
    boxes = np.tile([1.0, 2, 30, 40], (140, 1))
    boxes[0] = np.nan
    faces["box"] = boxes
    models = {"small": make_hog_svm(image_size=16), "hog": make_hog_svm(image_size=24)}
    return compare_pipelines(models, faces, cv=2)


def list_all(comparison):
    answers = FirstAnswers.from_comparison(comparison)
    return answers, TestedPictures.from_answers(comparison, answers)


def test_cells(comparison):
    answers, tested = list_all(comparison)
    assert [row.name for row in tested.rows] != answers.names
    assert sorted(row.name for row in tested.rows) == sorted(answers.names)
    n_right = [row.more[0] for row in tested.rows]
    assert n_right == sorted(n_right) and n_right[0] != n_right[-1]
    places = {name: place for place, name in enumerate(answers.names)}
    for row in tested.rows:
        place = places[row.name]
        assert row.label == answers.label[place]
        said = [one.label for one in row.answers]
        assert said == [p[place] for p in answers.predicted.values()]
        assert row.source.startswith("data:image/webp;base64,")
        box = "" if answers.rows[place] == 0 else "1 2 30 40"
        group = str(comparison.table.groups[answers.rows[place]])
        assert row.more[1:] == [group, box, str(answers.fold[place] + 1)]
        assert len(tested.heads) == 3 + len(row.answers) + len(row.more)


def test_pictures_that_would_be_too_many_are_left_out(comparison, monkeypatch):
    whole = list_all(comparison)[1]
    n_bytes = sum(len(row.source) for row in whole.rows)
    monkeypatch.setattr(_tested_pictures, "_MAX_BYTES", n_bytes // 2)
    part = list_all(comparison)[1]
    assert sum(len(row.source) for row in part.rows) <= n_bytes // 2
    assert 0 < part.n_shown < len(part.rows) == len(whole.rows)
    assert [bool(row.source) for row in part.rows] == sorted(
        (bool(row.source) for row in part.rows), reverse=True
    )


def test_pictures_tested_twice_are_listed_once(comparison):
    fits = {name: folds * 2 for name, folds in comparison.fits.items()}
    twice = Comparison(
        comparison.table, comparison.pipelines, comparison.folds * 2, fits
    )
    tested = list_all(twice)[1]
    assert len(tested.rows) == comparison.n_images

"""Errors are shown with the right neighbours and explanations."""

import numpy as np
import pytest
from PIL import Image

from skfer import make_hog_svm, make_lbp_svm
from skfer.datasets import ImageTable, make_faces
from skfer.inspection import _error_cards
from skfer.inspection._error_cards import find_agreed_errors, find_errors
from skfer.inspection._first_answers import FirstAnswers
from skfer.model_selection import compare_pipelines


@pytest.fixture(scope="module")
def compared():
    """Models of faces, of which ten have a wrong label."""
    faces = make_faces(140, classes=["happy", "sad"], random_state=0)
    target = faces.target.copy()
    target[:10] = np.where(target[:10] == "sad", "happy", "sad")
    table = ImageTable(faces.images, target, groups=faces.groups)
    models = {"hog": make_hog_svm(image_size=24), "lbp": make_lbp_svm(image_size=24)}
    comparison = compare_pipelines(models, table, cv=2)
    return comparison, FirstAnswers.from_comparison(comparison)


def test_the_most_confident_errors_come_first(compared):
    comparison, answers = compared
    cards = find_errors(comparison, answers, "hog")
    places = [answers.names.index(card.name) for card in cards]
    wrong = answers.predicted["hog"] != answers.label
    assert len(cards) == min(12, wrong.sum()) and wrong[places].all()
    sure = answers.confidence["hog"][places]
    assert (np.diff(sure) <= 0).all()
    for card, place in zip(cards, places, strict=True):
        assert (card.label, card.predicted) == (
            answers.label[place], answers.predicted["hog"][place],
        )  # fmt: skip
        assert card.share == "" and card.explanation.startswith("data:image/webp")
        assert len(card.nearest) == 3


def test_the_nearest_are_training_pictures_whatever_their_light(compared, monkeypatch):
    comparison, answers = compared
    place = int(np.flatnonzero(answers.predicted["hog"] != answers.label)[0])
    row, fold = answers.rows[place], answers.fold[place]
    twin, itself = int(comparison.folds[fold][0][5]), comparison.table.images[row]
    images = comparison.table.images.copy()
    images[twin] = 40 + itself // 2
    same = ImageTable(images, comparison.table.target)
    monkeypatch.setattr(comparison, "table", same)
    near = _error_cards._find_nearest(comparison, answers, np.array([place]))
    assert near[place][0] == twin
    assert set(near[place]) <= set(comparison.folds[fold][0].tolist())


def test_agreed_errors_are_those_of_all_models(compared):
    comparison, answers = compared
    cards = find_agreed_errors(comparison, answers)
    said = answers.predicted
    wanted = (said["hog"] == said["lbp"]) & (said["hog"] != answers.label)
    assert wanted.sum() >= 5
    found = [answers.names.index(card.name) for card in cards]
    assert wanted[found].all() and len(found) == min(12, wanted.sum())
    is_planted = answers.rows[found] < 10
    assert is_planted[:3].all()


def test_one_model_agrees_with_nobody(compared):
    comparison, _ = compared
    one = compare_pipelines(
        {"hog": make_hog_svm(image_size=24)}, comparison.table, cv=2
    )
    assert find_agreed_errors(one, FirstAnswers.from_comparison(one)) == []


def test_pipelines_that_were_not_kept_are_not_explained(compared, tmp_path):
    table = compared[0].table
    paths = []
    for row, image in enumerate(table.images):
        paths.append(tmp_path / f"{row}.png")
        Image.fromarray(image).save(paths[-1])
    files = ImageTable(paths, table.target, groups=table.groups)
    comparison = compare_pipelines(
        {"hog": make_hog_svm(image_size=24)}, files, cv=2, return_estimator=False
    )
    answers = FirstAnswers.from_comparison(comparison)
    cards = find_errors(comparison, answers, "hog")
    assert cards[0].name.endswith(".png") and "/" not in cards[0].name
    assert {card.explanation for card in cards} == {""}

"""Learning curves equal scikit-learn's, keep people whole, and read as they mean."""

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.model_selection import cross_val_score

from skfer import make_hog_svm
from skfer.datasets import make_faces
from skfer.model_selection import (
    LeakFreeKFold,
    LearningCurve,
    compare_pipelines,
    learning_curve_images,
)


@pytest.fixture(scope="module")
def many():
    return make_faces(
        240, classes=["happy", "sad"], n_subjects=60, image_size=24, random_state=0
    )


class Recording(DummyClassifier):
    """Keeps what it was trained on."""

    seen: list = []

    def fit(self, X, y, sample_weight=None):
        Recording.seen.append(np.asarray(X))
        return super().fit(X, y, sample_weight)


@pytest.mark.slow
def test_the_last_size_is_an_ordinary_cross_validation(many):
    pipeline = make_hog_svm(image_size=24)
    curve = learning_curve_images(pipeline, many)
    folds = list(LeakFreeKFold(5).split(many))
    expected = cross_val_score(pipeline, many.X, many.target, cv=folds)
    n = min(len(train) for train, _ in folds)
    assert curve.n_images.tolist() == [n // 8, n // 4, n // 2, n]
    # Folds differ by a picture or two.
    np.testing.assert_allclose(curve.test_scores[-1], expected, atol=0.03)
    assert curve.test_scores[-1].mean() > curve.test_scores[0].mean()


def test_smaller_parts_have_fewer_people_with_all_their_pictures(many):
    Recording.seen = []
    rows = np.arange(len(many))[:, np.newaxis]
    learning_curve_images(
        Recording(),
        rows,
        many.target,
        groups=many.groups,
        cv=LeakFreeKFold(3, look_alikes=False),
    )
    counts = np.unique(many.groups, return_counts=True)
    total = dict(zip(*(part.tolist() for part in counts), strict=True))
    smallest = min(Recording.seen, key=len)[:, 0]
    people, n = np.unique(many.groups[smallest], return_counts=True)
    whole = [total[person] == k for person, k in zip(people, n, strict=True)]
    assert sum(whole) >= len(people) - 1  # The last one is cut.
    assert len(people) < 20


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([[0.5] * 5, [0.6, 0.61, 0.6, 0.6, 0.61], [0.7] * 5], "would help further."),
        ([[0.7] * 5, [0.7, 0.7, 0.71, 0.7, 0.7], [0.7] * 5], "would hardly help;"),
        ([[0.5] * 5, [0.699] * 5, [0.7] * 5], "would hardly help;"),
        # Small on average, but a larger gain is not excluded.
        ([[0.5] * 5, [0.69] * 5, [0.7, 0.65, 0.75, 0.7, 0.7]], "gain may be chance."),
        ([[0.5] * 5, [0.6] * 5, [0.4, 0.9, 0.5, 0.8, 0.6]], "gain may be chance."),
    ],
)
def test_the_verdict_follows_the_scores(rows, words):
    n_images = np.array([50, 100, 200])
    scores = np.array(rows) + np.array([-0.001, 0.001, 0, 0, 0])
    curve = LearningCurve(n_images, scores, scores, 50.0)
    assert curve.verdict.startswith("With 200 instead of 50 training images, the accur")
    assert words in curve.advice
    assert curve.verdict.endswith(curve.advice)
    assert curve.low <= curve.gain <= curve.high


def test_a_comparison_makes_it_on_its_own_folds(face_folder):
    from skfer.datasets import read_images

    table = read_images(face_folder)
    comparison = compare_pipelines({"hog": make_hog_svm()}, table, cv=2)
    curve = comparison.learning_curve()
    np.testing.assert_allclose(
        curve.test_scores[-1], comparison.fold_scores["hog"], atol=0.05
    )
    with pytest.raises(ValueError, match="The pipelines are"):
        comparison.learning_curve("lbp")
    display = curve.plot()
    assert display.ax_.get_xlabel() == "training images"


def test_bad_input(many):
    with pytest.raises(ValueError, match="needs labels"):
        learning_curve_images(make_hog_svm(), many.images)
    with pytest.raises(ValueError, match="at least two folds"):
        learning_curve_images(
            make_hog_svm(), many, cv=[(np.arange(200), np.arange(200, 240))]
        )


@pytest.mark.parametrize("seed", range(4))
def test_parts_of_whole_people_have_two_classes(seed):
    """Videos show one class each; the first of them must not be alike."""
    faces = make_faces(160, classes=["happy", "sad"], image_size=16, random_state=0)
    videos = np.where(faces.target == "happy", 0, 5) + np.arange(160) % 5
    folds = LeakFreeKFold(3, look_alikes=False)
    curve = learning_curve_images(
        make_hog_svm(image_size=16), faces.images, faces.target, groups=videos,
        cv=folds, random_state=seed,
    )  # fmt: skip
    assert len(curve.n_images) >= 2


def test_two_people_make_no_curve(many):
    order = np.argsort(many.target, kind="stable")
    people = many[order]
    with pytest.raises(ValueError, match="two sizes of training parts"):
        learning_curve_images(
            make_hog_svm(image_size=24), people.images, people.target,
            groups=people.target, cv=[(np.arange(0, 240, 2), np.arange(1, 240, 2))] * 2,
        )  # fmt: skip


def test_images_are_not_tested_by_models_that_saw_them(many):
    rows = np.arange(len(many.target))
    with pytest.raises(ValueError, match="learning_curve_images got 1 images in both"):
        learning_curve_images(
            make_hog_svm(image_size=24), many.images, many.target,
            cv=[(rows[:-9], rows[-10:])] * 2,
        )  # fmt: skip

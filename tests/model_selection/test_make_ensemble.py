"""Several classifiers as one, without leaks."""

import pickle
from typing import ClassVar

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.dummy import DummyClassifier
from sklearn.naive_bayes import GaussianNB

from skfer import CNNClassifier, GrayscaleResizer, make_hog_svm, make_lbp_svm
from skfer.datasets import make_faces
from skfer.model_selection import (
    LeakFreeKFold,
    compare_pipelines,
    make_calibrated,
    make_ensemble,
)
from tests.conftest import TINY_NETWORK

SVMS = {"hog": make_hog_svm(image_size=24), "lbp": make_lbp_svm(image_size=24)}


@pytest.fixture(scope="module")
def faces():
    return make_faces(
        90, classes=["happy", "sad", "neutral"], n_subjects=30, image_size=24,
        noise=0.1, random_state=0,
    )  # fmt: skip


def test_votes_are_the_mean_of_calibrated_probabilities(faces):
    voting = make_ensemble(SVMS).fit(faces.images, faces.target)
    single = [
        make_calibrated(one, cv=LeakFreeKFold(5)).fit(faces.images, faces.target)
        for one in SVMS.values()
    ]
    expected = np.mean([one.predict_proba(faces.images) for one in single], axis=0)
    np.testing.assert_allclose(voting.predict_proba(faces.images), expected)
    assert set(voting.predict(faces.images)) <= set(faces.target)
    loaded = pickle.loads(pickle.dumps(voting))
    np.testing.assert_allclose(loaded.predict_proba(faces.images), expected)


def test_networks_vote_as_they_are(faces, fake_training):
    networks = [CNNClassifier(**TINY_NETWORK | {"random_state": i}) for i in range(3)]
    voting = make_ensemble([*networks, SVMS["hog"]])
    assert [name for name, _ in voting.estimators] == [
        "cnnclassifier-1", "cnnclassifier-2", "cnnclassifier-3", "svc",
    ]  # fmt: skip
    assert voting.estimators[0][1] is networks[0]
    assert isinstance(voting.estimators[3][1], CalibratedClassifierCV)
    voting.fit(faces.images, faces.target)
    parts = [one.predict_proba(faces.images) for one in voting.estimators_]
    np.testing.assert_allclose(voting.predict_proba(faces.images), np.mean(parts, 0))


class Watching(GaussianNB):
    """Remembers which images it was both fitted on and asked about."""

    overlaps: ClassVar[list[int]] = []

    def fit(self, X, y):
        self.seen_ = {image.tobytes() for image in X}
        return super().fit(X.reshape(len(X), -1) / 255, y)

    def predict_proba(self, X):
        self.overlaps.append(len(self.seen_ & {image.tobytes() for image in X}))
        return super().predict_proba(X.reshape(len(X), -1) / 255)


def test_stacking_asks_about_images_of_which_no_copy_was_seen(faces):
    images = np.concatenate([faces.images, faces.images])
    target = np.concatenate([faces.target, faces.target])
    members = {"a": Watching(), "b": Watching(var_smoothing=1e-2)}
    Watching.overlaps.clear()
    stack = make_ensemble(members, method="stack").fit(images, target)
    assert Watching.overlaps == [0] * 10
    assert stack.score(images, target) > 0.4
    assert Watching.overlaps[10:] == [90, 90]


def test_it_can_be_compared(faces):
    comparison = compare_pipelines(SVMS | {"both": make_ensemble(SVMS)}, faces, cv=2)
    assert comparison.scores["both"].accuracy > 0.5


@pytest.mark.parametrize(
    "pipelines, options, error, words",
    [
        ([make_hog_svm()], {}, ValueError, "at least two classifiers, got 1"),
        ({}, {}, ValueError, "at least two classifiers, got 0"),
        ([make_hog_svm(), GrayscaleResizer()], {}, TypeError, "'grayscaleresizer' is"),
        (
            [DummyClassifier(), make_hog_svm()], {"method": "hard"}, ValueError,
            "got method='hard'; it is 'vote' or 'stack'",
        ),
    ],
)  # fmt: skip
def test_what_can_not_be_combined(pipelines, options, error, words):
    with pytest.raises(error, match=words):
        make_ensemble(pipelines, **options)

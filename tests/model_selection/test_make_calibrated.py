"""Calibration sees no leak, and makes probabilities that hold."""

import numpy as np
import pytest
from matplotlib.figure import Figure
from sklearn.linear_model import LogisticRegression

from skfer import CNNClassifier, make_hog_svm
from skfer.datasets import make_faces
from skfer.inspection import ReliabilityDisplay
from skfer.model_selection import LeakFreeKFold, LeakFreeShuffleSplit, make_calibrated
from tests.conftest import TINY_NETWORK


@pytest.fixture(scope="module")
def noisy():
    """Faces, of which a fifth have the wrong label: no model may be sure."""
    return make_faces(
        400, classes=["happy", "sad"], n_subjects=100, image_size=24, label_noise=0.2,
        random_state=0,
    )  # fmt: skip


@pytest.mark.slow
def test_a_support_vector_machine_gets_probabilities_that_hold(noisy):
    train, test = next(LeakFreeKFold(2).split(noisy))
    model = make_calibrated(make_hog_svm(image_size=24))
    model.fit(noisy.images[train], noisy.target[train])
    shares = model.predict_proba(noisy.images[test])
    display = ReliabilityDisplay.from_predictions(
        noisy.target[test],
        model.classes_[shares.argmax(axis=1)],
        shares.max(axis=1),
        ax=Figure().subplots(),
    )
    assert 0.7 < shares.max(axis=1).mean() < 0.9
    assert display.error < display.expected_error + 0.06
    assert len(model.calibrated_classifiers_) == 1


def test_folds_with_groups_are_the_ones_that_are_used(noisy):
    folds = list(LeakFreeKFold(2).split(noisy.images, noisy.target, noisy.groups))
    seen = []

    class Watching(LogisticRegression):
        def fit(self, X, y):
            seen.append(set(X[:, 0].tolist()))
            return super().fit(X, y)

    rows = np.arange(len(noisy))[:, np.newaxis]
    make_calibrated(Watching(), cv=folds).fit(rows, noisy.target)
    assert [set(train.tolist()) for train, _ in folds] == seen[:2]
    assert len(seen[2]) == len(noisy)  # At last, it is trained on all.


def test_groups_that_would_not_reach_the_folds_are_refused(noisy):
    model = make_calibrated(make_hog_svm(image_size=24))
    with pytest.raises(TypeError, match=r"cv=list\(LeakFreeKFold\(5\)\.split\(X, y, g"):
        model.fit(noisy.images, noisy.target, groups=noisy.groups)


@pytest.mark.slow
def test_a_network_is_trained_once_and_keeps_its_predictions(noisy, fake_training):
    model = make_calibrated(CNNClassifier(**TINY_NETWORK))
    assert isinstance(model.cv, LeakFreeShuffleSplit)
    assert model.method == "temperature"
    model.fit(noisy.images, noisy.target)
    (fitted,) = model.calibrated_classifiers_
    # scikit-learn trains on the numbers of the classes.
    inner = model.classes_[fitted.estimator.predict(noisy.images)]
    np.testing.assert_array_equal(model.predict(noisy.images), inner)

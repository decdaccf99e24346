"""A network that was trained elsewhere, as a fitted classifier."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted

from skfer import CNNClassifier
from skfer.neural._pretrained_classifier import make_fitted
from skfer.neural._weights import read_weights


@pytest.fixture(scope="module")
def classifier():
    return make_fitted(read_weights(), test_time_augmentation="flip")


@pytest.mark.slow
def test_it_has_what_fit_gives(classifier, faces):
    check_is_fitted(classifier)
    fitted = CNNClassifier(filters=(4,), epochs=1).fit(faces.images, faces.target)
    assert set(vars(fitted)) - set(vars(classifier)) == {
        "_partial_model", "_optimizer_values", "_split_seed", "history_", "n_iter_",
        "best_iter_", "optimizer_", "precision_",
    }  # fmt: skip
    assert not hasattr(clone(classifier), "classes_")


def test_it_predicts_and_pickles(classifier, faces):
    shares = classifier.predict_proba(faces.images)
    np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-5)
    mirrored = classifier.predict_proba(faces.images[:, :, ::-1])
    np.testing.assert_allclose(mirrored, shares, atol=1e-6)
    again = pickle.loads(pickle.dumps(classifier)).predict_proba(faces.images)
    np.testing.assert_allclose(again, shares, atol=1e-6)


def test_pixels_of_another_kind_are_refused(classifier, faces):
    with pytest.raises(ValueError, match="fitted on integer images"):
        classifier.predict(faces.images / 255)
    with pytest.raises(ValueError, match="24"):
        classifier.predict(faces.images[:, ::2, ::2])

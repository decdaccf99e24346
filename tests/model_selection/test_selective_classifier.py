"""It answers as its classifier where that is sure, and passes scikit-learn's checks."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import make_blobs
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC
from sklearn.utils.estimator_checks import parametrize_with_checks

from skfer.model_selection import SelectiveClassifier, compare_pipelines


@parametrize_with_checks([SelectiveClassifier(LogisticRegression())])
def test_scikit_learn_checks(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def blobs():
    X, y = make_blobs(300, centers=3, cluster_std=2, random_state=0)
    return X, np.array(["angry", "happy", "sad"])[y]


def test_it_answers_where_it_is_sure(blobs):
    X, y = blobs
    inner = LogisticRegression().fit(X, y)
    model = SelectiveClassifier(FrozenEstimator(inner), threshold=0.8).fit(X, y)
    sure = inner.predict_proba(X).max(axis=1) >= 0.8
    assert 0.2 < sure.mean() < 0.8
    expected = np.where(sure, inner.predict(X), "unknown")
    np.testing.assert_array_equal(model.predict(X), expected)
    assert model.predict(X).dtype.kind == "U"
    np.testing.assert_array_equal(model.predict_proba(X), inner.predict_proba(X))
    assert model.score(X, y) == pytest.approx((expected == y).mean())


def test_other_labels_and_other_answers(blobs):
    X, y = blobs
    numbers = np.unique(y, return_inverse=True)[1]
    model = SelectiveClassifier(LogisticRegression(), 0.8).fit(X, numbers)
    assert set(model.predict(X).tolist()) == {0, 1, 2, "unknown"}
    minus = clone(model).set_params(unknown=-1).fit(X, numbers)
    assert set(minus.predict(X).tolist()) == {-1, 0, 1, 2}
    with pytest.raises(ValueError, match="unknown=1, which is one of the labels"):
        clone(model).set_params(unknown=1).fit(X, numbers)


def test_a_classifier_without_probabilities_is_refused(blobs):
    with pytest.raises(ValueError, match=r"SVC has none.*make_calibrated"):
        SelectiveClassifier(SVC()).fit(*blobs)
    assert not hasattr(SelectiveClassifier(SVC()), "predict_proba")
    with pytest.raises(ValueError, match="'threshold' parameter"):
        SelectiveClassifier(LogisticRegression(), threshold=1.5).fit(*blobs)


def test_unanswered_images_are_not_right(blobs):
    X, y = blobs
    numbers = np.unique(y, return_inverse=True)[1]
    for unknown in ("unknown", -1):
        model = SelectiveClassifier(LogisticRegression(), 0.8, unknown)
        labels = model.fit(X, numbers).predict(X)
        pairs = zip(labels.tolist(), numbers.tolist(), strict=True)
        expected = np.mean([said == true for said, true in pairs])
        assert model.score(X, numbers) == pytest.approx(expected)
        assert expected < 0.95
        weights = np.arange(len(X))
        assert model.score(X, numbers, weights) != model.score(X, numbers)
    assert labels.dtype.kind == "i"


def test_a_comparison_needs_labels_that_are_words(blobs):
    X, y = blobs
    models = {"sure": SelectiveClassifier(LogisticRegression(), threshold=0.9)}
    with pytest.raises(ValueError, match="'sure', which may answer 'unknown'.*astype"):
        compare_pipelines(models, X, np.unique(y, return_inverse=True)[1], cv=2)

import pickle

import numpy as np
import pytest
from sklearn import svm

from skfer import make_hog_svm
from skfer.pipelines import _svc

X = np.random.default_rng(0).normal(size=(30, 4))
Y = np.repeat(["a", "b", "c"], 10)


def test_it_is_that_of_scikit_learn():
    ours = make_hog_svm()[-1].fit(X, Y)
    theirs = svm.SVC(**ours.get_params()).fit(X, Y)
    assert np.array_equal(ours.decision_function(X), theirs.decision_function(X))
    again = pickle.loads(pickle.dumps(ours))
    assert np.array_equal(again.predict(X), theirs.predict(X))
    weighted = ours.fit(X, Y, sample_weight=np.arange(30))
    expected = theirs.fit(X, Y, sample_weight=np.arange(30))
    assert np.array_equal(weighted.dual_coef_, expected.dual_coef_)


def test_more_samples_than_it_can_take_are_a_warning(monkeypatch):
    monkeypatch.setattr(_svc, "_MANY", 29)
    message = "fitted on 30 samples, .* hours.*Take skfer.pipelines.make_hog_linear"
    with pytest.warns(UserWarning, match=message):
        _svc.SVC().fit(X, Y)

"""Steps run once a fold, whoever asks, and nobody shares what can change."""

import numpy as np
import pytest
import sklearn
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from skfer.model_selection import compare_pipelines

X = np.random.default_rng(0).normal(size=(60, 4))
Y = np.arange(60) % 2
ONE = [(np.arange(40), np.arange(40, 60))]
FITS = []


class Step(TransformerMixin, BaseEstimator):
    """Records its fits."""

    def __init__(self, name="a"):
        self.name = name

    def fit(self, X, y=None, sample_weight=None):
        FITS.append((self.name, None if sample_weight is None else len(sample_weight)))
        return self

    def transform(self, X):
        return X

    def __sklearn_is_fitted__(self):
        return True


class Plain(BaseEstimator):
    """Without fit_transform."""

    def fit(self, X, y=None):
        FITS.append(("plain", None))
        return self

    def transform(self, X):
        return X


@pytest.fixture(autouse=True)
def no_fits():
    FITS.clear()


def pipe(*steps, C=1.0):
    named = [(f"s{i}", step) for i, step in enumerate(steps)]
    return Pipeline([*named, ("last", LogisticRegression(C=C))])


def test_every_shared_step_runs_once():
    pipelines = {
        "one": pipe(Step("a"), Step("b"), C=1),
        "two": pipe(Step("a"), Step("b"), C=2),
        "three": pipe(Step("a")),
        "four": pipe(Step("c")),
    }
    compare_pipelines(pipelines, X, Y, cv=ONE)
    assert sorted(FITS) == [("a", None), ("b", None), ("c", None)]


def test_steps_without_fit_transform_and_without_a_hash_are_run():
    nameless = FunctionTransformer(lambda X: X)
    pipelines = {
        "one": pipe(Plain()),
        "two": pipe(Plain(), C=2),
        "three": pipe(nameless),
    }
    comparison = compare_pipelines(pipelines, X, Y, cv=ONE)
    assert FITS == [("plain", None)]
    assert np.isnan(comparison.scores["three"].megabytes)


def test_fitted_pipelines_share_no_objects():
    models = {"one": pipe(StandardScaler()), "two": pipe(StandardScaler(), C=2)}
    comparison = compare_pipelines(models, X, Y, cv=ONE)
    (one,), (two,) = (comparison.estimators[name] for name in models)
    before = two.predict_proba(X)
    one.fit(X * 100 + 3, Y)
    np.testing.assert_array_equal(two.predict_proba(X), before)


@pytest.mark.parametrize("routing", [False, True])
def test_params_of_early_steps_reach_them(routing):
    with sklearn.config_context(enable_metadata_routing=routing):
        models = {
            name: Pipeline([("s0", Step("a")), ("last", GaussianNB(var_smoothing=v))])
            for name, v in (("one", 1e-9), ("two", 1e-8))
        }
        params = {"s0__sample_weight": np.ones(60)}
        if routing:
            params = {"sample_weight": np.ones(60)}
            for model in models.values():
                for _, step in model.steps:
                    step.set_fit_request(sample_weight=True)
        compare_pipelines(models, X, Y, cv=ONE, params=params)
    assert FITS == [("a", 40), ("a", 40)]


def test_a_search_hands_weights_on():
    seen = []

    class Seeing(GaussianNB):
        def fit(self, X, y, sample_weight=None):
            seen.append(sample_weight is not None)
            return super().fit(X, y, sample_weight)

    search = GridSearchCV(Seeing(), {"var_smoothing": [1e-9]}, cv=2)
    weights = {"sample_weight": np.ones(60)}
    compare_pipelines({"search": search}, X, Y, cv=ONE, params=weights)
    assert set(seen) == {True}


@pytest.mark.parametrize(
    ("fold", "message"),
    [
        ((np.arange(40), -np.arange(21, 30)), "in both the training and the test part"),
        ((np.arange(40), []), "no images to test on"),
    ],
)
def test_odd_folds_are_refused(fold, message):
    with pytest.raises(ValueError, match=message):
        compare_pipelines({"nb": GaussianNB()}, X, Y, cv=[fold])

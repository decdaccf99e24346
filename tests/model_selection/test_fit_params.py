"""Groups, weights and validation images reach the fits that take them."""

import numpy as np
import pytest
import sklearn
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import Pipeline, make_pipeline

from skfer import make_hog_svm
from skfer.model_selection import (
    LeakFreeKFold,
    LeakFreeShuffleSplit,
    compare_pipelines,
    make_calibrated,
)
from skfer.model_selection._fit_params import choose_params
from tests.model_selection.test_compare_pipelines import ONE, Counting


class Taking(ClassifierMixin, BaseEstimator):
    """Remembers what its fit was given."""

    def fit(self, X, y, groups=None, sample_weight=None, X_val=None, y_val=None):
        self.classes_ = np.unique(y)
        self.given_ = {
            "X": X, "groups": groups, "sample_weight": sample_weight, "X_val": X_val,
            "y_val": y_val,
        }  # fmt: skip
        return self

    def predict(self, X):
        return np.full(len(X), self.classes_[0])


def given_to(comparison, name="taking"):
    return comparison.estimators[name][0][-1].given_


def test_groups_and_params_go_to_the_fits_that_take_them(faces):
    weights = np.arange(140.0)
    pipelines = {"taking": make_pipeline(Counting(), Taking()), "nb": GaussianNB()}
    pipelines["nb"] = make_pipeline(Counting(), GaussianNB())
    comparison = compare_pipelines(
        pipelines, faces, cv=ONE, params={"sample_weight": weights}
    )
    given = given_to(comparison)
    np.testing.assert_array_equal(given["groups"], faces.groups[:100])
    np.testing.assert_array_equal(given["sample_weight"], weights[:100])
    plain = compare_pipelines({"nb": pipelines["nb"]}, faces, cv=ONE)
    # The weights reached the other one too.
    assert (plain.predictions["nb"] != comparison.predictions["nb"]).any()


@pytest.mark.parametrize("name", ["X_val", "taking__X_val"])
def test_validation_images_go_through_the_steps_before(faces, name):
    X_val = faces.images[120:].astype(np.uint8)
    params = {name: X_val, name.replace("X_", "y_"): faces.target[120:]}
    comparison = compare_pipelines(
        {"taking": Pipeline([("flat", Counting()), ("taking", Taking())])}, faces[:120],
        cv=[(np.arange(100), np.arange(100, 120))], params=params,
    )  # fmt: skip
    given = given_to(comparison)
    np.testing.assert_array_equal(given["X_val"], X_val.reshape(20, -1))
    np.testing.assert_array_equal(given["y_val"], faces.target[120:])


def test_a_step_is_named_as_in_scikit_learn(faces):
    pipelines = {"taking": Pipeline([("flat", Counting()), ("taking", Taking())])}
    params = {"taking__sample_weight": np.arange(140.0)}
    comparison = compare_pipelines(pipelines, faces, cv=ONE, params=params)
    assert given_to(comparison)["sample_weight"].tolist() == list(range(100))


def test_with_metadata_routing_steps_get_what_they_request(faces):
    with sklearn.config_context(enable_metadata_routing=True):
        asking = Taking().set_fit_request(sample_weight=True)
        pipelines = {"taking": make_pipeline(Counting(), asking)}
        comparison = compare_pipelines(
            pipelines, faces, cv=ONE, params={"sample_weight": np.ones(140)}
        )
    given = given_to(comparison)
    assert given["sample_weight"].tolist() == [1] * 100
    assert given["groups"] is None  # Not requested.


def test_params_that_nobody_takes_are_refused(faces):
    with pytest.raises(
        ValueError, match=r"params \['wait'\], which no pipeline accepts"
    ):
        compare_pipelines({"nb": GaussianNB()}, faces, params={"wait": 1})


@pytest.mark.slow
def test_early_stopping_keeps_people_together(faces, monkeypatch):
    from skfer import make_cnn
    from skfer.neural import _training
    from tests.conftest import TINY_NETWORK

    sides = []

    def spy(model, training, validation, **options):
        sides.append((training.images, validation.images))
        return run(model, training, validation, **options)

    run = _training.run_training
    monkeypatch.setattr(_training, "run_training", spy)
    network = make_cnn(image_size=48, **TINY_NETWORK | {"early_stopping": True})
    compare_pipelines({"cnn": network.set_params(classifier__epochs=1)}, faces, cv=ONE)
    person = {
        image.tobytes(): group
        for image, group in zip(faces.images, faces.groups, strict=True)
    }
    ((kept, aside),) = [
        tuple({person[image.tobytes()] for image in side} for side in pair)
        for pair in sides
    ]
    assert kept
    assert aside
    assert not kept & aside


def test_a_search_gets_groups_for_its_splitter(faces):
    search = GridSearchCV(GaussianNB(), {"var_smoothing": [1e-9]}, cv=LeakFreeKFold(2))
    assert list(choose_params(search, {"groups": faces.groups})) == ["groups"]
    assert choose_params(GaussianNB(), {"groups": faces.groups}) == {}


def test_a_calibration_does_not_get_groups_that_its_folds_would_not(faces):
    model = make_calibrated(make_hog_svm(image_size=24))
    assert choose_params(model, {"groups": faces.groups}) == {}
    splitter = LeakFreeShuffleSplit(random_state=0)
    comparison = compare_pipelines({"hog": model}, faces, cv=splitter)
    assert comparison.scores["hog"].accuracy > 0.5

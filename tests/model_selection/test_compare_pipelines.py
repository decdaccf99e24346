"""The same folds for all, each step once, nothing lost by an interruption."""

import numpy as np
import pytest
from rich.console import Console
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin
from sklearn.decomposition import PCA
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from skfer import HOGTransformer, make_hog_svm
from skfer.model_selection import (
    LeakFreeKFold,
    ProgressDisplay,
    accuracy_interval,
    compare_pipelines,
    corrected_t_test,
)

ONE = [(np.arange(100), np.arange(100, 140))]


class Counting(TransformerMixin, BaseEstimator):
    """Counts how often it was fitted."""

    fits = 0

    def fit(self, X, y=None):
        type(self).fits += 1
        return self

    def transform(self, X):
        return X.reshape(len(X), -1)


class Failing(ClassifierMixin, BaseEstimator):
    """Works only when it is told to."""

    works = False

    def fit(self, X, y):
        if not type(self).works:
            raise RuntimeError("interrupted")
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.full(len(X), self.classes_[0])


@pytest.fixture
def pipelines():
    return {
        "nb": make_pipeline(Counting(), PCA(5), GaussianNB()),
        "svm": make_pipeline(Counting(), PCA(5), SVC()),
    }


def test_the_scores_are_those_of_scikit_learn(faces):
    pipelines = {"hog": make_hog_svm(), "half": make_pipeline(HOGTransformer(), SVC())}
    comparison = compare_pipelines(
        pipelines, faces.images, faces.target, groups=faces.groups, cv=3
    )
    for name, pipeline in pipelines.items():
        expected = cross_val_score(
            pipeline, faces.images, faces.target, groups=faces.groups,
            cv=LeakFreeKFold(3),
        )  # fmt: skip
        np.testing.assert_allclose(comparison.fold_scores[name], expected)
        score = next(s for s in comparison.scores if s.model == name)
        predicted = comparison.predictions[name]
        assert score.score == pytest.approx(expected.mean())
        assert score.accuracy == accuracy_score(comparison.y_test, predicted)
        assert score.macro_f1 == f1_score(
            comparison.y_test, predicted, average="macro", zero_division=0
        )
        n_test = 140 / 3
        low, high = corrected_t_test(expected, comparison.n_train, n_test)[1]
        assert (score.score_low, score.score_high) == (max(0, low), min(1, high))
        right = predicted == comparison.y_test
        assert score.recall["sad"] == right[comparison.y_test == "sad"].mean()
        assert score.megabytes > 0.001
    assert [s.model for s in comparison.scores][-1] == "majority"
    np.testing.assert_array_equal(comparison.y_test, faces.target[comparison.test_rows])


def test_one_test_part_has_wilsons_interval(faces):
    comparison = compare_pipelines(
        {"hog": make_hog_svm()}, faces.images, faces.target, cv=ONE
    )
    score = comparison.scores[0]
    right = round(score.accuracy * 40)
    assert (score.score_low, score.score_high) == accuracy_interval(right, 40)
    assert (score.accuracy_low, score.accuracy_high) == accuracy_interval(right, 40)


def test_shared_steps_run_once_a_fold(faces, pipelines):
    Counting.fits = 0
    compare_pipelines(pipelines, faces.images, faces.target, cv=StratifiedKFold(2))
    assert Counting.fits == 2
    assert pipelines["nb"].memory is None


def test_an_interrupted_comparison_goes_on(faces, pipelines, tmp_path, monkeypatch):
    arguments = {**pipelines, "last": Failing()}, faces.images, faces.target
    options = {"cv": StratifiedKFold(2), "cache": tmp_path / "cache"}
    with pytest.raises(RuntimeError, match="interrupted"):
        compare_pipelines(*arguments, **options)
    monkeypatch.setattr(Failing, "works", True)
    done = {file.name for file in (tmp_path / "cache").glob("*.joblib")}
    assert {name.split("-")[0] for name in done} == {"nb", "svm"}
    begun = compare_pipelines(*arguments, **options)

    def refuse(self, X, y):
        raise AssertionError("fitted again")

    monkeypatch.setattr(Failing, "fit", refuse)
    again = compare_pipelines(*arguments, **options)
    assert again.scores == begun.scores
    other = dict(options, scoring="f1_macro")
    with pytest.raises(AssertionError, match="fitted again"):
        compare_pipelines(*arguments, **other)


def test_other_scores_and_kept_estimators(faces):
    comparison = compare_pipelines(
        {"hog": make_hog_svm()}, faces.images, faces.target, cv=ONE,
        scoring="balanced_accuracy", return_estimator=True,
    )  # fmt: skip
    assert comparison.scoring == "balanced_accuracy"
    (fitted,) = comparison.estimators["hog"]
    assert fitted.memory is None
    assert "balanced_accuracy" in comparison.verdict
    np.testing.assert_array_equal(
        fitted.predict(faces.images[100:]), comparison.predictions["hog"]
    )


def test_in_parallel_it_is_the_same(faces, pipelines):
    one, two = (
        compare_pipelines(
            {"nb": make_pipeline(PCA(5), GaussianNB())},
            faces.data, faces.target, cv=StratifiedKFold(3), n_jobs=n_jobs,
        )
        for n_jobs in (None, 2)
    )  # fmt: skip
    np.testing.assert_array_equal(one.predictions["nb"], two.predictions["nb"])


def test_nothing_stays_attached_to_the_estimators(faces):
    """A display in a fitted pipeline could not be pickled."""
    import pickle

    with ProgressDisplay(["svm"], Console(quiet=True)) as progress:
        comparison = compare_pipelines(
            {"svm": make_pipeline(HOGTransformer(), StandardScaler(), SVC())},
            faces.images, faces.target, cv=ONE, progress=progress,
            return_estimator=True,
        )  # fmt: skip
    pickle.dumps(comparison.estimators["svm"])


def test_wrong_input_is_explained(faces):
    data = faces.images, faces.target
    with pytest.raises(ValueError, match="at least one pipeline"):
        compare_pipelines({}, *data)
    with pytest.raises(ValueError, match="none named 'majority'"):
        compare_pipelines({"majority": make_hog_svm()}, *data)
    with pytest.raises(ValueError, match=r"classes \['bored'\] in a test part"):
        y = np.where(np.arange(140) < 100, faces.target, "bored")
        compare_pipelines({"hog": make_hog_svm()}, faces.images, y, cv=ONE)
    with pytest.raises(ValueError, match="one fit at a time"):
        compare_pipelines(
            {"hog": make_hog_svm()}, *data, n_jobs=2,
            progress=ProgressDisplay(["hog"], Console(quiet=True)),
        )  # fmt: skip

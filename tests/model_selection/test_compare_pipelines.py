"""The same folds for all, each step once, nothing lost by an interruption."""

import numpy as np
import pytest
from PIL import Image
from rich.console import Console
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.decomposition import PCA
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import (
    RepeatedStratifiedKFold,
    StratifiedKFold,
    cross_val_score,
)
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC

from skfer import HOGTransformer, make_hog_svm
from skfer.datasets import ImageTable, find_copies, make_faces
from skfer.model_selection import (
    LeakFreeKFold,
    ProgressDisplay,
    accuracy_interval,
    clustered_accuracy_interval,
    compare_pipelines,
    corrected_t_test,
)

ONE = [(np.arange(100), np.arange(100, 140))]


def flatten(images):
    return images.reshape(len(images), -1)


class Counting(TransformerMixin, BaseEstimator):
    """Counts how often it was fitted."""

    fits = 0

    def fit(self, X, y=None):
        type(self).fits += 1
        return self

    def transform(self, X):
        return X.reshape(len(X), -1)


@pytest.fixture(scope="module")
def faces():
    """140 drawn faces, 20 of each class, none of which is taken for a copy."""
    drawn = make_faces(210, n_subjects=30, random_state=0)
    drawn = drawn[np.unique(find_copies(drawn), return_index=True)[1]]
    rows = [np.flatnonzero(drawn.target == name)[:20] for name in drawn.target_names]
    return drawn[np.random.default_rng(0).permutation(np.concatenate(rows))]


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
        score = comparison.scores[name]
        predicted = comparison.predictions[name]
        assert score.score == score.accuracy
        assert score.accuracy == accuracy_score(comparison.y_test, predicted)
        assert score.macro_f1 == f1_score(
            comparison.y_test, predicted, average="macro", zero_division=0
        )
        n_test = 140 / 3
        low, high = corrected_t_test(expected, comparison.n_train, n_test)[1]
        right = predicted == comparison.y_test
        people = clustered_accuracy_interval(right, comparison.groups_test)
        assert score.score_low == pytest.approx(min(low, people[0]), abs=0.02)
        assert score.score_high == pytest.approx(min(1, max(high, people[1])), abs=0.02)
        assert score.score_low <= max(0, low)
        assert score.score_high >= min(1, high)
        right = predicted == comparison.y_test
        assert score.recall["sad"] == right[comparison.y_test == "sad"].mean()
        assert score.megabytes > 0.001
    assert list(comparison.scores)[-1] == "majority"
    np.testing.assert_array_equal(comparison.y_test, faces.target[comparison.test_rows])


def test_one_test_part_has_wilsons_interval(faces):
    comparison = compare_pipelines(
        {"hog": make_hog_svm()}, faces.images, faces.target, cv=ONE
    )
    score = comparison.scores[comparison.best_name]
    right = round(score.accuracy * 40)
    assert (score.score_low, score.score_high) == accuracy_interval(right, 40)
    assert (score.accuracy_low, score.accuracy_high) == accuracy_interval(right, 40)


def test_shared_steps_run_once_a_fold(faces, pipelines):
    Counting.fits = 0
    compare_pipelines(pipelines, faces.images, faces.target, cv=StratifiedKFold(2))
    assert Counting.fits == 2
    assert pipelines["nb"].memory is None


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


@pytest.mark.slow
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


def test_losses_are_neither_clipped_nor_written_in_per_cent(faces):
    comparison = compare_pipelines(
        {"nb": GaussianNB()}, faces.data, faces.target, scoring="neg_log_loss",
        cv=StratifiedKFold(2),
    )  # fmt: skip
    score = comparison.scores[comparison.best_name]
    assert score.score_low < score.score < 0
    assert f"neg_log_loss {score.score:.3f} (95% interval {score.score_low:.3f} to" in (
        comparison.verdict
    )


def test_copies_in_a_test_part_count_once(faces):
    images = [
        *faces.images,
        faces.images[120],
        np.asarray(Image.fromarray(faces.images[130]).reduce(2)),
    ]
    images.append(np.asarray(Image.fromarray(faces.images[125]).resize((96, 96))))
    target = [*faces.target, *faces.target[[120, 130, 125]]]
    fold = [(np.arange(100), np.arange(100, 143))]
    comparison = compare_pipelines({"hog": make_hog_svm()}, images, target, cv=fold)
    rows = comparison.test_rows.tolist()
    # Of the copies the largest is tested.
    assert 142 in rows
    assert 125 not in rows
    assert (comparison.n_copies, comparison.n_images) == (len(images) - 100 - 40, 40)
    assert "left out of the test parts: 3 copies" in comparison.verdict
    assert len(comparison.predictions["hog"]) == 40


@pytest.mark.parametrize("scoring", ["f1_macro", "balanced_accuracy"])
def test_intervals_of_other_scores_on_one_test_part(faces, scoring):
    comparison = compare_pipelines(
        {"nb": GaussianNB()}, faces.data, faces.target, cv=ONE, scoring=scoring
    )
    score = comparison.scores[comparison.best_name]
    assert (score.score_low == score.macro_f1_low) == (scoring == "f1_macro")
    assert "nan" not in comparison.summary


@pytest.mark.parametrize("n_images, n_folds", [(1999, 10), (2000, 5)])
def test_folds_of_few_images_are_made_twice(n_images, n_folds):
    rng = np.random.default_rng(0)
    X = rng.integers(0, 256, (n_images, 8, 8), dtype=np.uint8)
    model = make_pipeline(FunctionTransformer(flatten), GaussianNB())
    comparison = compare_pipelines({"nb": model}, X, np.arange(n_images) % 2)
    assert comparison.n_folds == n_folds
    tests = [test for _, test in comparison.folds]
    assert np.sort(np.concatenate(tests[:5])).tolist() == list(range(n_images))
    assert tests[0].tolist() not in [test.tolist() for test in tests[1:]]


def test_numpy_integers_and_masks_are_understood(faces):
    svm = {"hog": make_hog_svm(image_size=24)}
    by_number = compare_pipelines(svm, faces.images, faces.target, cv=np.int64(3))
    again = compare_pipelines(svm, faces.images, faces.target, cv=3)
    assert by_number.test_rows.tolist() == again.test_rows.tolist()
    model = {"nb": GaussianNB()}
    assert by_number.n_folds == 3
    mask = np.arange(140) < 100
    masked = compare_pipelines(model, faces.data, faces.target, cv=[(mask, ~mask)])
    assert masked.n_train == 100
    assert masked.test_rows.tolist() == list(range(100, 140))
    assert masked.folds[0][0].tolist() == list(range(100))


def test_repeated_splits_do_not_narrow_the_intervals(faces):
    model = {"nb": GaussianNB()}
    once = StratifiedKFold(4, shuffle=True, random_state=0)
    often = RepeatedStratifiedKFold(n_splits=4, n_repeats=6, random_state=0)
    widths = []
    for cv in (once, often):
        comparison = compare_pipelines(model, faces.data, faces.target, cv=cv)
        s = comparison.scores[comparison.best_name]
        widths += [s.accuracy_high - s.accuracy_low, s.macro_f1_high - s.macro_f1_low]
        assert " of 140 test pictures right" in comparison.verdict
    assert widths[2:] == pytest.approx(widths[:2], rel=0.15)


def test_folds_that_agree_by_chance_do_not_promise_too_much(faces):
    same = np.repeat(["a", "b"], [70, 70])
    tested = [np.array([0, 1, 70, 71]), np.array([2, 3, 72, 73])]
    folds = [(np.setdiff1d(np.arange(140), rows), rows) for rows in tested]
    comparison = compare_pipelines(
        {"nb": GaussianNB()}, np.arange(140)[:, None] // 70, same, cv=folds
    )
    score = comparison.scores[comparison.best_name]
    assert score.score == 1
    assert score.score_low == pytest.approx(accuracy_interval(8, 8)[0])


def test_a_score_that_is_nan_is_refused(faces):
    y = np.where(np.arange(140) < 50, "a", "b")  # One class only is tested.
    with (
        pytest.raises(ValueError, match="nb got a score of nan by 'roc_auc'"),
        pytest.warns(UndefinedMetricWarning),
    ):
        compare_pipelines(
            {"nb": GaussianNB()}, faces.data, y, cv=ONE, scoring="roc_auc"
        )


def test_names_become_files(faces):
    with pytest.raises(ValueError, match="'nb/x' can't be the name of a file"):
        compare_pipelines({"nb/x": GaussianNB()}, faces.data, faces.target)


def test_progress_of_anything_and_under_any_name(faces):
    with ProgressDisplay(["other"], Console(quiet=True)) as progress:
        comparison = compare_pipelines(
            {"nb": GaussianNB()}, faces.data, faces.target, cv=ONE, progress=progress
        )
    assert comparison.best_name == "nb"


def test_rows_that_are_trained_and_tested_on_are_refused(faces):
    fold = np.arange(100), np.arange(99, 140)
    with pytest.raises(ValueError, match="1 images in both the training and the .* 99"):
        compare_pipelines({"nb": make_hog_svm()}, faces, cv=[fold])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda table: table[:0], "needs at least one image"),
        (lambda table: ImageTable(table.images), "needs images with labels"),
    ],
)
def test_tables_that_can_not_be_compared_on(faces, change, message):
    with pytest.raises(ValueError, match=message):
        compare_pipelines({"hog": make_hog_svm()}, change(faces))


def test_unreadable_images_are_refused(faces):
    table = faces[:]
    table["status"] = ["it is empty", *[""] * 139]
    with pytest.raises(ValueError, match=r"Pass table\[table\.is_readable\]"):
        compare_pipelines({"hog": make_hog_svm()}, table)


def test_the_record_holds_all_that_a_report_needs(faces):
    comparison = compare_pipelines({"hog": make_hog_svm()}, faces, cv=ONE)
    assert comparison.table is faces
    (fit,) = comparison.fits["hog"]
    assert fit.confidence.shape == (40,)
    assert not fit.is_probability
    np.testing.assert_array_equal(comparison.confidences["hog"], fit.confidence)
    np.testing.assert_array_equal(comparison.groups_test, faces.groups[100:])
    assert list(comparison.pipelines) == ["hog"]
    assert comparison != "something else"


def test_each_prediction_is_made_once(faces, monkeypatch):
    asked = []
    predict = GaussianNB.predict

    def count(self, X):
        asked.append(len(X))
        return predict(self, X)

    monkeypatch.setattr(GaussianNB, "predict", count)
    compare_pipelines(
        {"nb": GaussianNB()}, faces.data, faces.target, cv=ONE, scoring="f1_macro"
    )
    assert asked == [40]

import csv

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC

from skfer import HOGTransformer, make_hog_svm
from skfer.model_selection import Comparison, Score, compare_classifiers


@pytest.fixture(scope="module")
def comparison(faces):
    return compare_classifiers(
        {"dummy": DummyClassifier(), "hog": make_hog_svm()},
        faces.images[:100], faces.target[:100], faces.images[100:], faces.target[100:],
        random_state=0,
    )  # fmt: skip


def test_best_first_with_intervals(comparison, faces):
    best, worst = comparison.scores
    assert (best.model, worst.model) == ("hog", "dummy")
    for score in comparison.scores:
        right = comparison.predictions[score.model] == faces.target[100:]
        assert score.accuracy == right.mean()
        assert score.accuracy_low <= score.accuracy <= score.accuracy_high
        assert score.macro_f1_low <= score.macro_f1 <= score.macro_f1_high
        assert score.fit_seconds > 0
        assert score.predict_images_per_second > 0


def test_classifiers_are_cloned(faces):
    pipeline = make_hog_svm()
    compare_classifiers(
        {"hog": pipeline}, faces.images, faces.target, faces.images, faces.target
    )
    with pytest.raises(AttributeError):
        pipeline["classifier"].support_  # noqa: B018


def with_predictions(first, second, truth):
    def score(name, predictions):
        accuracy = float(np.mean(np.array(predictions) == truth))
        return Score(name, accuracy, 0, 1, accuracy, 0, 1, 1, 1)

    scores = sorted([score("a", first), score("b", second)], key=lambda s: -s.accuracy)
    predictions = {"a": np.array(first), "b": np.array(second)}
    return Comparison(scores, {}, predictions, np.array(truth))


def test_sentences():
    truth = [1] * 20
    clear = with_predictions([1] * 20, [1] * 10 + [0] * 10, truth).summarize()
    assert clear == (
        "a wins over b with 100.0% against 50.0% on 20 test images, and the difference "
        "is significant (McNemar's exact test, p = 0.002)."
    )
    close = with_predictions([1] * 19 + [0], [1] * 20, truth).summarize()
    assert close == (
        "b is ahead of a with 100.0% against 95.0% on 20 test images, but the "
        "difference is not significant (McNemar's exact test, p = 1.000)."
    )
    level = with_predictions([0] + [1] * 19, [1] * 19 + [0], truth).summarize()
    assert level.startswith("a and b are level with 95.0% on 20 test images")


def test_one_classifier_has_nothing_to_beat(faces):
    alone = compare_classifiers(
        {"dummy": DummyClassifier()},
        faces.images, faces.target, faces.images, faces.target,
    )  # fmt: skip
    assert alone.summarize() == "dummy reaches 14.3% on 140 test images."


def test_csv_has_the_whole_table(comparison, tmp_path):
    comparison.to_csv(tmp_path / "table.csv")
    with (tmp_path / "table.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["model"] for row in rows] == ["hog", "dummy"]
    assert float(rows[0]["accuracy"]) == comparison.scores[0].accuracy
    assert len(rows[0]) == 9


def test_wrong_input_is_explained(faces):
    data = faces.images, faces.target, faces.images
    with pytest.raises(ValueError, match="at least one classifier"):
        compare_classifiers({}, *data, faces.target)
    with pytest.raises(ValueError, match=r"classes \['bored'\] in the test labels"):
        compare_classifiers({"hog": make_hog_svm()}, *data, ["bored"] * 140)


def test_nothing_stays_attached_to_the_estimators(faces):
    """A display in a fitted pipeline could not be pickled."""
    import pickle

    from rich.console import Console

    from skfer.model_selection import ProgressDisplay

    pipelines = {"svm": make_pipeline(HOGTransformer(), SVC())}
    with ProgressDisplay(["svm"], Console(quiet=True)) as progress:
        comparison = compare_classifiers(
            pipelines, faces.images, faces.target, faces.images, faces.target,
            progress=progress,
        )  # fmt: skip
    pickle.dumps(comparison.estimators["svm"])

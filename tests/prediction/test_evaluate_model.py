"""A fitted model is tested as a comparison tests it."""

import numpy as np
import pytest
from sklearn.frozen import FrozenEstimator
from sklearn.metrics import f1_score
from sklearn.svm import SVC, SVR

from skfer.datasets import ImageTable, make_faces
from skfer.model_selection import (
    SelectiveClassifier,
    compare_pipelines,
    make_calibrated,
)
from skfer.prediction import evaluate_model
from tests.prediction.test_classify_images import hog


@pytest.fixture(scope="module")
def others():
    return make_faces(70, n_subjects=8, noise=0.3, n_copies=3, random_state=3)


def test_it_agrees_with_a_comparison_on_the_same_split(faces, others):
    """Only the training is not repeated."""
    both = ImageTable.concatenate([faces, others])
    n = len(faces)
    split = np.arange(n), np.arange(n, len(both))
    comparison = compare_pipelines({"hog": hog()}, both, cv=[split])
    model = hog().fit(faces.images, faces.target)
    tested = evaluate_model(model, others, name="hog")
    for name in ("accuracy", "accuracy_low", "macro_f1_high", "n_correct", "recall"):
        ours, theirs = (
            getattr(one.scores["hog"], name) for one in (tested, comparison)
        )
        assert ours == theirs, name
    assert tested.n_copies == comparison.n_copies == 3
    ours, theirs = ({*one.verdict.split(". ")} for one in (tested, comparison))
    (only_ours,), (only_theirs,) = ours - theirs, theirs - ours
    assert only_ours.startswith("The p-value is that of McNemar's exact test")
    assert only_theirs.startswith("It was trained once, on one split;")
    assert tested.scores["majority"].accuracy <= tested.scores["hog"].accuracy


def test_files_that_can_not_be_read_are_left_out(faces, face_folder, tmp_path):
    model = make_calibrated(hog()).fit(faces.images, faces.target)
    broken = tmp_path / "broken.png"
    broken.write_text("no picture")
    paths = [str(path) for path in sorted(face_folder.rglob("*.png"))[:5]]
    table = ImageTable([*paths, str(broken)], ["angry"] * 6)
    tested = evaluate_model(model, table)
    assert tested.n_images == 5
    assert np.isfinite(tested.confidences["model"]).all()
    with pytest.raises(ValueError, match="no picture that can be classified.*text"):
        evaluate_model(model, table[5:])


@pytest.mark.parametrize("as_numbers", [False, True])
def test_no_answer_is_wrong_but_no_class(faces, others, as_numbers):
    target = np.unique(faces.target, return_inverse=True)[1] if as_numbers else None
    y = faces.target if target is None else target
    inner = make_calibrated(hog()).fit(faces.images, y)
    model = SelectiveClassifier(FrozenEstimator(inner), threshold=0.6)
    model.fit(faces.images, y)
    if as_numbers:
        others = others[np.arange(len(others))]
        others["target"] = np.unique(others.target, return_inverse=True)[1]
    tested = evaluate_model(model, others)
    score, predicted = tested.scores["model"], tested.predictions["model"]
    assert "unknown" in predicted.tolist()
    truth = tested.y_test
    assert score.accuracy == pytest.approx(np.mean(predicted == truth))
    expected = f1_score(truth, predicted, labels=np.unique(truth), average="macro")
    assert score.macro_f1 == pytest.approx(expected)
    assert score.macro_f1_low < expected < score.macro_f1_high
    assert "unknown" not in score.recall


def test_a_class_that_is_not_tested_but_answered_counts(faces):
    """As in scikit-learn: an answer that is wrong is not forgotten."""
    model = hog().fit(faces.images, faces.target)
    others = make_faces(60, noise=0.6, random_state=4)
    some = others[np.isin(others.target, ["happy", "sad"])]
    tested = evaluate_model(model, some)
    predicted = tested.predictions["model"]
    assert not set(predicted.tolist()) <= {"happy", "sad"}
    expected = f1_score(tested.y_test, predicted, average="macro", zero_division=0)
    assert tested.scores["model"].macro_f1 == pytest.approx(expected)


def test_ranking_by_macro_f1_does_not_count_it_either(faces, others):
    model = SelectiveClassifier(make_calibrated(hog()), threshold=0.7)
    comparison = compare_pipelines({"m": model}, faces, cv=2, scoring="f1_macro")
    score = comparison.scores["m"]
    assert "unknown" in comparison.predictions["m"].tolist()
    assert score.score == pytest.approx(score.macro_f1, abs=0.05)
    assert score.score_low < score.score < score.score_high


def test_a_model_must_be_a_fitted_classifier(faces):
    with pytest.raises(TypeError, match="evaluate_model needs .* got SVR"):
        evaluate_model(SVR(), faces)
    with pytest.raises(ValueError, match="evaluate_model got a SVC that is not fitted"):
        evaluate_model(SVC(), faces)


def test_labels_must_be_known_to_the_model(faces, fitted_hog_svm):
    table = ImageTable(faces.images[:2], ["happiness", "sad"])
    with pytest.raises(ValueError, match=r"of \['happiness'\], which the model"):
        evaluate_model(fitted_hog_svm, table)
    with pytest.raises(ValueError, match="needs a table with labels"):
        evaluate_model(fitted_hog_svm, ImageTable(faces.images[:2]))

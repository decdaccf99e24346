from itertools import combinations

import numpy as np
import pytest
from sklearn.datasets import make_blobs
from sklearn.ensemble import VotingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from skfer.inspection import PredictionsDisplay
from skfer.model_selection._confidence import find_confidence

IMAGES = np.arange(6, dtype=np.uint8)[:, None, None] * np.ones((6, 9, 9), np.uint8)
TRUE = np.array(["a", "a", "b", "b", "b", "a"])
PRED = np.array(["a", "b", "b", "a", "a", "a"])
SURE = np.array([0.9, 0.6, 0.8, 0.7, 0.95, 0.55])


@pytest.mark.parametrize(
    ("select", "rows"),
    [("errors", [4, 3, 1]), ("least_confident", [5, 1, 3, 2, 0, 4])],
)
def test_which_images_in_which_order(select, rows):
    display = PredictionsDisplay.from_predictions(
        IMAGES, TRUE, PRED, SURE, select=select
    )
    assert display.rows.tolist() == rows
    shown = [ax.images[0].get_array()[0, 0] for ax in display.ax_.flat if ax.images]
    assert shown == rows


def test_titles_tell_prediction_confidence_and_truth():
    display = PredictionsDisplay.from_predictions(
        IMAGES, TRUE, PRED, SURE, select="least_confident"
    )
    titles = [ax.get_title() for ax in display.ax_.flat]
    assert titles[0] == "a 55%"
    assert titles[1] == "b 60%\ntrue: a"
    colors = {ax.title.get_color() for ax in display.ax_.flat if ax.get_title()}
    assert len(colors) == 2


def test_random_repeats_and_is_cut():
    first, second = (
        PredictionsDisplay.from_predictions(
            IMAGES, TRUE, PRED, SURE, select="random", n_images=4, random_state=3
        ).rows.tolist()
        for _ in range(2)
    )
    assert first == second
    assert len(first) == 4


def test_from_estimator_with_and_without_probabilities(
    faces, two_classes, fitted_hog_svm, tiny_cnn
):
    display = PredictionsDisplay.from_estimator(
        fitted_hog_svm, faces.images, faces.target, select="least_confident"
    )
    assert (display.y_pred == fitted_hog_svm.predict(faces.images)).all()
    assert (display.confidence > 1 / 7).all()
    images, target = two_classes.images, two_classes.target
    display = PredictionsDisplay.from_estimator(
        tiny_cnn, images, target, select="random"
    )
    shares = tiny_cnn.predict_proba(images)
    np.testing.assert_allclose(display.confidence, shares.max(axis=1))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((IMAGES, TRUE, TRUE, SURE), "no prediction is wrong"),
        ((IMAGES, TRUE[:3], PRED, SURE), "inconsistent numbers"),
    ],
)
def test_bad_input(arguments, message):
    with pytest.raises(ValueError, match=message):
        PredictionsDisplay.from_predictions(*arguments)
    with pytest.raises(ValueError, match="select='worst'"):
        PredictionsDisplay.from_predictions(IMAGES, TRUE, PRED, SURE, select="worst")


def test_support_vector_machines_are_ranked_by_their_closest_pair():
    X, y = make_blobs(600, centers=4, cluster_std=3.5, random_state=0)
    names = np.array(["d", "a", "c", "b"])[y]
    model = make_pipeline(StandardScaler(), SVC()).fit(X[:300], names[:300])
    labels = model.predict(X[300:])
    sure = find_confidence(model, X[300:], labels)
    in_pairs = SVC(decision_function_shape="ovo").fit(
        model[:-1].transform(X[:300]), names[:300]
    )
    margins = in_pairs.decision_function(model[:-1].transform(X[300:]))
    for row in range(0, 300, 37):
        k = "abcd".index(labels[row])
        pairs = list(combinations(range(4), 2))
        mine = [
            m if pair[0] == k else -m
            for m, pair in zip(margins[row], pairs, strict=True)
            if k in pair
        ]
        others = [
            min(
                m if pair[0] == c else -m
                for m, pair in zip(margins[row], pairs, strict=True)
                if c in pair
            )
            for c in range(4)
        ]
        assert sure[row] == pytest.approx(np.exp(min(mine)) / np.exp(others).sum())
    of_votes = model.decision_function(X[300:]).max(axis=1)
    right = labels == names[300:]
    assert roc_auc_score(right, sure) > roc_auc_score(right, of_votes)


def test_per_cent_is_for_probabilities(faces, fitted_hog_svm):
    display = PredictionsDisplay.from_estimator(
        fitted_hog_svm, faces.images, faces.target, select="random"
    )
    titles = [ax.get_title() for ax in display.ax_.flat]
    assert set("".join(titles)) & set("%0123456789") == set()


def test_searches_and_classifiers_without_scores_are_ranked_too(faces):
    X, y = faces.data[:, ::50], faces.target
    search = GridSearchCV(SVC(), {"C": [1, 2]}, cv=2).fit(X, y)
    labels = search.predict(X)
    direct = find_confidence(search.best_estimator_, X, labels)
    assert find_confidence(search, X, labels).tolist() == direct.tolist()
    votes = VotingClassifier([("nb", GaussianNB())]).fit(X, y)
    assert find_confidence(votes, X, votes.predict(X)) is None


def test_bad_number_of_images(faces):
    with pytest.raises(ValueError, match="n_images=0"):
        PredictionsDisplay.from_predictions(
            faces.images, faces.target, faces.target[::-1], n_images=0
        )

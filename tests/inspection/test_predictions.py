import numpy as np
import pytest

from skfer.inspection import PredictionsDisplay

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
    assert titles[1] == "b 60%\nis a"
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

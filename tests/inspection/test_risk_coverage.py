"""The curve equals a plain count, and is drawn as it is stored."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from sklearn.frozen import FrozenEstimator

from skfer.inspection import RiskCoverageDisplay
from skfer.model_selection import SelectiveClassifier


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=1, max_size=40))
def test_every_point_is_a_count(pictures):
    right, sure = np.transpose(pictures)
    display = RiskCoverageDisplay.from_predictions(
        np.ones(len(right)), right, sure, ax=Figure().subplots()
    )
    assert len(display.threshold) == len(set(sure))
    for share, accuracy, threshold in zip(
        display.coverage, display.accuracy, display.threshold, strict=True
    ):
        answered = sure >= threshold
        assert share == pytest.approx(answered.mean())
        assert accuracy == pytest.approx(right[answered].mean())
    assert display.coverage[-1] == 1


def test_the_area_of_a_useless_and_of_a_perfect_confidence():
    right = np.tile([1, 1, 1, 0], 500)
    ones = np.ones(len(right))
    perfect = RiskCoverageDisplay.from_predictions(ones, right, right + 1)
    assert perfect.area == pytest.approx(0.25**2)
    rng = np.random.default_rng(0)
    useless = RiskCoverageDisplay.from_predictions(ones, right, rng.random(2000))
    assert useless.area == pytest.approx(0.25, abs=0.03)


def test_from_estimator_and_what_is_drawn(faces, fitted_hog_svm):
    ax = Figure().subplots()
    display = RiskCoverageDisplay.from_estimator(
        fitted_hog_svm, faces.images, faces.target, name="HOG", ax=ax
    )
    assert display.ax_ is ax
    (line,) = ax.get_lines()
    np.testing.assert_array_equal(line.get_xdata(), display.coverage)
    np.testing.assert_array_equal(line.get_ydata(), display.accuracy)
    assert line.get_label() == "HOG"
    assert ax.get_legend() is not None
    assert display.n_images == len(faces.target)


def test_bad_input():
    with pytest.raises(ValueError, match="needs a finite confidence"):
        RiskCoverageDisplay.from_predictions([1], [1], [np.nan])
    with pytest.raises(ValueError, match="inconsistent numbers"):
        RiskCoverageDisplay.from_predictions([1, 1], [1], [0.5])

    class Silent:
        def predict(self, X):
            return X

    with pytest.raises(ValueError, match="predict_proba or decision_function.*Silent"):
        RiskCoverageDisplay.from_estimator(Silent(), [1], [1])


def test_a_selective_classifier_shows_what_it_would_answer(two_classes, tiny_cnn):
    X, y = two_classes.images, two_classes.target
    careful = SelectiveClassifier(FrozenEstimator(tiny_cnn), 1.0).fit(X, y)
    display = RiskCoverageDisplay.from_estimator(careful, X, y)
    expected = RiskCoverageDisplay.from_estimator(tiny_cnn, X, y)
    np.testing.assert_array_equal(display.accuracy, expected.accuracy)

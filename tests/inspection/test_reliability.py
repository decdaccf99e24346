import numpy as np
import pytest
from matplotlib.figure import Figure
from sklearn.calibration import calibration_curve

from skfer.inspection import ReliabilityDisplay


def make(n=2000, seed=0):
    rng = np.random.default_rng(seed)
    sure = rng.uniform(0.5, 1, n)
    right = rng.random(n) < sure - 0.1  # Too sure by a tenth.
    return np.ones(n), right.astype(float), sure


def test_the_curve_equals_scikit_learn():
    true, pred, sure = make()
    display = ReliabilityDisplay.from_predictions(true, pred, sure, n_bins=5)
    accuracy, confidence = calibration_curve(
        pred == true, sure, n_bins=5, strategy="quantile"
    )
    np.testing.assert_allclose(display.accuracy, accuracy, atol=0.01)
    np.testing.assert_allclose(display.confidence, confidence, atol=0.01)
    assert display.count.tolist() == [400] * 5
    assert display.error == pytest.approx(0.1, abs=0.03)
    line = display.ax_.get_lines()[1]
    np.testing.assert_array_equal(line.get_ydata(), display.accuracy)
    assert f"calibration error {display.error:.1%}" in line.get_label()


def test_from_estimator(faces, two_classes, tiny_cnn, fitted_hog_svm):
    ax = Figure().subplots()
    display = ReliabilityDisplay.from_estimator(
        tiny_cnn, two_classes.images, two_classes.target, n_bins=3, ax=ax
    )
    assert display.ax_ is ax
    assert display.count.sum() == len(two_classes.target)
    with pytest.raises(ValueError, match="predict_proba.*make_calibrated"):
        ReliabilityDisplay.from_estimator(fitted_hog_svm, faces.images, faces.target)


@pytest.mark.parametrize(
    ("sure", "message"),
    [([0.5, 1.5], "needs probabilities"), ([0.5], "inconsistent numbers")],
)
def test_bad_input(sure, message):
    with pytest.raises(ValueError, match=message):
        ReliabilityDisplay.from_predictions([1, 1], [1, 0], sure)


@pytest.mark.slow
@pytest.mark.parametrize("n", [60, 133, 500, 3589])
def test_the_expected_error_is_that_of_perfectly_calibrated_classifiers(n):
    rng = np.random.default_rng(0)
    errors, expected = [], []
    for _ in range(150):
        sure = rng.uniform(0.3, 1, n)
        display = ReliabilityDisplay.from_predictions(
            np.ones(n), rng.random(n) < sure, sure, ax=Figure().subplots()
        )
        errors.append(display.error)
        expected.append(display.expected_error)
    assert np.mean(expected) == pytest.approx(np.mean(errors), rel=0.1)


def test_the_expected_error_stands_in_the_legend():
    display = ReliabilityDisplay.from_predictions(*make(), ax=Figure().subplots())
    label = display.ax_.get_lines()[1].get_label()
    assert f"(perfectly calibrated: about {display.expected_error:.1%})" in label
    certain = ReliabilityDisplay.from_predictions(
        [1, 1], [1, 1], [1.0, 1.0], ax=Figure().subplots()
    )
    assert certain.expected_error == 0

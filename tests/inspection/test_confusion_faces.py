import numpy as np
import pytest
from matplotlib.figure import Figure
from sklearn.metrics import confusion_matrix

from skfer.inspection import ConfusionFacesDisplay

IMAGES = np.arange(6, dtype=np.uint8)[:, None, None] * np.ones((6, 9, 9), np.uint8)
TRUE = np.array(["a", "a", "b", "b", "b", "a"])
PRED = np.array(["a", "b", "b", "a", "a", "a"])


def test_numbers_equal_scikit_learn():
    display = ConfusionFacesDisplay.from_predictions(TRUE, PRED)
    expected = confusion_matrix(TRUE, PRED, normalize="true")
    np.testing.assert_allclose(display.matrix, expected)
    texts = [text.get_text() for text in display.ax_.texts]
    assert texts == ["67%", "33%", "67%", "33%"]
    assert [t.get_text() for t in display.ax_.get_xticklabels()] == ["a", "b"]
    assert len(display.ax_.images) == 1


def test_each_cell_shows_its_surest_image():
    display = ConfusionFacesDisplay.from_predictions(
        TRUE, PRED, IMAGES, [0.5, 0.6, 0.7, 0.8, 0.9, 0.99]
    )
    shown = {cell: int(picture[0, 0]) for cell, picture in display.pictures.items()}
    assert shown == {(0, 0): 5, (0, 1): 1, (1, 0): 4, (1, 1): 2}
    assert len(display.ax_.images) == 5


def test_twelve_classes_and_empty_cells(faces, fitted_hog_svm):
    y = np.arange(24) % 12
    display = ConfusionFacesDisplay.from_predictions(
        y, y, np.resize(IMAGES, (24, 9, 9))
    )
    assert set(display.pictures) == {(i, i) for i in range(12)}
    assert display.ax_.get_xlim() == (-0.5, 11.5)
    drawn = ConfusionFacesDisplay.from_estimator(
        fitted_hog_svm, faces.images, faces.target, faces=False
    )
    assert drawn.pictures == {}


def test_given_axes_are_used():
    ax = Figure().subplots()
    assert ConfusionFacesDisplay.from_predictions(TRUE, PRED, ax=ax).ax_ is ax


def test_bad_input():
    with pytest.raises(ValueError, match="inconsistent numbers"):
        ConfusionFacesDisplay.from_predictions(TRUE, PRED[:2])
    with pytest.raises(ValueError, match="needs predictions, got none"):
        ConfusionFacesDisplay.from_predictions([], [])

import numpy as np

from skfer.inspection import ExplanationDisplay, explain


def test_image_heat_and_title(faces, fitted_hog_svm):
    image = faces.images[3]
    display = ExplanationDisplay.from_estimator(fitted_hog_svm, image)
    np.testing.assert_array_equal(display.heat, explain(fitted_hog_svm, image))
    predicted = fitted_hog_svm.predict(image[np.newaxis])[0]
    assert display.ax_[0].get_title() == predicted  # An SVC knows no probabilities.
    shown = display.ax_[1].images[1]
    np.testing.assert_array_equal(shown.get_array(), display.heat)
    assert shown.get_clim()[0] == -shown.get_clim()[1]


def test_another_label(faces, fitted_hog_svm):
    display = ExplanationDisplay.from_estimator(
        fitted_hog_svm, faces.images[3], label="sad"
    )
    assert display.title == "sad"


def test_probabilities_are_shown(two_classes, tiny_cnn):
    display = ExplanationDisplay.from_estimator(tiny_cnn, two_classes.images[0])
    assert display.title.endswith("%")


def test_an_enlarged_map_says_from_how_many_cells(tiny_cnn, two_classes):
    display = ExplanationDisplay.from_estimator(
        tiny_cnn, two_classes.images[0], "gradcam"
    )
    assert display.title.endswith(", from 4 x 4 cells")

import numpy as np
import pytest
from skimage.feature import hog, local_binary_pattern
from sklearn.decomposition import PCA

from skfer import HOGTransformer, LBPTransformer
from skfer.inspection import FeatureDisplay


def test_lbp_codes_are_those_of_scikit_image(faces):
    face = faces.images[0]
    codes = FeatureDisplay.from_image(face, LBPTransformer(8, 2, "nri_uniform"))
    np.testing.assert_array_equal(
        codes.features, local_binary_pattern(face, 8, 2, "nri_uniform")
    )
    np.testing.assert_array_equal(codes.ax_[0].images[0].get_array(), face)
    np.testing.assert_array_equal(codes.ax_[1].images[1].get_array(), codes.features)
    assert codes.ax_[1].get_title() == "LBP features"


def test_hog_of_single_cells_is_that_of_scikit_image(faces):
    face = faces.images[0]
    single = {"pixels_per_cell": (6, 8), "cells_per_block": (1, 1)}
    display = FeatureDisplay.from_image(face, HOGTransformer(**single))
    expected = hog(face, **single, feature_vector=False)[:, :, 0, 0]
    np.testing.assert_allclose(display.features, expected, atol=1e-6)
    blocks = FeatureDisplay.from_image(face, HOGTransformer(9, (6, 8), (2, 3)))
    expected = hog(
        face, pixels_per_cell=(6, 8), cells_per_block=(2, 3), feature_vector=False
    )
    corner, middle = expected[0, 0, 0, 0], expected[:2, :3]
    np.testing.assert_allclose(blocks.features[0, 0], corner, atol=1e-6)
    of_cell = [middle[i, j, 1 - i, 2 - j] for i in range(2) for j in range(3)]
    np.testing.assert_allclose(
        blocks.features[1, 2], np.mean(of_cell, axis=0), atol=1e-6
    )


def test_strokes_run_along_the_edge():
    image = np.zeros((16, 16), dtype=np.uint8)
    image[8:] = 255  # One edge from left to right.
    display = FeatureDisplay.from_image(image, HOGTransformer(8, (16, 16), (1, 1)))
    (strokes,) = display.ax_[1].collections
    strongest = display.features.ravel().argmax()
    assert strokes.get_edgecolors()[strongest][3] == 1
    (x0, y0), (x1, y1) = strokes.get_segments()[strongest]
    assert abs(y1 - y0) < 0.25 * abs(x1 - x0)
    assert (x0 + x1) / 2 == (y0 + y1) / 2 == 7.5


def test_colour_and_floats_turn_grey(faces):
    colour = np.stack([faces.images[0]] * 3, axis=2)
    for image in (colour, colour / 255):
        display = FeatureDisplay.from_image(image, LBPTransformer())
        assert display.image.shape == (48, 48)
        assert np.abs(display.image.astype(int) - faces.images[0]).max() <= 1


def test_bad_input(faces):
    with pytest.raises(ValueError, match="got a PCA"):
        FeatureDisplay.from_image(faces.images[0], PCA())
    with pytest.raises(ValueError, match="one image of two or three axes"):
        FeatureDisplay.from_image(faces.images[0].ravel(), HOGTransformer())

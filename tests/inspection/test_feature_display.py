import numpy as np
import pytest
from skimage.feature import hog, local_binary_pattern
from sklearn.decomposition import PCA

from skfer import HOGTransformer, LBPTransformer
from skfer.inspection import FeatureDisplay


def test_hog_and_lbp_are_those_of_scikit_image(faces):
    face = faces.images[0]
    strokes = FeatureDisplay.from_image(face, HOGTransformer(pixels_per_cell=(6, 6)))
    _, expected = hog(
        face, pixels_per_cell=(6, 6), cells_per_block=(2, 2), visualize=True
    )
    np.testing.assert_allclose(strokes.features, expected)
    codes = FeatureDisplay.from_image(face, LBPTransformer(8, 2, "nri_uniform"))
    np.testing.assert_array_equal(
        codes.features, local_binary_pattern(face, 8, 2, "nri_uniform")
    )
    np.testing.assert_array_equal(codes.ax_[0].images[0].get_array(), face)
    np.testing.assert_array_equal(codes.ax_[1].images[0].get_array(), codes.features)
    assert codes.ax_[1].get_title() == "LBP: codes"


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

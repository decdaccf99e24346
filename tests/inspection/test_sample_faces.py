import numpy as np
import pytest

from skfer.datasets import load_image_folder
from skfer.inspection import SampleFacesDisplay


def test_rows_are_of_their_class_and_shown(faces):
    display = SampleFacesDisplay.from_images(faces.images, faces.target, n_per_class=4)
    assert display.ax_.shape == (7, 4)
    for line, (name, rows) in zip(display.ax_, display.rows.items(), strict=True):
        assert set(faces.target[rows]) == {name}
        assert line[0].texts[0].get_text() == name
        for ax, row in zip(line, rows, strict=True):
            np.testing.assert_array_equal(ax.images[0].get_array(), faces.images[row])
            assert ax.images[0].get_clim() == (0, 255)


def test_files_and_small_classes(face_folder):
    data = load_image_folder(face_folder)
    keep = np.r_[0:3, np.flatnonzero(data.target == "sad")]
    display = SampleFacesDisplay.from_images(data.paths[keep], data.target[keep])
    first = display.ax_[0]
    assert [len(ax.images) for ax in first] == [1, 1, 1, 0, 0, 0]


@pytest.mark.parametrize(("X", "y"), [([], []), (np.zeros((2, 8, 8)), ["a"])])
def test_bad_input(X, y):
    with pytest.raises(ValueError, match="as many labels as images"):
        SampleFacesDisplay.from_images(X, y)

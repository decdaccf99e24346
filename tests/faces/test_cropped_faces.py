import numpy as np
import pytest

from skfer.faces import FaceCropper


def test_each_photograph_has_an_image_a_status_and_its_faces():
    dark, light = np.zeros((40, 50, 3), np.uint8), np.full((40, 50, 3), 255, np.uint8)

    def detector(image):
        return [(10, 10, 30, 30), (0, 0, 5, 5)] if image.any() else []

    cropped = FaceCropper(8, detector=detector).crop([dark, light])
    assert cropped.images.shape == (2, 8, 8, 3)
    assert cropped.status.tolist() == ["missing", "found"]
    # The largest is the one that was cut out.
    assert cropped.faces.count.tolist() == [0, 2]
    assert cropped.faces.largest.tolist() == [-1, 0]
    with pytest.raises(AttributeError):
        cropped.status = None

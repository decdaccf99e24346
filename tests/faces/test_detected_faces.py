import numpy as np
import pytest

from skfer.faces import DetectedFaces


@pytest.fixture
def faces():
    """Three images with no face, three, and one; the fourth can't be read."""
    boxes = np.array([(0, 0, 5, 5), (0, 0, 9, 9), (0, 0, 7, 7), (1, 1, 2, 2)], float)
    return DetectedFaces(
        4,
        np.array([1, 1, 1, 2]),
        boxes,
        np.array([0.9, 0.8, 0.7, 0.6]),
        np.arange(48.0).reshape(4, 6, 2),
        np.array([(10, 10)] * 3 + [(0, 0)]),
        ["", "", "", "it is empty"],
    )


def test_counts_and_largest_faces(faces):
    assert len(faces) == 4
    assert faces.count.tolist() == [0, 3, 1, 0]
    assert faces.largest.tolist() == [-1, 1, 3, -1]


def test_the_frame_has_a_row_for_each_face(faces):
    frame = faces.to_frame()
    assert frame["row"].tolist() == [1, 1, 1, 2]
    assert frame["bottom"].tolist() == [5, 9, 7, 2]
    assert frame.loc[3, ["right_eye_x", "left_ear_y"]].tolist() == [36, 47]
    assert len(frame.columns) == 18

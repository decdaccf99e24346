import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image
from skimage import data

from skfer.faces import FaceDetector
from skfer.inspection import FacesDisplay


def test_what_is_drawn_is_where_it_was_found(tmp_path):
    photo = np.zeros((300, 1280, 3), np.uint8)
    points = np.full((1, 6, 2), 40.0)
    detector = FaceDetector(lambda image: ([(20, 40, 120, 140, 0.8)], points))
    ax = Figure().subplots()
    display = FacesDisplay.from_image(photo, detector, ax=ax)
    assert display.ax_ is ax
    (box,) = ax.patches
    # The photograph is drawn at half its size.
    assert box.get_bbox().bounds == (10, 20, 50, 50)
    (line,) = ax.get_lines()
    assert set(line.get_xdata()) == {20.0}
    assert [text.get_text() for text in ax.texts] == ["80%"]


def test_a_file_with_labels(tmp_path):
    path = tmp_path / "me.png"
    Image.fromarray(data.astronaut()).save(path)
    display = FacesDisplay.from_image(path, labels=["happy $"])
    assert [text.get_text() for text in display.ax_.texts] == [r"happy \$"]
    with pytest.raises(ValueError, match="2 labels for 1 faces"):
        FacesDisplay.from_image(path, labels=["a", "b"])
    path.write_text("gone")
    with pytest.raises(ValueError, match="can't read"):
        FacesDisplay.from_image(path)

import numpy as np
import pytest
from matplotlib.figure import Figure

from skfer.datasets import ImageTable, make_faces
from skfer.inspection import TimelineDisplay
from skfer.model_selection._confidence import predict_shares


def test_each_class_has_a_line_over_the_seconds(faces, fitted_hog_svm):
    order = np.random.default_rng(0).permutation(30)
    video = ImageTable(faces.images[order], seconds=order / 10, video=["a"] * 30)
    ax = Figure().subplots()
    display = TimelineDisplay.from_estimator(fitted_hog_svm, video, ax=ax)
    assert display.ax_ is ax
    lines = ax.get_lines()
    assert [line.get_label() for line in lines] == fitted_hog_svm.classes_.tolist()
    expected = predict_shares(fitted_hog_svm, faces.images[:30])
    for line, shares in zip(lines, expected.T, strict=True):
        np.testing.assert_allclose(line.get_xdata(), np.arange(30) / 10)
        np.testing.assert_allclose(line.get_ydata(), shares)
    assert ax.get_ylabel() == "share (not calibrated)"


def test_one_video_with_seconds_is_needed(fitted_hog_svm):
    images = make_faces(2, random_state=0).images
    for columns in ({}, {"seconds": [0, 1], "video": ["a", "b"]}):
        with pytest.raises(ValueError, match="needs the frames of one video"):
            TimelineDisplay.from_estimator(
                fitted_hog_svm, ImageTable(images, **columns)
            )

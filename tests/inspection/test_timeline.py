import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from skfer._figure_style import COLORS
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


def test_each_of_several_videos_has_a_row_of_bars():
    seconds = [0, 1, 3, 0, 2]
    shares = np.array([[0.9, 0.1], [0.5, 0.5], [np.nan] * 2, [0.0, 1.0], [0.2, 0.8]])
    videos = ["in/a.mp4"] * 3 + ["in/b.mp4"] * 2
    display = TimelineDisplay(seconds, shares, ["happy", "$ad"], videos=videos).plot()
    ax = display.ax_
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b"]
    legend = [text.get_text() for text in ax.get_legend().get_texts()]
    assert legend == ["happy", r"\$ad"]
    boxes = [p.get_extents() for bars in ax.collections for p in bars.get_paths()]
    # The last frame stands for as long as the others do on average.
    spans = [box.intervalx.tolist() for box in boxes]
    assert spans == [[0, 1], [1, 3], [3, 4.5], [0, 2], [2, 4]]
    np.testing.assert_allclose([box.y1 for box in boxes], [0.45] * 3 + [1.45] * 2)
    heights = np.array([box.height for box in boxes])
    np.testing.assert_allclose(heights / 0.9, [0.9, 0.5, 0, 1, 0.8])
    happy, sad = map(to_rgb, COLORS[:2])
    colors = [tuple(c[:3]) for bars in ax.collections for c in bars.get_facecolors()]
    assert [colors[place] for place in (0, 1, 3, 4)] == [happy, happy, sad, sad]


def test_classes_that_are_never_the_answer_are_not_in_the_legend_of_bars():
    # The first has no answer, which is not one for the first class.
    shares = pd.DataFrame(
        {"fear": [None, 0.0], "happy": [None, 0.8], "sad": [None, 0.2]}
    )
    shares = shares.astype(float)
    classes, videos = shares.columns, pd.Series(["a.mp4", "b.mp4"])
    ax = TimelineDisplay(pd.Series([0, 0]), shares, classes, videos=videos).plot().ax_
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["happy"]


def test_names_of_videos_that_are_equal_have_their_folders(faces, fitted_hog_svm):
    videos = ["in/a.mp4", "out/a.mp4"]
    table = ImageTable(faces.images[:2], seconds=[0, 0], video=videos)
    ax = TimelineDisplay.from_estimator(fitted_hog_svm, table).ax_
    assert [label.get_text() for label in ax.get_yticklabels()] == videos
    assert len(ax.collections) == 2


def test_seconds_are_needed(fitted_hog_svm):
    images = make_faces(2, random_state=0).images
    with pytest.raises(ValueError, match="needs frames with the column seconds"):
        TimelineDisplay.from_estimator(fitted_hog_svm, ImageTable(images))

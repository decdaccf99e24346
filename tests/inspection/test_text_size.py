"""Text of figures can be read on a phone and on a wide screen, and axes agree."""

import matplotlib
import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.text import Text

import skfer.inspection
from skfer import make_hog_svm
from skfer.datasets import make_faces
from skfer.faces import FaceDetector
from skfer.features import HOGTransformer
from skfer.inspection import (
    ClassBalanceDisplay,
    ComparisonDisplay,
    ConfusionFacesDisplay,
    ExplanationDisplay,
    FacesDisplay,
    FeatureDisplay,
    PredictionsDisplay,
    ReliabilityDisplay,
    RiskCoverageDisplay,
    SampleFacesDisplay,
    SearchDisplay,
    TimelineDisplay,
    TrainingHistoryDisplay,
)
from skfer.model_selection import compare_pipelines, learning_curve_images

SMALLEST = 8  # Pixels, of the height of a line.


@pytest.fixture(scope="module")
def faces():
    return make_faces(140, noise=0.5, random_state=0)


@pytest.fixture(scope="module")
def model(faces):
    return make_hog_svm(image_size=24).fit(faces.images[:70], faces.target[:70])


@pytest.fixture(scope="module")
def comparison(faces):
    return compare_pipelines({"hog": make_hog_svm(image_size=24)}, faces, cv=2)


def find_one(image):
    return np.array([[40.0, 40, 120, 120, 0.9]])


def history(_faces, _model, _comparison):
    curves = {"loss": [1.2, 0.7, 0.5], "accuracy": [0.4, 0.8, 0.9]}
    curves |= {f"val_{name}": values for name, values in curves.items()}
    return TrainingHistoryDisplay({"": curves}).plot()


def search(_faces, _model, _comparison):
    names = ("features", "svm__C", "svm__gamma")
    columns = {f"param_{name}": [1, 2, 3] for name in names}
    results = {**columns, "mean_test_score": np.array([0.5, 0.7, 0.6])}
    results["params"] = [dict.fromkeys(names, number) for number in (1, 2, 3)]
    return SearchDisplay.from_cv_results(results)


DISPLAYS = {
    ClassBalanceDisplay: lambda f, m, c: ClassBalanceDisplay.from_labels(f.target),
    ComparisonDisplay: lambda f, m, c: ComparisonDisplay.from_comparison(c),
    ConfusionFacesDisplay: lambda f, m, c: ConfusionFacesDisplay.from_estimator(
        m, f.images[70:], f.target[70:]
    ),
    ExplanationDisplay: lambda f, m, c: ExplanationDisplay.from_estimator(
        m, f.images[0]
    ),
    FacesDisplay: lambda f, m, c: FacesDisplay.from_image(
        np.zeros((240, 320, 3), np.uint8), FaceDetector(find_one)
    ),
    TimelineDisplay: lambda f, m, c: TimelineDisplay(
        range(9), np.full((9, 2), 0.5), ["happy", "sad"]
    ).plot(),
    FeatureDisplay: lambda f, m, c: FeatureDisplay.from_image(
        f.images[0], HOGTransformer()
    ),
    PredictionsDisplay: lambda f, m, c: PredictionsDisplay.from_estimator(
        m, f.images[70:], f.target[70:], select="random"
    ),
    ReliabilityDisplay: lambda f, m, c: ReliabilityDisplay.from_predictions(
        [1, 0] * 20, [1] * 40, np.linspace(0.5, 1, 40)
    ),
    RiskCoverageDisplay: lambda f, m, c: RiskCoverageDisplay.from_predictions(
        [1, 0] * 20, [1] * 40, np.linspace(0.5, 1, 40)
    ),
    SampleFacesDisplay: lambda f, m, c: SampleFacesDisplay.from_images(
        f.images, f.target
    ),
    SearchDisplay: search,
    TrainingHistoryDisplay: history,
}


def test_all_displays_are_here():
    named = {name for name in skfer.inspection.__all__ if name.endswith("Display")}
    known = {display.__name__ for display in DISPLAYS}
    assert named == known


def draw(make, *made):
    with matplotlib.rc_context(matplotlib.rcParamsDefault | {"backend": "agg"}):
        display = make(*made)
        display.figure_.canvas.draw()
    return display.figure_


def sizes_of(figure, width):
    """Height of each visible text in pixels where the figure is so wide."""
    scale = width / figure.get_figwidth() / 72
    texts = [t for t in figure.findobj(Text) if t.get_visible() and t.get_text()]
    return {text.get_text(): text.get_fontsize() * scale for text in texts}


@pytest.mark.parametrize("display", DISPLAYS, ids=lambda display: display.__name__)
def test_text_is_large_enough(display, faces, model, comparison):
    figure = draw(DISPLAYS[display], faces, model, comparison)
    for width in (400, 1200):
        # A figure is not drawn larger than it is.
        shown = min(width, figure.get_figwidth() * 96)
        small = {t: s for t, s in sizes_of(figure, shown).items() if s < SMALLEST}
        assert small == {}
    pyplot.close(figure)


def test_shares_are_in_per_cent_and_epochs_are_whole(faces, model, comparison):
    figure = draw(history, faces, model, comparison)
    loss, accuracy = figure.axes
    assert all(tick.get_text().endswith("%") for tick in accuracy.get_yticklabels())
    assert all("." not in tick.get_text() for tick in loss.get_xticklabels())
    figure = draw(DISPLAYS[ComparisonDisplay], faces, model, comparison)
    ticks = figure.axes[0].get_xticklabels()
    assert all(tick.get_text().endswith("%") for tick in ticks)
    pyplot.close("all")


def test_training_and_test_have_the_same_colours_everywhere(faces, model, comparison):
    curve = learning_curve_images(make_hog_svm(image_size=24), faces).plot()
    history_lines = draw(history, faces, model, comparison).axes[0].get_lines()
    colors = [line.get_color() for line in curve.lines_]
    assert colors == [line.get_color() for line in history_lines]
    labels = [text.get_text() for text in curve.ax_.get_legend().get_texts()]
    assert labels == ["training", "test"]
    pyplot.close("all")

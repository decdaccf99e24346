"""What all displays promise: whose axes they take, and no global state."""

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.gridspec import GridSpec

from skfer import HOGTransformer
from skfer.inspection import (
    ClassBalanceDisplay,
    ConfusionFacesDisplay,
    ExplanationDisplay,
    FeatureDisplay,
    PredictionsDisplay,
    ReliabilityDisplay,
    SampleFacesDisplay,
    SearchDisplay,
    TrainingHistoryDisplay,
)

RESULTS = {"params": [{"a": 1}, {"a": 2}], "mean_test_score": np.array([0.5, 0.6])}
MAKERS = {
    "balance": lambda f, ax: ClassBalanceDisplay.from_labels(f.target, ax=ax),
    "confusion": lambda f, ax: ConfusionFacesDisplay.from_predictions(
        f.target, f.target, f.images, ax=ax
    ),
    "reliability": lambda f, ax: ReliabilityDisplay.from_predictions(
        f.target, f.target[::-1], np.linspace(0.5, 1, 140), ax=ax
    ),
    "search": lambda f, ax: SearchDisplay.from_cv_results(RESULTS, ax=ax),
    "features": lambda f, ax: FeatureDisplay.from_image(
        f.images[0], HOGTransformer(), ax=ax
    ),
    "explanation": lambda f, ax: ExplanationDisplay(
        f.images[0], np.ones((48, 48))
    ).plot(ax=ax),
    "history": lambda f, ax: TrainingHistoryDisplay(
        {"": {"loss": [2, 1], "accuracy": [0.1, 0.2]}}
    ).plot(ax=ax),
    "samples": lambda f, ax: SampleFacesDisplay.from_images(f.images, f.target, ax=ax),
    "predictions": lambda f, ax: PredictionsDisplay.from_predictions(
        f.images, f.target, f.target[::-1], np.full(140, 0.5), ax=ax
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MAKERS)
def test_without_axes_a_notebook_shows_a_new_figure(faces, name):
    before = dict(mpl.rcParams)
    display = MAKERS[name](faces, None)
    assert [plt.figure(number) for number in plt.get_fignums()] == [display.figure_]
    assert dict(mpl.rcParams) == before
    display.figure_.canvas.draw()


@pytest.mark.parametrize("name", MAKERS)
def test_axes_that_are_given_are_drawn_in(faces, name):
    figure, (ax, other) = plt.subplots(1, 2, layout="constrained")
    display = MAKERS[name](faces, ax)
    assert display.figure_ is figure
    assert plt.get_fignums() == [figure.number]
    assert not other.has_data()
    drawn = np.ravel(display.ax_)
    assert all(axes.figure is figure for axes in drawn)
    assert any(axes.has_data() or axes.images for axes in drawn)
    right = other.get_position().x0
    figure.canvas.draw()
    assert all(axes.get_position().x1 <= right + 0.1 for axes in drawn)


def test_panels_need_an_axes_each(faces):
    axes = plt.subplots(1, 3)[1]
    with pytest.raises(ValueError, match=r"has 1 by 2 panels, but got 3 axes"):
        FeatureDisplay.from_image(faces.images[0], HOGTransformer(), ax=axes)
    bare = plt.figure().add_axes((0, 0, 1, 1))
    with pytest.raises(ValueError, match="made by subplots"):
        FeatureDisplay.from_image(faces.images[0], HOGTransformer(), ax=bare)
    figure = plt.figure()
    one = figure.add_subplot(GridSpec(2, 2)[0])
    FeatureDisplay.from_image(faces.images[0], HOGTransformer(), ax=one)
    display = FeatureDisplay.from_image(faces.images[0], HOGTransformer(), ax=axes[:2])
    assert display.ax_.tolist() == axes[:2].tolist()

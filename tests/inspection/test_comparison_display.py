import numpy as np
from matplotlib.figure import Figure
from sklearn.naive_bayes import GaussianNB

from skfer.inspection import ComparisonDisplay
from skfer.model_selection import compare_pipelines


def test_it_draws_the_comparison(faces):
    comparison = compare_pipelines(
        {"nb": GaussianNB()}, faces.data, faces.target,
        cv=[(np.arange(100), np.arange(100, 140))],
    )  # fmt: skip
    display = ComparisonDisplay.from_comparison(comparison)
    assert [t.get_text() for t in display.ax_.get_yticklabels()] == ["nb"]
    assert display.figure_ is display.ax_.figure
    ax = Figure().subplots()
    assert ComparisonDisplay(comparison).plot(ax=ax).ax_ is ax

import numpy as np
import pytest
from matplotlib.figure import Figure
from sklearn.dummy import DummyClassifier
from sklearn.model_selection import StratifiedKFold
from sklearn.naive_bayes import GaussianNB

from skfer.datasets import ImageTable
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


@pytest.mark.parametrize("cv", [2, [(np.arange(100), np.arange(100, 140))]])
def test_scores_intervals_folds_and_the_majority_are_shown(faces, cv):
    models = {"nb": GaussianNB(), "one": DummyClassifier(strategy="uniform")}
    table = ImageTable(faces.data, faces.target)
    cv = StratifiedKFold(2) if cv == 2 else cv
    comparison = compare_pipelines(models, table, cv=cv)
    axes = ComparisonDisplay.from_comparison(comparison).ax_
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels == [name for name in comparison.scores if name != "majority"][::-1]
    for container, name in zip(axes.containers, labels, strict=True):
        score = comparison.scores[name]
        assert container.lines[0].get_xdata()[0] == score.score
        ((low, high),) = [
            segment[:, 0]
            for bars in container.lines[2]
            for segment in bars.get_segments()
        ]
        assert (low, high) == pytest.approx((score.score_low, score.score_high))
    marks = [line for line in axes.lines if line.get_marker() == "|"]
    folds = [line for line in marks if line.get_color() == "0.5"]
    assert len(folds) == (2 if comparison.n_folds > 1 else 0)
    assert axes.get_legend().get_texts()[-1].get_text() == (
        "no better than guessing the largest class"
    )

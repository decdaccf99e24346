import numpy as np
import pytest
from matplotlib.figure import Figure
from sklearn.model_selection import GridSearchCV

from skfer import make_hog_svm
from skfer.inspection import SearchDisplay
from skfer.model_selection import search_space


def results(params):
    return {"params": params, "mean_test_score": np.linspace(0.4, 0.8, len(params))}


def test_two_parameters_are_a_heat_map():
    grid = [{"svc__C": c, "svc__gamma": g} for c in (1, 5) for g in (0.1, 0.2, 0.3)]
    display = SearchDisplay.from_cv_results(results(grid))
    table = display.ax_.images[0].get_array()
    np.testing.assert_allclose(table, np.linspace(0.4, 0.8, 6).reshape(2, 3))
    assert display.ax_.get_ylabel() == "C"
    assert [t.get_text() for t in display.ax_.get_xticklabels()] == [
        "0.1",
        "0.2",
        "0.3",
    ]
    assert display.ax_.texts[0].get_text() == "40.0%"


def test_families_are_parallel_lines_with_the_best_on_top():
    grid = [{"features": "HOG", "C": 1}, {"features": "HOG", "C": 5}, {"epochs": 3}]
    display = SearchDisplay.from_cv_results(results(grid))
    assert display.parameters["epochs"] == ["-", "-", "3"]
    lines = display.ax_.get_lines()
    assert len(lines) == 3
    assert lines[-1].get_label() == "best: 80.0%"
    labels = [t.get_text() for t in display.ax_.get_xticklabels()]
    assert labels == ["features", "C", "epochs", "mean score"]


def test_a_real_search(faces):
    search = GridSearchCV(make_hog_svm(), {"classifier__C": [1, 5]}, cv=2)
    search.fit(faces.images, faces.target)
    ax = Figure().subplots()
    display = SearchDisplay.from_cv_results(search.cv_results_, ax=ax)
    assert display.parameters == {"classifier__C": ["1", "5"]}
    assert display.ax_ is ax


def test_estimators_are_named_shortly():
    space = search_space("all")
    params = [{"features": one["features"][0]} for one in space]
    names = SearchDisplay.from_cv_results(results(params)).parameters["features"]
    assert all(len(name) <= 28 for name in names)
    assert names[0].startswith("LBP(")


@pytest.mark.parametrize("bad", [{"params": []}, {"mean_test_score": [], "params": []}])
def test_bad_input(bad):
    with pytest.raises(ValueError, match="cv_results_ of a fitted search"):
        SearchDisplay.from_cv_results(bad)

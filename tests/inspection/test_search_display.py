import numpy as np
import pytest
from matplotlib.figure import Figure
from sklearn.model_selection import GridSearchCV, ParameterGrid

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


def test_scores_of_a_loss_are_no_per_cent():
    found = results([{"C": c, "gamma": g} for c in (1, 5) for g in (2, 3)])
    found["mean_test_score"] = [-1.25, -1, -0.75, -0.5]
    assert SearchDisplay.from_cv_results(found).ax_.texts[0].get_text() == "-1.25"
    found["params"] = [{"C": c} for c in (1, 2, 5, 9)]
    lines = SearchDisplay.from_cv_results(found).ax_.get_lines()
    assert lines[-1].get_label() == "best: -0.5"


def test_families_are_parallel_lines_with_the_best_on_top():
    grid = [{"features": "HOG", "C": 1}, {"features": "HOG", "C": 5}, {"epochs": 3}]
    display = SearchDisplay.from_cv_results(results(grid))
    assert display.parameters["epochs"] == ["-", "-", "3"]
    lines = display.ax_.get_lines()
    assert len(lines) == 3
    assert lines[-1].get_label() == "best: 80.0%"
    labels = [t.get_text() for t in display.ax_.get_xticklabels()]
    assert labels == ["features", "C", "epochs", "mean score"]


def test_no_name_reaches_the_next_parameter():
    name = "Network + LogisticRegression"
    grid = [{"model": name, "C": c} for c in (1, 5)] + [{"model": "CNN", "x": 3}]
    display = SearchDisplay.from_cv_results(results(grid))
    display.figure_.canvas.draw()
    places = display.ax_.transData.transform([(x, 0) for x in display.ax_.get_xticks()])
    for text in display.ax_.texts:
        begin = display.ax_.transData.transform((text.xy[0], 0))[0]
        following = min(x for x in places[:, 0] if x > begin + 1)
        assert text.get_window_extent().x1 <= following


def test_a_real_search(faces):
    search = GridSearchCV(make_hog_svm(), {"classifier__C": [1, 5]}, cv=2)
    search.fit(faces.images, faces.target)
    ax = Figure().subplots()
    display = SearchDisplay.from_cv_results(search.cv_results_, ax=ax)
    assert display.parameters == {"classifier__C": ["1", "5"]}
    assert display.ax_ is ax


def test_estimators_are_named_shortly():
    space = search_space("all")
    params = [{"model": one["model"][0]} for one in space]
    names = SearchDisplay.from_cv_results(results(params)).parameters["model"]
    assert all(len(name) <= 28 for name in names)
    assert names == [
        "LBP + SVD + SVC",
        "FeatureUnion + SVD + SVC",
        "Network + LogisticRegression",
        "CNN",
        "HOG + Incremental",
    ]


@pytest.mark.parametrize("bad", [{"params": []}, {"mean_test_score": [], "params": []}])
def test_bad_input(bad):
    with pytest.raises(ValueError, match="cv_results_ of a fitted search"):
        SearchDisplay.from_cv_results(bad)


@pytest.mark.parametrize("second", [{}, {"b": 1}])
def test_failed_candidates_are_said_to_have_failed(second):
    params = [{"a": i} | ({"b": j} if second else {}) for i in (1, 2) for j in (1, 2)]
    found = {"params": params, "mean_test_score": [0.5, np.nan, 0.7, 0.6]}
    display = SearchDisplay.from_cv_results(found)
    texts = [text.get_text() for text in display.ax_.texts]
    if second:
        assert texts == ["50.0%", "failed", "70.0%", "60.0%"]
    else:
        assert display.ax_.get_lines()[-1].get_label() == "best: 70.0%"
        assert len(display.ax_.get_lines()[0].get_ydata()) == 1
    with pytest.raises(ValueError, match="every candidate failed"):
        SearchDisplay.from_cv_results(found | {"mean_test_score": [np.nan] * 4})


def test_of_a_halving_search_the_last_round_counts():
    found = {
        "params": [{"a": 1}, {"a": 2}, {"a": 3}, {"a": 2}, {"a": 3}],
        "mean_test_score": [0.9, 0.8, 0.8, 0.6, 0.7],
        "iter": [0, 0, 0, 1, 1],
    }
    display = SearchDisplay.from_cv_results(found)
    assert display.scores.tolist() == [0.6, 0.7]
    assert display.parameters == {"a": ["2", "3"]}


def test_different_candidates_have_different_names():
    features = search_space("lbp-svm", "full")[0]["features"]
    params = [{"features": one} for one in features]
    names = SearchDisplay.from_cv_results(results(params)).parameters["features"]
    assert len(set(names)) == len(features) == 5
    assert all(len(name) <= 28 for name in names)


def test_of_steps_that_change_together_one_is_drawn():
    params = list(ParameterGrid(search_space("all")))
    display = SearchDisplay.from_cv_results(results(params))
    names = {name.rpartition("__")[2] for name in display.parameters}
    assert {"features", "C", "dropout", "learning_rate"} <= names

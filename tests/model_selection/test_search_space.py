"""The spaces fit one pipeline, family by family and all at once."""

import pytest
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    ParameterGrid,
    RandomizedSearchCV,
)
from sklearn.pipeline import Pipeline

from skfer import make_hog_svm, make_lbp_svm
from skfer.model_selection import search_space
from skfer.pipelines import FAMILIES


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("size", ["quick", "full"])
def test_every_candidate_can_be_set(family, size):
    candidates = list(ParameterGrid(search_space(family, size)))
    for parameters in candidates:
        FAMILIES[family].make().set_params(**parameters)
    assert len(candidates) <= 15 if size == "quick" else len(candidates) > 15


def test_all_is_the_sum_of_the_families():
    n = [len(ParameterGrid(search_space(family))) for family in FAMILIES]
    assert len(ParameterGrid(search_space("all"))) == sum(n)


def any_family():
    return Pipeline([("model", make_lbp_svm(image_size=24))])


@pytest.mark.slow
def test_one_search_over_all_families(faces):
    space = search_space("all", image_size=24)
    network = list(FAMILIES).index("cnn")
    space[network]["model"][0].set_params(classifier__epochs=1)
    space[network] |= {
        "model__classifier__filters": [(4, 8)],
        "model__classifier__dropout": [0.3],
        "model__classifier__learning_rate": [3e-3],
    }
    search = GridSearchCV(any_family(), space, cv=2)
    search.fit(faces.images, faces.target)
    kinds = {
        type(model[-1]).__name__ for model in search.cv_results_["param_model"].data
    }
    assert kinds == {
        "SVC",
        "LogisticRegression",
        "CNNClassifier",
        "IncrementalClassifier",
    }
    assert search.best_score_ > 0.3


@pytest.mark.parametrize(
    "make_search",
    [
        lambda p, s: RandomizedSearchCV(p, s, n_iter=3, cv=2, random_state=0),
        lambda p, s: HalvingGridSearchCV(p, s, cv=2, min_resources=70, random_state=0),
    ],
)
def test_other_searches_take_them_too(make_search, faces):
    space = search_space("hog-svm")
    search = make_search(make_hog_svm(), space).fit(faces.images, faces.target)
    assert search.best_score_ > 0.3


@pytest.mark.parametrize("arguments", [("svm",), ("cnn", "huge")])
def test_unknown_names(arguments):
    with pytest.raises(ValueError, match="search_space got"):
        search_space(*arguments)


def test_cells_fit_the_size_of_the_images():
    (space,) = search_space("hog-svm", "full", image_size=24)
    cells = [one.pixels_per_cell for one in space["features"][1:]]
    assert cells == [(3, 3), (4, 4), (6, 6)]

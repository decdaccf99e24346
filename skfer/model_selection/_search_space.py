"""Parameters worth trying, ready for scikit-learn's searches."""

from collections.abc import Callable
from typing import Any, Literal

from sklearn.decomposition import PCA

from skfer.features import HOGTransformer, LBPTransformer
from skfer.neural import CNNClassifier
from skfer.pipelines import make_cnn, make_hog_svm, make_lbp_svm

FAMILIES = ("lbp-svm", "hog-svm", "cnn")


def search_space(
    family: Literal["lbp-svm", "hog-svm", "cnn", "all"],
    size: Literal["quick", "full"] = "quick",
    *,
    image_size: int | tuple[int, int] = (48, 48),
) -> list[dict[str, list[Any]]]:
    """Return what to search over, for a pipeline made by `make_lbp_svm`.

    Every family fits that one pipeline, whose steps it sets or passes by, so that one
    search can choose between them.

    Parameters
    ----------
    family : {"lbp-svm", "hog-svm", "cnn", "all"}
        Texture or edges with a support vector machine, the network, or all three.
    size : {"quick", "full"}, default="quick"
        A handful of candidates for each family, or a thorough search.
    image_size : int or (int, int), default=(48, 48)
        That of the pipeline, to which the cells of HOG are fitted.

    Returns
    -------
    list of dict of str to list
        As `GridSearchCV`, `RandomizedSearchCV` and `HalvingGridSearchCV` take it.

    Raises
    ------
    ValueError
        If there is no such family or size.

    Examples
    --------
    >>> from sklearn.model_selection import GridSearchCV, ParameterGrid
    >>> from skfer import make_lbp_svm
    >>> from skfer.model_selection import search_space
    >>> search = GridSearchCV(make_lbp_svm(), search_space("all"))
    >>> len(ParameterGrid(search_space("all")))
    13
    """
    if size not in ("quick", "full") or family not in (*FAMILIES, "all"):
        raise ValueError(
            f"search_space got family={family!r} and size={size!r}. Families are "
            f"{FAMILIES} and 'all', sizes 'quick' and 'full'."
        )
    makers: dict[str, Callable[[bool, Any], dict[str, list[Any]]]] = {
        "lbp-svm": _lbp,
        "hog-svm": _hog,
        "cnn": _cnn,
    }
    chosen = FAMILIES if family == "all" else (family,)
    return [makers[name](size == "full", image_size) for name in chosen]


def _lbp(full: bool, image_size: Any) -> dict[str, list[Any]]:
    steps = make_lbp_svm().named_steps
    grids = [(4, 4), (6, 6)]
    features = [LBPTransformer(8, 2, "nri_uniform", grid) for grid in grids]
    if full:
        features += [LBPTransformer(8, 1, "nri_uniform", grid) for grid in grids]
        features += [LBPTransformer(8, 1, "uniform", (6, 6))]
    return {
        "features": features,
        "root": [steps["root"]],
        "pca": [PCA(share) for share in ([0.4, 0.5, 0.7] if full else [0.5])],
        "classifier": [steps["classifier"]],
        "classifier__C": [0.3, 1, 3, 10, 30] if full else [1, 3, 10],
    }


def _hog(full: bool, image_size: Any) -> dict[str, list[Any]]:
    steps = make_hog_svm(image_size=image_size).named_steps
    features = [steps["features"]]
    if full:
        # Each of its scales alone.
        cells = [hog.pixels_per_cell for _, hog in features[0].transformer_list]
        features += [HOGTransformer(pixels_per_cell=cell) for cell in cells]
    return {
        "features": features,
        "root": ["passthrough"],
        "pca": [PCA(share) for share in ([0.4, 0.57, 0.8] if full else [0.57])],
        "classifier": [steps["classifier"]],
        "classifier__C": [1, 5, 20] if not full else [0.5, 1, 2, 5, 10, 20],
        "classifier__gamma": ["scale", 0.03, 0.09, 0.2] if full else [0.09],
    }


def _cnn(full: bool, image_size: Any) -> dict[str, list[Any]]:
    classifier: CNNClassifier = make_cnn().named_steps["classifier"]
    filters = [(16, 32, 64, 128), (32, 64, 128, 256)]
    return {
        "features": ["passthrough"],
        "root": ["passthrough"],
        "pca": ["passthrough"],
        "classifier": [classifier],
        "classifier__filters": filters if full else filters[:1],
        "classifier__dropout": [0.1, 0.3, 0.5] if full else [0.3, 0.5],
        "classifier__learning_rate": [1e-3, 3e-3, 6e-3] if full else [1e-3, 3e-3],
    }

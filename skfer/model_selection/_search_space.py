"""Parameters worth trying, ready for scikit-learn's searches."""

from typing import Any, Literal

from skfer.pipelines import FAMILIES


def search_space(
    family: Literal["lbp-svm", "hog-svm", "transfer", "cnn", "hog-linear", "all"],
    size: Literal["quick", "full"] = "quick",
    *,
    image_size: int | tuple[int, int] = (48, 48),
) -> list[dict[str, list[Any]]]:
    """Return the search space for the pipeline of one family, or of all families.

    The space of one family is for its own pipeline: that of "hog-svm" for
    `make_hog_svm`. That of "all" is for a Pipeline with one step, which the search
    replaces by the pipeline of each family in turn:
    ``Pipeline([("model", make_hog_svm())])``.

    Parameters
    ----------
    family : {"lbp-svm", "hog-svm", "transfer", "cnn", "hog-linear", "all"}
        Texture or edges with a support vector machine, logistic regression on the
        features of a trained network, a network from scratch, a linear classifier for
        many images, or all of them.
    size : {"quick", "full"}, default="quick"
        A handful of candidates for each family, or a thorough search.
    image_size : int or (int, int), default=(48, 48)
        Image size of the pipeline, to which the cells of HOG are adapted.

    Returns
    -------
    list of dict of str to list
        As accepted by `GridSearchCV`, `RandomizedSearchCV` and `HalvingGridSearchCV`.

    Raises
    ------
    ValueError
        If there is no such family or size.

    Examples
    --------
    >>> from sklearn.model_selection import GridSearchCV, ParameterGrid
    >>> from skfer import make_lbp_svm
    >>> from skfer.model_selection import search_space
    >>> search = GridSearchCV(make_lbp_svm(), search_space("lbp-svm"))
    >>> len(ParameterGrid(search_space("lbp-svm"))), len(search_space("all"))
    (6, 5)
    """
    if size not in ("quick", "full") or family not in (*FAMILIES, "all"):
        raise ValueError(
            f"search_space got family={family!r} and size={size!r}. Families are "
            f"{tuple(FAMILIES)} and 'all', sizes 'quick' and 'full'."
        )
    if family != "all":
        return [FAMILIES[family].make_space(size == "full", image_size)]
    return [
        {
            "model": [one.make(image_size=image_size)],
            **{
                f"model__{name}": values
                for name, values in one.make_space(size == "full", image_size).items()
            },
        }
        for one in FAMILIES.values()
    ]

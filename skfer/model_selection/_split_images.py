"""Splitting a data set of images without leaking."""

from collections import Counter

import numpy as np
from sklearn.utils import Bunch

from skfer._holdout import hold_out
from skfer._sklearn import safe_indexing
from skfer.model_selection._keep_together import keep_together

# Fields of a Bunch that have an entry for each image.
_OF_IMAGES = frozenset(
    {
        "paths", "images", "data", "target", "groups", "split", "frame", "names",
        "probabilities", "copy_of", "is_mislabelled",
    }
)  # fmt: skip


def train_test_split_images(
    bunch: Bunch,
    test_size: float = 0.2,
    *,
    twins: bool = True,
    random_state: int = 0,
) -> tuple[Bunch, Bunch]:
    """Set a part of a data set aside for testing, without copies or people in both.

    Parameters
    ----------
    bunch : Bunch
        As from `load_image_folder`, `load_fer2013` or `make_faces`: with ``paths`` or
        ``images``, ``target``, and ``groups`` where known.
    test_size : float, default=0.2
        Share of the images to test on, between 0 and 1; met roughly where images
        belong together. Each class has its share.
    twins : bool, default=True
        Whether copies of pictures are looked for and kept on one side.
    random_state : int, default=0
        Seed of the shuffling.

    Returns
    -------
    train, test : Bunch
        With the same fields, those that have an entry for each image cut to the part.

    Raises
    ------
    ValueError
        If ``test_size`` is not between 0 and 1, a class has one image only, all
        images belong to one group, or no split has every class on both sides.

    Examples
    --------
    >>> from skfer.datasets import make_faces
    >>> from skfer.model_selection import train_test_split_images
    >>> train, test = train_test_split_images(make_faces(140, random_state=0))
    >>> train.images.shape, test.target.shape
    ((105, 48, 48), (35,))
    >>> set(train.groups) & set(test.groups)
    set()
    """
    asker = "train_test_split_images"
    if not 0 < test_size < 1:
        raise ValueError(
            f"{asker} got test_size={test_size}. It must be between 0 and 1, for "
            "instance 0.2."
        )
    X = bunch["paths"] if "paths" in bunch else bunch["images"]
    y = np.asarray(bunch["target"])
    groups = bunch.get("groups")
    together = keep_together(X, groups, twins, asker)
    alone = len(np.unique(together)) == len(y)
    parts = hold_out(
        y,
        groups=None if alone else together,
        fraction=test_size,
        random_state=random_state,
        asker=asker,
        advice="or bring a separate test folder",
    )
    for rows, name in zip(parts, ("train", "test"), strict=True):
        if missing := sorted(set(y.tolist()) - set(y[rows].tolist()), key=str):
            pairs = set(zip(y.tolist(), together.tolist(), strict=True))
            counts = Counter(label for label, _ in pairs)
            raise ValueError(
                f"{asker} found no images of {missing} for the {name} part, because "
                f"groups stay whole. Groups of each class: {dict(counts)}. Add images "
                "of others, or take another test_size or random_state."
            )
    train, test = (_select(bunch, rows) for rows in parts)
    return train, test


def _select(bunch: Bunch, rows: np.ndarray) -> Bunch:
    n = len(bunch["target"])
    cut = {
        name: safe_indexing(value, rows)
        for name, value in bunch.items()
        if name in _OF_IMAGES and value is not None and len(value) == n
    }
    return Bunch(**{**bunch, **cut})

"""Folds that keep people and copies of pictures together."""

from collections.abc import Iterator
from numbers import Integral
from typing import Any

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, check_cv
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_consistent_length

from skfer._holdout import count_groups
from skfer.datasets import ImageTable
from skfer.datasets._columns import row_numbers
from skfer.model_selection._keep_together import keep_together, labels_and_groups

# How images are split unless told otherwise: of few images, another way of making the
# folds may give another winner.
N_FOLDS, N_REPEATS, FEW_IMAGES = 5, 2, 2000


def make_folds(
    table: ImageTable, cv: Any, who: str, n_repeats: int = 1
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return row numbers of the folds of what a user passes as ``cv``.

    Parameters
    ----------
    table : ImageTable
        With a target.
    cv : int, splitter, iterable of (train, test) or None
        None means `LeakFreeKFold` with 5 folds, ``n_repeats`` times; an int means
        that many folds, made once.
    who : str
        Name of the caller, for the error messages.
    n_repeats : int, default=1
        See ``cv``.

    Returns
    -------
    list of (ndarray of int, ndarray of int)
        Rows to train on and to test on.

    Raises
    ------
    ValueError
        If there is no fold, or a test part is empty, has classes that its training
        part lacks, or rows that are trained on.
    """
    y = table["target"]
    if cv is None:
        splitter = LeakFreeKFold(N_FOLDS, n_repeats=n_repeats)
    else:
        is_number = isinstance(cv, Integral)
        splitter = LeakFreeKFold(int(cv)) if is_number else check_cv(cv)
    folds = []
    for train, test in splitter.split(table, y, table.groups):
        train, test = row_numbers(train, len(table)), row_numbers(test, len(table))
        if not len(test):
            raise ValueError(f"{who} got a fold with no images to test on.")
        if strange := sorted(set(y[test].tolist()) - set(y[train].tolist()), key=str):
            raise ValueError(
                f"{who} got the classes {strange} in a test part but not in its "
                "training part. Both need the same class names."
            )
        if both := np.intersect1d(train, test).tolist():
            raise ValueError(
                f"{who} got {len(both)} images in both the training and the test part "
                f"of a fold, the first at row {both[0]}. Leave them out of one of the "
                "two."
            )
        folds.append((train, test))
    if not folds:
        raise ValueError(f"{who} got no folds. Pass LeakFreeKFold, or None.")
    return folds


class LeakFreeKFold(StratifiedGroupKFold):
    """Cross-validation in which no group or copy is both trained and tested on.

    As in `StratifiedGroupKFold`, each class has about its share in each fold and groups
    stay whole; but groups are optional, and images that look alike, copies among them,
    stay together too (`find_look_alikes`). Without groups, other images of a person
    may still be trained on. Usable as ``cv`` anywhere in scikit-learn.

    Parameters
    ----------
    n_splits : int, default=5
        Number of folds, at least 2.
    n_repeats : int, default=1
        How often to split anew, each time in another way.
    look_alikes : bool, default=True
        Whether to look for copies and look-alikes in X, which must then hold paths or
        images, and keep them together.
    random_state : int, RandomState instance or None, default=0
        Seed of the shuffling of groups.

    See Also
    --------
    LeakFreeShuffleSplit : A single split.

    Examples
    --------
    >>> from sklearn.model_selection import cross_val_score
    >>> from skfer import make_hog_svm
    >>> from skfer.datasets import make_faces
    >>> from skfer.model_selection import LeakFreeKFold
    >>> faces = make_faces(n_samples=140, n_copies=20, random_state=0)
    >>> scores = cross_val_score(
    ...     make_hog_svm(), faces.images, faces.target, groups=faces.groups,
    ...     cv=LeakFreeKFold(3),
    ... )
    >>> scores.shape
    (3,)
    """

    def __init__(
        self,
        n_splits: int = N_FOLDS,
        *,
        n_repeats: int = 1,
        look_alikes: bool = True,
        random_state: Any = 0,
    ) -> None:
        super().__init__(n_splits, shuffle=True, random_state=random_state)
        self.n_repeats = n_repeats
        self.look_alikes = look_alikes

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """Return the number of folds of all repeats.

        Parameters
        ----------
        X, y, groups : ignored

        Returns
        -------
        int
            ``n_splits`` times ``n_repeats``.
        """
        return self.n_splits * self.n_repeats

    def split(
        self, X: Any, y: Any = None, groups: Any = None
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Generate the folds.

        Parameters
        ----------
        X : ImageTable, array-like of str or Path of shape (n_samples,), or images
            Searched for look-alikes, unless ``look_alikes=False``.
        y : array-like of shape (n_samples,), default=None
            Labels; may be omitted if X is a table with a target.
        groups : array-like of shape (n_samples,), default=None
            Who or what each image shows. None means those of the table, if X is one.

        Yields
        ------
        train, test : ndarray of int of shape (n_train,) and (n_test,)
            Row numbers.

        Raises
        ------
        ValueError
            If a class has too few groups to be in every fold, or ``n_repeats`` is no
            number above 0.
        """
        if not isinstance(self.n_repeats, Integral) or self.n_repeats < 1:
            raise ValueError(
                f"LeakFreeKFold got n_repeats={self.n_repeats!r}. It must be a whole "
                "number of 1 or more."
            )
        y, groups = labels_and_groups(X, y, groups, "LeakFreeKFold")
        check_consistent_length(X, y, groups)
        together = keep_together(X, groups, self.look_alikes, "LeakFreeKFold")
        self._check(y, together)
        rng = check_random_state(self.random_state)
        for repeat in range(self.n_repeats):
            folds = StratifiedGroupKFold(
                self.n_splits,
                shuffle=True,
                # The first time the seed itself, as scikit-learn's splitters do.
                random_state=rng.randint(2**31 - 1) if repeat else self.random_state,
            )
            yield from self._make_folds(folds, y, together)

    def _make_folds(
        self, folds: StratifiedGroupKFold, y: np.ndarray, together: np.ndarray
    ) -> list[tuple[np.ndarray, np.ndarray]]:
        made = list(folds.split(np.zeros(len(y)), y, together))
        for number, (_, test) in enumerate(made):
            if missing := sorted(set(y.tolist()) - set(y[test].tolist()), key=str):
                raise ValueError(
                    f"LeakFreeKFold can't put {missing} into each of {self.n_splits} "
                    f"folds (fold {number} has none), because groups stay whole. "
                    f"Groups of each class: {count_groups(y, together)}. Take "
                    "fewer folds or another random_state."
                )
        return made

    def _check(self, y: np.ndarray, together: np.ndarray) -> None:
        counts = count_groups(y, together)
        few = {name: n for name, n in counts.items() if n < self.n_splits}
        if few:
            least = min(few.values())
            fewer = f"Make {least} folds, or add" if least > 1 else "Add"
            raise ValueError(
                f"LeakFreeKFold can't put every class into each of {self.n_splits} "
                f"folds: these have images in only so many groups: {few}. Images of "
                "one person, copies and look-alikes stay together. "
                f"{fewer} images of others."
            )

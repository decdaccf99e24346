"""A random split that keeps people and copies of pictures together."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.model_selection import GroupShuffleSplit
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_consistent_length

from skfer._holdout import hold_out
from skfer.model_selection._keep_together import keep_together, labels_and_groups


class LeakFreeShuffleSplit(GroupShuffleSplit):
    """Random splits in which no group or copy is both trained and tested on.

    Each class has its share in both parts and groups stay whole; images that look
    alike, copies among them, stay together too (`find_look_alikes`). Without groups,
    other images of a person may still be trained on. Usable as ``cv`` anywhere in
    scikit-learn.

    Parameters
    ----------
    n_splits : int, default=1
        Number of splits.
    test_size : float, default=0.2
        Share of the images to test on, between 0 and 1; approximate where images
        belong together.
    look_alikes : bool, default=True
        Whether to look for copies and look-alikes in X, which must then hold paths or
        images, and keep them together.
    random_state : int, RandomState instance or None, default=0
        Seed of the shuffling; the second split takes the next integer.

    See Also
    --------
    LeakFreeKFold : Folds, so that every image is tested once.
    train_test_split_images : The two parts of a table.

    Examples
    --------
    >>> from skfer.datasets import make_faces
    >>> from skfer.model_selection import LeakFreeShuffleSplit
    >>> faces = make_faces(140, random_state=0)
    >>> ((train, test),) = LeakFreeShuffleSplit().split(faces)
    >>> len(train), len(test), set(faces.groups[train]) & set(faces.groups[test])
    (112, 28, set())
    """

    def __init__(
        self,
        n_splits: int = 1,
        *,
        test_size: float = 0.2,
        look_alikes: bool = True,
        random_state: Any = 0,
    ) -> None:
        super().__init__(n_splits, test_size=test_size, random_state=random_state)
        self.look_alikes = look_alikes

    def split(
        self, X: Any, y: Any = None, groups: Any = None
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Generate the splits.

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
            If ``test_size`` is not between 0 and 1, a class has only one image, all
            images belong to one group, or no split has every class on both sides.
        """
        name = type(self).__name__
        if not 0 < self.test_size < 1:
            raise ValueError(
                f"{name} got test_size={self.test_size}. It must be between 0 and 1, "
                "for instance 0.2."
            )
        y, groups = labels_and_groups(X, y, groups, name)
        check_consistent_length(X, y, groups)
        together = keep_together(X, groups, self.look_alikes, name)
        is_alone = len(np.unique(together)) == len(y)
        for seed in self._seeds():
            train, test = hold_out(
                y,
                groups=None if is_alone else together,
                fraction=self.test_size,
                random_state=seed,
                who=name,
            )
            yield train, test

    def _seeds(self) -> list[int]:
        if isinstance(self.random_state, int | np.integer):
            return [int(self.random_state) + i for i in range(self.n_splits)]
        rng = check_random_state(self.random_state)
        return rng.randint(2**31 - 1, size=self.n_splits).tolist()

"""Which labels look wrong, by models that have not seen them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import clone

from skfer._optional import require
from skfer._sklearn import safe_indexing
from skfer.datasets import ImageTable, find_copies
from skfer.datasets._image_table import as_table
from skfer.model_selection._confidence import predict_shares
from skfer.model_selection._leak_free_k_fold import make_folds

# What the label of another copy of the photograph counts against the model's shares.
_OTHER_COPY = 0.5


@dataclass(frozen=True, eq=False)
class LabelIssues:
    """Images whose labels a model contradicts, the most suspicious first.

    Attributes
    ----------
    table : ImageTable
        All images.
    rows : ndarray of int of shape (n_issues,)
        Rows of the table where another class is more likely than the label.
    label : ndarray of shape (n_issues,)
        What is written there.
    suggestion : ndarray of shape (n_issues,)
        The most likely class.
    margin : ndarray of float of shape (n_issues,)
        Share of the suggestion minus share of the label, 0..1.

    Examples
    --------
    >>> from skfer import make_hog_svm
    >>> from skfer.datasets import make_faces
    >>> from skfer.model_selection import find_label_issues
    >>> faces = make_faces(280, classes=["happy", "sad"], label_noise=0.05,
    ...                    random_state=0)
    >>> issues = find_label_issues(faces, make_hog_svm(image_size=24))
    >>> bool(faces.is_mislabelled[issues.rows[:10]].mean() > 0.8)
    True
    """

    table: ImageTable
    rows: np.ndarray
    label: np.ndarray
    suggestion: np.ndarray
    margin: np.ndarray

    def __len__(self) -> int:
        return len(self.rows)

    def to_frame(self) -> Any:
        """Return a pandas DataFrame with a row for each suspicious image.

        Returns
        -------
        DataFrame
            With the columns row, path (of files), label, suggestion and margin.

        Raises
        ------
        ImportError
            If pandas is missing.
        """
        pandas = require("pandas", "LabelIssues.to_frame", "use its attributes")
        columns = {"row": self.rows}
        if self.table.paths is not None:
            columns["path"] = self.table.paths[self.rows]
        columns |= {
            "label": self.label,
            "suggestion": self.suggestion,
            "margin": self.margin,
        }
        return pandas.DataFrame(columns)


def find_label_issues(
    X: Any,
    estimator: Any,
    y: Any = None,
    *,
    groups: Any = None,
    cv: Any = None,
) -> LabelIssues:
    """Rank images by how clearly a model contradicts their labels.

    Each image is judged by a model that was trained on others: not on its copies, nor
    on look-alikes or other images of its group. What the model says of copies of one
    photograph is averaged, and the labels of the other copies count as well.

    Parameters
    ----------
    X : ImageTable or array-like of shape (n_samples, ...)
        A table with its target and groups; or paths or images.
    estimator : classifier
        For instance `make_hog_svm`; it is cloned. With ``predict_proba`` or
        ``decision_function``.
    y : array-like of shape (n_samples,), default=None
        Labels, if X is not a table.
    groups : array-like of shape (n_samples,), default=None
        Who or what each image shows, if X is not a table.
    cv : int, splitter or iterable of (train, test), default=None
        Each image must be in one test part. None means `LeakFreeKFold` with 5 folds,
        an int with that many.

    Returns
    -------
    LabelIssues
        With rows, label, suggestion and margin.

    Raises
    ------
    ValueError
        If there are no labels, or ``cv`` does not test each image once, on models
        that were trained without it.

    Notes
    -----
    Images are ranked by the share of the most likely class minus that of the label
    [1]_. Among the first 500 of FER-2013's 28,709 training images, judged by
    `make_hog_svm`, the majority of the FER+ votes contradicts the label of 82%, of all
    images 37%. Look at the first ones, and decide yourself: a rare way to smile is
    no error.

    References
    ----------
    .. [1] C. G. Northcutt, L. Jiang and I. L. Chuang, "Confident learning: estimating
       uncertainty in dataset labels", JAIR 70, 2021.

    Examples
    --------
    >>> from skfer import make_hog_svm
    >>> from skfer.datasets import make_faces
    >>> from skfer.model_selection import find_label_issues
    >>> faces = make_faces(140, classes=["happy", "sad"], random_state=0)
    >>> len(find_label_issues(faces, make_hog_svm(image_size=24))) < 5
    True
    """
    table = as_table(X, y, groups=groups, who="find_label_issues")
    if table.target is None:
        raise ValueError(
            "find_label_issues needs labels, got none. Pass y, or a table with a "
            "target."
        )
    target = table.target
    folds = make_folds(table, cv, "find_label_issues")
    tested = np.concatenate([test for _, test in folds])
    times = np.bincount(tested, minlength=len(table))
    if not (times == 1).all():
        worst = int(np.flatnonzero(times != 1)[0])
        raise ValueError(
            "find_label_issues needs folds that test each image once, but cv tests "
            f"row {worst} {times[worst]} times. Pass LeakFreeKFold, or None."
        )
    classes = np.unique(target)
    shares = np.zeros((len(table), len(classes)))
    for train, test in folds:
        model = clone(estimator).fit(safe_indexing(table.X, train), target[train])
        places = np.searchsorted(classes, model.classes_)
        shares[np.ix_(test, places)] = predict_shares(
            model, safe_indexing(table.X, test)
        )
    if table.shows_pictures:
        shares = _join_copies(shares, np.searchsorted(classes, target), table)
    labelled = shares[np.arange(len(table)), np.searchsorted(classes, target)]
    margin = shares.max(axis=1) - labelled
    rows = np.flatnonzero(margin > 0)
    rows = rows[np.argsort(-margin[rows], kind="stable")]
    return LabelIssues(
        table,
        rows,
        target[rows],
        classes[shares[rows].argmax(axis=1)],
        margin[rows],
    )


def _join_copies(
    shares: np.ndarray, labels: np.ndarray, table: ImageTable
) -> np.ndarray:
    """Average the shares of copies, and add the labels of the others."""
    groups = np.unique(find_copies(table), return_inverse=True)[1]
    n_classes = shares.shape[1]
    counts = np.bincount(groups)[:, np.newaxis]
    sums = np.zeros((len(counts), n_classes))
    np.add.at(sums, groups, shares)
    votes = np.zeros((len(counts), n_classes))
    np.add.at(votes, (groups, labels), 1)
    others = votes[groups]
    others[np.arange(len(labels)), labels] -= 1
    joined = (sums / counts)[groups] + _OTHER_COPY * others
    return joined / joined.sum(axis=1, keepdims=True)

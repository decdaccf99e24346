"""Several classifiers as one."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from sklearn.base import is_classifier
from sklearn.ensemble import StackingClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression

from skfer._steps import last_step
from skfer.model_selection._leak_free_k_fold import LeakFreeKFold
from skfer.model_selection._make_calibrated import make_calibrated

# Scores of members that are very sure take more than scikit-learn's 100 iterations.
_MAX_ITER = 1000


def make_ensemble(
    pipelines: Sequence[Any] | Mapping[str, Any],
    *,
    method: Literal["vote", "stack"] = "vote",
    cv: Any = None,
    n_jobs: int | None = None,
) -> VotingClassifier | StackingClassifier:
    """Combine classifiers into one of scikit-learn's ensembles, without leaks.

    Networks of several seeds, of several sizes, or families that make different
    mistakes: their average is usually better than the best of them, at the cost of
    training and asking each.

    Parameters
    ----------
    pipelines : sequence of classifier, or mapping of str to classifier
        At least two, not fitted. Without names they are called after their last steps.
        They get the classes as numbers, so give weights of classes as "balanced".
    method : {"vote", "stack"}, default="vote"
        "vote" averages probabilities (`VotingClassifier`); a classifier that has none,
        like `make_hog_svm`, goes through `make_calibrated`. "stack" trains a logistic
        regression on what the classifiers say about images that they have not seen
        (`StackingClassifier`), which trains each of them once more for every fold.
    cv : splitter or iterable of (train, test), default=None
        Which images to calibrate or to stack on. None means `LeakFreeKFold` with 5
        folds. To keep people on one side, pass the folds themselves, as for
        `make_calibrated`.
    n_jobs : int or None, default=None
        Number of classifiers to train at the same time.

    Returns
    -------
    sklearn.ensemble.VotingClassifier or sklearn.ensemble.StackingClassifier
        Not fitted; with ``predict_proba``.

    Raises
    ------
    TypeError
        If one of them is no classifier.
    ValueError
        If there are fewer than two, or ``method`` is unknown.

    See Also
    --------
    compare_pipelines : Whether it is better than its members.

    Examples
    --------
    >>> from skfer import make_hog_svm, make_lbp_svm
    >>> from skfer.datasets import make_faces
    >>> from skfer.model_selection import make_ensemble
    >>> faces = make_faces(140, classes=["happy", "sad"], random_state=0)
    >>> both = make_ensemble([make_hog_svm(image_size=24), make_lbp_svm(image_size=24)])
    >>> both.fit(faces.images, faces.target).predict_proba(faces.images[:1]).shape
    (1, 2)
    """
    named = _name(pipelines)
    if len(named) < 2:
        raise ValueError(
            f"make_ensemble needs at least two classifiers, got {len(named)}. Networks "
            "of several seeds will do: [make_cnn(random_state=i) for i in range(3)]."
        )
    for name, one in named:
        if not is_classifier(one):
            raise TypeError(
                f"make_ensemble needs classifiers, but {name!r} is {one!r}. Pass "
                "pipelines that end with a classifier, not fitted."
            )
    cv = LeakFreeKFold(5) if cv is None else cv
    if not hasattr(cv, "split"):
        cv = list(cv)  # Each member needs them again.
    if method == "stack":
        final = LogisticRegression(max_iter=_MAX_ITER)
        return StackingClassifier(named, final, cv=cv, n_jobs=n_jobs)
    if method != "vote":
        raise ValueError(
            f"make_ensemble got method={method!r}; it is 'vote' or 'stack'."
        )
    with_probabilities = [
        (name, one if hasattr(one, "predict_proba") else make_calibrated(one, cv=cv))
        for name, one in named
    ]
    return VotingClassifier(with_probabilities, voting="soft", n_jobs=n_jobs)


def _name(pipelines: Any) -> list[tuple[str, Any]]:
    if isinstance(pipelines, Mapping):
        return [(str(name), one) for name, one in pipelines.items()]
    kinds = [type(last_step(one)).__name__.lower() for one in pipelines]
    return [
        (f"{kind}-{number}" if kinds.count(kind) > 1 else kind, one)
        for number, (kind, one) in enumerate(zip(kinds, pipelines, strict=True), 1)
    ]

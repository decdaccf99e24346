"""How sure a classifier must be before it answers."""

from typing import Any

import numpy as np
from scipy import stats
from sklearn.utils.validation import check_consistent_length

from skfer.model_selection._people import clustered_accuracy_interval

# Shares of the images, the surest first. The error is divided among them.
_SHARES = np.arange(1, 11) / 10


def find_confidence_threshold(
    y_true: Any,
    y_pred: Any,
    confidence: Any,
    *,
    accuracy: float = 0.9,
    groups: Any = None,
    error: float = 0.05,
) -> float:
    """Return the confidence from which on enough answers are right.

    Of ten shares of the images, the surest tenth, the surest two tenths and so on, the
    largest is taken for which the wanted accuracy is shown. Pass predictions for images
    that were neither trained nor will be tested on, for instance those of
    `cross_val_predict` with `LeakFreeKFold`.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_samples,)
        Labels and predictions of validation images.
    confidence : array-like of shape (n_samples,)
        Confidence in the predicted class, larger where it is surer.
    accuracy : float, default=0.9
        Share of the answers that should be right, above 0 and below 1.
    groups : array-like of shape (n_samples,), default=None
        Who each image shows. If given, the accuracy is shown for new people.
    error : float, default=0.05
        Chance that the answers are less accurate than wanted, all the same.

    Returns
    -------
    float
        For `SelectiveClassifier`, which answers images of this confidence and above.

    Raises
    ------
    ValueError
        If the accuracy is not shown for any share.

    Notes
    -----
    Lower bounds are those of Clopper and Pearson at ``error`` divided by ten, because
    ten shares are looked at [1]_; by person, the lower end of
    `clustered_accuracy_interval` if it is smaller.

    References
    ----------
    .. [1] Y. Geifman and R. El-Yaniv, "Selective classification for deep neural
       networks", NeurIPS 2017.

    Examples
    --------
    >>> import numpy as np
    >>> from skfer.model_selection import find_confidence_threshold
    >>> rng = np.random.default_rng(0)
    >>> confidence = rng.uniform(0.5, 1, 1000)
    >>> right = rng.random(1000) < confidence
    >>> threshold = find_confidence_threshold(
    ...     np.ones(1000), right, confidence, accuracy=0.8
    ... )
    >>> bool(right[confidence >= threshold].mean() > 0.8)
    True
    """
    check_consistent_length(y_true, y_pred, confidence, groups)
    if not (0 < accuracy < 1 and 0 < error < 1):
        raise ValueError(
            f"find_confidence_threshold got accuracy={accuracy!r} and error={error!r}. "
            "Both must lie between 0 and 1."
        )
    confidence = np.asarray(confidence, dtype=np.float64)
    if len(confidence) == 0 or not np.isfinite(confidence).all():
        raise ValueError(
            "find_confidence_threshold needs a finite confidence for each of at least "
            f"one image, got {confidence[:3].tolist()}."
        )
    right = np.asarray(y_true) == np.asarray(y_pred)
    people = None if groups is None else np.asarray(groups)
    level = error / len(_SHARES)
    surest_first = np.sort(confidence)[::-1]
    best = None
    for share in _SHARES:
        threshold = surest_first[max(round(share * len(surest_first)), 1) - 1]
        answered = confidence >= threshold
        low = _lower_bound(
            right[answered], None if people is None else people[answered], level
        )
        if low >= accuracy:
            best = float(threshold)
    if best is None:
        tenth = confidence >= surest_first[max(round(0.1 * len(right)), 1) - 1]
        raise ValueError(
            f"find_confidence_threshold can't show that {accuracy:.0%} are right for "
            f"any share of these {len(right):,} images: of the surest "
            f"{tenth.sum():,}, {right[tenth].sum():,} are right, of all "
            f"{right.mean():.0%}. Ask for less, or pass more images"
            f"{'' if people is None else ' of more people'}."
        )
    return best


def _lower_bound(right: np.ndarray, people: np.ndarray | None, level: float) -> float:
    result = stats.binomtest(int(right.sum()), len(right), alternative="greater")
    low = result.proportion_ci(1 - level, method="exact").low
    if people is not None:
        low = min(low, clustered_accuracy_interval(right, people, 1 - 2 * level)[0])
    return float(low)

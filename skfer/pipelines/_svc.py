"""A support vector machine that says when it will take too long."""

import warnings
from typing import Any, Self

from sklearn import svm

from skfer._sklearn import count_samples

_MANY = 50_000


class SVC(svm.SVC):
    """scikit-learn's, with a warning above 50,000 samples.

    Its time grows with the square of their number: it would take hours, silently.
    """

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit as scikit-learn does."""
        n = count_samples(X)
        if n > _MANY:
            warnings.warn(
                f"SVC with a kernel is fitted on {n:,} samples, which may take hours: "
                "its time grows with the square of their number. Take "
                f"skfer.pipelines.make_hog_linear instead, or {_MANY:,} samples.",
                UserWarning,
                stacklevel=2,
            )
        return super().fit(X, y, sample_weight)

"""Truncated SVD whose results are the same after it was saved."""

from typing import Any

import numpy as np
from sklearn import decomposition


class TruncatedSVD(decomposition.TruncatedSVD):
    """scikit-learn's, with components in an array of their own.

    scikit-learn leaves a view of a larger array where there are fewer samples than
    features. Pickles and model files hold no views, and matrix products of other
    layouts differ in the last bits.
    """

    def fit_transform(self, X: Any, y: Any = None) -> np.ndarray:
        """Fit, and return the components of the samples."""
        transformed = super().fit_transform(X, y)
        self.components_: np.ndarray = np.ascontiguousarray(self.components_)
        return transformed

"""Whether what was built is whole and of sound size, before it works on pictures."""

from typing import Any

import numpy as np
from sklearn.svm import SVC, NuSVC

from skfer._steps import find_parts

# Parameters of skfer by which a file could fill the memory of a computer at once.
_LARGEST = {"n_jobs": 1024, "size": 10_000, "image_shape": 10_000}


def check_parts(model: Any) -> None:
    """Raise if arrays don't fit, images would be of absurd size, or a disk is written.

    libsvm trusts the sizes of its arrays.

    Raises
    ------
    ValueError
        If they don't.
    """
    for part in find_parts(model):
        if type(part).__module__.startswith("skfer."):
            _check_sizes(part)
        is_fitted = isinstance(part, SVC | NuSVC) and hasattr(part, "_n_support")
        if is_fitted and not _is_whole(part):
            raise ValueError(
                f"the arrays of a {type(part).__name__} don't fit one another"
            )


def _check_sizes(part: Any) -> None:
    parameters = part.get_params(deep=False)
    if parameters.get("cache_dir") is not None:
        raise ValueError(
            f"{type(part).__name__} has cache_dir={parameters['cache_dir']!r}; a model "
            "file can't write to the disk"
        )
    for name, largest in _LARGEST.items():
        values = np.atleast_1d(parameters.get(name) or 0)
        if values.dtype.kind not in "iu" or np.abs(values).max() > largest:
            raise ValueError(
                f"{type(part).__name__} has {name}={parameters[name]!r}; a model file "
                f"can have whole numbers up to {largest:,}"
            )


def _is_whole(svm: Any) -> bool:
    n_classes, n_vectors = len(svm.classes_), len(svm.support_)
    n_pairs = n_classes * (n_classes - 1) // 2
    counts = np.asarray(svm._n_support)
    coefficients = (n_classes - 1, n_vectors)
    return (
        n_classes >= 2
        and n_vectors > 0
        and counts.shape == (n_classes,)
        and bool((counts >= 0).all())
        and int(counts.sum()) == n_vectors
        and np.shape(svm.support_) == (n_vectors,)
        and np.shape(svm.support_vectors_) == (n_vectors, svm.n_features_in_)
        and np.shape(svm._dual_coef_) == np.shape(svm.dual_coef_) == coefficients
        and np.shape(svm._intercept_) == np.shape(svm.intercept_) == (n_pairs,)
        and len(svm._probA) == len(svm._probB)
        and len(svm._probA) in (0, n_pairs)
        and all(
            np.isfinite(one).all()
            for one in (svm.support_vectors_, svm._dual_coef_, svm._intercept_)
        )
    )

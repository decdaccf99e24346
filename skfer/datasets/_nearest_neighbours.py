"""Nearest neighbours among many descriptions, found approximately."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np

# Descriptions for which the cells of the index are chosen.
_SAMPLE = 100_000
_ADDED = 8192  # At once.
# Cells for each square root of the number of descriptions, and how many of them are
# searched. `python -m benchmarks audit` measures what is found.
_CELLS, _SEARCHED = 4.0, 24


def is_there() -> bool:
    """Return whether faiss is installed."""
    try:
        import_module("faiss")
    except ImportError:
        return False
    return True


class NearestNeighbours:
    """An index of descriptions in a byte for each value.

    Parameters
    ----------
    describe : callable
        Gets row numbers, returns their descriptions, of norm 1, as float32.
    n : int
        Number of rows.
    """

    def __init__(self, describe: Callable[[np.ndarray], np.ndarray], n: int) -> None:
        self._faiss: Any = import_module("faiss")
        rng = np.random.default_rng(0)
        some = describe(np.sort(rng.choice(n, min(n, _SAMPLE), replace=False)))
        size = some.shape[1]
        n_cells = min(n, int(_CELLS * n**0.5))
        # By the inner product, which is the correlation.
        inner = self._faiss.METRIC_INNER_PRODUCT
        self._cells = self._faiss.IndexFlatIP(size)
        self._index = self._faiss.IndexIVFScalarQuantizer(
            self._cells, size, n_cells, self._faiss.ScalarQuantizer.QT_8bit, inner
        )
        self._index.cp.min_points_per_centroid = 1  # It would print a warning.
        self._index.train(some)
        self._index.nprobe = _SEARCHED
        for start in range(0, n, _ADDED):
            self._index.add(describe(np.arange(start, min(start + _ADDED, n))))

    def search(self, asked: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Return correlations with the nearest rows, and their numbers.

        Parameters
        ----------
        asked : ndarray of float32 of shape (n_asked, n_values)
            Descriptions, of norm 1.
        k : int
            How many are wanted.

        Returns
        -------
        scores, rows : ndarray of shape (n_asked, k)
            The best first; fewer than ``k`` end in rows of -1.
        """
        # One thread: each of ours has its own part of the rows.
        self._faiss.omp_set_num_threads(1)
        scores, rows = self._index.search(np.ascontiguousarray(asked), k)
        return scores, rows

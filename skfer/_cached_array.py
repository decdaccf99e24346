"""Rows of an array on disk in place of the array."""

from collections.abc import Iterator
from math import prod
from numbers import Integral
from pathlib import Path
from typing import Any

import numpy as np

_CHUNK = 256


class CachedArray:
    """Images or features in a file, of which some rows are chosen.

    It takes the place of an array where that would not fit in memory: choosing rows
    reads nothing, ``numpy.asarray`` reads those that are chosen, and copies in other
    processes hold the name of the file only. Transformers, networks and
    `skfer.pipelines.IncrementalClassifier` read it in pieces.

    Parameters
    ----------
    path : str or Path
        File of the rows, one after the other, as `ImageLoader` writes it.
    rows : array-like of int of shape (n,)
        Which of them, in which order; -1 stands for a black image, or zeros.
    row_shape : tuple of int
        Of an image height and width in pixels, and channels if there are any; of
        features their number.
    dtype : dtype, default=uint8
        Type of the values: uint8 from 0 to 255 of images, float32 of features.

    Attributes
    ----------
    shape : tuple of int
        As of an array: (n, height, width[, channels]) or (n, n_features).
    ndim : int
        As of an array.
    dtype : dtype
        As of an array.

    See Also
    --------
    skfer.preprocessing.ImageLoader : Makes it, with ``cache_dir``.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from skfer.preprocessing import CachedArray
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "images.bin")
    ...     np.arange(24, dtype=np.uint8).tofile(path)
    ...     images = CachedArray(path, [0, 1, 2, 3], (2, 3))
    ...     images.shape, np.asarray(images[[3, 0]])[:, 0].tolist()
    ((4, 2, 3), [[18, 19, 20], [0, 1, 2]])
    """

    def __init__(
        self,
        path: str | Path,
        rows: Any,
        row_shape: tuple[int, ...],
        dtype: np.typing.DTypeLike = np.uint8,
    ) -> None:
        self._path = Path(path)
        self._rows = np.asarray(rows, dtype=np.int64)
        self._row_shape = tuple(map(int, row_shape))
        self.dtype = np.dtype(dtype)

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of rows, and the shape of each."""
        return len(self._rows), *self._row_shape

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[np.ndarray]:
        for start in range(0, len(self), _CHUNK):
            yield from self._read(self._rows[start : start + _CHUNK])

    def __getitem__(self, key: Any) -> Any:
        """Return one row, or some of them without reading any."""
        if isinstance(key, tuple):
            # scikit-learn asks for [rows, ...].
            key, *rest = key
            if any(part is not Ellipsis for part in rest):
                raise IndexError(
                    "CachedArray has no parts of rows. Read the rows first: "
                    "numpy.asarray(X[rows])[:, ...]."
                )
        if isinstance(key, Integral):
            return self._read(self._rows[[int(key)]])[0]
        return CachedArray(self._path, self._rows[key], self._row_shape, self.dtype)

    def with_channels(self) -> "CachedArray":
        """Return images with four axes: grey ones get one channel.

        Returns
        -------
        CachedArray of shape (n, height, width, channels)
            Reads nothing.
        """
        if len(self._row_shape) == 3:
            return self
        return CachedArray(self._path, self._rows, (*self._row_shape, 1), self.dtype)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        if copy is False:
            raise ValueError("CachedArray must be read from its file; pass copy=None.")
        rows = self._read(self._rows)
        return rows if dtype is None else rows.astype(dtype, copy=False)

    def _read(self, rows: np.ndarray) -> np.ndarray:
        # Mapped anew each time: what has been read would count as memory in use.
        flat = np.memmap(self._path, np.uint8, mode="r")
        size = prod(self._row_shape) * self.dtype.itemsize
        n = len(flat) // size
        there = flat[: n * size].view(self.dtype).reshape(n, *self._row_shape)
        if not (rows < 0).any():
            return np.asarray(there[rows])
        out = np.zeros((len(rows), *self._row_shape), dtype=self.dtype)
        out[rows >= 0] = there[rows[rows >= 0]]
        return out

    def __repr__(self) -> str:
        return f"CachedArray of shape {self.shape} in {self._path}"

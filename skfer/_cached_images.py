"""Images on disk in place of an array."""

from collections.abc import Iterator
from math import prod
from numbers import Integral
from pathlib import Path
from typing import Any

import numpy as np

_CHUNK = 256


class CachedImages:
    """Images of one shape in a file, of which some rows are chosen.

    It takes the place of an array of images where that would not fit in memory:
    choosing rows reads nothing, ``numpy.asarray`` reads those that are chosen, and
    copies in other processes hold the name of the file only. Transformers and networks
    of skfer read it in pieces.

    Parameters
    ----------
    path : str or Path
        File of the images, one after the other, as `ImageLoader` writes it.
    rows : array-like of int of shape (n,)
        Which of them, in which order; -1 stands for a black image.
    image_shape : tuple of int
        Height and width in pixels, and channels if there are any.

    Attributes
    ----------
    shape : tuple of int
        As of an array: (n, height, width[, channels]).
    ndim : int
        As of an array.
    dtype : dtype
        uint8, values from 0 to 255.

    See Also
    --------
    skfer.preprocessing.ImageLoader : Makes it, with ``cache_dir``.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from skfer.preprocessing import CachedImages
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "images.bin")
    ...     np.arange(24, dtype=np.uint8).tofile(path)
    ...     images = CachedImages(path, [0, 1, 2, 3], (2, 3))
    ...     images.shape, np.asarray(images[[3, 0]])[:, 0].tolist()
    ((4, 2, 3), [[18, 19, 20], [0, 1, 2]])
    """

    dtype = np.dtype(np.uint8)

    def __init__(
        self, path: str | Path, rows: Any, image_shape: tuple[int, ...]
    ) -> None:
        self._path = Path(path)
        self._rows = np.asarray(rows, dtype=np.int64)
        self._image_shape = tuple(map(int, image_shape))

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of images, height, width, and channels if there are any."""
        return len(self._rows), *self._image_shape

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
        """Return one image, or some of them without reading any."""
        if isinstance(key, tuple):
            # scikit-learn asks for [rows, ...].
            key, *rest = key
            if any(part is not Ellipsis for part in rest):
                raise IndexError(
                    "CachedImages has no parts of images. Read the images first: "
                    "numpy.asarray(images[rows])[:, ...]."
                )
        if isinstance(key, Integral):
            return self._read(self._rows[[int(key)]])[0]
        return CachedImages(self._path, self._rows[key], self._image_shape)

    def with_channels(self) -> "CachedImages":
        """Return the same with four axes: grey images get one channel.

        Returns
        -------
        CachedImages of shape (n, height, width, channels)
            Reads nothing.
        """
        if len(self._image_shape) == 3:
            return self
        return CachedImages(self._path, self._rows, (*self._image_shape, 1))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        if copy is False:
            raise ValueError("CachedImages must be read from its file; pass copy=None.")
        images = self._read(self._rows)
        return images if dtype is None else images.astype(dtype, copy=False)

    def _read(self, rows: np.ndarray) -> np.ndarray:
        # Mapped anew each time: what has been read would count as memory in use.
        flat = np.memmap(self._path, np.uint8, mode="r")
        size = prod(self._image_shape)
        n = len(flat) // size
        there = flat[: n * size].reshape(n, *self._image_shape)
        if not (rows < 0).any():
            return np.asarray(there[rows])
        images = np.zeros((len(rows), *self._image_shape), dtype=np.uint8)
        images[rows >= 0] = there[rows[rows >= 0]]
        return images

    def __repr__(self) -> str:
        return f"CachedImages of shape {self.shape} in {self._path}"

"""Images and features that are made once and kept on disk."""

import os
from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np

from skfer._cached_array import CachedArray
from skfer._row_store import RowMaker, RowStore
from skfer._videos import split_frame


def keep_rows(
    cache_dir: str | os.PathLike,
    keys: np.ndarray,
    make: RowMaker,
    *,
    row_shape: tuple[int, ...],
    dtype: np.typing.DTypeLike = np.uint8,
    made_with: Mapping[str, object],
    cache_gb: float | None = None,
) -> tuple[CachedArray, np.ndarray]:
    """Return images or features from a cache, of which those missing are made.

    Parameters
    ----------
    cache_dir : str or Path
        Folder of the cache.
    keys : ndarray of shape (n,)
        From `make_keys`, of what the rows are made of.
    make : callable
        Gets places in ``keys``; returns their rows, and which of them could be made.
    row_shape : tuple of int
        Of an image height, width, and channels if there are any; of features their
        number.
    dtype : dtype, default=uint8
        Of the rows.
    made_with : mapping of str to object
        What the rows depend on besides that.
    cache_gb : float or None, default=None
        How large the cache may become.

    Returns
    -------
    rows : CachedArray
        One for each key; a black image or zeros where none could be made.
    bad : ndarray of int
        Their places.

    Raises
    ------
    OSError
        If the disk is full or can't be written to.
    ValueError
        If the cache is damaged, or would become too large.
    """
    max_bytes = None if cache_gb is None else cache_gb * 1e9
    store = RowStore(cache_dir, row_shape, dtype, made_with, max_bytes)
    rows = store.fill(keys, make)
    return CachedArray(store.path, rows, row_shape, dtype), np.flatnonzero(rows < 0)


def make_keys(items: Any) -> np.ndarray:
    """Hash path, size and time of change of each file, or the pixels of each image.

    Parameters
    ----------
    items : sequence of str, Path or array-like
        Files or images.

    Returns
    -------
    ndarray of shape (n,), 16 bytes each
        The keys.
    """
    keys = np.empty(len(items), dtype="S16")
    for row, item in enumerate(items):
        if isinstance(item, str | Path):
            file = Path(item).absolute()
            content = os.fsencode(f"{file}\0{_describe(file)}")
        else:
            image = np.ascontiguousarray(item)
            content = f"{image.dtype.str}{image.shape}".encode() + image.tobytes()
        keys[row] = blake2b(content, digest_size=16).digest()
    return keys


def _describe(file: Path) -> str:
    """Return what changes with a file, for those in archives and videos of theirs."""
    try:
        found = file.stat()
    except NotADirectoryError:
        return next(_describe(parent) for parent in file.parents if parent.is_file())
    except OSError:
        frame = split_frame(file)
        # Of one that is missing, reading it will tell.
        return "missing" if frame is None else _describe(Path(frame[0]))
    return f"{found.st_size} {found.st_mtime_ns}"

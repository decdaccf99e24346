"""Rows of numbers on disk, each under a key, for several processes at once."""

import errno
import hashlib
import json
import os
import shutil
import warnings
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from skfer._writing import check_folder, written_aside

_VERSION = 1  # Of the files.
_ENTRY = np.dtype([("key", "S16"), ("checksum", "<u4")])
_BLOCK_BYTES = 1 << 23  # Made, checked and written together.
_LARGEST_BLOCK = 4096
_N_CHECKED = 256  # Rows, when a store is opened.
_PATIENCE = 30  # Seconds of waiting for another process, until it is said.

#: Returns the rows at these places, and which of them could be made.
RowMaker = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]


class RowStore:
    """Rows of one shape and type in a file that grows, each under a key.

    A row is written once and never changed. Its key is written after it, so that a
    process that is killed leaves rows without keys, which the next one overwrites.
    Several processes may fill a store: each block of keys is made by one of them while
    the others go on with other blocks, and wait for it at the end.

    Parameters
    ----------
    folder : str or Path
        Holds stores; this one gets a folder in it.
    shape : tuple of int
        Of a row.
    dtype : str or dtype
        Of a row.
    made_with : mapping of str to object
        What rows are made with. Other values are another store.
    max_bytes : float or None, default=None
        How large all stores in the folder may become together.
    """

    def __init__(
        self,
        folder: str | os.PathLike,
        shape: tuple[int, ...],
        dtype: np.typing.DTypeLike,
        made_with: Mapping[str, object],
        max_bytes: float | None = None,
    ) -> None:
        self._max_bytes = max_bytes
        self.shape, self.dtype = tuple(map(int, shape)), np.dtype(dtype)
        about = {
            "version": _VERSION,
            "shape": self.shape,
            "dtype": self.dtype.str,
            "made with": {name: repr(made_with[name]) for name in sorted(made_with)},
        }
        self._about = json.dumps(about, indent=1)
        name = hashlib.sha256(self._about.encode()).hexdigest()[:16]
        self.folder = Path(folder).absolute() / name
        self._row_bytes = int(np.prod(self.shape)) * self.dtype.itemsize

    @property
    def path(self) -> Path:
        """File of the rows, one after the other."""
        return self.folder / "rows.bin"

    def fill(self, keys: np.ndarray, make: RowMaker) -> np.ndarray:
        """Make the rows that are missing.

        Parameters
        ----------
        keys : ndarray of shape (n,), 16 bytes each
            May repeat.
        make : callable
            Gets places in ``keys``. Returns rows, and for each whether it could be
            made; those that could not are not kept.

        Returns
        -------
        ndarray of shape (n,), int64
            Number of the row in the file of each key; -1 where none could be made.

        Raises
        ------
        OSError
            If the disk is full or can't be written to. What is there remains.
        ValueError
            If the files are damaged, or would become too large.
        """
        keys = np.asarray(keys, dtype="S16")
        entries = self._read_entries()
        self._check(entries)
        numbers = _find(entries["key"], keys)
        missing = np.flatnonzero(numbers < 0)
        if not len(missing):
            return numbers  # Also from a folder that can't be written to.
        check_folder(self.folder, "cache_dir")
        self.folder.mkdir(parents=True, exist_ok=True)
        if not (self.folder / "about.json").exists():
            with written_aside(self.folder / "about.json") as aside:
                aside.write_text(self._about)
        _, first = np.unique(keys[missing], return_index=True)
        missing = missing[np.sort(first)]
        self._check_room(len(missing) * self._row_bytes)
        step = max(1, min(_LARGEST_BLOCK, _BLOCK_BYTES // self._row_bytes))
        blocks = [missing[i : i + step] for i in range(0, len(missing), step)]
        self._n_known, self._others = len(entries), set[bytes]()
        for block in self._take_turns(blocks, keys):
            self._add(block, keys, make)
        return _find(self._read_entries()["key"], keys)

    def _check_room(self, needed: int) -> None:
        """Raise an error before any work if rows would not fit."""
        taken = sum(file.stat().st_size for file in self.folder.parent.glob("*/*.bin"))
        who = f"The cache {self.folder.parent} needs {needed / 1e9:.3g} GB more"
        if self._max_bytes is not None and taken + needed > self._max_bytes:
            raise ValueError(
                f"{who}, has {taken / 1e9:.3g} GB already, and may have "
                f"{self._max_bytes / 1e9:.3g} GB. Allow more with cache_gb, or delete "
                "folders in it that you no longer need."
            )
        free = shutil.disk_usage(self.folder).free
        if needed > free:
            raise OSError(
                errno.ENOSPC,
                f"{who}, and the disk has {free / 1e9:.3g} GB. Free some, or choose "
                "another cache_dir",
                str(self.folder.parent),
            )

    def _take_turns(
        self, blocks: list[np.ndarray], keys: np.ndarray
    ) -> Iterator[np.ndarray]:
        """Yield each block while no other process makes it, theirs at the end."""
        postponed = []
        for block in blocks:
            lock = self._lock_of(keys[block])
            try:
                lock.acquire(timeout=0)
            except Timeout:
                postponed.append(block)
                continue
            with _released(lock):
                yield block
        for block in postponed:
            lock = self._lock_of(keys[block])
            try:
                lock.acquire(timeout=_PATIENCE)
            except Timeout:
                warnings.warn(
                    f"Waiting for another process, which fills {self.folder} too.",
                    UserWarning,
                    stacklevel=4,
                )
                lock.acquire()
            with _released(lock):
                yield block

    def _lock_of(self, keys: np.ndarray) -> FileLock:
        name = hashlib.sha256(keys.tobytes()).hexdigest()[:16]
        return FileLock(self.folder / f"{name}.lock")

    def _add(self, block: np.ndarray, keys: np.ndarray, make: RowMaker) -> None:
        """Make what is still missing of a block, and write it."""
        self._note_others()
        new = [place for place in block if keys[place] not in self._others]
        if not new:
            return
        places = np.array(new)
        rows, is_good = make(places)
        rows = np.ascontiguousarray(rows, self.dtype)
        if rows.shape != (len(places), *self.shape):
            raise ValueError(f"RowStore holds rows of {self.shape}, got {rows.shape}.")
        entries = np.empty(len(rows), _ENTRY)
        entries["key"] = keys[places]
        entries["checksum"] = [zlib.crc32(row.tobytes()) for row in rows]
        with FileLock(self.folder / "append.lock"):
            # Blocks of other processes may overlap with this one.
            self._note_others()
            is_new = [key not in self._others for key in entries["key"].tolist()]
            kept = np.logical_and(is_good, is_new)
            self._append(entries[kept], rows[kept])
            self._n_known += int(kept.sum())

    def _append(self, entries: np.ndarray, rows: np.ndarray) -> None:
        n = self._n_known
        index = self.folder / "keys.bin"
        try:
            for path, start, new in (
                (self.path, n * self._row_bytes, rows),
                (index, n * _ENTRY.itemsize, entries),
            ):
                path.touch()
                with path.open("r+b") as file:
                    file.truncate(start)  # Remains of a process that was killed.
                    file.seek(start)
                    file.write(new.data)
                    file.flush()
                    os.fsync(file.fileno())
        except OSError as error:
            with suppress(OSError):
                os.truncate(index, n * _ENTRY.itemsize)
                os.truncate(self.path, n * self._row_bytes)
            raise OSError(
                error.errno,
                f"The cache can't be written ({error.strerror}). Its {n:,} rows are "
                "kept: free some space and run it again, or delete the folder",
                str(self.folder),
            ) from error

    def _note_others(self) -> None:
        """Remember keys that other processes have added."""
        entries = self._read_entries(self._n_known)
        self._others.update(entries["key"].tolist())
        self._n_known += len(entries)

    def _read_entries(self, start: int = 0) -> np.ndarray:
        """Read the keys of complete rows."""
        index = self.folder / "keys.bin"
        if not index.exists():
            return np.empty(0, _ENTRY)
        n = min(
            index.stat().st_size // _ENTRY.itemsize,
            self.path.stat().st_size // max(1, self._row_bytes),
        )
        offset = start * _ENTRY.itemsize
        return np.fromfile(index, _ENTRY, count=max(0, n - start), offset=offset)

    def _check(self, entries: np.ndarray) -> None:
        """Compare the last rows, which a crash may tear, and some others."""
        if not len(entries):
            return
        n = len(entries)
        last = np.arange(max(0, n - _N_CHECKED), n)
        some = np.random.default_rng().integers(n, size=min(n, _N_CHECKED))
        rows = self.open(n)
        for number in np.union1d(last, some):
            if zlib.crc32(rows[number].tobytes()) != entries["checksum"][number]:
                raise ValueError(
                    f"The cache {self.folder} is damaged: row {number} is not what was "
                    "written. Delete this folder; it will be filled again."
                )

    def open(self, n: int) -> np.ndarray:
        """Return the first ``n`` rows as a memory map that can't be written to."""
        return np.memmap(self.path, self.dtype, mode="r", shape=(n, *self.shape))


@contextmanager
def _released(lock: FileLock) -> Iterator[None]:
    try:
        yield
    finally:
        # Deleted while it is held: whoever opened the old file notices.
        with suppress(OSError):
            Path(lock.lock_file).unlink(missing_ok=True)
        lock.release()


def _find(known: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """Return where each key is among those that are known, or -1."""
    if not len(known):
        return np.full(len(keys), -1, dtype=np.int64)
    order = np.argsort(known, kind="stable")
    place = np.searchsorted(known, keys, sorter=order).clip(max=len(known) - 1)
    found = order[place]
    return np.where(known[found] == keys, found, -1)

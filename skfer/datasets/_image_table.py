"""The table of images: one row for each picture, from the file to the report."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from skfer._optional import require
from skfer._sklearn import count_samples, safe_indexing
from skfer._validation import check_collection, holds_paths
from skfer.datasets._fingerprints import Fingerprints, fingerprint
from skfer.datasets._image_row import name_part
from skfer.datasets._summary import summarize


class ImageTable:
    """Images with what is known of them, one row for each picture.

    All loaders return it, and audits, splitters, comparisons and reports take it.
    ``table[rows]`` cuts every column alike, whether a loader or a user added it.

    Parameters
    ----------
    X : array-like of shape (n_samples,) or (n_samples, height, width[, channels])
        Paths (str or Path), or images; rows of pixels or of features will do where
        nothing is asked about pictures.
    target : array-like of shape (n_samples,), default=None
        Class of each image.
    groups : array-like of shape (n_samples,), default=None
        Who or what each image shows.
    split : array-like of str of shape (n_samples,), default=None
        Part of the data set: train, validation or test, or a usual name of one of
        them such as "Training", which is kept in the column ``split_name``.
    status : array-like of str of shape (n_samples,), default=None
        Why an image can't be read; empty where it can.
    target_names : sequence of str, default=None
        The classes, sorted. None takes those of ``target``.
    origin : str, default=""
        Where the images are from, in words.
    notes : sequence of str, default=()
        What is good to know about how the images were read.
    problems : sequence of str, default=()
        What is odd about the images, a sentence each.
    left_out : sequence of (str, str), default=()
        Files that are no rows, and why.
    **columns : array-like of shape (n_samples, ...)
        Whatever else is known of each image, for instance ``age``.

    Attributes
    ----------
    X : ndarray of shape (n_samples, ...)
        Paths or images, as a Pipeline takes them.
    paths : ndarray of str objects of shape (n_samples,) or None
        X, if it holds paths.
    images : ndarray of shape (n_samples, height, width[, channels]) or None
        X, if it holds images; of different sizes an array of objects.
    data : ndarray of shape (n_samples, n_pixels) or None
        Images of one size as rows of pixels, without a copy.
    columns : dict of str to ndarray of shape (n_samples, ...)
        All columns but X by their names; also ``table["age"]`` and ``table.age``.
    is_readable : ndarray of bool of shape (n_samples,)
        Whether ``status`` is empty.
    frame : DataFrame of shape (n_samples, n_columns)
        The table for pandas.
    summary : str
        Images of each class and part, sizes, formats and problems, to print.

    Raises
    ------
    ValueError
        If columns have different lengths, a part is unknown, paths are mixed with
        images, or a value is missing.

    Examples
    --------
    >>> import numpy as np
    >>> from skfer.datasets import ImageTable
    >>> images = np.zeros((4, 48, 48), dtype=np.uint8)
    >>> target = ["happy", "sad", "sad", "happy"]
    >>> table = ImageTable(images, target, age=[20, 31, 8, 64])
    >>> adults = table[table.age >= 18]
    >>> len(adults), adults.target.tolist(), adults.images.shape
    (3, ['happy', 'sad', 'happy'], (3, 48, 48))
    """

    # Names that can't be columns, because they are something else.
    _RESERVED = frozenset(
        {"X", "paths", "images", "data", "columns", "frame", "summary",
         "is_readable", "target_names", "origin", "notes", "problems",
         "left_out", "fingerprints", "path", "group"}
    )  # fmt: skip
    # Columns that every table may have, None where it has not.
    _OPTIONAL = ("target", "groups", "split", "status")

    def __init__(
        self,
        X: Any,
        target: Any = None,
        *,
        groups: Any = None,
        split: Any = None,
        status: Any = None,
        target_names: Sequence[Any] | None = None,
        origin: str = "",
        notes: Sequence[str] = (),
        problems: Sequence[str] = (),
        left_out: Sequence[tuple[str, str]] = (),
        **columns: Any,
    ) -> None:
        self.X = _as_collection(X)
        self.columns: dict[str, np.ndarray] = {}
        self.origin = origin
        self.notes = list(notes)
        self.problems = list(problems)
        self.left_out = list(left_out)
        self._fingerprints: Fingerprints | None = None
        self._twins: tuple[np.ndarray, np.ndarray] | None = None
        given = {"target": target, "groups": groups, "split": split, "status": status}
        for name, values in {**given, **columns}.items():
            if values is not None:
                self[name] = values
        if target_names is None and "target" in self.columns:
            target_names = np.unique(self.columns["target"]).tolist()
        self.target_names = target_names

    @classmethod
    def concatenate(
        cls, tables: Sequence["ImageTable"], origin: str = ""
    ) -> "ImageTable":
        """Put tables one after the other.

        Parameters
        ----------
        tables : sequence of ImageTable
            All with paths, or all with images.
        origin : str, default=""
            Where the images are from, in words.

        Returns
        -------
        ImageTable
            With the columns that all of them have.

        Raises
        ------
        ValueError
            If paths would be mixed with images.
        """
        kinds = {table.paths is None for table in tables}
        if len(kinds) > 1:
            raise ValueError(
                "ImageTable.concatenate got tables of paths and tables of images. Load "
                "all in the same way, or decode the paths with ImageLoader first."
            )
        shared = set.intersection(*(set(table.columns) for table in tables))
        names = [name for name in tables[0].columns if name in shared]
        columns = {
            name: np.concatenate([table.columns[name] for table in tables])
            for name in names
        }
        X = _join([table.X for table in tables])
        joined = cls(X, origin=origin or ", ".join(table.origin for table in tables))
        joined.columns = columns
        joined.target_names = sorted(
            {name for table in tables for name in table.target_names or ()}, key=str
        )
        joined.notes = [note for table in tables for note in table.notes]
        joined.problems = [problem for table in tables for problem in table.problems]
        joined.left_out = [entry for table in tables for entry in table.left_out]
        prints = [t._fingerprints for t in tables if t._fingerprints is not None]
        if len(prints) == len(tables):
            joined._fingerprints = Fingerprints.concatenate(prints)
        return joined

    def __len__(self) -> int:
        return count_samples(self.X)

    def __getitem__(self, key: Any) -> Any:
        """Return a column by its name, or the table of some of the rows.

        Parameters
        ----------
        key : str, int, slice, or array-like of int or bool of shape (n_rows,)
            Name of a column, a number of a row, or rows.

        Returns
        -------
        ndarray of shape (n_samples, ...) or ImageTable
            The column, or a table.
        """
        if isinstance(key, str):
            if key not in self.columns:
                raise KeyError(
                    f"The table has no column {key!r}; it has {list(self.columns)}."
                )
            return self.columns[key]
        rows = _row_numbers(key, len(self))
        cut = object.__new__(type(self))
        cut.__dict__ |= self.__dict__
        cut.X = safe_indexing(self.X, rows)
        cut.columns = {name: values[rows] for name, values in self.columns.items()}
        if self._fingerprints is not None:
            cut._fingerprints = self._fingerprints.take(rows)
        if self._twins is not None:
            exact, twins = self._twins
            cut._twins = exact[rows], twins[rows]
        return cut

    def __setitem__(self, name: str, values: Any) -> None:
        """Add or replace a column."""
        if not isinstance(name, str) or name in self._RESERVED or name[:1] == "_":
            raise ValueError(
                f"ImageTable can't have a column named {name!r}. Choose another name."
            )
        column = _as_column(name, values)
        if len(column) != len(self):
            raise ValueError(
                f"ImageTable got {len(column)} values of {name!r} for {len(self)} "
                "images. Give every image one."
            )
        if name == "split":
            known = _name_parts(column)
            if (known != column).any() and "split_name" not in self.columns:
                self.columns["split_name"] = column
            column = known
        self.columns[name] = column

    def __getattr__(self, name: str) -> Any:
        columns = self.__dict__.get("columns", {})
        if name in columns:
            return columns[name]
        if name in self._OPTIONAL:
            return None
        raise AttributeError(
            f"ImageTable has no attribute or column {name!r}; its columns are "
            f"{list(columns)}."
        )

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.columns]

    def __repr__(self) -> str:
        named = ", ".join(self.columns) or "no columns"
        kind = "paths" if self.paths is not None else "images"
        return f"<ImageTable of {len(self):,} {kind}: {named}>"

    @property
    def paths(self) -> np.ndarray | None:
        return self.X if holds_paths(self.X) else None

    @property
    def images(self) -> Any:
        is_table = getattr(self.X, "ndim", 1) == 2
        return None if self.paths is not None or is_table else self.X

    @property
    def data(self) -> np.ndarray | None:
        images = self.images
        if images is None or getattr(images, "ndim", 1) < 3:
            return None
        return images.reshape(len(images), -1)

    @property
    def is_readable(self) -> np.ndarray:
        status = self.columns.get("status")
        return np.ones(len(self), dtype=bool) if status is None else status == ""

    @property
    def fingerprints(self) -> Fingerprints:
        """What is remembered of each image; computed once, which reads every file."""
        if self._fingerprints is None:
            self._fingerprints = fingerprint(self.X, -1, "ImageTable")
        return self._fingerprints

    @property
    def frame(self) -> Any:
        pandas = require("pandas", "ImageTable.frame", "use `columns`")
        columns = {"path": self.paths} if self.paths is not None else {}
        columns |= {
            "group" if name == "groups" else name: values
            for name, values in self.columns.items()
            if values.ndim == 1
        }
        return pandas.DataFrame(columns)

    @property
    def summary(self) -> str:
        return summarize(self)


def _as_collection(X: Any) -> Any:
    """Return X as something that rows can be taken from."""
    if isinstance(X, ImageTable):
        return X.X
    X = check_collection(X, "ImageTable") if count_samples(X) else np.asarray(X)
    if getattr(X, "ndim", 1) != 1 or (hasattr(X, "dtype") and X.dtype != object):
        return X
    X = list(X)
    are_paths = holds_paths(X)
    for row, value in enumerate(X):
        if are_paths != holds_paths([value]):
            raise ValueError(
                "ImageTable got paths mixed with images: row 0 is a "
                f"{type(X[0]).__name__}, row {row} a {type(value).__name__}. Decode "
                "the paths with ImageLoader first."
            )
    column = np.empty(len(X), dtype=object)
    column[:] = X if are_paths else [np.asarray(image) for image in X]
    if not are_paths and len({image.shape for image in column}) == 1:
        return np.stack(list(column))
    return column


def _join(parts: Sequence[Any]) -> Any:
    if len({part.shape[1:] for part in parts}) == 1:
        return np.concatenate(parts)
    images = [image for part in parts for image in part]
    column = np.empty(len(images), dtype=object)
    column[:] = images
    return column


def _as_column(name: str, values: Any) -> np.ndarray:
    """Return values as an array, of objects where NumPy would make a table of them."""
    if isinstance(values, str | Mapping) or not hasattr(values, "__len__"):
        raise ValueError(
            f"ImageTable needs one value of {name!r} for each image, got {values!r}."
        )
    if hasattr(values, "to_numpy"):
        values = values.to_numpy()
    if isinstance(values, np.ndarray) and values.dtype != object:
        return values
    listed = list(values)
    for row, value in enumerate(listed):
        if value is None or (isinstance(value, float) and np.isnan(value)):
            raise ValueError(
                f"ImageTable got no value of {name!r} for row {row}. Give every image "
                f"one, or leave {name} out."
            )
    kinds = {type(value) for value in listed}
    if kinds and (kinds <= {str} or kinds <= {int, float, bool} or kinds <= {np.str_}):
        return np.array(listed)
    column = np.empty(len(listed), dtype=object)
    column[:] = listed
    return column


def _name_parts(names: np.ndarray) -> np.ndarray:
    parts = []
    for row, name in enumerate(names.tolist()):
        try:
            parts.append(name_part(str(name)))
        except ValueError as error:
            raise ValueError(f"ImageTable got split for row {row}: {error}") from None
    return np.array(parts)


def _row_numbers(key: Any, n: int) -> np.ndarray:
    """Return numbers of rows for an integer, a slice, integers or a mask."""
    if isinstance(key, slice):
        return np.arange(n)[key]
    rows = np.atleast_1d(np.asarray(key))
    if rows.dtype == bool or (rows.dtype == object and {*map(type, rows)} == {bool}):
        if len(rows) != n:
            raise IndexError(f"A mask of {len(rows)} rows does not fit {n} images.")
        return np.flatnonzero(rows)
    if rows.size == 0:
        return np.empty(0, dtype=np.intp)
    if rows.dtype.kind not in "ui" or rows.ndim != 1:
        raise IndexError(
            f"Rows are chosen by integers, slices or masks, got {key!r}. A column is "
            "chosen by its name."
        )
    if rows.max() >= n or rows.min() < -n:
        worst = rows[(rows >= n) | (rows < -n)][0]
        raise IndexError(f"There is no row {worst} in a table of {n} images.")
    return np.arange(n)[rows]


def as_table(
    X: Any, target: Any = None, *, groups: Any = None, split: Any = None, who: str
) -> ImageTable:
    """Return X if it is a table, and make one of separate arrays otherwise.

    Raises
    ------
    ValueError
        If there is a table and arrays beside it.
    """
    if not isinstance(X, ImageTable):
        return ImageTable(X, target, groups=groups, split=split)
    given = {"the labels": target, "groups": groups, "split": split}
    if beside := [name for name, values in given.items() if values is not None]:
        raise ValueError(
            f"{who} got an ImageTable and {' and '.join(beside)} beside it. Put them "
            "into the table, for instance table['groups'] = groups."
        )
    return X

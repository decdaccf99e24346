"""The table of images: one row for each picture, from the file to the report."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from skfer._optional import require
from skfer._sklearn import count_samples, safe_indexing
from skfer._validation import holds_paths
from skfer.datasets._columns import (
    as_collection,
    as_column,
    join_columns,
    list_classes,
    name_parts,
    row_numbers,
)
from skfer.datasets._fingerprints import Fingerprints, fingerprint
from skfer.datasets._summary import summarize


class ImageTable:
    """Images and what is known about them, one row for each image.

    All loaders return it, and audits, splitters, comparisons and reports take it.
    ``table[rows]`` cuts every column alike, whether a loader or a user added it.

    Parameters
    ----------
    X : array-like of shape (n_samples,) or (n_samples, height, width[, channels])
        Paths (str or Path), or images; rows of pixels or of features are
        enough where no images are needed.
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
        Remarks on how the images were read.
    problems : sequence of str, default=()
        Problems of the images, one sentence each.
    left_out : sequence of (str, str), default=()
        Files that were left out, and why.
    **columns : array-like of shape (n_samples, ...)
        Whatever else is known about each image, for instance ``age``.

    Attributes
    ----------
    X : ndarray of shape (n_samples, ...)
        Paths or images, as a Pipeline takes them.
    paths : ndarray of str objects of shape (n_samples,) or None
        X, if it holds paths.
    images : ndarray of shape (n_samples, height, width[, channels]) or None
        X, if it holds images; an array of objects if their sizes differ.
    data : ndarray of shape (n_samples, n_pixels) or None
        Images of one size as rows of pixels, without a copy.
    columns : dict of str to ndarray of shape (n_samples, ...)
        All columns but X by their names; also ``table["age"]`` and ``table.age``.
    is_readable : ndarray of bool of shape (n_samples,)
        Whether ``status`` is empty.
    frame : DataFrame of shape (n_samples, n_columns)
        The table as a pandas DataFrame.
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
         "left_out", "fingerprints", "shows_pictures", "groups_are_videos",
         "path", "group", "self",
         "shape", "ndim", "dtype", "iloc", "concatenate"}
    )  # fmt: skip
    # What belongs to the whole table; every other name is a column.
    _ATTRIBUTES = frozenset(
        {"columns", "target_names", "origin", "notes", "problems", "left_out"}
    )
    # Optional columns; None where a table does not have them.
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
        self.columns: dict[str, np.ndarray] = {}
        self.X = X
        self.target_names: list[Any] | None = None
        self.origin = origin
        self.notes = list(notes)
        self.problems = list(problems)
        self.left_out = list(left_out)
        given = {"target": target, "groups": groups, "split": split, "status": status}
        for name, values in {**given, **columns}.items():
            if values is not None:
                self[name] = values
        if target_names is not None:
            self.target_names = list(target_names)

    @classmethod
    def concatenate(
        cls, tables: Sequence["ImageTable"], origin: str = ""
    ) -> "ImageTable":
        """Concatenate tables.

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
        kinds = {table.paths is None for table in tables if len(table)}
        if len(tables) == 0 or len(kinds) > 1:
            raise ValueError(
                "ImageTable.concatenate needs tables, all of paths or all of images, "
                f"got {list(tables)}. Load all in the same way, or decode the paths "
                "with ImageLoader first."
            )
        shared = set.intersection(*(set(table.columns) for table in tables))
        names = [name for name in tables[0].columns if name in shared]
        columns = {
            name: join_columns([table.columns[name] for table in tables])
            for name in names
        }
        if "status" not in columns and any("status" in t.columns for t in tables):
            columns["status"] = np.concatenate(
                [t.columns.get("status", np.full(len(t), "")) for t in tables]
            )
        lost = sorted({n for t in tables for n in t.columns} - set(columns))
        X = join_columns([table.X for table in tables])
        joined = cls(X, origin=origin or ", ".join(table.origin for table in tables))
        joined.columns = columns
        if "target" in columns:
            joined.target_names = list_classes(columns["target"])
        joined.notes = [note for table in tables for note in table.notes]
        if lost:
            joined.notes.append(f"columns that not all tables have: {lost}; left out")
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
        rows = row_numbers(key, len(self))
        cut = object.__new__(type(self))
        cut.__dict__ |= self.__dict__
        cut.notes, cut.problems = list(self.notes), list(self.problems)
        cut.left_out = list(self.left_out)
        cut.columns = {name: values[rows] for name, values in self.columns.items()}
        cut.__dict__["X"] = safe_indexing(self.X, rows)
        if self._fingerprints is not None:
            cut._fingerprints = self._fingerprints.take(rows)
        cut._resemblance = {
            mirrored: found.take(rows) for mirrored, found in self._resemblance.items()
        }
        return cut

    def __setitem__(self, name: str, values: Any) -> None:
        """Add or replace a column."""
        if not isinstance(name, str) or name in self._RESERVED or name[:1] == "_":
            raise ValueError(
                f"ImageTable can't have a column named {name!r}. Choose another name."
            )
        column = as_column(name, values, may_lack=name not in self._OPTIONAL)
        if name in self._OPTIONAL and column.ndim != 1:
            raise ValueError(
                f"ImageTable got {name!r} of shape {column.shape}. Give every image "
                "one value of it."
            )
        if len(column) != len(self):
            raise ValueError(
                f"ImageTable got {len(column)} values of {name!r} for {len(self)} "
                "images. Give every image one."
            )
        if name == "split":
            known = name_parts(column)
            self.columns.pop("split_name", None)
            if (known != column).any():
                self.columns["split_name"] = column
            column = known
        if name == "target":
            self.target_names = list_classes(column)
        self.columns[name] = column

    def __setattr__(self, name: str, value: Any) -> None:
        """Set a column, as ``table[name] = value`` does, or an attribute."""
        columns = self.__dict__.get("columns", {})
        if name == "X":
            self._replace_images(value)
        elif name in self._OPTIONAL and value is None:
            columns.pop(name, None)
        elif name in self._ATTRIBUTES or name[:1] == "_":
            super().__setattr__(name, value)
        else:
            self[name] = value

    def _replace_images(self, X: Any) -> None:
        X = as_collection(X)
        if self.columns and count_samples(X) != len(next(iter(self.columns.values()))):
            raise ValueError(
                f"ImageTable of {len(self)} rows got {count_samples(X)} images. Cut "
                "the table first, table[rows], or make another."
            )
        self.__dict__["X"] = X
        # What was computed from the images before.
        self._fingerprints: Fingerprints | None = None
        self._resemblance: dict[bool, Any] = {}

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
    def groups_are_videos(self) -> bool:
        """Whether videos are known, but not who is shown in them."""
        videos, groups = self.columns.get("video"), self.columns.get("groups")
        return (
            videos is not None and groups is not None and np.array_equal(videos, groups)
        )

    @property
    def fingerprints(self) -> Fingerprints:
        """A compact summary of each image; computed once, which reads every file."""
        return self._read_fingerprints(n_jobs=-1)

    def _read_fingerprints(self, n_jobs: int | None) -> Fingerprints:
        if self._fingerprints is None:
            self._fingerprints = fingerprint(self.X, n_jobs, "ImageTable")
        return self._fingerprints

    @property
    def shows_pictures(self) -> bool:
        """Whether X holds paths, or images that can be compared and shown."""
        if self.paths is None and self.images is None:
            return False
        try:
            return self.fingerprints is not None
        except ValueError:
            return False

    @property
    def frame(self) -> Any:
        pandas = require("pandas", "ImageTable.frame", "use `columns`")
        columns: dict[str, Any] = {}
        if self.paths is not None:
            columns["path"] = self.paths
        columns |= {
            "group" if name == "groups" else name: list(values)
            if values.ndim > 1
            else values
            for name, values in self.columns.items()
        }
        return pandas.DataFrame(columns)

    @property
    def summary(self) -> str:
        return summarize(self)


def as_table(
    X: Any, target: Any = None, *, groups: Any = None, split: Any = None, who: str
) -> ImageTable:
    """Return X if it is a table, and make one of separate arrays otherwise.

    Raises
    ------
    ValueError
        If there is a table and arrays in addition.
    """
    if not isinstance(X, ImageTable):
        return ImageTable(X, target, groups=groups, split=split)
    given = {"the labels": target, "groups": groups, "split": split}
    if beside := [name for name, values in given.items() if values is not None]:
        raise ValueError(
            f"{who} got an ImageTable, and {' and '.join(beside)} as well. Put them "
            "into the table, for instance table['groups'] = groups."
        )
    return X

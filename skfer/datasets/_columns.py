"""Columns of a table of images: values checked, rows chosen, tables joined."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from skfer._holdout import is_missing
from skfer._sklearn import count_samples
from skfer._validation import check_collection, holds_paths
from skfer.datasets._image_row import name_part


def as_collection(X: Any) -> Any:
    """Return X as something that rows can be taken from."""
    if hasattr(X, "iloc") and X.ndim == 1:
        X = list(X)
    is_empty = hasattr(X, "__len__") and count_samples(X) == 0
    X = np.asarray(X) if is_empty else check_collection(X, "ImageTable")
    if getattr(X, "ndim", 1) != 1 or (hasattr(X, "dtype") and X.dtype != object):
        return X
    are_paths = holds_paths(X)
    column = np.empty(len(X), dtype=object)
    column[:] = X if are_paths else [np.asarray(image) for image in X]
    for row, image in enumerate(() if are_paths else column):
        if image.ndim == 0 or image.dtype.kind not in "biuf":
            raise ValueError(
                f"ImageTable needs paths or images; row {row} is a "
                f"{type(X[row]).__name__}."
            )
    if not are_paths and len({image.shape for image in column}) == 1:
        return np.stack(list(column))
    return column


def join_columns(parts: Sequence[Any]) -> Any:
    # Numbers and words stay apart: the group 1 is not the group "1".
    if len({(part.shape[1:], part.dtype.kind) for part in parts}) == 1:
        return np.concatenate(parts)
    images = [image for part in parts for image in part]
    column = np.empty(len(images), dtype=object)
    column[:] = images
    return column


def as_column(name: str, values: Any, may_lack: bool) -> np.ndarray:
    """Return values as an array, of objects where NumPy would make a table of them."""
    if isinstance(values, str | Mapping) or not hasattr(values, "__len__"):
        raise ValueError(
            f"ImageTable needs one value of {name!r} for each image, got {values!r}."
        )
    if hasattr(values, "to_numpy"):
        values = values.to_numpy()
    listed = list(values)
    for row, value in enumerate(() if may_lack else listed):
        is_empty = name == "groups" and isinstance(value, str) and value == ""
        if is_empty or (np.ndim(value) == 0 and is_missing(value)):
            raise ValueError(
                f"ImageTable got no value of {name!r} for row {row}. Give every image "
                f"one, or leave {name} out."
            )
    if isinstance(values, np.ndarray) and values.dtype != object:
        return values
    kinds = {type(value) for value in listed}
    if kinds and (kinds <= {str} or kinds <= {int, float, bool} or kinds <= {np.str_}):
        return np.array(listed)
    column = np.empty(len(listed), dtype=object)
    column[:] = listed
    return column


def list_classes(target: np.ndarray) -> list[Any]:
    """Return the different labels, sorted."""
    try:
        return np.unique(target).tolist()
    except TypeError:
        kinds = sorted({type(label).__name__ for label in target.tolist()})
        raise ValueError(
            f"ImageTable needs labels of one kind, got {' and '.join(kinds)}. Make all "
            "of them texts or all of them numbers."
        ) from None


def name_parts(names: np.ndarray) -> np.ndarray:
    parts = []
    for row, name in enumerate(names.tolist()):
        try:
            parts.append(name_part(str(name)))
        except ValueError as error:
            raise ValueError(f"ImageTable got split for row {row}: {error}") from None
    return np.array(parts)


def row_numbers(key: Any, n: int) -> np.ndarray:
    """Return numbers of rows for an integer, a slice, integers or a mask."""
    if isinstance(key, slice):
        return np.arange(n)[key]
    rows = np.atleast_1d(np.asarray(key))
    if rows.dtype == bool or (rows.dtype == object and {*map(type, rows)} == {bool}):
        if rows.shape != (n,):
            raise IndexError(f"A mask of shape {rows.shape} does not fit {n} images.")
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

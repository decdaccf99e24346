"""Who or what images show, as far as names tell."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from skfer.datasets._image_tree import ImageRow


def tell_groups(rows: Sequence[ImageRow], groups: Any) -> np.ndarray | None:
    """Return the group of each image.

    Parameters
    ----------
    rows : sequence of ImageRow
        The images.
    groups : str, callable or None
        A regular expression for file names, "parent", a column of the CSV, or what
        turns a Path into a group. None takes the subject folders, if there are any.

    Returns
    -------
    ndarray of shape (n_samples,) or None
        None where nothing tells groups.

    Raises
    ------
    ValueError
        If an image has no group, or ``groups`` is no regular expression.
    """
    if groups is None:
        subjects = [row.subject for row in rows]
        return None if None in subjects else np.array(subjects)
    if callable(groups):
        return _as_groups(rows, [groups(Path(row.path)) for row in rows])
    if groups == "parent":
        return _as_groups(rows, ["/".join(row.parts[:-1]) for row in rows])
    if all(groups in row.record for row in rows):
        return _as_groups(rows, [row.record[groups] for row in rows])
    columns = list(rows[0].record)[1:]
    hint = f" The CSV has the columns {columns}." if columns else ""
    try:
        pattern = re.compile(groups)
    except re.error as error:
        raise ValueError(
            f"load_image_folder got groups={groups!r}, which is no regular "
            f"expression ({error}).{hint}"
        ) from None
    matches = [pattern.search(row.parts[-1]) for row in rows]
    strangers = [row.path for row, m in zip(rows, matches, strict=True) if m is None]
    if strangers:
        raise ValueError(
            f"load_image_folder found no group in {len(strangers)} of {len(rows)} "
            f"file names with groups={groups!r}, the first of them {strangers[0]!r}. "
            f"Change the regular expression, or pass a callable.{hint}"
        )
    found = [m[1] if pattern.groups else m[0] for m in matches if m]
    return _as_groups(rows, found)


def _as_groups(rows: Sequence[ImageRow], values: list[Any]) -> np.ndarray:
    for row, value in zip(rows, values, strict=True):
        if value is None or value == "":
            raise ValueError(
                f"load_image_folder found no group for {row.path!r}, and groups= told "
                "one for others. Every image needs its group."
            )
    kinds = {type(value) for value in values}
    if kinds <= {str} or kinds <= {int}:
        return np.array(values)
    # Tuples and the like, which NumPy would take for rows of a table.
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column

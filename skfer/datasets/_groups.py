"""Groups: who or what images show, from their names."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from skfer.datasets._image_row import ImageRow
from skfer.datasets._propose_groups import propose_by_names


def find_groups(rows: Sequence[ImageRow], groups: Any) -> list[Any] | None:
    """Return the group of each image.

    Parameters
    ----------
    rows : sequence of ImageRow
        The images.
    groups : str, callable or None
        A regular expression for file names, or with a slash in it for the path below
        the root; "parent", a column of the CSV, or a function from a Path to a group.
        None means subject folders, if there are any; "auto" the best of
        `propose_groups` where there are none.

    Returns
    -------
    list of length n_samples, or None
        None if no groups are known.

    Raises
    ------
    ValueError
        If an image has no group, ``groups`` is not a regular expression, or "auto"
        finds nobody.
    """
    subjects = [row.subject for row in rows]
    if groups is None or (groups == "auto" and None not in subjects):
        return None if None in subjects else subjects
    if groups == "auto":
        labels = [row.label for row in rows]
        proposals = propose_by_names([row.name for row in rows], labels)
        if not proposals:
            raise ValueError(
                'load_image_folder got groups="auto", but names such as '
                f"{rows[0].name!r} do not say who is shown. Pass a regular "
                "expression, a function or a column of a CSV, or leave groups out."
            )
        return proposals[0].groups.tolist()
    if callable(groups):
        return _check(rows, [groups(Path(row.path or row.name)) for row in rows])
    if groups == "parent":
        return _check(rows, ["/".join(row.parts[:-1]) for row in rows])
    if all(groups in row.columns for row in rows):
        return _check(rows, [row.columns[groups] for row in rows])
    columns = list(rows[0].columns)
    hint = f" The CSV has the columns {columns}." if columns else ""
    try:
        pattern = re.compile(groups)
    except re.error as error:
        raise ValueError(
            f"load_image_folder got groups={groups!r}, which is not a regular "
            f"expression ({error}).{hint}"
        ) from None
    matches = [
        pattern.search(row.name if "/" in groups else row.parts[-1]) for row in rows
    ]
    without = [row.name for row, m in zip(rows, matches, strict=True) if m is None]
    if without:
        raise ValueError(
            f"load_image_folder found no group in {len(without)} of {len(rows)} "
            f"file names with groups={groups!r}, the first of them {without[0]!r}. "
            f"Change the regular expression, or pass a callable.{hint}"
        )
    found = [m[1] if pattern.groups else m[0] for m in matches if m]
    return _check(rows, found)


def _check(rows: Sequence[ImageRow], values: list[Any]) -> list[Any]:
    for row, value in zip(rows, values, strict=True):
        if value is None or value == "":
            raise ValueError(
                f"load_image_folder found no group for {row.path!r}, but groups= gives "
                "one for others. Every image needs a group."
            )
    return values

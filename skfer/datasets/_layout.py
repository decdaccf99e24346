"""What the folders of a data set stand for: split, subject, class."""

from collections.abc import Sequence
from pathlib import Path

from skfer.datasets._image_tree import SPLITS, ImageRow

_LEVELS = {"split", "subject", "class"}


def read_layout(
    root: Path, rows: Sequence[ImageRow], layout: str | None
) -> tuple[list[ImageRow], str]:
    """Set label, split and subject of each file from the folders it lies in.

    Parameters
    ----------
    root : Path
        Named in messages.
    rows : sequence of ImageRow
        All files.
    layout : str or None
        Levels with slashes between, for instance "subject/class". None tells
        split folders from class folders by their names.

    Returns
    -------
    inside : list of ImageRow
        The files that lie deep enough to have a class.
    levels : str
        The layout.

    Raises
    ------
    ValueError
        If the layout is unknown, or can't be told.
    """
    levels = _check(layout) if layout is not None else _guess(root, rows)
    inside = [row for row in rows if len(row.parts) > len(levels)]
    for row in inside:
        for level, name in zip(levels, row.parts, strict=False):
            if level == "class":
                row.label = name
            elif level == "subject":
                row.subject = name
            else:
                row.split = SPLITS.get(name.lower(), name)
    return inside, "/".join(levels)


def _check(layout: str) -> list[str]:
    levels = layout.split("/")
    if not set(levels) <= _LEVELS or "class" not in levels:
        raise ValueError(
            f"load_image_folder got layout={layout!r}. It is made of 'class' and, "
            "where the folders have them, 'split' and 'subject', from the outermost "
            "folder inwards, for instance 'class', 'split/class' or 'subject/class'."
        )
    if len(set(levels)) < len(levels):
        raise ValueError(f"load_image_folder got layout={layout!r}, naming one twice.")
    return levels


def _guess(root: Path, rows: Sequence[ImageRow]) -> list[str]:
    inner: dict[str, set[str]] = {}
    holds_images = set()
    for row in rows:
        if not row.may_be_image:
            continue
        if len(row.parts) > 2:
            inner.setdefault(row.parts[0], set()).add(row.parts[1])
        elif len(row.parts) == 2:
            holds_images.add(row.parts[0])
    named_like_parts = {top for top in inner if top.lower() in SPLITS}
    if named_like_parts and named_like_parts == set(inner):
        return ["split", "class"]
    deep = {top: names for top, names in inner.items() if top not in holds_images}
    if len(deep) >= 2:
        shared = set.intersection(*deep.values())
        if len(shared) >= 2 or named_like_parts:
            raise ValueError(
                f"load_image_folder can't tell what the folders of {str(root)!r} stand "
                f"for: {_few(deep)} hold the folders "
                f"{_few(set.union(*deep.values()))}. Pass "
                "layout='class' if the outer folders are the classes, "
                "layout='subject/class' if the outer ones are people and the inner "
                "ones classes, or layout='split/class' if the outer ones are parts of "
                "the data."
            )
    return ["class"]


def _few(names: Sequence[str] | set[str] | dict[str, set[str]]) -> str:
    some = sorted(names)
    return ", ".join(map(repr, some[:4])) + (", ..." if len(some) > 4 else "")

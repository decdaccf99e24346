"""What the folders of a data set stand for: split, subject, class."""

from collections.abc import Sequence
from pathlib import Path

from skfer.datasets._image_tree import ImageRow

#: Names that people give to the parts of a data set, and one name for each.
SPLITS = {
    "train": "train", "training": "train",
    "val": "validation", "valid": "validation", "validation": "validation",
    "dev": "validation", "publictest": "validation",
    "test": "test", "testing": "test", "privatetest": "test",
}  # fmt: skip
_LEVELS = {"split", "subject", "class"}


def read_layout(
    root: Path, rows: Sequence[ImageRow], layout: str | None
) -> list[ImageRow]:
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
    list of ImageRow
        The files that lie deep enough to have a class.

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
    return inside


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
    has_files_outside = set()
    for row in rows:
        if len(row.parts) > 2:
            inner.setdefault(row.parts[0], set()).add(row.parts[1])
        elif len(row.parts) == 2:
            has_files_outside.add(row.parts[0])
    tops = set(inner) | has_files_outside
    if tops and all(top.lower() in SPLITS for top in tops) and not has_files_outside:
        return ["split", "class"]
    if len(inner) >= 2 and not has_files_outside:
        shared = set.intersection(*inner.values())
        if len(shared) >= 2:
            raise ValueError(
                f"load_image_folder can't tell what the folders of {str(root)!r} stand "
                f"for: {_few(inner)} all hold folders named {_few(shared)}. Pass "
                "layout='class' if the outer folders are the classes, "
                "layout='subject/class' if the outer ones are people and the inner "
                "ones classes, or layout='split/class' if the outer ones are parts of "
                "the data."
            )
    return ["class"]


def _few(names: Sequence[str] | set[str] | dict[str, set[str]]) -> str:
    some = sorted(names)
    return ", ".join(map(repr, some[:4])) + (", ..." if len(some) > 4 else "")

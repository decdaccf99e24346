"""What a table of images holds, in a few lines of text."""

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from skfer._image_files import list_failures
from skfer._text import count_of

if TYPE_CHECKING:
    from skfer.datasets._image_table import ImageTable


def summarize(table: "ImageTable") -> str:
    """Write a table of classes and parts, and the people, sizes, formats and problems.

    Parameters
    ----------
    table : ImageTable
        The images.

    Returns
    -------
    str
        To print.
    """
    where = f" from {table.origin}" if table.origin else ""
    unreadable = int((~table.is_readable).sum())
    read = table[table.is_readable]
    if table.target is None:
        lines = [f"{len(read):,} images{where}"]
    else:
        lines = _count_classes(read, where)
    if table.groups is not None:
        n = len(set(read.groups.tolist()))
        lines.append(f"people or other groups: {n:,}")
    lines.append(f"sizes: {_sizes(read)}")
    if "format" in table.columns:
        formats = Counter(read["format"].tolist()).most_common()
        lines.append("formats: " + ", ".join(f"{name} {n:,}" for name, n in formats))
    if unreadable:
        lines.append(
            f"not readable, kept for the audit: {count_of(unreadable, 'file')}"
        )
    if table.left_out:
        lines.append(f"left out: {count_of(len(table.left_out), 'file')}")
        lines.append(list_failures(table.left_out))
    lines += table.notes
    lines += [f"problem: {problem}" for problem in table.problems]
    return "\n".join(lines)


def describe_people(table: "ImageTable") -> str:
    """Say how many people are known to be shown."""
    if table.groups is None:
        return "people unknown"
    n = len(set(table[table.is_readable].groups.tolist()))
    if table.groups_are_videos:
        return f"{count_of(n, 'video')}, people unknown"
    return f"{n:,} people or other groups"


def _count_classes(table: "ImageTable", where: str) -> list[str]:
    labels = table.target.tolist()
    names = sorted(set(labels), key=str)
    lines = [f"{len(table):,} images of {len(names)} classes{where}"]
    width = max(len(str(name)) for name in (*names, "all"))
    split = [None] * len(labels) if table.split is None else table.split.tolist()
    order = {"train": 0, "validation": 1, "test": 2}
    parts = sorted({part for part in split if part is not None}, key=order.__getitem__)
    counts = Counter(zip(labels, split, strict=True))
    columns = [max(len(part), 7) for part in parts]
    if parts:
        heads = [f"{part:>{w}}" for part, w in zip(parts, columns, strict=True)]
        lines.append(" " * (width + 2) + "  ".join([*heads, "    all"]))
    for name in (*names, "all"):
        chosen = names if name == "all" else [name]
        cells = [
            f"{sum(counts[n, part] for n in chosen):>{w},}"
            for part, w in zip(parts, columns, strict=True)
        ]
        total = sum(n for (label, _), n in counts.items() if label in chosen)
        lines.append(f"  {name!s:<{width}}" + "  ".join([*cells, f"{total:>7,}"]))
    return lines


def _sizes(table: "ImageTable") -> str:
    if "width" in table.columns:
        sides = {*zip(table["width"].tolist(), table["height"].tolist(), strict=True)}
    else:
        shapes = {np.shape(image)[:2] for image in table.X}
        sides = {shape[::-1] for shape in shapes if len(shape) == 2}
    sizes = sorted(sides, key=lambda side: side[0] * side[1])
    if not sizes:
        return "unknown"
    if len(sizes) == 1:
        return f"all {sizes[0][0]}x{sizes[0][1]}"
    small, large = sizes[0], sizes[-1]
    return f"{small[0]}x{small[1]} to {large[0]}x{large[1]}, {len(sizes)} different"

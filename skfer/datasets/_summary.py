"""What a folder of images holds, in a few lines of text."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from skfer.datasets._image_tree import ImageRow


def summarize(
    root: Path, rows: Sequence[ImageRow], problems: Sequence[str], left_out: str
) -> str:
    """Write a table of classes and splits, and the sizes, formats and problems.

    Parameters
    ----------
    root : Path
        Where the images are from.
    rows : sequence of ImageRow
        The images.
    problems : sequence of str
        What is odd, a sentence each.
    left_out : str
        How many files were left out.

    Returns
    -------
    str
        To print.
    """
    listed, rows = rows, [row for row in rows if row.reason is None]
    splits = sorted({row.split for row in rows if row.split is not None})
    counts = Counter((row.label, row.split) for row in rows)
    names = sorted({row.label for row in rows})
    width = max(len(name) for name in (*names, "all"))
    lines = [f"{len(rows):,} images of {len(names)} classes in {root}"]
    columns = [max(len(split), 7) for split in splits]
    if splits:
        heads = [f"{s:>{w}}" for s, w in zip(splits, columns, strict=True)]
        lines.append(" " * (width + 2) + "  ".join([*heads, "    all"]))
    for name in (*names, "all"):
        chosen = names if name == "all" else [name]
        cells = [
            f"{sum(counts[n, s] for n in chosen):>{w},}"
            for s, w in zip(splits, columns, strict=True)
        ]
        total = sum(n for (label, _), n in counts.items() if label in chosen)
        lines.append(f"  {name:<{width}}" + "  ".join([*cells, f"{total:>7,}"]))
    formats = Counter(row.header for row in rows).most_common()
    lines.append(f"sizes: {_sizes(rows)}")
    lines.append("formats: " + ", ".join(f"{name} {n:,}" for name, n in formats))
    kept = "" if len(listed) == len(rows) else " (kept for the audit)"
    lines.append(f"no images: {left_out}{kept}")
    lines += [f"problem: {problem}" for problem in problems]
    return "\n".join(lines)


def _sizes(rows: Sequence[ImageRow]) -> str:
    sizes = sorted({row.size for row in rows}, key=lambda size: size[0] * size[1])
    if not sizes:
        return "none"
    if len(sizes) == 1:
        return f"all {sizes[0][0]}x{sizes[0][1]}"
    small, large = sizes[0], sizes[-1]
    return f"{small[0]}x{small[1]} to {large[0]}x{large[1]}, {len(sizes)} different"

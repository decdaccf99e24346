"""What the folders of a data set stand for: split, subject, class."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from skfer.datasets._image_row import PARTS, ImageRow, may_hold_image

_LEVELS = {"split", "subject", "class"}
# Words that name an expression or what a face does.
_EXPRESSIONS = {
    "afraid", "anger", "angry", "bored", "calm", "contempt", "disgust", "disgusted",
    "excited", "fear", "fearful", "happiness", "happy", "laughing", "neutral", "pain",
    "sad", "sadness", "scared", "sleepy", "smile", "smiling", "surprise", "surprised",
    "tired",
}  # fmt: skip
# Names that sound like a part of the data, whether known or not.
_PART = re.compile(
    r"(train|training|test|testing|val|valid|validation|dev|eval|evaluation"
    r"|hold[ _-]?(out|back))([ _.-]?(set|data|images|part|split|\d+))?",
    re.IGNORECASE,
)
# Names of subject folders as used in studies: S001, Subject_12, person 3, p07, 0042.
# A number of one or two digits may well be a class.
_PERSON = re.compile(
    r"(s|p|subj|subject|person|participant|proband|actor|user|id)[ _.-]*\d+|\d{3,}",
    re.IGNORECASE,
)


def assign_levels(
    root: Path, rows: Sequence[ImageRow], layout: str | None
) -> tuple[list[ImageRow], str]:
    """Set label, part and subject of each file from the folders it lies in.

    Parameters
    ----------
    root : Path
        The root folder, for error messages.
    rows : sequence of ImageRow
        All files.
    layout : str or None
        Levels with slashes between, for instance "subject/class". None recognises
        parts, people and classes by the names of the folders.

    Returns
    -------
    inside : list of ImageRow
        The files that lie deep enough to have a class.
    layout : str
        The layout.

    Raises
    ------
    ValueError
        If the layout is unknown, or can't be recognised.
    """
    levels = _check(layout) if layout is not None else _recognise(root, rows)
    inside = [row for row in rows if len(row.parts) > len(levels)]
    for row in inside:
        for level, name in zip(levels, row.parts, strict=False):
            if level == "class":
                row.label = name
            elif level == "subject":
                row.subject = name
            else:
                row.part = name
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


def _recognise(root: Path, rows: Sequence[ImageRow]) -> list[str]:
    images = [row.parts for row in rows if may_hold_image(row.name)]
    tops = {parts[0] for parts in images if len(parts) > 2}
    named_like_parts = {top for top in tops if top.lower() in PARTS}
    if named_like_parts and named_like_parts == tops:
        below = [parts[1:] for parts in images if len(parts) > 2]
        return ["split", *_recognise_people(root, below, "split/")]
    unknown = sorted(top for top in tops - named_like_parts if _PART.fullmatch(top))
    if unknown:
        raise ValueError(
            f"load_image_folder found the folders {_few(tops)} in {str(root)!r}, and "
            f"{unknown[0]!r} sounds like a part of the data but is not the name of "
            "one. Rename it to train, validation or test; or pass "
            "layout='subject/class' or 'class' if it is none."
        )
    return _recognise_people(root, images, "", bool(named_like_parts))


def _recognise_people(
    root: Path,
    images: Sequence[tuple[str, ...]],
    prefix: str,
    has_parts: bool = False,
) -> list[str]:
    """Distinguish class folders from folders of people that hold class folders."""
    inner: dict[str, set[str]] = {}
    for parts in images:
        if len(parts) > 2:
            inner.setdefault(parts[0], set()).add(parts[1])
    holds_images = {parts[0] for parts in images if len(parts) == 2}
    deep = {top: names for top, names in inner.items() if top not in holds_images}
    if len(deep) < 2:
        return ["class"]
    below = set.union(*deep.values())
    if _are_expressions(deep):
        return ["class"]
    if _are_expressions(below) or (
        all(map(_PERSON.fullmatch, deep)) and not all(map(_PERSON.fullmatch, below))
    ):
        return ["subject", "class"]
    if len(set.intersection(*deep.values())) >= 2 or has_parts:
        raise ValueError(
            f"load_image_folder can't tell what the folders of {str(root)!r} stand "
            f"for: {_few(deep)} hold the folders {_few(below)}. Pass "
            f"layout='{prefix}class' if the outer folders are the classes, "
            f"layout='{prefix}subject/class' if the outer ones are people and the "
            "inner ones classes, or layout='split/class' if the outer ones are parts "
            "of the data."
        )
    return ["class"]


def _are_expressions(names: Iterable[str]) -> bool:
    words = {name.lower() for name in names}
    return len(words & _EXPRESSIONS) >= max(2, len(words) / 2)


def _few(names: Iterable[str]) -> str:
    some = sorted(names)
    return ", ".join(map(repr, some[:4])) + (", ..." if len(some) > 4 else "")

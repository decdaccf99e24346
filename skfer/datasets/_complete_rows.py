"""From the rows of any reader to the table of images: names, checks, groups."""

import os
import unicodedata
import warnings
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from skfer._image_files import UnreadableImageError, list_failures, open_image
from skfer._text import count_of, printable
from skfer.datasets._fingerprints import Fingerprints, fingerprint
from skfer.datasets._groups import find_groups
from skfer.datasets._image_row import ImageRow, name_part
from skfer.datasets._image_table import ImageTable


@dataclass
class Rules:
    """The user's options for the rows, whichever reader they come from."""

    classes: Sequence[str] | None = None
    class_names: Mapping[Any, str] | None = None
    fold_case: bool = False
    groups: Any = None
    on_error: Literal["raise", "skip", "keep"] = "raise"
    check: Literal["header", "pixels"] = "header"
    # What readers noticed: problems, which cause a warning, and notes.
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.on_error not in ("raise", "skip", "keep"):
            raise ValueError(
                f"load_image_folder got on_error={self.on_error!r}. It must be "
                "'raise', 'skip' or 'keep'."
            )
        if self.check not in ("header", "pixels"):
            raise ValueError(
                f"load_image_folder got check={self.check!r}. It must be 'header' or "
                "'pixels'."
            )
        if isinstance(self.classes, str):
            raise ValueError(
                f"load_image_folder got classes={self.classes!r}. It must be a list of "
                f"folder names, for instance [{self.classes!r}, ...]."
            )


def complete_rows(
    rows: list[ImageRow],
    rules: Rules,
    origin: str,
    explain_too_few: Callable[[list[str]], str],
) -> ImageTable:
    """Check rows, leave out files that are not images, and build the table.

    Parameters
    ----------
    rows : list of ImageRow
        From a reader.
    rules : Rules
        The user's options.
    origin : str
        Where the images are from.
    explain_too_few : callable
        Maps the names of the classes found, fewer than two, to the text of the
        error.

    Returns
    -------
    ImageTable
        With the columns target, status, source, and where known groups, split, width,
        height, format and those of a table of labels.

    Raises
    ------
    ValueError
        If files can't be read, a class is missing, or fewer than two are left.
    """
    for row in rows:
        row.label = _rename(row.label, rules)
        _check_part(row)
    rows, repeated = _join_repeated(rows)
    problems = [*rules.problems, *repeated]
    if rules.classes is not None:
        rows = _choose(rows, rules.classes, origin)
    prints = _examine(rows, rules)
    failures = [row for row in rows if row.status and row.claims_to_be_image]
    _report_failures(failures, rules.on_error)
    kept = np.array([not row.status or rules.on_error == "keep" for row in rows], bool)
    left_out = rules.left_out + [
        _name_failure(row) for row, k in zip(rows, kept, strict=True) if not k
    ]
    others = [row for row in rows if row.status and not row.claims_to_be_image]
    if others and rules.on_error != "keep":
        entries = list_failures([_name_failure(row) for row in others])
        problems.append(
            f"left out, because they are not images: {count_of(len(others), 'file')} "
            f"in class folders:\n{entries}"
        )
    rows = [row for row, k in zip(rows, kept, strict=True) if k]
    good = [row for row in rows if not row.status]
    names = sorted({row.label for row in rows})
    if len(names) < 2:
        raise ValueError(explain_too_few(names))
    problems += _odd_classes(good)
    if problems:
        warnings.warn("; ".join(problems), UserWarning, stacklevel=3)
    table = _make_table(rows, rules, origin, problems, left_out)
    if prints is not None:
        table._fingerprints = prints.take(np.flatnonzero(kept))
    return table


def _name_failure(row: ImageRow) -> tuple[str, str]:
    place = printable(row.path or row.name)
    return f"{place} ({row.source})" if row.source else place, row.status


def _clean(name: object) -> str:
    """Return the one form of a name that may have several in Unicode, or blanks."""
    text = str(name)
    # File names are UTF-8, even where the locale says that they are ASCII.
    with suppress(UnicodeEncodeError):
        text = os.fsencode(text).decode("utf-8", "surrogateescape")
    return printable(unicodedata.normalize("NFC", text).strip())


def _rename(label: str, rules: Rules) -> str:
    label = _clean(label)
    if rules.class_names is not None and label:
        names = {_clean(key): _clean(name) for key, name in rules.class_names.items()}
        if label not in names:
            raise ValueError(
                f"load_image_folder found the class {label!r}, for which class_names "
                f"has no name. It has names for {sorted(names)}."
            )
        label = names[label]
    return label.lower() if rules.fold_case else label


def _check_part(row: ImageRow) -> None:
    if row.part:
        try:
            name_part(row.part)
        except ValueError as error:
            where = f"{row.name} ({row.source})" if row.source else row.name
            raise ValueError(f"load_image_folder, {where}: {error}") from None


def _join_repeated(rows: list[ImageRow]) -> tuple[list[ImageRow], list[str]]:
    """Count a file that a table lists several times once; refuse contradictions."""
    by_name: dict[str, list[ImageRow]] = {}
    for row in rows:
        if not row.status:
            by_name.setdefault(row.name, []).append(row)
    repeated = []
    for same in by_name.values():
        labels = list(dict.fromkeys(row.label for row in same))
        parts = {row.part for row in same}
        if len(labels) > 1:
            why = f"it has two labels, {labels[0]!r} and {labels[1]!r}"
        elif len(parts) > 1:
            why = f"it is listed in several parts, {sorted(map(str, parts))}"
        elif any(row.columns != same[0].columns for row in same):
            names = [
                name
                for name, value in same[0].columns.items()
                if any(row.columns.get(name) != value for row in same)
            ]
            why = f"it is listed with several values of {', '.join(names)}"
        else:
            repeated += same[1:]
            continue
        for row in same:
            row.status = why
    if not repeated:
        return rows, []
    left_out = set(map(id, repeated))
    first = repeated[0]
    return [row for row in rows if id(row) not in left_out], [
        f"listed more than once: {count_of(len(repeated), 'file')}, the first "
        f"{first.name} ({first.source}); they count once"
    ]


def _choose(
    rows: list[ImageRow], classes: Sequence[str], origin: str
) -> list[ImageRow]:
    there = sorted({row.label for row in rows})
    wanted = set(map(_clean, classes))
    if missing := sorted(wanted - set(there)):
        raise ValueError(
            f"load_image_folder found no folder for the classes {missing} in "
            f"{origin!r}. It holds the classes {there}."
        )
    return [row for row in rows if row.label in wanted]


def _examine(rows: list[ImageRow], rules: Rules) -> Fingerprints | None:
    """Set the status of every row, by its header or by all of its pixels."""
    if not rows or rows[0].pixels is not None:
        return None
    if rules.check == "header":
        for row in rows:
            if not row.status:
                examine_header(row)
        return None
    prints = fingerprint([row.path for row in rows], -1)
    for number, row in enumerate(rows):
        row.status = row.status or prints.reason[number]
        row.width, row.height = int(prints.width[number]), int(prints.height[number])
        row.format = f"{prints.format[number]} {prints.mode[number]}".strip()
    return prints


def examine_header(row: ImageRow) -> None:
    """Read the header of a file: size and format, or why it can't be read."""
    try:
        with open_image(row.path) as image:
            row.width, row.height = image.size
            row.format = f"{image.format} {image.mode}"
    except UnreadableImageError as error:
        row.status = str(error)


def _report_failures(failures: Sequence[ImageRow], on_error: str) -> None:
    if not failures or on_error == "keep":
        return
    listed = list_failures([_name_failure(row) for row in failures])
    files = count_of(len(failures), "file")
    text = f"load_image_folder can't read {files}:\n{listed}\n"
    if on_error == "raise":
        raise UnreadableImageError(
            text + 'Repair or remove them, or pass on_error="skip".'
        )
    warnings.warn(text + "They are left out.", UserWarning, stacklevel=4)


def _odd_classes(rows: Sequence[ImageRow]) -> list[str]:
    folded: dict[str, set[str]] = {}
    for name in {row.label for row in rows}:
        folded.setdefault(name.lower(), set()).add(name)
    problems = [
        f"the classes {sorted(names)} differ in case only; pass fold_case=True to make "
        "them one"
        for names in folded.values()
        if len(names) > 1
    ]
    of_part: dict[str, set[str]] = {}
    for row in rows:
        if row.part is not None:
            of_part.setdefault(row.part, set()).add(row.label)
    everything = {row.label for row in rows}
    for part, names in sorted(of_part.items()):
        if missing := sorted(everything - names):
            problems.append(f"the part {part!r} has no images of {missing}")
    return problems


def _find_groups(rows: list[ImageRow], rules: Rules) -> list[Any] | None:
    good = [row for row in rows if not row.status]
    found = find_groups(good, rules.groups) if good else None
    if found is None:
        return None
    if rules.groups == "auto":
        n, name = len(set(found)), good[0].parts[-1]
        example = name if str(found[0]).lower() in name.lower() else good[0].name
        rules.notes.append(
            f"groups guessed: {n:,} people, for instance {found[0]!r} of {example!r}"
        )
    known = dict(zip(map(id, good), found, strict=True))
    return [known.get(id(row), "not readable") for row in rows]


def _name_column(name: str, taken: set[str]) -> str:
    """Return a name for a column of a CSV that means nothing else in a table."""
    name = name.lstrip("_") or "column"
    while name in taken or hasattr(ImageTable, name):
        name += "_"
    taken.add(name)
    return name


def _make_table(
    rows: list[ImageRow],
    rules: Rules,
    origin: str,
    problems: list[str],
    left_out: list[tuple[str, str]],
) -> ImageTable:
    counts = Counter(name for row in rows for name in row.columns)
    shared = [name for name, n in counts.items() if n == len(rows)]
    columns: dict[str, Any] = {
        name: [row.columns[name] for row in rows] for name in shared
    }
    # A table of labels may use a name that means something else here.
    taken = {
        *ImageTable._RESERVED, *ImageTable._OPTIONAL,
        "source", "split_name", "width", "height", "format",
    }  # fmt: skip
    groups = _find_groups(rows, rules)
    columns = {
        _name_column(name, taken): values
        for name, values in columns.items()
        if name != "group" or values != groups
    }
    if rows[0].pixels is not None:
        X: Any = np.stack([np.asarray(row.pixels) for row in rows])
    else:
        X = np.empty(len(rows), dtype=object)
        X[:] = [row.path for row in rows]
        for name in ("width", "height", "format"):
            columns[name] = [getattr(row, name) for row in rows]
    # What can't be read needs no part and no group of its own.
    parts: list[str | None] = [row.part for row in rows]
    if any(parts):
        parts = [
            p or ("train" if r.status else None)
            for p, r in zip(parts, rows, strict=True)
        ]
    return ImageTable(
        X,
        np.array([row.label for row in rows]),
        groups=groups,
        split=None if None in parts else parts,
        status=[row.status for row in rows],
        target_names=sorted({row.label for row in rows}),
        source=[row.source or origin for row in rows],
        origin=origin,
        notes=rules.notes,
        problems=problems,
        left_out=left_out,
        **columns,
    )

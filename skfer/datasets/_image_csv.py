"""Labels from a CSV file beside the images."""

import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath

from skfer._archives import read_member
from skfer.datasets._image_tree import SPLITS, ImageRow

_PATH_NAMES = ("path", "file", "filename", "file_name", "image", "image_path", "name")
_LABEL_NAMES = ("label", "class", "emotion", "expression", "target", "category")
_LINE = ""  # No column is named so.
_SPLIT_NAMES = ("split", "usage", "part", "set")


def read_image_csv(
    root: Path,
    name: str,
    rows: Sequence[ImageRow],
    path_column: str | None,
    label_column: str | None,
    rename: Callable[[str], str],
) -> tuple[list[ImageRow], list[tuple[str, str]], list[str]]:
    """Find the file of each row of a CSV.

    Parameters
    ----------
    root : Path
        The folder, perhaps in an archive.
    name : str
        The CSV, relative to the root or absolute.
    rows : sequence of ImageRow
        All files below the root.
    path_column, label_column : str or None
        Names of columns; None looks for the usual ones.
    rename : callable
        From a label of the CSV to the name of its class.

    Returns
    -------
    rows : list of ImageRow
        One for each row of the CSV that has a file.
    failures : list of (name, reason)
        Rows without a file, rows without a label, files with two labels.
    problems : list of str
        Files listed twice.

    Raises
    ------
    ValueError
        If the CSV can't be read, or has no such column.
    """
    records = _read(root, name)
    columns = list(records[0])[1:]
    path_column = _column(name, columns, path_column, _PATH_NAMES, "path_column")
    label_column = _column(name, columns, label_column, _LABEL_NAMES, "label_column")
    split_column = next((c for c in columns if c.lower() in _SPLIT_NAMES), None)
    known = {row.name: row for row in rows}
    found: dict[str, ImageRow] = {}
    failures: dict[str, str] = {}
    repeated: list[str] = []
    contradicted: set[str] = set()
    for record in records:
        file = PurePosixPath(record[path_column].strip().replace("\\", "/"))
        label = rename(record[label_column].strip())
        split = record[split_column].strip() if split_column else None
        row = known.get(str(file))
        where = f"{file} (line {record[_LINE]} of {name})"
        if row is None:
            failures[where] = "there is no such file"
        elif not label:
            failures[where] = "it has no label"
        elif split == "":
            failures[where] = f"its column {split_column!r} is empty"
        elif row.name not in found:
            row.label, row.record = label, record
            if split is not None:
                row.split = SPLITS.get(split.lower(), split)
            found[row.name] = row
        elif found[row.name].label != label:
            failures[where] = f"it has two labels, {row.label!r} and {label!r}"
        else:
            repeated.append(where)
        if row is not None and where in failures:
            contradicted.add(row.name)
    problems = []
    if repeated:
        problems.append(
            f"{name} lists {len(repeated)} files more than once, the first "
            f"{repeated[0]}; they count once"
        )
    kept = [row for name, row in found.items() if name not in contradicted]
    return kept, list(failures.items()), problems


def _read(root: Path, name: str) -> list[dict[str, str]]:
    place = root / name
    try:
        content = place.read_bytes() if place.is_file() else read_member(place)
    except OSError as error:
        raise FileNotFoundError(
            f"load_image_folder can't read the CSV {str(place)!r}: {error}. Check "
            "csv=, which is relative to the folder."
        ) from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{str(place)!r} is no CSV in UTF-8 ({error}). Save it again as UTF-8."
        ) from None
    try:
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        lines = [(reader.line_num, line) for line in reader if line]
    except csv.Error as error:
        raise ValueError(f"{str(place)!r} is no CSV ({error}).") from None
    if len(lines) < 2:
        raise ValueError(
            f"{str(place)!r} holds {len(lines)} lines of text. It needs a line of "
            "column names and a line for each image."
        )
    head = [column.strip() for column in lines[0][1]]
    if len(set(head)) < len(head) or "" in head:
        raise ValueError(
            f"{str(place)!r} names a column twice, or has one without a name: {head}."
        )
    for number, line in lines:
        if len(line) != len(head):
            raise ValueError(
                f"Line {number} of {str(place)!r} has {len(line)} fields, and the "
                f"first line names {len(head)} columns."
            )
    return [
        {_LINE: str(number), **dict(zip(head, line, strict=True))}
        for number, line in lines[1:]
    ]


def _column(
    name: str,
    columns: Sequence[str],
    wanted: str | None,
    usual: Sequence[str],
    parameter: str,
) -> str:
    if wanted is not None:
        if wanted in columns:
            return wanted
        raise ValueError(
            f"load_image_folder got {parameter}={wanted!r}, and {name} has the columns "
            f"{list(columns)}."
        )
    matches = [column for column in columns if column.lower() in usual]
    if len(matches) != 1:
        found = f"both {matches}" if matches else "none of the usual names"
        raise ValueError(
            f"load_image_folder can't tell which column of {name} to take: {found} "
            f"among {list(columns)}. Pass {parameter}=."
        )
    return matches[0]

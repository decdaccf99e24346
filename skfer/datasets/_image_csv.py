"""Labels from a CSV file beside the images."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from skfer._archives import read_member
from skfer.datasets._image_row import ImageRow

_PATH_NAMES = ("path", "file", "filename", "file_name", "image", "image_path", "name")
_LABEL_NAMES = ("label", "class", "emotion", "expression", "target", "category")
_PART_NAMES = ("split", "usage", "part", "set")
_GROUP_NAMES = (
    "group", "groups", "subject", "subject_id", "person", "person_id", "participant",
    "participant_id",
)  # fmt: skip
# Columns that every table has; one that was saved as a CSV may be read again.
_OWN_NAMES = {"status", "source", "width", "height", "format"}


def read_labels(
    root: Path,
    name: str,
    files: Sequence[ImageRow],
    path_column: str | None = None,
    label_column: str | None = None,
) -> tuple[list[ImageRow], str]:
    """Find the file of each row of a CSV.

    Parameters
    ----------
    root : Path
        The folder, perhaps in an archive.
    name : str
        The CSV, relative to the root or absolute.
    files : sequence of ImageRow
        All files below the root.
    path_column, label_column : str, default=None
        Names of columns; None looks for the usual ones.

    Returns
    -------
    rows : list of ImageRow
        One for each row of the CSV, even if the file does not exist, has no label or
        is listed again; ``status`` records the first two cases.
    note : str
        Which column says who is shown, or why it is not used; empty if none does.

    Raises
    ------
    ValueError
        If the CSV can't be read, or has no such column.
    """
    head, lines = _read(root, name)
    path_column = _column(name, head, path_column, _PATH_NAMES, "path_column")
    label_column = _column(name, head, label_column, _LABEL_NAMES, "label_column")
    part_column = next((c for c in head if c.lower() in _PART_NAMES), None)
    group_column, note = _find_groups(head, lines)
    used = {path_column, label_column, part_column}
    if set(head) >= _OWN_NAMES:
        used |= _OWN_NAMES
    known = {row.name: row for row in files}
    rows = []
    for number, line in lines:
        record = dict(zip(head, line, strict=True))
        file = str(PurePosixPath(record[path_column].strip().replace("\\", "/")))
        if Path(file).is_absolute() and Path(file).is_relative_to(root.resolve()):
            file = Path(file).relative_to(root.resolve()).as_posix()
        found = known.get(file)
        row = ImageRow(
            file,
            str(root / file) if found is None else found.path,
            label=record[label_column].strip(),
            part=record[part_column].strip() if part_column else None,
            subject=record[group_column].strip() if group_column else None,
            source=f"line {number} of {name}",
            columns={k: value for k, value in record.items() if k not in used},
        )
        if found is None:
            row.status = "there is no such file"
        elif not row.label:
            row.status = "it has no label"
        elif row.part == "":
            row.status = f"its column {part_column!r} is empty"
        rows.append(row)
    return rows, note


def _find_groups(head: list[str], lines: list) -> tuple[str | None, str]:
    """Return the column that says who is shown, and a note about it."""
    found = [column for column in head if column.lower() in _GROUP_NAMES]
    if not found:
        return None, ""
    if len(found) > 1:
        return None, f"groups unknown: which of the columns {found}? Pass groups="
    place = head.index(found[0])
    if empty := [number for number, line in lines if not line[place].strip()]:
        return None, (
            f"groups unknown: the column {found[0]!r} is empty in {len(empty)} lines, "
            f"the first is {empty[0]}"
        )
    return found[0], f"groups: from the column {found[0]!r} of the CSV"


def _read(root: Path, name: str) -> tuple[list[str], list]:
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
            f"{str(place)!r} is not a CSV in UTF-8 ({error}). Save it again as UTF-8."
        ) from None
    return _split_lines(text, str(place))


def _split_lines(text: str, place: str) -> tuple[list[str], list]:
    """Return the names of the columns, and number and fields of every further line."""
    try:
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        lines = [(reader.line_num, line) for line in reader if line]
    except csv.Error as error:
        raise ValueError(f"{place!r} is not a CSV ({error}).") from None
    if len(lines) < 2:
        raise ValueError(
            f"{place!r} holds {len(lines)} lines of text. It needs a line of column "
            "names and a line for each image."
        )
    head = [column.strip() for column in lines[0][1]]
    if len(set(head)) < len(head) or "" in head:
        raise ValueError(
            f"{place!r} names a column twice, or has one without a name: {head}."
        )
    for number, line in lines:
        if len(line) != len(head):
            raise ValueError(
                f"Line {number} of {place!r} has {len(line)} fields, but the first "
                f"line names {len(head)} columns."
            )
    return head, lines[1:]


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
            f"load_image_folder got {parameter}={wanted!r}, but {name} has the columns "
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

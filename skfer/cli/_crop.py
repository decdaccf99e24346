"""``skfer crop``."""

import argparse
import csv
from collections import Counter
from pathlib import Path
from typing import Any

from rich.console import Console

from skfer._text import as_cell, count_of, printable
from skfer._writing import check_folder, written_aside
from skfer.cli._files import name_files, refuse_existing, write_image
from skfer.cli._options import add_reading_options, has_label_file, read_table, say
from skfer.datasets import ImageTable
from skfer.faces import CroppedFaces, FaceCropper
from skfer.faces._blaze_face import check_installed
from skfer.faces._detected_faces import POINTS
from skfer.prediction import list_pictures

_TABLE = "faces.csv"
_CHUNK = 64  # Photographs whose faces are in memory at once.


def add_parser(commands: Any) -> None:
    """Add the command to the parser of ``skfer``."""
    parser = commands.add_parser(
        "crop",
        help="cut the faces out of photographs",
        description="Cut the largest face out of each photograph, turn it upright, "
        f"and write it into class folders, with a table {_TABLE} of what was found. A "
        "folder of pictures without classes is taken too. "
        "Needs skfer[faces].",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.set_defaults(run=run)
    add = parser.add_argument
    add("path", metavar="IN", help="folder, zip archive or CSV, as for compare")
    add("output", metavar="OUT", help="folder to write to")
    add_reading_options(parser)
    add("--size", type=int, default=224, help="height and width of the faces in pixels")
    add(
        "--padding",
        type=float,
        default=FaceCropper().padding,
        help="what to add on each side, as a share of the face",
    )
    add("--no-align", action="store_true", help="do not turn faces upright")
    add(
        "--on-missing",
        choices=("full", "center", "leave-out"),
        default="full",
        help="what to write of photographs without a face: all of it, the square in "
        f"its centre, or nothing; they are rows of {_TABLE} anyway",
    )
    add("--overwrite", action="store_true", help="replace files that exist")


def run(options: argparse.Namespace) -> int:
    """Read, look for faces, and write one after the other."""
    console = Console()
    check_folder(options.output, "OUT")
    leaves_out = options.on_missing == "leave-out"
    cropper = FaceCropper(
        options.size,
        padding=options.padding,
        align=not options.no_align,
        on_missing="full" if leaves_out else options.on_missing,
        on_error="blank",
        n_jobs=-1,
    )
    check_installed()
    table = _read(options)
    say(console, table.summary)
    output = Path(options.output)
    if table.paths is None:
        raise ValueError("skfer crop needs files, but these are rows of pixels.")
    files = name_files(
        table, "skfer crop", None if has_label_file(options) else Path(options.path)
    )
    if not options.overwrite:
        refuse_existing(output, [*files, _TABLE])
    table_file = output / _TABLE
    with (
        written_aside(table_file) as aside,
        aside.open("w", newline="", encoding="utf-8") as file,
        console.status("Looking for faces"),
    ):
        lines = csv.writer(file)
        lines.writerow(_head())
        counts = _crop_all(table, cropper, files, output, leaves_out, lines)
    say(
        console,
        f"{counts['found']:,} of {count_of(len(table), 'photograph')} show a face; "
        f"{counts['missing']:,} show none, and {counts['unreadable']:,} can't be read. "
        f"Written to {printable(output)}, with {_TABLE}.",
    )
    return 0


def _read(options: argparse.Namespace) -> ImageTable:
    """Read photographs, which need no classes to be cropped."""
    path = Path(options.path)
    if path.is_dir() and not has_label_file(options):
        inside = (one for one in path.iterdir() if not one.name.startswith("."))
        if not any(one.is_dir() for one in inside):
            return list_pictures(path)
    return read_table(options.path, options, on_error="keep")


def _crop_all(
    table: ImageTable,
    cropper: FaceCropper,
    files: list[str],
    output: Path,
    leaves_out: bool,
    lines: Any,
) -> Counter[str]:
    """Write each face and its line, and return how many there are of each status."""
    counts: Counter[str] = Counter()
    unwritten = {"unreadable", "missing"} if leaves_out else {"unreadable"}
    for start in range(0, len(table), _CHUNK):
        rows = list(range(start, min(start + _CHUNK, len(table))))
        cropped = cropper.crop(table[rows].X)
        counts.update(cropped.status.tolist())
        for place, row in enumerate(rows):
            name = "" if cropped.status[place] in unwritten else files[row]
            if name:
                write_image(output / name, cropped.images[place])
            lines.writerow(_line(table, row, name, cropped, place))
    return counts


def _head() -> list[str]:
    points = [f"{point}_{axis}" for point in POINTS for axis in "xy"]
    return ["source", "file", "class", "status", "faces", "left", "top", "right",
            "bottom", "score", *points]  # fmt: skip


def _line(
    table: ImageTable, row: int, name: str, cropped: CroppedFaces, place: int
) -> list[Any]:
    """Return what was found in a photograph, in its own pixels."""
    faces, number = cropped.faces, int(cropped.faces.largest[place])
    found: list[Any] = [""] * (5 + 2 * len(POINTS))
    if number >= 0:
        numbers = [
            *faces.box[number],
            faces.score[number],
            *faces.points[number].ravel(),
        ]
        found = [f"{value:.3f}" for value in numbers]
    status = cropped.status[place]
    label = "" if table.target is None else table.target[row]
    about = [as_cell(str(text)) for text in (table.X[row], name, label, status)]
    return [*about, int(faces.count[place]), *found]

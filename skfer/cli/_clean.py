"""``skfer clean``."""

import argparse
import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from skfer._archives import read_member
from skfer._decoding import decode_all
from skfer._text import as_cell, count_of, printable
from skfer._videos import split_frame
from skfer._writing import check_folder, written_aside
from skfer.cli._files import name_files, refuse_existing, write_image
from skfer.cli._options import (
    add_reading_options,
    has_label_file,
    keep,
    read_table,
    say,
)
from skfer.datasets import ImageAudit, ImageTable, audit_images
from skfer.faces import FaceCropper
from skfer.faces._blaze_face import check_installed

_LEFT_OUT, _LABELS = "left-out.csv", "labels.csv"
_CHUNK = 64  # Photographs whose faces are in memory at once.


def add_parser(commands: Any) -> None:
    """Add the command to the parser of ``skfer``."""
    parser = commands.add_parser(
        "clean",
        help="copy the images that are worth keeping",
        description="Audit images, and copy those that are worth keeping to another "
        "folder: the largest of each group of copies, none that can't be read, none "
        f"that is blank. {_LEFT_OUT} says of each other file why it is not there. IN "
        "is not changed.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.set_defaults(run=run)
    add = parser.add_argument
    add("path", metavar="IN", help="folder, zip archive or CSV, as for compare")
    add("output", metavar="OUT", help="folder to write to")
    add_reading_options(parser)
    add(
        "--mirrored",
        action="store_true",
        help="look for mirrored copies too, which takes twice as long",
    )
    add(
        "--faces",
        action="store_true",
        help="write the largest face of each photograph, upright, and leave out those "
        "without one (needs skfer[faces])",
    )
    add("--size", type=int, default=224, help="with --faces: their size in pixels")
    add("--overwrite", action="store_true", help="replace files that exist")


def run(options: argparse.Namespace) -> int:
    """Read, audit, copy one after the other, and say what is left out."""
    console = Console()
    output = Path(options.output)
    source = Path(options.path)
    if source.suffix.lower() == ".csv":
        source = source.parent  # The files that it names lie beside it.
    _check_output(source, output)
    cropper = None
    if options.faces:
        cropper = FaceCropper(options.size, on_error="blank", n_jobs=-1)
        check_installed()
    table = read_table(options.path, options, on_error="keep")
    say(console, table.summary)
    with console.status("Looking for copies"):
        audit = audit_images(table, mirrored=options.mirrored)
    kept = keep(console, audit)
    reasons = dict(_why_not(audit, kept))
    has_labels = has_label_file(options) and table.paths is not None
    files = name_files(table, "skfer clean", source, keep_extensions=cropper is None)
    if not options.overwrite:
        names = [files[row] for row in kept]
        refuse_existing(output, [*names, _LEFT_OUT, *[_LABELS] * has_labels])
    with console.status("Copying"):
        if cropper is None:
            reasons |= _copy(table, kept, files, output)
        else:
            reasons |= _crop(table, kept, files, output, cropper)
    copied = [row for row in kept.tolist() if row not in reasons]
    _write_left_out(output / _LEFT_OUT, audit, reasons)
    if has_labels:
        _write_labels(output / _LABELS, table, copied, files)
    _summarize(console, reasons, copied, output, has_labels)
    if cropper is not None:
        say(
            console,
            "A model that is trained on these takes faces that are cut out. For one "
            "that finds faces in photographs, clean without --faces and train with it.",
        )
    return 0


def _check_output(source: Path, output: Path) -> None:
    """Raise if writing could change what is read."""
    check_folder(output, "OUT")
    there, here = source.resolve(), output.resolve()
    if here == there or there in here.parents or here in there.parents:
        raise ValueError(
            f"OUT {output} and IN {source} lie in one another, so that files to read "
            "and files to write would mix. Choose a folder beside IN."
        )


def _why_not(audit: ImageAudit, kept: np.ndarray) -> Iterator[tuple[int, str]]:
    """Yield the rows that are not kept, and why."""
    best = {audit.copies[row]: row for row in kept}
    blank, target = audit.table.fingerprints.blank, audit.table.target
    for row in sorted({*range(len(audit.names))} - {*kept.tolist()}):
        if audit.reasons[row]:
            yield row, audit.reasons[row]
        elif blank[row]:
            yield row, "it is blank"
        else:
            twin = best[audit.copies[row]]
            other = ""
            if target is not None and target[twin] != target[row]:
                other = f", under another label ({target[twin]}): look at both"
            yield row, f"it is a copy of {audit.names[twin]}{other}"


def _copy(
    table: ImageTable, kept: np.ndarray, files: list[str], output: Path
) -> dict[int, str]:
    """Copy files byte by byte, write frames and pixels as PNG; return what failed."""
    failed = {}
    for row in kept.tolist():
        one, target = table.X[row], output / files[row]
        if table.paths is None:
            write_image(target, one)
        elif split_frame(one) is not None:
            (frame,) = decode_all([one], None, None)
            if frame.pixels is None:
                failed[row] = frame.reason
            else:
                write_image(target, frame.pixels)
        else:
            path = Path(one)
            content = path.read_bytes() if path.is_file() else read_member(path)
            with written_aside(target) as aside:
                aside.write_bytes(content)
    return failed


def _crop(
    table: ImageTable,
    kept: np.ndarray,
    files: list[str],
    output: Path,
    cropper: FaceCropper,
) -> dict[int, str]:
    """Write the faces, and return the rows without one."""
    missing = {}
    for start in range(0, len(kept), _CHUNK):
        rows = kept[start : start + _CHUNK]
        cropped = cropper.crop(table[rows].X)
        for place, row in enumerate(rows.tolist()):
            if cropped.status[place] == "found":
                write_image(output / files[row], cropped.images[place])
            else:
                missing[row] = cropped.faces.reasons[place] or "no face is found"
    return missing


def _write_left_out(path: Path, audit: ImageAudit, reasons: dict[int, str]) -> None:
    with (
        written_aside(path) as aside,
        aside.open("w", newline="", encoding="utf-8") as file,
    ):
        lines = csv.writer(file)
        lines.writerow(["file", "reason"])
        for row in sorted(reasons):
            names = (audit.names[row], reasons[row])
            lines.writerow(map(as_cell, names))


def _write_labels(
    path: Path, table: ImageTable, kept: list[int], files: list[str]
) -> None:
    """Write what the CSV in IN said of the files that are kept."""
    known = {"split": table.split, "group": table.groups}
    columns = {"file": files, "label": table.target} | {
        name: values for name, values in known.items() if values is not None
    }
    with (
        written_aside(path) as aside,
        aside.open("w", newline="", encoding="utf-8") as file,
    ):
        lines = csv.writer(file)
        lines.writerow(columns)
        for row in kept:
            lines.writerow([printable(values[row]) for values in columns.values()])


def _summarize(
    console: Console,
    reasons: dict[int, str],
    kept: list[int],
    output: Path,
    has_labels: bool,
) -> None:
    kinds = Counter(
        "copies" if reason.startswith("it is a copy of ") else reason
        for reason in reasons.values()
    )
    why = "".join(f"\n  {n:,}: {reason}" for reason, n in kinds.most_common())
    left_out = f"{len(reasons):,} left out, listed in {output / _LEFT_OUT}:{why}"
    say(
        console,
        f"{count_of(len(kept), 'image')} copied to {output}, "
        f"{left_out if reasons else 'none left out.'}",
    )
    again = output / _LABELS if has_labels else output
    say(console, f"Go on with skfer compare {again}")

"""``skfer audit``."""

import argparse
import json
import os
import shlex
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from skfer._text import count_of, printable
from skfer._writing import check_writable, written_aside
from skfer.cli._options import add_reading_options, keep, read_table, say
from skfer.datasets import ImageAudit, ImageTable, audit_images
from skfer.datasets._names import name_folder, name_images
from skfer.datasets._remedies import find_remedies
from skfer.faces import FaceDetector
from skfer.inspection import save_audit
from skfer.model_selection import LabelIssues, find_label_issues
from skfer.pipelines import make_hog_svm

_CERTAINTY = {"certain": "certain", "likely": "likely", "look": "look and decide"}
_MOST_LABELS = 20  # Printed; the page shows more.


def add_parser(commands: Any) -> None:
    """Add the command to the parser of ``skfer``."""
    parser = commands.add_parser(
        "audit",
        help="look for copies, leaks and broken files",
        description="Look through images for copies, leaks between parts, broken files "
        "and odd labels. The exit status is 1 if a finding would make results "
        "meaningless.",
    )
    parser.set_defaults(run=run)
    parser.add_argument(
        "path", metavar="PATH", help="folder, zip archive or CSV, as for compare"
    )
    parser.add_argument(
        "--against",
        metavar="PATH",
        help="second folder, which must not share images with the first, for instance "
        "the test part",
    )
    add_reading_options(parser)
    parser.add_argument(
        "--mirrored",
        action="store_true",
        help="look for mirrored copies too, which takes twice as long",
    )
    parser.add_argument(
        "--faces",
        action="store_true",
        help="list images without a face, with several, and with a small one (needs "
        "skfer[faces])",
    )
    parser.add_argument(
        "--labels",
        action="store_true",
        help="train HOG+SVM on folds, and list labels that look wrong to it; --report "
        "shows them as faces",
    )
    parser.add_argument(
        "--report",
        metavar="FILE",
        help="HTML file to write the findings with images to",
    )
    parser.add_argument(
        "--json",
        action="store_true",
        help="print the findings as JSON, and everything else to standard error",
    )
    parser.add_argument(
        "--keep", metavar="FILE", help="text file to write the paths worth keeping to"
    )


def run(options: argparse.Namespace) -> int:
    """Read, audit, print, and then write."""
    console = Console(stderr=options.json)
    for file, name in ((options.report, "--report"), (options.keep, "--keep")):
        if file:
            check_writable(file, name)
    table = read_table(options.path, options, on_error="keep")
    say(console, table.summary)
    if options.against:
        against = read_table(options.against, options, on_error="keep")
        say(console, against.summary)
        table["split"] = np.full(len(table), "train")
        against["split"] = np.full(len(against), "test")
        table = ImageTable.concatenate([table, against])
    detector = FaceDetector(n_jobs=-1) if options.faces else None
    audit = audit_images(table, mirrored=options.mirrored, detector=detector)
    kept = keep(console, audit)
    _print(console, audit, len(kept))
    if options.json:
        found = audit.to_dict() | {"n_worth_keeping": len(kept)}
        print(json.dumps(found, indent=1))
    issues = None
    if options.labels:
        with console.status("Training on folds, to judge labels"):
            model = make_hog_svm(faces=options.faces, n_jobs=-1)
            try:
                issues = find_label_issues(table[table.is_readable], model)
            except ValueError as error:  # The audit is worth writing without them.
                say(console, f"Labels can't be judged: {error}")
        if issues is not None:
            _print_labels(console, issues)
    if options.report:
        name = printable(Path(options.path).resolve().name)
        page = save_audit(
            audit,
            options.report,
            title=f"{name}: audit of images",
            label_issues=issues,
            command=printable(shlex.join(["skfer", *options.arguments])),
        )
        say(console, f"Written to {page}")
    if options.keep:
        _write_names(options.keep, [audit.names[row] for row in kept])
        say(console, f"Written to {options.keep}")
    return 0 if audit.is_sound else 1


def _print(console: Console, audit: ImageAudit, n_kept: int) -> None:
    """Print a paragraph for each finding, with commands that can be copied."""
    say(console, f"{len(audit.names):,} images audited", "bold")
    remedies = find_remedies(audit.findings)
    for finding, remedy in zip(audit.findings, remedies, strict=True):
        n = len({row for rows in finding.rows for row in rows})
        head = f"{finding.kind} ({_CERTAINTY[remedy.certainty]})"
        say(console, "")
        if finding.serious:
            say(console, f"SERIOUS: {head}", "bold red")
        else:
            say(console, head, "bold")
        of = f"{count_of(n, 'image')}: " * (not finding.message[0].isdigit() and n > 0)
        say(console, f"{of}{finding.message}")
        say(console, f"To do: {remedy.text}")
        if remedy.command:
            say(console, f"  {name_folder(remedy.command, audit.table)}")
    say(console, "")
    verdict = "Nothing serious was found"
    if not audit.is_sound:
        verdict = (
            "SERIOUS: results measured on these images as they are would mean nothing, "
            "for the reasons marked so"
        )
    copying = "; skfer clean copies them" if n_kept < len(audit.names) else ""
    say(console, f"{verdict}. {n_kept:,} images are worth keeping{copying}.")


def _print_labels(console: Console, issues: LabelIssues) -> None:
    table = Table(title=f"{len(issues):,} labels look wrong")
    for column in ("image", "label", "more likely", "difference"):
        table.add_column(
            column,
            justify="right" if column == "difference" else "left",
            overflow="fold",
        )
    names = name_images(issues.table)
    found = zip(
        issues.rows, issues.label, issues.suggestion, issues.margin, strict=True
    )
    for row, label, suggestion, margin in list(found)[:_MOST_LABELS]:
        texts = (names[row], label, suggestion)
        table.add_row(*(escape(printable(text)) for text in texts), f"{margin:.2f}")
    console.print(table)
    say(
        console,
        "The most suspicious first, judged by models that had not seen them; the "
        "difference is the share of the likelier class minus that of the label, 0 to "
        "1. Look at each and decide yourself.",
    )


def _write_names(file: str, names: list[str]) -> None:
    """Write one name per line, as the bytes that the file system uses."""
    if broken := [name for name in names if "\n" in name or "\r" in name]:
        raise ValueError(
            f"--keep writes one path per line, but {broken[0]!r} has a line break in "
            "it. Rename the file."
        )
    with written_aside(Path(file)) as aside:
        aside.write_bytes(b"".join(os.fsencode(name) + b"\n" for name in names))

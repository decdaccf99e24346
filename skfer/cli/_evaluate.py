"""``skfer evaluate``."""

import argparse
from typing import Any, Literal

import numpy as np
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sklearn.metrics import confusion_matrix

from skfer._text import count_of, printable
from skfer._writing import check_writable
from skfer.cli._options import add_reading_options, read_table, say
from skfer.datasets import ImageTable
from skfer.inspection import save_report
from skfer.model_selection import Comparison
from skfer.persistence import ModelCard, load_model, read_card
from skfer.persistence._describe import hash_rows
from skfer.persistence._load_model import read_hashes
from skfer.prediction import evaluate_model


def add_parser(commands: Any) -> None:
    """Add the command to the parser of ``skfer``."""
    parser = commands.add_parser(
        "evaluate",
        help="test a model file on images that it has not seen",
        description="Test a model on images with labels. Images that it was fitted "
        "on are found by their pixels and left out.",
    )
    parser.set_defaults(run=run)
    add = parser.add_argument
    add("model", metavar="MODEL", help="file of save_model or train")
    add("path", metavar="PATH", help="folder, zip archive or CSV, as for compare")
    add("--report", metavar="FILE", help="HTML page to write, as skfer report does")
    add(
        "--skip-broken",
        action="store_true",
        help="list files that can't be read, and go on without them",
    )
    add_reading_options(parser)


def run(options: argparse.Namespace) -> int:
    """Load, read, leave out what was trained on, test, print, and then write."""
    console = Console()
    if options.report:
        check_writable(options.report, "--report")
    card = read_card(options.model)
    with console.status("Loading the model, and reading images"):
        model = load_model(options.model)
        on_error: Literal["skip", "raise"] = "skip" if options.skip_broken else "raise"
        table = read_table(options.path, options, on_error)
    say(console, table.summary)
    table = _leave_out_seen(console, table, options.model)
    with console.status("Classifying"):
        comparison = evaluate_model(model, table, name=card.name, n_jobs=-1)
    say(console, comparison.verdict)
    _say_more(console, comparison, card)
    _print_confusion(console, comparison, card.name)
    if options.report:
        title = f"{printable(card.name)} on {printable(options.path)}"
        save_report(comparison, options.report, title=title)
        say(console, f"Written to {options.report}")
    return 0


def _leave_out_seen(console: Console, table: ImageTable, path: str) -> ImageTable:
    """Return the images that the model was not fitted on, and say how many were."""
    known = read_hashes(path)
    if known is None:
        say(
            console,
            "The file does not say which images the model was fitted on. If any of "
            "these are among them, the result is too optimistic.",
            "bold",
        )
        return table
    seen = np.isin(hash_rows(table), known)
    if seen.all():
        raise ValueError(
            f"All {count_of(len(table), 'image')} are among those that the model was "
            "fitted on. Take others: these would only show that it remembers them."
        )
    if seen.any():
        say(
            console,
            f"Left out: {count_of(int(seen.sum()), 'image')} of {len(table):,} that "
            "the model was fitted on.",
            "bold",
        )
    else:
        say(
            console,
            "The model was fitted on none of them, by their pixels. (Copies "
            "that were saved again are not noticed; skfer audit finds them.)",
        )
    return table[~seen]


def _say_more(console: Console, comparison: Comparison, card: ModelCard) -> None:
    """Say the macro F1, and what was said of the model before."""
    score = comparison.scores[card.name]
    say(
        console,
        f"Macro F1, the mean over the classes: {score.macro_f1:.1%} (95% interval "
        f"{score.macro_f1_low:.1%} to {score.macro_f1_high:.1%}).",
    )
    if card.scores:
        low, high = card.scores["accuracy_low"], card.scores["accuracy_high"]
        say(
            console,
            f"Its card says {card.scores['accuracy']:.1%} right ({low:.1%} to "
            f"{high:.1%}), on other parts of the pictures that it was trained on.",
        )


def _print_confusion(console: Console, comparison: Comparison, name: str) -> None:
    labels = np.unique([*comparison.y_test, *comparison.predictions[name]])
    counts = confusion_matrix(
        comparison.y_test, comparison.predictions[name], labels=labels
    )
    table = Table()
    table.add_column("label")
    for head in (*labels.tolist(), "found"):
        table.add_column(escape(printable(head)), justify="right")
    for place, row in enumerate(counts.tolist()):
        if sum(row):
            found = f"{row[place] / sum(row):.1%}"
            name = escape(printable(labels[place]))
            table.add_row(name, *(f"{n:,}" for n in row), found)
    say(console, "How often each label got which answer:")
    console.print(table)

"""``skfer train``."""

import argparse
from pathlib import Path
from typing import Any, Literal

from rich.console import Console

from skfer._text import count_of
from skfer.cli._options import add_reading_options, check_model_name, read_table, say
from skfer.cli._training import (
    add_training_options,
    describe_split,
    estimate,
    find_faces,
    make_pipeline,
    print_scores,
    split_table,
)
from skfer.datasets import ImageAudit, ImageTable, audit_images
from skfer.faces._blaze_face import check_installed
from skfer.model_selection import (
    ProgressDisplay,
    SelectiveClassifier,
    compare_pipelines,
    make_calibrated,
)
from skfer.persistence import save_model
from skfer.pipelines import FAMILIES


def add_parser(commands: Any) -> None:
    """Add the command to the parser of ``skfer``."""
    parser = commands.add_parser(
        "train",
        help="train one model, test it, and write it to a file",
        description="Audit the images, train and test one model on held-out parts of "
        "them, fit it again on all of them, and write it to a file with a card that "
        "says how good it is. Images that come with a test part are never fitted on "
        "that part.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.set_defaults(run=run)
    add = parser.add_argument
    add(
        "path",
        metavar="PATH",
        help="folder, zip archive or CSV with labels, as for compare",
    )
    add("-o", "--output", required=True, metavar="FILE", help="model file to write")
    add(
        "--model",
        choices=list(FAMILIES),
        default="transfer",
        help="what to train",
    )
    add(
        "--threshold",
        type=_probability,
        default=0.0,
        metavar="P",
        help="answer unknown where the highest probability is below it, 0 to 1",
    )
    add("--no-test", action="store_true", help="do not test it, which is faster")
    add("--notes", default="", metavar="TEXT", help="what else people should know")
    add("--overwrite", action="store_true", help="replace the file if it exists")
    add_training_options(parser)
    add_reading_options(parser)


def run(options: argparse.Namespace) -> int:
    """Read, audit, test, print, and then write."""
    console = Console()
    check_model_name(options.output, "--output", options.overwrite)
    if options.faces:
        check_installed()
    options.models = [options.model]
    if options.folds is None and FAMILIES[options.model].is_network:
        options.folds = 1  # Each training takes minutes.
    with console.status("Reading images, and auditing them"):
        on_error: Literal["skip", "raise"] = "skip" if options.skip_broken else "raise"
        table = read_table(options.path, options, on_error)
        audit = audit_images(table)
    say(console, table.summary)
    if options.faces and (missing := find_faces(console, table)):
        say(console, missing, "bold")
    _say_what_is_serious(console, audit)
    model = _make_model(options)
    if options.no_test:
        _train_only(console, model, table, audit, options)
    else:
        _test_and_train(console, model, table, audit, options)
    return 0


def _make_model(options: argparse.Namespace) -> Any:
    """Return the model with probabilities, and a threshold if one is wanted."""
    model = make_pipeline(options.model, options)
    if not hasattr(model, "predict_proba"):
        model = make_calibrated(model)
    return SelectiveClassifier(model, options.threshold) if options.threshold else model


def _train_only(
    console: Console,
    model: Any,
    table: ImageTable,
    audit: ImageAudit,
    options: argparse.Namespace,
) -> None:
    if table.split is not None:
        # The test part stays one.
        table = table[table.split == "train"]
        audit = audit_images(table)
    with console.status("Training"):
        model.fit(table.X, table.target)
    save_model(
        model,
        options.output,
        name=_name(options),
        table=table,
        audit=audit,
        notes=options.notes,
        overwrite=options.overwrite,
    )
    say(
        console,
        f"Written to {options.output}, fitted on {count_of(len(table), 'picture')}, "
        "not tested. skfer evaluate tests it.",
    )


def _test_and_train(
    console: Console,
    model: Any,
    table: ImageTable,
    audit: ImageAudit,
    options: argparse.Namespace,
) -> None:
    is_given = table.split is not None
    folds = split_table(table, options, is_given)
    say(console, f"{describe_split(table, folds, options.repeats)}.")
    say(console, estimate(options, folds, len(table)))
    pipelines = {_name(options): model}
    with ProgressDisplay(list(pipelines), console, len(folds)) as progress:
        comparison = compare_pipelines(pipelines, table, cv=folds, progress=progress)
    print_scores(console, comparison)
    with console.status("Fitting on all images"):
        card = save_model(
            comparison,
            options.output,
            audit=audit,
            refit=not is_given,
            notes=options.notes,
            overwrite=options.overwrite,
        )
    n = count_of(card.training["images"], "picture")
    fitted = "as it was tested" if is_given else f"fitted on all {n} after the test"
    say(console, f"Written to {options.output}, {fitted}.")
    say(console, f"Show it: skfer demo {options.output}")


def _name(options: argparse.Namespace) -> str:
    """Return what the model is called: as its file."""
    return Path(options.output).stem


def _say_what_is_serious(console: Console, audit: ImageAudit) -> None:
    for finding in audit.findings:
        # Copies count once and stay on one side; the verdict says so.
        if finding.serious and finding.kind != "copies without groups":
            say(console, f"SERIOUS: {finding.message}", "bold red")


def _probability(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"it must be from 0 to 1, got {text}")
    return value

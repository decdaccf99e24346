"""``skfer compare``, and ``skfer report``, which also writes an HTML page."""

import argparse
import shlex
from pathlib import Path
from typing import Any, Literal

import joblib
import numpy as np
from rich.console import Console

from skfer._text import printable
from skfer._writing import check_folder, check_writable
from skfer.cli._cluster import connect
from skfer.cli._options import (
    add_reading_options,
    check_model_name,
    explain_error,
    read_table,
    say,
)
from skfer.cli._training import (
    add_training_options,
    describe_split,
    estimate,
    find_faces,
    find_test_part,
    make_pipeline,
    print_overview,
    print_scores,
    split_table,
)
from skfer.datasets import (
    ImageTable,
    find_copies,
    find_look_alikes,
    make_faces,
    propose_groups,
)
from skfer.faces._blaze_face import check_installed
from skfer.inspection import save_comparison, save_report
from skfer.model_selection import (
    Comparison,
    LearningCurve,
    ProgressDisplay,
    compare_pipelines,
)
from skfer.model_selection._leak_free_k_fold import FEW_IMAGES
from skfer.persistence import save_model
from skfer.pipelines import FAMILIES

_REPORT = "skfer-report.html"
# The linear one is for more images than the others can take.
_MODELS = [name for name in FAMILIES if name != "hog-linear"]


def add_parser(commands: Any) -> None:
    """Add the command to the parser of ``skfer``."""
    parser = commands.add_parser(
        "compare",
        aliases=["report"],
        help="train and compare classifiers; report also writes one HTML page",
        description="Train LBP+SVM, HOG+SVM, a classifier on what the trained network "
        "sees, and a network on images, and compare them on held-out images. 'skfer "
        f"report' is 'skfer compare --report {_REPORT}'.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.set_defaults(run=run)
    add = parser.add_argument
    add(
        "path",
        nargs="?",
        metavar="PATH",
        help="folder or zip archive laid out as PATH/<class>/<image>, a CSV of "
        "labels, or fer2013.csv; by default, faces are drawn",
    )
    add(
        "--models",
        nargs="+",
        choices=list(FAMILIES),
        default=_MODELS,
        metavar="MODEL",
        help=f"models to compare, any of {', '.join(FAMILIES)}",
    )
    add(
        "--scoring",
        choices=("accuracy", "f1_macro", "balanced_accuracy"),
        default="accuracy",
        help="score by which models are ranked and tested",
    )
    add(
        "--test",
        metavar="PATH",
        help="separate folder to test on, instead of a share of the images",
    )
    add(
        "--drop-copies",
        action="store_true",
        help="if the images come with a split, leave copies of test images out of the "
        "training part",
    )
    add_training_options(parser)
    add(
        "--dask",
        metavar="ADDRESS",
        help="train on the workers of this Dask scheduler, for instance "
        "tcp://127.0.0.1:8786 (needs skfer[dask]); PATH and --cache must be on a disk "
        "that all of them see",
    )
    add_reading_options(parser)
    add(
        "--output",
        default="skfer-results",
        metavar="DIR",
        help="folder for the table and the figures",
    )
    add(
        "--save",
        metavar="FILE",
        help="model file to write the best model to, fitted on all images; see skfer "
        "predict and skfer show",
    )
    add(
        "--as-tested",
        action="store_true",
        help="save the model as it was tested, not fitted again on all images; it "
        "needs a single split",
    )
    add(
        "--overwrite",
        action="store_true",
        help="replace the model file if it exists",
    )
    add(
        "--report",
        metavar="FILE",
        help="HTML page to write, with the images, their audit, the scores, the "
        "verdict, confusion matrices with faces, the most confident errors and "
        "training curves",
    )


def run(options: argparse.Namespace) -> int:
    """Read, split, train, print, and then write."""
    console = Console()
    report = options.report or (_REPORT if options.command == "report" else None)
    check_folder(options.output, "--output")
    if report:
        check_writable(report, "--report")
    if options.save:
        check_model_name(options.save, "--save", options.overwrite)
    if options.test and options.path is None:
        raise ValueError("--test PATH needs a folder to train on: skfer compare PATH.")
    if options.faces:
        check_installed()
    cluster = None if options.dask is None else connect(console, options.dask)
    with console.status("Reading images, and looking for copies"):
        table, source, is_given = _read(options)
        folds = split_table(table, options, is_given)
        if options.save and options.as_tested and len(folds) > 1:
            raise ValueError(
                "--as-tested needs a single split: of several trainings none is the "
                "model that was tested. Add --folds 1, or leave it out."
            )
        leaks = ""
        if is_given:
            ((train, test),) = folds
            train, leaks = _find_leaks(table, train, test, options.drop_copies)
            folds = [(train, test)]
        elif options.drop_copies:
            leaks = (
                "--drop-copies left nothing out: the images came without a split, and "
                "copies were kept on one side of ours."
            )
    if table.left_out or table.problems or table.notes:
        say(console, table.summary)
    say(console, f"{source}: {describe_split(table, folds, options.repeats)}.")
    faces = find_faces(console, table) if options.faces else ""
    if faces:
        say(console, faces, "bold")
    if proposals := propose_groups(table) if table.groups is None else []:
        say(console, f"People not given. File names suggest {proposals[0]}: if that is "
            "right, add --groups auto.", "bold")  # fmt: skip
    if leaks:
        say(console, leaks, "bold")
    say(console, estimate(options, folds, len(table)))
    pipelines = {name: make_pipeline(name, options) for name in options.models}
    settings: dict[str, Any] = {"cv": folds, "scoring": options.scoring}
    if cluster is None:
        with ProgressDisplay(list(pipelines), console, len(folds)) as progress:
            settings["progress"] = progress
            comparison = compare_pipelines(pipelines, table, **settings)
    else:
        with cluster, joblib.parallel_config("dask"), console.status("Training"):
            comparison = compare_pipelines(pipelines, table, n_jobs=-1, **settings)
    print_scores(console, comparison)
    for remark in filter(None, (leaks, faces)):
        say(console, remark, "bold")
    if options.path:
        print_overview(console, comparison, _write_command(options))
    else:
        say(console, "These faces are drawn. With your own pictures:")
        say(console, f"skfer {options.command} path/to/folder", "bold")
    # Written last, so that an error in writing loses no result.
    writers = [_write_scores]
    if options.save:
        writers.append(_save)
    if report:
        options.report = report
        writers.append(_write_report)
    n_failed = 0
    for write in writers:
        try:
            write(console, comparison, options)
        except (OSError, ValueError) as error:
            # What comes next may fit on another disk.
            n_failed += 1
            say(Console(stderr=True), f"skfer: {explain_error(error)}", "bold red")
    return int(n_failed > 0)


def _write_scores(
    console: Console, comparison: Comparison, options: argparse.Namespace
) -> None:
    files = save_comparison(comparison, options.output)
    say(console, f"Written to {options.output}: {', '.join(f.name for f in files)}")


def _write_report(
    console: Console, comparison: Comparison, options: argparse.Namespace
) -> None:
    with console.status("Training on parts of the images, for the report"):
        curve = _learning_curve(console, comparison)
    name = "Drawn faces"
    if options.path:
        name = printable(Path(options.path).resolve().name)
    save_report(
        comparison,
        options.report,
        title=f"{name}: comparison",
        learning_curve=curve,
        command=_write_command(options),
    )
    say(console, f"Written to {options.report}")


def _write_command(options: argparse.Namespace) -> str:
    return printable(shlex.join(["skfer", *options.arguments]))


def _read(options: argparse.Namespace) -> tuple[ImageTable, str, bool]:
    """Return the images, where they are from, and whether they came with parts."""
    if options.path is None:
        size = max(16, options.image_size)
        drawn = make_faces(image_size=size, random_state=options.random_state)
        return drawn, "Drawn faces, split by subject", False
    on_error: Literal["skip", "raise"] = "skip" if options.skip_broken else "raise"
    table = read_table(options.path, options, on_error)
    if not options.test:
        return table, _describe_parts(options.path, table), table.split is not None
    test = read_table(options.test, options, on_error)
    own = table.split
    table["split"] = np.full(len(table), "train")
    test["split"] = np.full(len(test), "test")
    both = ImageTable.concatenate([table, test])
    source = options.path if own is None else f"{options.path} (all its parts)"
    return both, f"{source}, tested on {options.test}", True


def _describe_parts(path: str, table: ImageTable) -> str:
    if table.split is None:
        return path
    test = find_test_part(table)
    unused = sorted(set(table.split.tolist()) - {"train", test})
    rest = f"; {', '.join(unused)} is not used" if unused else ""
    return f"{path}, trained on its part train, tested on {test}{rest}"


def _find_leaks(
    table: ImageTable, train: np.ndarray, test: np.ndarray, drop_copies: bool
) -> tuple[np.ndarray, str]:
    """Look for copies and people on both sides of parts that came with the images."""
    found = find_copies(table), find_look_alikes(table)
    copies, alike = (np.isin(one[train], one[test]) for one in found)
    leaks = []
    if copies.any() and drop_copies:
        train = train[~copies]
        leaks.append(
            f"Left out of the training: {copies.sum():,} copies of test images."
        )
    elif copies.any():
        leaks.append(
            f"Results are too optimistic: {copies.sum():,} training images are "
            "copies of test images. --drop-copies leaves them out."
        )
    if n_alike := int((alike & ~copies).sum()):
        leaks.append(
            f"Results may be too optimistic: {n_alike:,} training images look like "
            "test images, as if they showed one person or video."
        )
    if table.groups is not None and (
        both := {*table.groups[train].tolist()} & {*table.groups[test].tolist()}
    ):
        leaks.append(
            f"Results are too optimistic: {len(both):,} groups are in both parts."
        )
    return train, " ".join(leaks)


def _save(
    console: Console, comparison: Comparison, options: argparse.Namespace
) -> None:
    refit = not options.as_tested
    status = "Fitting the best model on all images" if refit else "Saving the model"
    with console.status(status):
        card = save_model(
            comparison,
            options.save,
            audit=comparison.audit,
            refit=refit,
            overwrite=options.overwrite,
        )
    say(console, f"Written to {options.save}: {card.name}. {card.fitted_on}")


def _learning_curve(console: Console, comparison: Comparison) -> LearningCurve | None:
    """Return that of the best model that trains in seconds, if images are few."""
    quick = [
        name
        for name in comparison.scores
        if name in FAMILIES and not FAMILIES[name].is_network
    ]
    if not quick or comparison.n_folds < 2 or len(comparison.table) >= FEW_IMAGES:
        return None
    try:
        return comparison.learning_curve(quick[0])
    except ValueError as error:  # The page is worth writing without it.
        say(console, f"No learning curve: {error}")
        return None

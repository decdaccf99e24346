"""``skfer compare``, and ``skfer report``, which also writes an HTML page."""

import argparse
from typing import Any, Literal

import numpy as np
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from skfer._text import count_of, printable
from skfer._writing import check_folder, check_writable
from skfer.cli._options import add_reading_options, at_least_one, read_table, say
from skfer.datasets import (
    ImageTable,
    find_copies,
    find_look_alikes,
    make_faces,
    propose_groups,
)
from skfer.datasets._face_findings import share_by_class
from skfer.datasets._summary import describe_people
from skfer.faces import FaceCropper, FaceDetector
from skfer.inspection import save_comparison, save_report
from skfer.model_selection import (
    Comparison,
    LeakFreeKFold,
    LeakFreeShuffleSplit,
    LearningCurve,
    ProgressDisplay,
    compare_pipelines,
)
from skfer.model_selection._leak_free_k_fold import FEW_IMAGES, N_FOLDS, N_REPEATS
from skfer.model_selection._score_table import ScoreTable
from skfer.neural import CNNClassifier
from skfer.pipelines import FAMILIES

_REPORT = "skfer-report.html"
# Roughly, to find the faces of a photograph and to cut one out.
_FACE_SECONDS = 0.1


def add_parser(commands: Any) -> None:
    """Add the command to the parser of ``skfer``."""
    parser = commands.add_parser(
        "compare",
        aliases=["report"],
        help="train and compare classifiers; report also writes one HTML page",
        description="Train LBP+SVM, HOG+SVM and a convolutional network on images, "
        "and compare them on held-out images. 'skfer report' is 'skfer "
        f"compare --report {_REPORT}'.",
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
        "--image-size",
        type=at_least_one,
        default=48,
        metavar="PIXELS",
        help="height and width to which images are resized",
    )
    add(
        "--models",
        nargs="+",
        choices=list(FAMILIES),
        default=list(FAMILIES),
        metavar="MODEL",
        help=f"models to compare, any of {', '.join(FAMILIES)}",
    )
    add(
        "--epochs",
        type=at_least_one,
        metavar="N",
        help="training epochs of the network; by default, those of CNNClassifier",
    )
    add(
        "--folds",
        type=at_least_one,
        metavar="N",
        help="number of folds, each of which is tested on once; 1 makes a single "
        f"split. By default {N_FOLDS} for fewer than {FEW_IMAGES:,} images of your own "
        "that come without a test part, else 1",
    )
    add(
        "--repeats",
        type=at_least_one,
        default=N_REPEATS,
        metavar="N",
        help="how often to make folds, each time in another way",
    )
    add(
        "--scoring",
        choices=("accuracy", "f1_macro", "balanced_accuracy"),
        default="accuracy",
        help="score by which models are ranked and tested",
    )
    add(
        "--test-size",
        type=float,
        default=0.2,
        metavar="SHARE",
        help="share of the images to test on in a single split",
    )
    add(
        "--test",
        metavar="PATH",
        help="separate folder to test on, instead of a share of the images",
    )
    add(
        "--skip-broken",
        action="store_true",
        help="list files that can't be read, and go on without them",
    )
    add(
        "--drop-copies",
        action="store_true",
        help="if the images come with a split, leave copies of test images out of the "
        "training part",
    )
    add_reading_options(parser)
    add(
        "--faces",
        action="store_true",
        help="cut the largest face out of each photograph first (needs skfer[faces])",
    )
    add(
        "--output",
        default="skfer-results",
        metavar="DIR",
        help="folder for the table and the figures",
    )
    add(
        "--random-state",
        type=int,
        default=0,
        metavar="SEED",
        help="seed of the split and of the network",
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
    if options.test and options.path is None:
        raise ValueError("--test PATH needs a folder to train on: skfer compare PATH.")
    if options.faces:
        FaceCropper().fit([""])  # Says now what to install, if something is missing.
    with console.status("Reading images, and looking for copies"):
        table, source, is_given = _read(options)
        folds = _split(table, options, is_given)
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
    if table.left_out or table.problems or options.groups == "auto":
        say(console, table.summary)
    say(console, f"{source}: {_describe(table, folds, options.repeats)}.")
    faces = _find_faces(console, table) if options.faces else ""
    if faces:
        say(console, faces, "bold")
    if proposals := propose_groups(table) if table.groups is None else []:
        say(console, f"People not given. File names suggest {proposals[0]}: if that is "
            "right, add --groups auto.", "bold")  # fmt: skip
    if leaks:
        say(console, leaks, "bold")
    say(console, _estimate(options, folds, len(table)))
    pipelines = {name: _make(name, options) for name in options.models}
    with ProgressDisplay(list(pipelines), console) as progress:
        comparison = compare_pipelines(
            pipelines, table, cv=folds, scoring=options.scoring, progress=progress
        )
    _print(console, comparison)
    for remark in filter(None, (leaks, faces)):
        say(console, remark, "bold")
    # Written last, so that an error in writing loses no result.
    files = save_comparison(comparison, options.output)
    say(console, f"Written to {options.output}: {', '.join(f.name for f in files)}")
    if report:
        with console.status("Training on parts of the images, for the report"):
            curve = _learning_curve(console, comparison)
        title = f"{printable(source)}: comparison"
        save_report(comparison, report, title=title, learning_curve=curve)
        say(console, f"Written to {report}")
    return 0


def _read(options: argparse.Namespace) -> tuple[ImageTable, str, bool]:
    """Return the images, where they are from, and whether they came with parts."""
    if options.path is None:
        size = max(16, options.image_size)
        drawn = make_faces(image_size=size, random_state=options.random_state)
        return drawn, "Drawn faces, split by subject", False
    on_error: Literal["skip", "raise"] = "skip" if options.skip_broken else "raise"
    table = read_table(options.path, options, on_error)
    if not options.test:
        return table, _name_parts(options.path, table), table.split is not None
    test = read_table(options.test, options, on_error)
    own = table.split
    table["split"] = np.full(len(table), "train")
    test["split"] = np.full(len(test), "test")
    both = ImageTable.concatenate([table, test])
    source = options.path if own is None else f"{options.path} (all its parts)"
    return both, f"{source}, tested on {options.test}", True


def _test_part(table: ImageTable) -> str:
    """Return the name of the part to test on."""
    there = sorted(set(table.split.tolist()))
    test = next((name for name in ("test", "validation") if name in there), None)
    if "train" not in there or test is None:
        raise ValueError(
            f"The images have the parts {there}; skfer compare needs train and "
            "test or validation. Pass two folders: skfer compare TRAIN --test TEST."
        )
    return test


def _name_parts(path: str, table: ImageTable) -> str:
    if table.split is None:
        return path
    test = _test_part(table)
    unused = sorted(set(table.split.tolist()) - {"train", test})
    rest = f"; {', '.join(unused)} is not used" if unused else ""
    return f"{path}, trained on its part train, tested on {test}{rest}"


def _split(
    table: ImageTable, options: argparse.Namespace, is_given: bool
) -> list[tuple[np.ndarray, np.ndarray]]:
    if is_given:
        if options.folds not in (None, 1):
            raise ValueError(
                f"--folds {options.folds} makes folds of all images, but these come "
                "with a test part. Leave one of the two out."
            )
        parts = table.split
        test = _test_part(table)
        return [(np.flatnonzero(parts == "train"), np.flatnonzero(parts == test))]
    seed = options.random_state
    # Of drawn faces there are as many as wanted.
    is_small = options.path is not None and len(table) < FEW_IMAGES
    wanted = options.folds or (N_FOLDS if is_small else 1)
    for n_folds in range(wanted, 1, -1):
        folds = LeakFreeKFold(n_folds, n_repeats=options.repeats, random_state=seed)
        try:
            return list(folds.split(table))
        except ValueError:
            # A class of few people fits into fewer folds.
            if options.folds is not None:
                raise
    splitter = LeakFreeShuffleSplit(test_size=options.test_size, random_state=seed)
    return list(splitter.split(table))


def _find_faces(console: Console, table: ImageTable) -> str:
    """Add the column face to the table, and say where none is found."""
    with console.status("Looking for faces"):
        missing = FaceDetector(n_jobs=-1).detect(table.X).count == 0
    table["face"] = np.where(missing, "missing", "found")
    if not missing.any():
        return ""
    return (
        f"No face is found in {missing.sum():,} of {len(table):,} images"
        f"{share_by_class(missing, table.target)}; they are classified as a whole. A "
        "model may learn what else they show: look at them with skfer audit --faces."
    )


def _describe(
    table: ImageTable, folds: list[tuple[np.ndarray, np.ndarray]], repeats: int
) -> str:
    train, test = folds[0]
    n_classes = len(set(table.target[train].tolist()))
    if len(folds) == 1:
        images = f"{len(train):,} images to train on, {len(test):,} to test on"
    else:
        n = len(folds) // repeats
        again = f", {repeats} times" if repeats > 1 else ""
        images = f"{len(table):,} images in {n} folds{again}"
    return f"{images}, {n_classes} classes, {describe_people(table)}"


def _estimate(
    options: argparse.Namespace,
    folds: list[tuple[np.ndarray, np.ndarray]],
    n_images: int,
) -> str:
    """Say roughly how long it will take."""
    size = (options.image_size / 48) ** 2
    seconds = _FACE_SECONDS * n_images if options.faces else 0.0
    for name in options.models:
        family = FAMILIES[name]
        epochs = options.epochs or CNNClassifier().epochs if family.is_network else 1
        images = sum(len(train) for train, _ in folds)
        seconds += family.seconds * epochs * images * size
    long = f"{seconds / 60:,.0f} minutes" if seconds >= 90 else f"{seconds:.0f} seconds"
    trainings = count_of(len(folds), "training")
    hint = "; --folds 1 makes a single split" if len(folds) > 1 else ""
    return f"{trainings} of each model, roughly {long} on two cores{hint}."


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
            "test images, as if they showed one person or film."
        )
    if table.groups is not None and (
        both := {*table.groups[train].tolist()} & {*table.groups[test].tolist()}
    ):
        leaks.append(
            f"Results are too optimistic: {len(both):,} groups are in both parts."
        )
    return train, " ".join(leaks)


def _make(name: str, options: argparse.Namespace) -> Any:
    family = FAMILIES[name]
    more = {}
    if family.is_network:
        more["random_state"] = options.random_state
        if options.epochs is not None:
            more["epochs"] = options.epochs
    size = (options.image_size, options.image_size)
    return family.make(image_size=size, faces=options.faces, n_jobs=-1, **more)


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


def _print(console: Console, comparison: Comparison) -> None:
    scores = ScoreTable.from_comparison(comparison)
    table = Table(title=f"{scores.caption}; best first, 95 % intervals in brackets")
    for place, head in enumerate(scores.heads):
        # Stacked words make a narrow column.
        text = escape(head.replace(" ", "\n") if place > 2 else head)
        table.add_column(text, justify="right" if place else "left", no_wrap=True)
    for row in scores.rows:
        table.add_row(*map(escape, row))
    console.print(table)
    say(console, comparison.verdict)

"""What the commands that train have in common: splitting, models, results."""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from skfer._text import count_of
from skfer.cli._options import at_least_one, say
from skfer.datasets import ImageTable
from skfer.datasets._face_findings import share_by_class
from skfer.datasets._summary import describe_people
from skfer.faces import FaceDetector
from skfer.model_selection import Comparison, LeakFreeKFold, LeakFreeShuffleSplit
from skfer.model_selection._leak_free_k_fold import FEW_IMAGES, N_FOLDS, N_REPEATS
from skfer.model_selection._overview import Overview
from skfer.model_selection._score_table import ScoreTable
from skfer.neural import CNNClassifier
from skfer.pipelines import FAMILIES

# Roughly, to find the faces of a photograph and to cut one out.
_FACE_SECONDS = 0.1
_NETWORK_SECONDS = 5  # Until a training begins.
_SLOWER = 5  # Times that a machine without bfloat16 takes, against one with it.


def add_training_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say how models are made, trained and tested."""
    add = parser.add_argument
    add(
        "--image-size",
        type=at_least_one,
        default=48,
        metavar="PIXELS",
        help="height and width to which images are resized",
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
        "--test-size",
        type=float,
        default=0.2,
        metavar="SHARE",
        help="share of the images to test on in a single split",
    )
    add(
        "--skip-broken",
        action="store_true",
        help="list files that can't be read, and go on without them",
    )
    add(
        "--faces",
        action="store_true",
        help="cut the largest face out of each photograph first (needs skfer[faces])",
    )
    add(
        "--cache",
        type=Path,
        metavar="FOLDER",
        help="keep decoded images in this folder, so that memory need not hold them "
        "all, and later runs need not decode them",
    )
    add(
        "--random-state",
        type=int,
        default=0,
        metavar="SEED",
        help="seed of the split and of the network",
    )


def find_test_part(table: ImageTable) -> str:
    """Return the name of the part to test on."""
    there = sorted(set(table.split.tolist()))
    test = next((name for name in ("test", "validation") if name in there), None)
    if "train" not in there or test is None:
        raise ValueError(
            f"The images have the parts {there}; it takes train and test or "
            "validation. Pass two folders: skfer compare TRAIN --test TEST."
        )
    return test


def split_table(
    table: ImageTable, options: argparse.Namespace, is_given: bool
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return training and test rows: those that are given, folds, or a single split."""
    if is_given:
        if options.folds not in (None, 1):
            raise ValueError(
                f"--folds {options.folds} makes folds of all images, but these come "
                "with a test part. Leave one of the two out."
            )
        parts = table.split
        test = find_test_part(table)
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


def find_faces(console: Console, table: ImageTable) -> str:
    """Add the columns face and box to the table, and say where none is found."""
    with console.status("Looking for faces"):
        faces = FaceDetector(n_jobs=-1).detect(table.X)
    missing = faces.count == 0
    boxes = np.concatenate([faces.box, np.full((1, 4), np.nan)])
    table["box"] = boxes[faces.largest]  # -1, the last one, where there is no face.
    table["face"] = np.where(missing, "missing", "found")
    if not missing.any():
        return ""
    return (
        f"No face is found in {missing.sum():,} of {len(table):,} images"
        f"{share_by_class(missing, table.target)}; they are classified as a whole. A "
        "model may learn what else they show: look at them with skfer audit FOLDER "
        "--faces."
    )


def describe_split(
    table: ImageTable, folds: list[tuple[np.ndarray, np.ndarray]], repeats: int
) -> str:
    """Say how many images are trained on and tested on."""
    train, test = folds[0]
    n_classes = len(set(table.target[train].tolist()))
    if len(folds) == 1:
        images = f"{len(train):,} images to train on, {len(test):,} to test on"
    else:
        n = len(folds) // repeats
        again = f", {repeats} times" if repeats > 1 else ""
        images = f"{len(table):,} images in {n} folds{again}"
    return f"{images}, {n_classes} classes, {describe_people(table)}"


def estimate(
    options: argparse.Namespace,
    folds: list[tuple[np.ndarray, np.ndarray]],
    n_images: int,
) -> str:
    """Say between what times it will take."""
    size = (options.image_size / 48) ** 2
    seconds = _FACE_SECONDS * n_images if options.faces else 0.0
    for name in options.models:
        family = FAMILIES[name]
        epochs = options.epochs or CNNClassifier().epochs if family.is_network else 1
        images = sum(len(train) for train, _ in folds)
        seconds += family.seconds * epochs * images * size
        seconds += _NETWORK_SECONDS * len(folds) * family.is_network
    slow = _SLOWER * seconds
    long = (
        f"{seconds:.0f} to {slow:.0f} seconds"
        if slow < 90
        else f"{max(1, seconds / 60):,.0f} to {slow / 60:,.0f} minutes"
    )
    trainings = count_of(len(folds), "training")
    hint = "; --folds 1 makes a single split" if len(folds) > 1 else ""
    return (
        f"{trainings} of each model, {long} on two cores, depending on the "
        f"machine{hint}."
    )


def make_pipeline(name: str, options: argparse.Namespace) -> Any:
    """Make a model of a family, as the options say."""
    family = FAMILIES[name]
    more = {"cache_dir": options.cache}
    if family.is_network:
        more["random_state"] = options.random_state
        if options.epochs is not None:
            more["epochs"] = options.epochs
    size = (options.image_size, options.image_size)
    return family.make(image_size=size, faces=options.faces, n_jobs=-1, **more)


def print_scores(console: Console, comparison: Comparison) -> None:
    """Print the table of a comparison, and its verdict."""
    scores = ScoreTable.from_comparison(comparison)
    table = Table(title=f"{scores.caption}; best first, 95% intervals in brackets")
    for place, head in enumerate(scores.heads):
        # Stacked words make a narrow column.
        text = escape(head.replace(" ", "\n") if place > 2 else head)
        if not place:  # In a narrow terminal a long name takes two lines.
            table.add_column(text, overflow="fold", min_width=8)
            continue
        width = max(len(row[place]) for row in scores.rows)
        table.add_column(text, justify="right", no_wrap=True, min_width=width)
    for row in scores.rows:
        table.add_row(*map(escape, row))
    console.print(table)
    say(console, comparison.verdict)


def print_overview(console: Console, comparison: Comparison, command: str) -> None:
    """Print what limits a result, what the audit found, and what to do next."""
    with console.status("Auditing the images"):
        audit = comparison.audit
        overview = Overview.from_comparison(comparison, command)
    say(console, overview.limit)
    if audit is not None:
        is_bad = not audit.is_sound
        kinds = ", ".join(
            f"{finding.kind} (serious)" if finding.serious else finding.kind
            for finding in audit.findings
        )
        say(console, f"Audit: {kinds or 'nothing found'}.", "bold red" * is_bad)
    say(console, "What to do next:")
    for number, step in enumerate(overview.next_steps, start=1):
        say(console, f"{number}. {step.reason}")
        if step.command:
            say(console, f"   {step.command}", "bold")

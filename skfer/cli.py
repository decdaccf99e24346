"""The command line: thin, calls the rooms below."""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sklearn.utils import Bunch

from skfer.datasets import load_image_folder, make_faces
from skfer.inspection import save_comparison
from skfer.model_selection import (
    Comparison,
    ProgressDisplay,
    compare_classifiers,
    split_train_test,
)
from skfer.pipelines import make_cnn, make_hog_svm, make_lbp_svm

MODELS = ("lbp-svm", "hog-svm", "cnn")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command ``skfer``.

    Parameters
    ----------
    arguments : sequence of str, default=None
        Words of the command line. None takes those of the process.

    Returns
    -------
    int
        0, or 1 after an error that was explained.

    Examples
    --------
    >>> from skfer.cli import main
    >>> main(["compare", "no/such/folder"])
    1
    """
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except (ValueError, OSError, ImportError) as error:
        Console(stderr=True).print(f"[bold red]skfer:[/] {escape(str(error))}")
        return 1
    except KeyboardInterrupt:
        Console(stderr=True).print("skfer: stopped, nothing was written.")
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="skfer", description="Classify facial expressions with scikit-learn."
    )
    parser.add_argument(
        "--version", action="version", version=f"skfer {version('skfer')}"
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    compare = commands.add_parser(
        "compare",
        help="train and compare classifiers on a folder of class folders",
        description="Train LBP+SVM, HOG+SVM and a convolutional network on a folder "
        "of class folders, and compare them on images that none has seen.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    compare.set_defaults(run=_compare)
    add = compare.add_argument
    add(
        "path",
        nargs="?",
        metavar="PATH",
        help="folder laid out as PATH/<class>/<image>; left out: drawn faces",
    )
    add(
        "--image-size",
        type=_at_least_one,
        default=48,
        metavar="PIXELS",
        help="height and width that images are brought to",
    )
    add(
        "--models",
        nargs="+",
        choices=MODELS,
        default=list(MODELS),
        metavar="MODEL",
        help=f"which of {', '.join(MODELS)}",
    )
    add(
        "--epochs",
        type=_at_least_one,
        metavar="N",
        help="passes of the network over the images; left out: the network's default",
    )
    add(
        "--test-size",
        type=float,
        default=0.2,
        metavar="SHARE",
        help="share of the images to test on",
    )
    add(
        "--test",
        metavar="PATH",
        help="separate folder to test on, instead of a share of the images",
    )
    add(
        "--groups",
        metavar="PATTERN",
        help="regular expression that finds in a file name who is shown, so that "
        "nobody is both trained and tested on",
    )
    add(
        "--output",
        default="skfer-results",
        metavar="DIR",
        help="folder for the table and the figures",
    )
    add("--random-state", type=int, default=0, metavar="SEED",
        help="seed of the split and of the network")  # fmt: skip
    return parser


def _at_least_one(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"it must be at least 1, got {text}")
    return value


def _compare(options: argparse.Namespace) -> int:
    console = Console()
    _check_output(Path(options.output))
    if options.test and not options.path:
        raise ValueError("--test PATH needs a folder to train on: skfer compare PATH.")
    train, test, source = _load(options)
    console.print(
        f"{escape(source)}: {len(train.target):,} images to train on, "
        f"{len(test.target):,} to test on, {len(set(train.target))} classes."
    )
    classifiers = {name: _make(name, options) for name in options.models}
    with ProgressDisplay(list(classifiers), console) as progress:
        comparison = compare_classifiers(
            classifiers,
            train.X,
            train.target,
            test.X,
            test.target,
            random_state=options.random_state,
            progress=progress,
        )
    files = save_comparison(comparison, options.output)
    _print_table(console, comparison)
    largest = max(np.unique(test.target, return_counts=True)[1]) / len(test.target)
    console.print(escape(comparison.summarize()), soft_wrap=True)
    console.print(f"Always guessing the largest class would reach {largest:.1%}.")
    console.print(
        f"Written to {escape(options.output)}: {', '.join(f.name for f in files)}",
        soft_wrap=True,
    )
    return 0


def _check_output(folder: Path) -> None:
    """Refuse a place that can't be written to before the work, not after it."""
    there = folder
    while not there.exists() and there != there.parent:
        there = there.parent
    if not there.is_dir() or not os.access(there, os.W_OK):
        raise ValueError(
            f"--output {folder} can't be made, because {there} is not a folder that "
            "can be written to. Choose another with --output DIR."
        )


def _load(options: argparse.Namespace) -> tuple[Bunch, Bunch, str]:
    if options.path is None:
        data = make_faces(
            image_size=max(16, options.image_size), random_state=options.random_state
        )
        X, groups, source = data.images, data.groups, "Drawn faces, split by subject"
    else:
        data = load_image_folder(options.path, groups=options.groups)
        X, groups, source = data.paths, data.groups, options.path
    if options.test:
        other = load_image_folder(options.test, groups=options.groups)
        return (
            Bunch(X=X, target=data.target),
            Bunch(X=other.paths, target=other.target),
            f"{options.path}, tested on {options.test}",
        )
    train, test = split_train_test(
        data.target,
        groups=groups,
        test_size=options.test_size,
        random_state=options.random_state,
    )
    return (
        Bunch(X=X[train], target=data.target[train]),
        Bunch(X=X[test], target=data.target[test]),
        source,
    )


def _make(name: str, options: argparse.Namespace) -> Any:
    size = (options.image_size, options.image_size)
    if name == "lbp-svm":
        return make_lbp_svm(image_size=size, n_jobs=-1)
    if name == "hog-svm":
        return make_hog_svm(image_size=size, n_jobs=-1)
    epochs = {} if options.epochs is None else {"epochs": options.epochs}
    return make_cnn(
        image_size=size, n_jobs=-1, random_state=options.random_state, **epochs
    )


def _print_table(console: Console, comparison: Comparison) -> None:
    table = Table(title="Best first; in brackets the 95 % interval")
    table.add_column("model", no_wrap=True)
    for title in ("accuracy", "macro F1", "fit\nseconds", "predict\nimages/s"):
        table.add_column(title, justify="right", no_wrap=True)
    for score in comparison.scores:
        table.add_row(
            score.model,
            _with_interval(score.accuracy, score.accuracy_low, score.accuracy_high),
            _with_interval(score.macro_f1, score.macro_f1_low, score.macro_f1_high),
            f"{score.fit_seconds:,.1f}",
            f"{score.predict_images_per_second:,.0f}",
        )
    console.print(table)


def _with_interval(value: float, low: float, high: float) -> str:
    return f"{value:.1%} ({low * 100:.1f} to {high * 100:.1f})"


if __name__ == "__main__":
    sys.exit(main())

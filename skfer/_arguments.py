"""The words that the command line understands."""

import argparse
from importlib.metadata import version
from typing import Any

MODELS = ("lbp-svm", "hog-svm", "cnn")


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the command ``skfer``.

    Returns
    -------
    argparse.ArgumentParser
        The name of the chosen command lies in ``command``.
    """
    parser = argparse.ArgumentParser(
        prog="skfer", description="Classify facial expressions with scikit-learn."
    )
    parser.add_argument(
        "--version", action="version", version=f"skfer {version('skfer')}"
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND", dest="command")
    _add_compare(commands)
    _add_compare(commands, report="skfer-report.html")
    _add_audit(commands)
    return parser


def _add_audit(commands: Any) -> None:
    audit = commands.add_parser(
        "audit",
        help="look for copies, leaks and broken files in a folder",
        description="Look through a folder of class folders for copies of pictures, "
        "leaks between parts, broken files and odd labels. The exit status is 1 where "
        "something would make results meaningless.",
    )
    audit.add_argument(
        "path", metavar="PATH", help="folder or zip archive, as for compare"
    )
    audit.add_argument(
        "--against",
        metavar="PATH",
        help="second folder, which the first must share no picture with, for instance "
        "the test part",
    )
    _add_reading(audit)
    audit.add_argument(
        "--report", metavar="FILE", help="HTML file for the findings with pictures"
    )
    audit.add_argument(
        "--keep", metavar="FILE", help="text file for the paths worth keeping"
    )


def _add_reading(command: Any) -> None:
    """Add what says how folders are read, to audit, compare and report alike."""
    add = command.add_argument
    add(
        "--groups",
        metavar="PATTERN",
        help="regular expression that finds in a file name who is shown, so that "
        "nobody is both trained and tested on",
    )
    add(
        "--layout",
        metavar="LEVELS",
        help="what the folders stand for, for instance subject/class",
    )
    add(
        "--csv",
        metavar="FILE",
        help="labels of the images, relative to PATH, instead of class folders",
    )
    add(
        "--fold-case",
        action="store_true",
        help="take classes whose names differ in case only for one",
    )


def _add_compare(commands: Any, report: str | None = None) -> None:
    compare = commands.add_parser(
        "report" if report else "compare",
        help="the same, and write one HTML page to hand in"
        if report
        else "train and compare classifiers on a folder of class folders",
        description="Train LBP+SVM, HOG+SVM and a convolutional network on a folder "
        "of class folders, and compare them on images that none has seen.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
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
        "--drop-copies",
        action="store_true",
        help="of parts that come with the images, leave copies of test images out of "
        "the training",
    )
    _add_reading(compare)
    add(
        "--output",
        default="skfer-results",
        metavar="DIR",
        help="folder for the table and the figures",
    )
    add("--random-state", type=int, default=0, metavar="SEED",
        help="seed of the split and of the network")  # fmt: skip
    add(
        "--report",
        default=report,
        metavar="FILE",
        help="HTML page with the data, its audit, the table, the verdict, confusions "
        "with faces, the worst errors and the curves",
    )


def _at_least_one(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"it must be at least 1, got {text}")
    return value

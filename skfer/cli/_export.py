"""``skfer export``."""

import argparse
from typing import Any

from rich.console import Console

from skfer._steps import find_part
from skfer._text import count_of
from skfer._writing import check_free
from skfer.cli._options import OVERWRITE, say
from skfer.datasets import ImageTable
from skfer.faces import FaceCropper
from skfer.persistence import export_onnx, load_model
from skfer.prediction import classify_images, list_pictures


def add_parser(commands: Any) -> None:
    """Add the command to the parser of ``skfer``."""
    parser = commands.add_parser(
        "export",
        help="write a model as ONNX, for programs without skfer",
        description="Write a model file as ONNX, from pictures of any size to "
        "probabilities. Needs skfer[export].",
    )
    parser.set_defaults(run=run)
    add = parser.add_argument
    add("model", metavar="MODEL", help="file of save_model or train")
    add("-o", "--output", required=True, metavar="FILE", help="ONNX file to write")
    add(
        "--check",
        nargs="+",
        metavar="PICTURES",
        help="pictures on which both models are compared, or folders of them; the "
        "result is printed and kept in the file",
    )
    add("--overwrite", action="store_true", help="replace the file if it exists")


def run(options: argparse.Namespace) -> int:
    """Load, convert, compare, print, and then write."""
    console = Console()
    check_free(options.output, "--output", options.overwrite, advice=OVERWRITE)
    pictures = list_pictures(options.check) if options.check else None
    model = load_model(options.model)
    if pictures is not None:
        pictures = _leave_out_unreadable(console, model, pictures)
    with console.status("Converting"):
        parity = export_onnx(
            model,
            options.output,
            X=None if pictures is None else pictures.X,
            overwrite=options.overwrite,
        )
    cuts_faces = find_part(model, FaceCropper) is not None
    if parity is not None:
        after = ", after skfer has cut the faces out" if cuts_faces else ""
        say(console, f"ONNX Runtime and skfer: {parity}{after}.")
    if cuts_faces:
        say(
            console,
            "The ONNX model takes faces that are cut out and turned upright, as skfer "
            "crop does. It does not look for them, and is often wrong on whole "
            "photographs.",
            "bold",
        )
    say(console, f"Written to {options.output}.")
    return 0


def _leave_out_unreadable(
    console: Console, model: Any, pictures: ImageTable
) -> ImageTable:
    """Return the pictures that the model can classify, and say how many can't be."""
    good = classify_images(model, pictures, n_jobs=-1).status == ""
    if not good.any():
        raise ValueError("--check has no picture that can be classified.")
    if not good.all():
        say(console, f"Not compared: {count_of(int((~good).sum()), 'file')} of "
            f"{len(good):,} that can't be read or have no face.", "bold")  # fmt: skip
    return pictures[good]

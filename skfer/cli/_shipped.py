"""What answers: the model of a file, or the network that skfer ships."""

import argparse
from importlib.resources import files
from typing import Any

from rich.console import Console

from skfer._steps import find_part
from skfer.cli._options import say
from skfer.faces import FaceCropper
from skfer.faces._blaze_face import check_installed
from skfer.persistence import load_model
from skfer.pipelines import load_pretrained


def add_shipped_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say how the network is used."""
    parser.add_argument(
        "--prior",
        choices=("trained", "even"),
        default="trained",
        help="without a model file: how frequent the expressions are",
    )
    parser.add_argument(
        "--whole",
        action="store_true",
        help="without a model file: classify pictures as they are, without looking "
        "for faces",
    )


def refuse_shipped_options(options: argparse.Namespace, model: str) -> None:
    """Raise an error if they are given beside a model file.

    Raises
    ------
    ValueError
        If one of them has another value than its default.
    """
    if options.whole or options.prior != "trained":
        raise ValueError(
            "--whole and --prior are for the network that skfer ships, and the model "
            f"is {model}. Leave them out."
        )


def read_shipped_card() -> str:
    """Return the card of the network, in Markdown."""
    card = files("skfer.neural") / "weights" / "faces.md"
    return card.read_text(encoding="utf-8")


def load_classifier(
    console: Console, model_file: str | None, options: argparse.Namespace
) -> Any:
    """Return the model of the file, or the trained network, and say what it takes."""
    if model_file:
        model = load_model(model_file)
        if find_part(model, FaceCropper) is None:
            say(
                console,
                f"{model_file} does not look for faces: it takes pictures like those "
                "it was trained on.",
            )
        return model
    faces = not options.whole
    try:
        check_installed()
    except ImportError as error:
        if faces:
            say(console, f"Pictures are classified as a whole. {error}", "bold")
        faces = False
    if options.prior == "trained":
        say(
            console,
            "The network that skfer ships answers. It calls many angry and sad faces "
            "neutral; --prior even takes all expressions as equally frequent. "
            "skfer show prints its card.",
        )
    return load_pretrained(prior=options.prior, faces=faces, n_jobs=-1)

"""``skfer show``."""

import argparse
from typing import Any

from skfer._text import printable
from skfer.cli._shipped import read_shipped_card
from skfer.persistence import read_card


def add_parser(commands: Any) -> None:
    """Add the command to the parser of ``skfer``."""
    parser = commands.add_parser(
        "show",
        help="print the card of a model file",
        description="Print what a model file says of its model: classes, results, "
        "training images, limits and versions. The model itself is not loaded.",
    )
    parser.set_defaults(run=run)
    parser.add_argument(
        "model",
        nargs="?",
        metavar="MODEL",
        help="file of save_model or train; by default, the network that skfer ships",
    )
    parser.add_argument(
        "--json", action="store_true", help="print it as JSON, for programs"
    )


def run(options: argparse.Namespace) -> int:
    """Read the card, and print it."""
    if options.model is None:
        if options.json:
            raise ValueError(
                "skfer show --json needs a model file: the card of the network that "
                "skfer ships is a text. Leave --json out."
            )
        print(read_shipped_card(), end="")
        return 0
    card = read_card(options.model)
    print(printable(card.to_json() if options.json else card.to_markdown()), end="")
    return 0

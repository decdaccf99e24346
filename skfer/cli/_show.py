"""``skfer show``."""

import argparse
from typing import Any

from skfer._text import printable
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
    parser.add_argument("model", metavar="MODEL", help="file of save_model or train")
    parser.add_argument(
        "--json", action="store_true", help="print it as JSON, for programs"
    )


def run(options: argparse.Namespace) -> int:
    """Read the card, and print it."""
    card = read_card(options.model)
    print(printable(card.to_json() if options.json else card.to_markdown()), end="")
    return 0

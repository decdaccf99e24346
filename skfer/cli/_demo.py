"""``skfer demo``."""

import argparse
from typing import Any

from rich.console import Console

from skfer.cli._shipped import (
    add_shipped_options,
    load_classifier,
    read_shipped_card,
    refuse_shipped_options,
)
from skfer.demo import serve
from skfer.persistence import ModelCard, read_card


def add_parser(commands: Any) -> None:
    """Add the command to the parser of ``skfer``."""
    parser = commands.add_parser(
        "demo",
        help="open a local page for pictures and the webcam",
        description="Open a page on this computer that classifies pictures and the "
        "webcam with a model file, or with the network that skfer ships. No picture "
        "is kept or sent elsewhere. Ctrl-C ends it. Needs skfer[demo].",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.set_defaults(run=run)
    add = parser.add_argument
    add("model", nargs="?", metavar="MODEL", help="file of save_model or train")
    add(
        "--host",
        default="127.0.0.1",
        help="address to serve; 0.0.0.0 lets every computer of the network use it",
    )
    add("--port", type=_port, default=8765, help="port to serve; 0 takes a free one")
    add("--no-browser", action="store_true", help="do not open a browser")
    add_shipped_options(parser)


def run(options: argparse.Namespace) -> int:
    """Load the model, and serve until Ctrl-C."""
    console = Console(stderr=True)
    card: ModelCard | str
    if options.model:
        refuse_shipped_options(options, options.model)
    with console.status("Loading the model"):
        card = read_card(options.model) if options.model else read_shipped_card()
        model = load_classifier(console, options.model, options)
    serve(
        model,
        card=card,
        host=options.host,
        port=options.port,
        open_browser=not options.no_browser,
    )
    return 0


def _port(text: str) -> int:
    value = int(text)
    if not 0 <= value < 1 << 16:
        raise argparse.ArgumentTypeError(f"it must be from 0 to 65535, got {text}")
    return value

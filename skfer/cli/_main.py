"""Parsing the command line, and showing errors as one message."""

import argparse
import io
import signal
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version

from rich.console import Console
from rich.markup import escape

from skfer._text import printable
from skfer.cli import (
    _audit,
    _clean,
    _compare,
    _crop,
    _demo,
    _evaluate,
    _export,
    _predict,
    _show,
    _train,
    _watch,
)

_COMMANDS = (
    _compare, _train, _predict, _evaluate, _watch, _show, _export, _demo, _audit,
    _clean, _crop,
)  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command ``skfer``.

    Parameters
    ----------
    arguments : sequence of str, default=None
        Arguments of the command line. None means those of the process.

    Returns
    -------
    int
        0 on success; 1 after a reported error, or if an audit found something serious;
        130 after Ctrl-C. SIGTERM ends the process with 143, like Ctrl-C after temporary
        files are deleted.

    Examples
    --------
    >>> from skfer.cli import main
    >>> main(["compare", "no/such/folder"])
    1
    """
    for stream in (sys.stdout, sys.stderr):
        # What a terminal or a redirected file can't show must not cost the results.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    options = _make_parser().parse_args(arguments)
    options.arguments = list(sys.argv[1:] if arguments is None else arguments)
    try:
        with warnings.catch_warnings(), _clean_up_after_sigterm():
            # The commands say themselves where there is no face.
            warnings.filterwarnings("ignore", "FaceCropper found no face")
            return options.run(options)
    except (ValueError, OSError, ImportError) as error:
        message = escape(printable(error))
        Console(stderr=True).print(f"[bold red]skfer:[/] {message}")
        return 1
    except KeyboardInterrupt:
        Console(stderr=True).print("skfer: stopped.")
        return 130


@contextmanager
def _clean_up_after_sigterm() -> Iterator[None]:
    """Leave by an exception, so that what is temporary is deleted on the way."""

    def leave(number: int, frame: object) -> None:
        raise SystemExit(128 + number)

    try:
        before = signal.signal(signal.SIGTERM, leave)
    except ValueError:  # Not in the main thread, where no signal arrives.
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="skfer", description="Classify facial expressions with scikit-learn."
    )
    parser.add_argument(
        "--version", action="version", version=f"skfer {version('skfer')}"
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND", dest="command")
    for module in _COMMANDS:
        module.add_parser(commands)
    return parser

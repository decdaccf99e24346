"""Parsing the command line, and showing errors as one message."""

import argparse
import io
import os
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
from skfer.cli._options import explain_error

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
        130 after Ctrl-C. SIGTERM and a terminal that is closed end the process with 143
        and 129, like Ctrl-C after temporary files are deleted.

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
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    options = _make_parser().parse_args(arguments)
    options.arguments = arguments
    try:
        _refuse_empty(arguments)
        with warnings.catch_warnings(), _clean_up_after_signals():
            # The commands say themselves where there is no face.
            warnings.filterwarnings("ignore", "FaceCropper found no face")
            return options.run(options)
    except BrokenPipeError:
        # Whoever read the output, such as head, has enough of it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (ValueError, OSError, ImportError) as error:
        message = escape(printable(explain_error(error)))
        Console(stderr=True).print(f"[bold red]skfer:[/] {message}", soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        Console(stderr=True).print("skfer: stopped.")
        return 130


def _refuse_empty(arguments: Sequence[str]) -> None:
    """Raise an error for an empty name, which Python takes for the current folder."""
    for before, one in zip(["", *arguments], arguments, strict=False):
        is_value = one.startswith("--") and one.endswith("=")
        option = one[:-1] if is_value else before
        if (is_value or not one) and option != "--notes":
            after = f" after {option}" if option else ""
            raise ValueError(
                f"The command line has an empty name{after}. Name a file or folder, or "
                "leave it out; perhaps a variable of the shell is not set."
            )


@contextmanager
def _clean_up_after_signals() -> Iterator[None]:
    """Leave by an exception, so that what is temporary is deleted on the way."""

    def leave(number: int, frame: object) -> None:
        raise SystemExit(128 + number)

    # The latter, of a terminal that is closed, is unknown to Windows.
    names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    numbers = [getattr(signal, name) for name in names]
    # Started by nohup, the command goes on without its terminal.
    numbers = [one for one in numbers if signal.getsignal(one) != signal.SIG_IGN]
    try:
        before = [signal.signal(number, leave) for number in numbers]
    except ValueError:  # Not in the main thread, where no signal arrives.
        yield
        return
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


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

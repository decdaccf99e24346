"""``skfer watch``."""

import argparse
import time
from collections import deque
from collections.abc import Iterable
from contextlib import closing
from typing import Any

import numpy as np
from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.progress_bar import ProgressBar
from rich.table import Table

from skfer._text import count_of, printable
from skfer.cli._options import MODEL_EXTENSION, say, seconds_from_zero, take_model
from skfer.cli._shipped import (
    add_shipped_options,
    load_classifier,
    refuse_shipped_options,
)
from skfer.prediction import WatchedFrame, watch

_SOME = 30  # Frames of which the screen shows the speed.
_WIDTH = 40  # Of the bars, in characters.


def add_parser(commands: Any) -> None:
    """Add the command to the parser of ``skfer``."""
    parser = commands.add_parser(
        "watch",
        help="classify the webcam, or a video while it plays, in the terminal",
        description="Show what a model file, or the network that skfer ships, says of "
        "the webcam or of a video while it plays, with the frames per second and the "
        "latency. Ctrl-C ends it. Where the output is no terminal, a line is printed "
        "for each change. Needs skfer[video].",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.set_defaults(run=run)
    add = parser.add_argument
    add(
        "names",
        nargs="*",
        metavar="[MODEL] [SOURCE]",
        help=f"model file, if its name ends with {MODEL_EXTENSION}, and the number of "
        "a webcam or a video; the first webcam if it is left out",
    )
    add(
        "--smoothing",
        type=seconds_from_zero,
        default=0.0,
        metavar="SECONDS",
        help="average the probabilities over so many seconds, so that the label "
        "changes less often; 0 takes each frame alone",
    )
    add_shipped_options(parser)


def run(options: argparse.Namespace) -> int:
    """Load, watch until the end or Ctrl-C, and print how fast it was."""
    console = Console()
    model_file, given = take_model(options.names)
    source = _choose_source(given)
    if model_file:
        refuse_shipped_options(options, model_file)
    with console.status("Loading the model"):
        model = load_classifier(console, model_file, options)
    if not hasattr(model, "predict_proba"):
        say(console, "The model has no probabilities; the numbers are shares of the "
            "classes, which are useful for ranking only.", "bold")  # fmt: skip
    labels = [printable(label) for label in np.asarray(model.classes_).tolist()]
    speed = _Speed()
    try:
        with closing(watch(model, source, smoothing=options.smoothing)) as frames:
            _show(console, labels, speed, frames)
    except KeyboardInterrupt:
        pass  # How it usually ends.
    say(console, speed.summary)
    return 0


def _choose_source(given: list[str]) -> int | str:
    if len(given) > 1:
        raise ValueError(
            f"skfer watch got {' and '.join(given)}. Name one webcam or video, after "
            "the model file."
        )
    source = given[0] if given else "0"
    return int(source) if source.isdecimal() else source


class _Speed:
    """Latency and rate of answers."""

    def __init__(self) -> None:
        self._latencies: list[float] = []
        self._first = 0.0
        self._times: deque[float] = deque(maxlen=_SOME)
        self._n_skipped = 0

    def add(self, frame: WatchedFrame) -> None:
        now = time.perf_counter()
        self._first = self._first or now
        self._times.append(now)
        self._latencies.append(frame.latency)
        self._n_skipped += frame.n_skipped

    @property
    def now(self) -> str:
        latency = np.median(self._latencies[-_SOME:])
        return f"{self._rate(self._times[0], len(self._times))}{_ms(latency)} each"

    @property
    def summary(self) -> str:
        n = len(self._latencies)
        if not n:
            return "No frame was seen."
        median, slow = np.quantile(self._latencies, [0.5, 0.95])
        rate = self._rate(self._first, n).rstrip(", ")
        return (
            f"{count_of(n, 'frame')} answered{f', {rate}' if rate else ''}, "
            f"{_ms(median)} after each came, 95 of 100 within {_ms(slow)}; "
            f"{count_of(self._n_skipped, 'frame')} skipped meanwhile."
        )

    def _rate(self, since: float, n: int) -> str:
        passed = self._times[-1] - since
        return f"{(n - 1) / passed:.1f} frames a second, " if passed else ""


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:.0f} ms"


def _show(
    console: Console, labels: list[str], speed: _Speed, frames: Iterable[WatchedFrame]
) -> None:
    """Draw bars in a terminal; elsewhere, print each change of the label."""
    last = None
    with Live(console=console, auto_refresh=False, transient=True) as live:
        for frame in frames:
            speed.add(frame)
            answer = frame.status or printable(frame.label)
            if console.is_terminal and not console.is_dumb_terminal:
                live.update(_draw(answer, labels, frame, speed.now), refresh=True)
            elif answer != last:
                share = dict(zip(labels, frame.probability, strict=True)).get(answer)
                best = "" if share is None else f" {share:.0%}"
                say(console, f"{frame.seconds:8.2f} s  {answer}{best}")
            last = answer


def _draw(answer: str, labels: list[str], frame: WatchedFrame, speed: str) -> Group:
    bars = Table.grid(padding=(0, 1))
    for label, share in zip(labels, np.nan_to_num(frame.probability), strict=True):
        bar = ProgressBar(total=1, completed=float(share), width=_WIDTH)
        bars.add_row(escape(label), bar, f"{share:4.0%}")
    place = ""
    if frame.box is not None:
        left, top, right, bottom = np.round(frame.box).astype(int).tolist()
        place = f"face at {left}, {top} to {right}, {bottom}"
    head = f"[bold]{escape(answer)}[/]  {frame.seconds:.1f} s  {place}"
    return Group(head, bars, f"{speed}. Ctrl-C ends it.")

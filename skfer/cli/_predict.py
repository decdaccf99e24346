"""``skfer predict``."""

import argparse
import csv
import json
import math
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

import numpy as np
from rich.console import Console

from skfer._text import as_cell, count_of, printable
from skfer._videos import split_frame
from skfer._writing import check_free, written_aside
from skfer.cli._options import (
    MODEL_EXTENSION,
    OVERWRITE,
    say,
    seconds_from_zero,
    take_model,
)
from skfer.cli._shipped import (
    add_shipped_options,
    load_classifier,
    refuse_shipped_options,
)
from skfer.datasets import ImageTable
from skfer.inspection import TimelineDisplay
from skfer.inspection._pictures import plain
from skfer.prediction import classify_images, list_pictures

_CHUNK = 64  # Pictures that are in memory at once.
_BOX = ("left", "top", "right", "bottom")
_FIGURES = (".png", ".svg", ".pdf")
_KINDS = (".csv", ".jsonl")
_MOST_VIDEOS = 100  # In a figure.
_MOST_LABELS = 20  # In the summary.
_NO_BOX = (math.nan,) * 4


def add_parser(commands: Any) -> None:
    """Add the command to the parser of ``skfer``."""
    parser = commands.add_parser(
        "predict",
        help="classify pictures and videos, a row for each",
        description="Classify pictures, videos, zip archives and folders of them, with "
        f"a model file, whose name ends with {MODEL_EXTENSION}, or with the network "
        "that skfer ships. Each picture and each frame becomes a row, in order: path, "
        "frame, seconds, the box of the face, label, probabilities and status. A name "
        "that begins with - needs ./ before it.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.set_defaults(run=run)
    add = parser.add_argument
    add(
        "paths",
        nargs="+",
        metavar="[MODEL] PICTURES",
        help=f"model file, if its name ends with {MODEL_EXTENSION}; what to classify",
    )
    add(
        "-o",
        "--output",
        default="-",
        metavar="FILE",
        help="table to write: CSV, or JSON lines if the name ends with .jsonl; - "
        "prints CSV",
    )
    add("--overwrite", action="store_true", help="replace the file if it exists")
    add(
        "--every",
        type=seconds_from_zero,
        default=1.0,
        metavar="SECONDS",
        help="seconds between the frames of videos; 0 takes all frames",
    )
    add(
        "--figure",
        metavar="FILE",
        help="draw the answers over the time of each video, as .png, .svg or .pdf",
    )
    add_shipped_options(parser)


def run(options: argparse.Namespace) -> int:
    """Load, classify part by part, and write each part at once."""
    console = Console(stderr=True)  # The table may go to the standard output.
    if options.output != "-":
        _check_kind(options.output)
        check_free(options.output, "--output", options.overwrite, advice=OVERWRITE)
        _check_incomplete(options.output, options.overwrite)
    if options.figure:
        _check_figure(options.figure, options.overwrite)
    model_file, paths = take_model(options.paths)
    if model_file:
        refuse_shipped_options(options, model_file)
    if not paths:
        raise ValueError(
            f"skfer predict got the model {model_file}, but no pictures. Add a "
            "picture, a video or a folder."
        )
    pictures = list_pictures(paths, every=options.every or None)
    for remark in (*pictures.notes, *pictures.problems):
        say(console, remark)
    n_videos = len({frame[0] for frame in map(split_frame, pictures.X) if frame})
    if options.figure and not n_videos:
        say(console, "No figure is drawn: --figure shows answers over the time of "
            "videos, and there is none that can be read.", "bold")  # fmt: skip
    with console.status("Loading the model"):
        model = load_classifier(console, model_file, options)
    if not hasattr(model, "predict_proba"):
        say(console, "The model has no probabilities; the table has shares of the "
            "classes, which are useful for ranking only.", "bold")  # fmt: skip
    counts: Counter[str] = Counter()
    labels = Counter(dict.fromkeys(map(str, np.asarray(model.classes_).tolist()), 0))
    frames: list[tuple[str, float, np.ndarray]] = []
    with (
        _opened(console, options.output, len(pictures), counts) as file,
        console.status("Classifying") as status,
    ):
        write = _make_writer(file, options.output)
        for start in range(0, len(pictures), _CHUNK):
            rows = np.arange(start, min(start + _CHUNK, len(pictures)))
            results = classify_images(model, pictures[rows], n_jobs=-1)
            part = list(_to_rows(results, model))
            for row in part:
                write(row)
            file.flush()
            if options.figure:
                frames += _list_frames(results)
            counts.update(_count_as(row["status"]) for row in part)
            labels.update(str(row["label"]) for row in part if row["label"] is not None)
            status.update(f"Classified {counts.total():,} of {len(pictures):,}")
    say(console, _summary(counts, options.output))
    if len(labels) <= _MOST_LABELS:
        answers = (f"{printable(name)} {n:,}" for name, n in labels.items())
        say(console, f"Answers: {', '.join(answers)}.")
    if n_videos:
        say(console, f"{count_of(n_videos, 'video')}: " + _every(options.every))
    if options.figure and n_videos:
        say(console, _draw(frames, model, options.figure))
    return 0


def _list_frames(results: ImageTable) -> list[tuple[str, float, np.ndarray]]:
    """Return video, seconds and probabilities of each frame."""
    found = zip(map(split_frame, results.X), results["probability"], strict=True)
    return [(*frame, shares) for frame, shares in found if frame]


def _every(seconds: float) -> str:
    if not seconds:
        return "every frame."
    return f"a frame for each {seconds:g} s; --every {seconds / 5:g} takes more."


def _draw(frames: list[tuple[str, float, np.ndarray]], model: Any, figure: str) -> str:
    """Draw the first videos, write the figure, and say so."""
    from matplotlib import pyplot

    names = list(dict.fromkeys(name for name, *_ in frames))
    shown = {*names[:_MOST_VIDEOS]}
    videos, seconds, shares = zip(*(f for f in frames if f[0] in shown), strict=True)
    display = TimelineDisplay(
        seconds,
        np.array(shares),
        np.asarray(model.classes_).tolist(),
        hasattr(model, "predict_proba"),
        videos,
    ).plot()
    if len(names) == 1:
        display.ax_.set_title(plain(Path(names[0]).name))
    with written_aside(figure) as aside:
        display.figure_.savefig(aside, format=Path(figure).suffix[1:].lower(), dpi=300)
    pyplot.close(display.figure_)
    n_more = len(names) - len(shown)
    more = f", of the first {len(shown):,} videos" if n_more else ""
    return f"Drawn to {figure}{more}."


def _to_rows(results: ImageTable, model: Any) -> Iterator[dict[str, Any]]:
    """Yield a row of the table for each picture."""
    kind = "probability" if hasattr(model, "predict_proba") else "share"
    names = [f"{kind}_{label}" for label in np.asarray(model.classes_).tolist()]
    for row, path in enumerate(results.X):
        one = {name: values[row] for name, values in results.columns.items()}
        file, seconds = split_frame(path) or (path, None)
        # A video that can't be read is one row.
        frame = int(one.get("frame_number", -1))
        shares = [_rounded(share, 6) for share in one["probability"]]
        status = "no face is found" if one.get("face") == "missing" else "ok"
        if one["status"]:
            status = f"not classified: {one['status']}"
        yield {
            "path": printable(file),
            "frame": None if frame < 0 else frame,
            "seconds": None if frame < 0 else seconds,
            **{
                side: _rounded(value, 1)
                for side, value in zip(_BOX, one.get("box", _NO_BOX), strict=True)
            },
            "label": one["predicted"],
            **dict(zip(names, shares, strict=True)),
            "status": printable(status),
        }


def _rounded(value: float, digits: int) -> float | None:
    return None if math.isnan(value) else round(float(value), digits)


def _count_as(status: str) -> str:
    return status.partition(":")[0]


def _make_writer(file: TextIO, name: str) -> Callable[[dict[str, Any]], None]:
    """Return what writes a row, after the names of the columns."""
    if Path(name).suffix.lower() == ".jsonl":
        return lambda row: print(
            json.dumps(row, default=str, ensure_ascii=False), file=file
        )
    lines = csv.writer(file)
    head: list[str] = []

    def write(row: dict[str, Any]) -> None:
        if not head:
            head.extend(row)
            lines.writerow(map(as_cell, head))
        lines.writerow(["" if v is None else as_cell(v) for v in row.values()])

    return write


@contextmanager
def _opened(
    console: Console, name: str, n_pictures: int, counts: Counter[str]
) -> Iterator[TextIO]:
    """Yield where rows go: a file that says it is not complete until it is."""
    if name == "-":
        if sys.stdout is None:
            raise ValueError(
                "The standard output is closed. Name a table to write with --output."
            )
        yield sys.stdout
        return
    path, unfinished = Path(name), _incomplete(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with unfinished.open("w", newline="", encoding="utf-8") as file:
            yield file
    except BaseException:
        say(
            console,
            f"Not complete: at least {counts.total():,} of "
            f"{count_of(n_pictures, 'row')} are in {unfinished}.",
            "bold",
        )
        raise
    unfinished.replace(path)


def _incomplete(name: str) -> Path:
    """Return what a table is called until it is complete, or if it never is."""
    path = Path(name)
    return path.with_name(f"{path.stem}.incomplete{path.suffix}")


def _check_kind(name: str) -> None:
    if Path(name).suffix.lower() not in _KINDS:
        raise ValueError(
            f"--output {name} does not end with {' or '.join(_KINDS)}, the tables that "
            "skfer predict writes. Name it so, and convert it if you need another kind."
        )


def _check_figure(name: str, overwrite: bool) -> None:
    if Path(name).suffix.lower() not in _FIGURES:
        raise ValueError(
            f"--figure {name} does not end with {' or '.join(_FIGURES)}. Name it so."
        )
    check_free(name, "--figure", overwrite, advice=OVERWRITE)


def _check_incomplete(name: str, overwrite: bool) -> None:
    """Raise if there are rows of a run that was stopped, which may have taken hours."""
    if _incomplete(name).exists() and not overwrite:
        raise FileExistsError(
            f"{_incomplete(name)} holds the rows of a run that was stopped. Move it "
            f"away, or {OVERWRITE} to replace it."
        )


def _summary(counts: Counter[str], output: str) -> str:
    parts = [f"{counts['ok'] + counts['no face is found']:,} classified"]
    if n := counts["no face is found"]:
        parts.append(f"{n:,} of them as a whole, because no face is found")
    if n := counts["not classified"]:
        parts.append(f"{n:,} not classified, the column status says why")
    where = "" if output == "-" else f" Written to {output}."
    return f"{count_of(counts.total(), 'row')}: {'; '.join(parts)}.{where}"

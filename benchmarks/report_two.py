"""Report 2 at its real size: ``python -m benchmarks report_two FOLDER``.

Draws 55,007 frames of 112 by 112 pixels in colour, in folders
FOLDER/frames/subject/class, and measures each step in a process of its own: reading,
the audit, the split by subject, and one epoch of the report's network, from files and
from the cache that this leaves.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from rich.console import Console
from rich.table import Table

from benchmarks._peak import measure
from benchmarks._timing import describe_machine
from skfer import CNNClassifier, ImageLoader
from skfer.datasets import audit_images, load_image_folder, make_faces
from skfer.model_selection import LeakFreeShuffleSplit

_N_FRAMES, _N_SUBJECTS, _SIDE = 55_007, 40, 112
_CLASSES = {"fear": "touching", "neutral": "not touching", "sad": "nearly"}
_NETWORK = "conv64-64-128-256_dense1024"
_STEPS = ("reading", "audit", "split", "epoch from files", "epoch from the cache")
_MOST_MB = 1000


def draw(folder: Path, n_frames: int) -> None:
    """Write the frames of a video for each subject and class; neighbours look alike."""
    videos = make_faces(
        3 * _N_SUBJECTS, classes=list(_CLASSES), n_subjects=_N_SUBJECTS,
        image_size=_SIDE, random_state=0,
    )  # fmt: skip
    tint = np.array([1.0, 0.85, 0.75])
    for number in range(n_frames):
        video, frame = number % len(videos), number // len(videos)
        place = (
            folder
            / f"person{videos.groups[video]}"
            / _CLASSES[videos.target[video]]
            / f"{frame:04}.jpg"
        )
        if place.exists():
            continue
        rng = np.random.default_rng(number)
        moved = np.roll(videos.images[video], rng.integers(-4, 5, 2), (0, 1))
        colour = moved[:, :, np.newaxis] * tint * rng.uniform(0.8, 1.0)
        place.parent.mkdir(parents=True, exist_ok=True)
        noisy = colour + rng.normal(0, 4, (_SIDE, _SIDE, 1))
        Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(place, quality=90)


def prepare(step: str, folder: Path) -> Callable[[], Any]:
    """Return what is to be measured."""
    frames = folder / "frames"
    if step == "reading":
        return lambda: load_image_folder(frames, layout="subject/class")
    table = load_image_folder(frames, layout="subject/class")
    splitter = LeakFreeShuffleSplit(test_size=0.2, random_state=0)
    if step == "audit":
        return lambda: print(audit_images(table).summary, file=sys.stderr)
    rows = folder / "train.npy"
    if step == "split":
        parts = splitter.split(table.X, table.target, table.groups)
        return lambda: np.save(rows, next(parts)[0])
    train = np.load(rows)
    X, y = table.X[train], table.target[train]
    loader = ImageLoader("RGB", _SIDE, n_jobs=-1, cache_dir=folder / "cache")
    network = CNNClassifier.from_preset(_NETWORK, epochs=1, random_state=0)
    return lambda: network.fit(loader.fit_transform(X), y)


def main(arguments: list[str] | None = None) -> int:
    """Draw, measure what is missing, print the table."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks report_two", description=__doc__
    )
    parser.add_argument("folder", type=Path, help="folder for frames and the cache")
    parser.add_argument("--frames", type=int, default=_N_FRAMES)
    parser.add_argument("--step", choices=_STEPS, help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.step:
        print(json.dumps(measure(prepare(chosen.step, chosen.folder))))
        return 0
    kept = chosen.folder / "results.json"
    results = json.loads(kept.read_text()) if kept.exists() else {}
    draw(chosen.folder / "frames", chosen.frames)
    for step in _STEPS:
        if step not in results:
            print(f"measuring {step} ...", file=sys.stderr, flush=True)
            command = [sys.executable, "-m", "benchmarks.report_two", chosen.folder]
            done = subprocess.run(
                [*command, "--step", step],
                check=True, stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
            results[step] = json.loads(done.stdout.splitlines()[-1])
            kept.write_text(json.dumps(results, indent=1))
    print(describe_machine())
    table = Table("step", "seconds", "MB above the start", f"under {_MOST_MB:,} MB")
    for step in _STEPS:
        seconds, megabytes = results[step]["seconds"], results[step]["megabytes"]
        is_met = "yes" if megabytes <= _MOST_MB else "NO"
        table.add_row(step, f"{seconds:,.1f}", f"{megabytes:,.0f}", is_met)
    Console(width=None if sys.stdout.isatty() else 100).print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())

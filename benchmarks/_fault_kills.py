"""Processes that end at a random moment, and are started again."""

import csv
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import numpy as np
from PIL import Image

from benchmarks._fault_cases import Case, SilentError
from skfer.datasets import make_faces

# By name: the rest of the command, where OUT is a folder.
COMMANDS = {
    "compare": ["compare", "--models", "lbp-svm", "hog-svm", "--folds", "2",
                "--repeats", "1", "--output", "OUT"],
    "report": ["report", "--models", "lbp-svm", "--folds", "2", "--repeats", "1",
               "--output", "OUT", "--report", "OUT/report.html"],
    "audit": ["audit", "--report", "OUT/audit.html", "--keep", "OUT/keep.txt"],
}  # fmt: skip
# A training that writes a checkpoint after each epoch, and what has a cache.
_SCRIPTS = {
    "training": """
network = CNNClassifier((2, 4), epochs=6, checkpoint_dir=out / "run", random_state=0)
network.fit(faces.images, faces.target)
np.savetxt(out / "shares.txt", network.predict_proba(faces.images))
""",
    "cache": """
models = {"lbp": make_lbp_svm(image_size=16), "hog": make_hog_svm(image_size=16)}
one = compare_pipelines(models, faces, cv=4, cache=out / "cache")
np.savetxt(out / "shares.txt", one.fold_scores["hog"])
""",
    # Twenty caches of decoded files, written in many small pieces.
    "images": """
from skfer import ImageLoader, _row_store
_row_store._LARGEST_BLOCK = 5
paths = sorted(map(str, Path(sys.argv[2]).rglob("*.png")))
means = []
for size in range(8, 28):
    images = ImageLoader("L", size, cache_dir=out / "cache").fit_transform(paths)
    means.append(np.asarray(images).mean(axis=(1, 2)))
np.savetxt(out / "shares.txt", means)
""",
}
_HEAD = """
import sys
from pathlib import Path
import numpy as np
from skfer import CNNClassifier, make_hog_svm, make_lbp_svm
from skfer.datasets import make_faces
from skfer.model_selection import compare_pipelines
out = Path(sys.argv[1])
faces = make_faces(120, classes=["happy", "sad"], image_size=16, random_state=0)
"""
_SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
_TIMES = ("fit", "predict", "seconds", "images/s")  # Of a table, what never repeats.


def make_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield cases of a command, a moment and a signal."""
    while True:
        # A network takes seconds to load, the others a fraction.
        name = str(rng.choice([*COMMANDS, "cache", "images"] * 4 + ["training"]))
        share, number = float(rng.uniform(0.2, 1.05)), rng.choice(_SIGNALS)
        case = f"{name}, {signal.Signals(number).name} after {share:.2f} of its time"
        run = partial(_try, name, share, int(number))
        # Three runs, on a machine that others may use.
        yield Case("kills", case, run, seconds=600)


def _try(name: str, share: float, number: int, folder: Path) -> None:
    expected, seconds = run_undisturbed(name)
    out = folder / "out"
    out.mkdir()
    process = start(name, out)
    try:
        process.wait(share * seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(number)
        process.wait(120)
    check(name, out, expected, is_over=False)
    if number != signal.SIGKILL and (left := find_hidden(out)):
        raise SilentError(f"{left} left behind")
    again = start(name, out)
    if again.wait(200) != (1 if name == "audit" else 0):
        raise SilentError(f"exit status {again.returncode} when run again")
    check(name, out, expected, is_over=True)
    if left := find_hidden(out):
        raise SilentError(f"{left} left behind after the second run")


def find_hidden(out: Path) -> list[str]:
    """Return temporary files, but for the locks of trainings that were killed."""
    return [str(file) for file in out.rglob(".*") if file.suffix != ".lock"]


def start(name: str, out: Path) -> "subprocess.Popen[bytes]":
    """Start what has this name; it writes to a folder."""
    if name in _SCRIPTS:
        command = ["-c", _HEAD + _SCRIPTS[name], str(out), str(_draw())]
    else:
        first, *rest = [word.replace("OUT", str(out)) for word in COMMANDS[name]]
        command = ["-m", "skfer.cli", first, str(_draw()), *rest]
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", *command],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


@cache
def _draw() -> Path:
    """Return a folder of drawn faces, with a copy for the audit to find."""
    folder = Path(mkdtemp(prefix="skfer-faults-"))
    faces = make_faces(60, classes=["happy", "sad"], image_size=24, random_state=0)
    for number, image in enumerate(faces.images):
        path = folder / faces.target[number] / f"{number:02}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(image).save(path)
    shutil.copy(folder / "happy" / "00.png", folder / "sad" / "copy.png")
    return folder


@cache
def run_undisturbed(name: str) -> tuple[dict[str, Any], float]:
    """Return what a run writes, and the seconds that it takes."""
    out = Path(mkdtemp(prefix="skfer-faults-"))
    begun = time.perf_counter()
    start(name, out).wait()
    return _read(out), time.perf_counter() - begun


def check(name: str, out: Path, expected: dict[str, Any], *, is_over: bool) -> None:
    """Compare complete files, and when it is over all of them."""
    there = _read(out)
    for file, content in there.items():
        if content != expected.get(file):
            raise SilentError(f"{file} differs from that of an undisturbed run")
    if is_over and there.keys() != expected.keys():
        raise SilentError(f"{sorted(expected.keys() - there.keys())} are missing")


def _read(out: Path) -> dict[str, Any]:
    """Return what can be compared of each file, by name."""
    found: dict[str, Any] = {}
    for path in sorted(out.rglob("*")):
        name = path.relative_to(out).as_posix()
        if path.is_dir() or name.startswith((".", "run/", "cache/")):
            continue
        if path.suffix == ".csv":
            with path.open() as file:
                found[name] = [
                    {k: v for k, v in row.items() if not any(t in k for t in _TIMES)}
                    for row in csv.DictReader(file)
                ]
        elif path.suffix == ".html":
            found[name] = path.read_text().rstrip().endswith("</html>")
        elif path.suffix == ".txt":
            found[name] = path.read_text()
        else:
            found[name] = path.suffix
    return found

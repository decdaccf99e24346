"""Disks that are full in the middle of a file."""

import json
import resource
import signal
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks._fault_cases import Case, SilentError
from skfer import make_lbp_svm
from skfer.cli import main
from skfer.datasets import audit_images, load_image_folder, make_faces
from skfer.inspection import save_audit, save_comparison, save_report
from skfer.model_selection import Comparison, compare_pipelines
from skfer.persistence import load_model, save_model

_OLD = b"what was there before"


def make_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield cases of a file that is written, and of how many bytes the disk takes."""
    while True:
        name = str(rng.choice(list(_WRITERS)))
        room = int(2 ** rng.uniform(0, 21))
        is_there = bool(rng.integers(2))
        case = f"{name}: {room:,} bytes left{', over an old file' * is_there}"
        run = partial(_try, name, room, is_there)
        yield Case("disks", case, run, may_fail_elsewhere=True)


def _try(name: str, room: int, is_there: bool, folder: Path) -> None:
    write, check = _WRITERS[name]
    pictures, out = folder / "pictures", folder / "out"
    out.mkdir()
    _draw(pictures)
    path = out / name
    if is_there:
        path.write_bytes(_OLD)
    comparison = _compare()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    failed: Exception | int | None = None
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
        failed = write(path, comparison, pictures)
    except Exception as error:
        failed = error
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    left = [file.name for file in out.iterdir() if file.name.startswith(".")]
    if left:
        raise SilentError(f"{left} left behind")
    written = path.exists() and (path.is_dir() or path.read_bytes() != _OLD)
    if written:
        try:
            check(path)
        except Exception as error:
            raise SilentError(f"half-written: {error!r}") from error
    if is_there and not path.exists():
        raise SilentError("the old file is gone")
    if not failed and not written:
        raise SilentError("nothing written, and no error")
    if isinstance(failed, Exception):
        raise failed


def _draw(folder: Path) -> None:
    faces = make_faces(12, classes=["happy", "sad"], image_size=24, random_state=0)
    for number, image in enumerate(faces.images):
        path = folder / faces.target[number] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(path)


@cache
def _compare() -> Comparison:
    faces = make_faces(60, classes=["happy", "sad"], image_size=24, random_state=0)
    return compare_pipelines({"lbp": make_lbp_svm(image_size=16)}, faces, cv=2)


def _audit_page(path: Path, comparison: Comparison, pictures: Path) -> None:
    save_audit(audit_images(load_image_folder(pictures)), path)


def _report(path: Path, comparison: Comparison, pictures: Path) -> None:
    save_report(comparison, path)


def _model(path: Path, comparison: Comparison, pictures: Path) -> None:
    save_model(comparison, path, overwrite=True)


def _tables(path: Path, comparison: Comparison, pictures: Path) -> None:
    if path.is_file():
        path.unlink()
    save_comparison(comparison, path)


def _command(*arguments: str) -> Callable[[Path, Comparison, Path], int]:
    def write(path: Path, comparison: Comparison, pictures: Path) -> int:
        known = {"PATH": str(path), "PICTURES": str(pictures)}
        return main([known.get(word, word) for word in arguments])

    return write


def _is_page(path: Path) -> None:
    if not path.read_text().rstrip().endswith("</html>"):
        raise SilentError("the page has no end")


def _is_csv(path: Path) -> None:
    if not path.read_text().endswith("\n"):
        raise SilentError("the last line has no end")


def _is_list(path: Path) -> None:
    if len(path.read_text().splitlines()) > 12 or path.read_text()[-1:] != "\n":
        raise SilentError("the last line has no end")


def _is_folder(path: Path) -> None:
    if path.is_dir() and len(list(path.iterdir())) not in (0, 2):
        raise SilentError("some of the files only")


_WRITERS: dict[str, tuple[Callable[..., Any], Callable[[Path], object]]] = {
    "audit.html": (_audit_page, _is_page),
    "report.html": (_report, _is_page),
    "lbp.skfer": (_model, load_model),
    "tables": (_tables, _is_folder),
    "keep.txt": (_command("audit", "PICTURES", "--keep", "PATH"), _is_list),
    "command.html": (_command("audit", "PICTURES", "--report", "PATH"), _is_page),
    "faces.csv": (
        _command("predict", "shipped", "PICTURES", "-o", "PATH", "--overwrite"),
        _is_csv,
    ),
    "faces.jsonl": (
        _command("predict", "shipped", "PICTURES", "-o", "PATH", "--overwrite"),
        lambda path: [json.loads(line) for line in path.read_text().splitlines()],
    ),
}

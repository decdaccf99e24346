"""Folders with hostile files in them."""

import os
import struct
from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks._fault_cases import Case, SilentError
from skfer import ImageLoader
from skfer.cli import main
from skfer.datasets import ImageTable, audit_images, load_image_folder

_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "TGA", "ICO")
_N_GOOD = 6
_FOREIGN = {
    "empty": b"",
    "text": b"a,b\n1,2\n",
    "HTML": b"<!doctype html><title>404</title>",
    "SVG": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "XML": b"<?xml version='1.0'?><Error/>",
    "Git LFS pointer": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
    "zip": b"PK\x03\x04" + bytes(60),
    "PDF": b"%PDF-1.7\n" + bytes(60),
    "video": b"\0\0\0\x18ftypisom" + bytes(60),
    "HEIC cut off": b"\0\0\0\x18ftypheic" + bytes(60),
    "raw photograph": b"\0\0\0\x18ftypcrx " + bytes(60),
    "program": b"\x7fELF" + bytes(range(256)),
    "zeros": bytes(5000),
    "lying PNG": b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR"
    + struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0) + bytes(20),
    "lying BMP": b"BM" + struct.pack("<IHHIIiiHHIIiiII", 54, 0, 0, 54, 40, 2**30,
                                     2**30, 1, 24, 0, 0, 0, 0, 0, 0),
}  # fmt: skip
_OTHER_THAN_FILES: dict[str, Callable[[Path], None]] = {
    "pipe": os.mkfifo,
    "folder": Path.mkdir,
    "link to nothing": lambda path: path.symlink_to("nothing"),
    "link to itself": lambda path: path.symlink_to(path.name),
    "link to its folder": lambda path: path.symlink_to(path.parent),
    "link to a good file": lambda path: path.symlink_to(path.parent / "good0.png"),
}
_NAMES = (
    "a.png", "a.JPG", "a.jpeg", "a", "a.jpg;w", "a.jpg?w=100", "a.JPG.crdownload",
    "a.heic", "a.jxl", "a.dng", "=1+1.png", "-rf.png", "a\nb.png", "a\tb.png",
    "a\x1b[31mb.png", "$\\frac$.png", "<b>.png", "'\".png", " a.png", "a.png ",
    "a..png", "\u5e78\u798f.png", "e\u0301.png", "\u202egnp.exe.png", "a%s.png",
    os.fsdecode(b"\xe4.png"), "Thumbs.db", ".DS_Store", "desktop.ini", ".hidden.png",
    "x" * 240 + ".png", "a#b.png", "{}.png", "~$a.png", "nul.png",
)  # fmt: skip


def make_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield cases of one to three hostile files among good ones."""
    while True:
        files, parts = [], []
        for _ in range(rng.integers(1, 4)):
            what, make = _draw_content(rng)
            name = str(rng.choice(_NAMES))
            # Beside the class folders, other files than images are nobody's business.
            top = ["."] * name.lower().endswith(".png")
            place = str(rng.choice(["happy", "sad", "happy/deeper", *top]))
            files.append((place, name, make))
            parts.append(f"{what} as {place}/{name!r}")
        ask = _QUESTIONS[rng.integers(len(_QUESTIONS))]
        name = f"{ask.__name__[1:]}: {', '.join(parts)}"
        yield Case("files", name, partial(_try_files, files, ask))


def _draw_content(rng: np.random.Generator) -> tuple[str, Callable[[Path], object]]:
    if rng.random() < 0.1:
        what = str(rng.choice(list(_OTHER_THAN_FILES)))
        return what, _OTHER_THAN_FILES[what]
    if rng.random() < 0.4:
        what = str(rng.choice(list(_FOREIGN)))
        return what, partial(Path.write_bytes, data=_FOREIGN[what])
    kind = str(rng.choice(_FORMATS))
    mode = "RGB" if kind == "PPM" else str(rng.choice(["L", "RGB"]))
    side = int(rng.integers(1, 60))
    pixels = rng.integers(0, 256, (side, side, 3)).astype(np.uint8)
    buffer = BytesIO()
    Image.fromarray(pixels).convert(mode).save(buffer, kind)
    content = bytearray(buffer.getvalue())
    damage = str(rng.choice(["whole", "cut off", "flipped bytes", "junk behind"]))
    if damage == "cut off":
        del content[rng.integers(1, len(content)) :]
    elif damage == "flipped bytes":
        for place in rng.integers(0, len(content), rng.integers(1, 20)):
            content[place] ^= rng.integers(1, 256)
    elif damage == "junk behind":
        content += rng.bytes(100)
    return f"{kind} {damage}", partial(Path.write_bytes, data=bytes(content))


def _try_files(
    files: list[tuple[str, str, Callable[[Path], object]]],
    ask: Callable[[Path, int], None],
    folder: Path,
) -> None:
    rng = np.random.default_rng(0)
    for number in range(_N_GOOD):
        path = folder / ("happy", "sad")[number % 2] / f"good{number}.png"
        path.parent.mkdir(exist_ok=True)
        pixels = rng.integers(0, 256, (20, 20)).astype(np.uint8)
        Image.fromarray(pixels).save(path)
    for place, name, make in files:
        (folder / place).mkdir(exist_ok=True)
        if not os.path.lexists(folder / place / name):
            make(folder / place / name)
    there = sum(len(names) for _, _, names in os.walk(folder))
    ask(folder, there)


def _count_told(table: ImageTable, folder: Path) -> int:
    """Count files that are rows, left out, not regular, or hidden."""
    hidden = ("Thumbs.db", ".DS_Store", "desktop.ini", ".hidden.png")
    n_hidden = sum(name in hidden for _, _, names in os.walk(folder) for name in names)
    n_others = sum("not a regular file" in problem for problem in table.problems)
    return len(table) + len(table.left_out) + n_others + n_hidden


def _keep(folder: Path, there: int) -> None:
    """Ask that every file is a row, left out with a reason, or hidden."""
    table = load_image_folder(folder, on_error="keep", check="pixels")
    told = _count_told(table, folder)
    if told != there:
        raise SilentError(f"{there} files, {told} accounted for")
    if any(not reason for _, reason in table.left_out):
        raise SilentError("left out without a reason")
    readable = table[table.is_readable]
    if len(readable) < _N_GOOD:
        raise SilentError("a good file is called bad")
    ImageLoader("L", (8, 8)).fit_transform(readable.paths)


def _skip(folder: Path, there: int) -> None:
    """Ask that what is loaded can be read, and that the others are told."""
    table = load_image_folder(folder, on_error="skip", check="pixels")
    told = _count_told(table, folder)
    if told != there:
        raise SilentError(f"{there} files, {told} accounted for")
    ImageLoader("RGB", (8, 8)).fit_transform(table.paths)


def _raise(folder: Path, there: int) -> None:
    """Ask that what can't be read is an error with its name."""
    table = load_image_folder(folder, check="pixels")
    ImageLoader("L", (8, 8)).fit_transform(table.paths)


def _audit(folder: Path, there: int) -> None:
    """Ask that the audit names every row that can't be read."""
    table = load_image_folder(folder, on_error="keep")
    audit = audit_images(table)
    readable = load_image_folder(folder, on_error="keep", check="pixels").is_readable
    named = [f.rows for f in audit.findings if f.kind == "unreadable"]
    if sum(map(len, named)) < (~readable).sum():
        raise SilentError("a file that can't be read is not in the audit")


def _command(folder: Path, there: int) -> None:
    """Ask that the command ends with 0 or 1."""
    if main(["audit", str(folder), "--json"]) not in (0, 1):
        raise SilentError("another exit status")


_QUESTIONS = (_keep, _skip, _raise, _audit, _command)

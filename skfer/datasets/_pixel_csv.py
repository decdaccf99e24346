"""The CSV of the FER-2013 challenge, which holds the pixels themselves."""

import csv
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from skfer._archives import ArchiveError, is_archive, list_archive, open_member
from skfer._image_files import list_failures
from skfer.datasets._image_row import ImageRow

EMOTIONS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
OFFICIAL_PARTS = ("Training", "PublicTest", "PrivateTest")
_NUMBERS = [str(number) for number in range(len(EMOTIONS))]
_SIDE = 48
_NAMES = ("fer2013.csv", "icml_face_data.csv")


def find_pixel_csv(path: str | os.PathLike) -> Path | None:
    """Return the CSV with pixels at or below ``path``, or None if there is none.

    It is looked for in a folder or archive, and one level below.
    """
    path = Path(path)
    if path.suffix.lower() == ".csv" and path.is_file():
        return path if {"pixels", "emotion"} <= set(_read_head(path)) else None
    if path.is_dir():
        files = sorted([*path.glob("*.[cC][sS][vV]"), *path.glob("*/*.[cC][sS][vV]")])
    elif is_archive(path):
        names = [parts for parts in list_archive(path) if len(parts) <= 2]
        files = [path.joinpath(*parts) for parts in names]
    else:
        return None
    return next((file for file in files if file.name.lower() in _NAMES), None)


def _read_head(path: Path) -> list[str]:
    try:
        line = next(csv.reader(_lines(path)), [])
    except (csv.Error, UnicodeDecodeError):
        return []
    return [name.strip().lower() for name in line]


def read_pixels(path: Path) -> list[ImageRow]:
    """Read emotion, pixels and Usage.

    Parameters
    ----------
    path : Path
        The CSV, perhaps in an archive.

    Returns
    -------
    list of ImageRow
        One for each line, with pixels of shape (48, 48), uint8.

    Raises
    ------
    ValueError
        If a column is missing or a line can't be read; all such lines are named.
    """
    rows: list[ImageRow] = []
    failures: list[tuple[str, str]] = []
    reader = csv.reader(_lines(path))
    lines = _records(reader, path)
    head = [name.strip().lower() for name in next(lines, [])]
    if not {"emotion", "pixels", "usage"} <= set(head):
        raise ValueError(
            f"load_fer2013 needs the columns emotion, pixels and Usage, but "
            f"{str(path)!r} has {head}. The file without Usage lacks the test parts; "
            "use icml_face_data.csv or fer2013.csv."
        )
    emotion_at, pixels_at, usage_at = map(head.index, ("emotion", "pixels", "usage"))
    for line in lines:
        try:
            if len(line) != len(head):
                raise ValueError(f"it has {len(line)} fields, not {len(head)}")
            rows.append(
                ImageRow(
                    str(len(rows)),
                    pixels=_parse_pixels(line[pixels_at]),
                    label=EMOTIONS[_parse_emotion(line[emotion_at])],
                    part=_parse_part(line[usage_at]),
                    source=f"line {reader.line_num} of {path.name}",
                )
            )
        except ValueError as error:
            failures.append((f"line {reader.line_num}", str(error)))
    if failures or not rows:
        raise ValueError(
            f"load_fer2013 can't read {len(failures)} rows of {str(path)!r}, and "
            f"found {len(rows)} others:\n{list_failures(failures)}\n"
            "Download the file again."
        )
    return rows


def _records(reader: Any, path: Path) -> Iterator[list[str]]:
    try:
        yield from filter(None, reader)
    except ArchiveError as error:
        raise ValueError(
            f"{str(path)!r} can't be read beyond line {reader.line_num}: {error}. "
            "Unpack it, or download the file again."
        ) from None
    except (csv.Error, UnicodeDecodeError) as error:
        raise ValueError(
            f"{str(path)!r} is not a CSV in UTF-8 beyond line {reader.line_num} "
            f"({error}). Download the file again."
        ) from None


def _lines(path: Path) -> Iterator[str]:
    if path.is_file():
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from file
    else:
        with open_member(path) as file:
            yield from io.TextIOWrapper(file, encoding="utf-8-sig", newline="")


def _parse_pixels(text: str) -> np.ndarray:
    words = text.split()
    if len(words) != _SIDE * _SIDE:
        raise ValueError(f"it has {len(words)} pixels, not {_SIDE * _SIDE}")
    try:
        values = np.array(words, dtype=np.int64)
        is_good = values.min() >= 0 and values.max() <= 255
    except (ValueError, OverflowError):
        is_good = False
    if not is_good:
        raise ValueError("it has pixels that are no integers in 0..255")
    return values.astype(np.uint8).reshape(_SIDE, _SIDE)


def _parse_emotion(text: str) -> int:
    if text.strip() not in _NUMBERS:
        raise ValueError(f"its emotion is {text!r}, not 0 to {len(EMOTIONS) - 1}")
    return int(text)


def _parse_part(text: str) -> str:
    if text.strip() not in OFFICIAL_PARTS:
        raise ValueError(f"its Usage is {text!r}, not one of {OFFICIAL_PARTS}")
    return text.strip()

"""FER-2013 in the forms in which people have it."""

import csv
import io
import os
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import numpy as np
from sklearn.utils import Bunch

from skfer._archives import list_archive, open_member
from skfer._decoding import decode_all
from skfer._image_files import UnreadableImageError, list_failures
from skfer._threads import run_in_threads
from skfer.datasets._ferplus import add_votes
from skfer.datasets._fingerprints import fingerprint
from skfer.datasets._image_folder import load_image_folder
from skfer.datasets._image_tree import find_root
from skfer.datasets._twins import number_twins

EMOTIONS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
_PARTS = ("Training", "PublicTest", "PrivateTest")
_SIDE = 48
_OFFICIAL_NAME = re.compile(r"(Training|PublicTest|PrivateTest)_(\d+)", re.IGNORECASE)
_CHUNK = 512
_PROBLEMS = (
    "FER-2013 has known problems: 8 % of the images of a test part are copies of "
    "training images, pixel by pixel, and twice as many are the same photograph, "
    "cropped or saved anew; 57 pictures are there under different labels; 13 are "
    "blank; and most of ten people agree with the label of 63 % of the images only. "
    "Say of every figure which part it was measured on, and whether copies were "
    "dropped (drop_twins=True)."
)


def load_fer2013(
    path: str | os.PathLike,
    *,
    labels: Literal["fer", "ferplus"] = "fer",
    votes: str | os.PathLike | None = None,
    drop_twins: bool = False,
) -> Bunch:
    r"""Load FER-2013, 35,887 grey faces of 48 by 48 pixels with seven expressions [1]_.

    Parameters
    ----------
    path : str or Path
        The CSV of the challenge (``fer2013.csv`` or ``icml_face_data.csv``), a folder
        or zip archive that holds it, or a folder or zip archive with
        ``<part>/<class>/<image>``.
    labels : {"fer", "ferplus"}, default="fer"
        The original labels, or the most voted ones of ten people [2]_.
    votes : str or Path, default=None
        CSV of the votes (``fer2013new.csv``, or one with a column of file names).
        Needed with ``labels="ferplus"``.
    drop_twins : bool, default=False
        Whether to leave out training images of which a copy (`find_twins`) lies in
        another part or comes earlier in training.

    Returns
    -------
    Bunch
        With the fields

        images : ndarray of shape (n_samples, 48, 48), uint8
            The pictures, 0..255.
        data : ndarray of shape (n_samples, 2304), uint8
            The same as rows of pixels, without a copy.
        target : ndarray of str of shape (n_samples,)
            The labels.
        target_names : list of str
            The classes, sorted.
        split : ndarray of str of shape (n_samples,)
            "Training", "PublicTest" or "PrivateTest", where the CSV or the file names
            tell; else "train", "validation" or "test" after the folders, which then
            are not the official parts.
        names : ndarray of str of shape (n_samples,)
            File name, or number of the row in the CSV from 0.
        probabilities : ndarray of shape (n_samples, 8), float32
            Share of the votes for each of ``target_names``, usable as soft labels;
            only with ``labels="ferplus"``.
        problems : list of str
            What is odd about the folders, a sentence each.
        DESCR : str
            What was found and left out.

    Raises
    ------
    FileNotFoundError
        If there is no such file or folder.
    ValueError
        If a file has another form, a picture another size, or votes are missing.

    Warns
    -----
    UserWarning
        About the known problems of this data set, and about what was left out.

    References
    ----------
    .. [1] I. J. Goodfellow et al., "Challenges in representation learning: a report on
       three machine learning contests", ICONIP 2013.
    .. [2] E. Barsoum et al., "Training deep networks for facial expression recognition
       with crowd-sourced label distribution", ICMI 2016.

    Examples
    --------
    >>> import tempfile, warnings
    >>> from pathlib import Path
    >>> from skfer.datasets import load_fer2013
    >>> pixels = " ".join(["0"] * 2304)
    >>> with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")
    ...     file = Path(folder, "fer2013.csv")
    ...     size = file.write_text(f"emotion,pixels,Usage\n3,{pixels},Training\n")
    ...     faces = load_fer2013(file)
    >>> faces.images.shape, faces.target.tolist(), faces.split.tolist()
    ((1, 48, 48), ['happy'], ['Training'])
    """
    if labels not in ("fer", "ferplus") or (labels == "ferplus") != (votes is not None):
        raise ValueError(
            f"load_fer2013 got labels={labels!r} and votes={votes!r}. Pass "
            "labels='fer', or labels='ferplus' together with the CSV of the votes."
        )
    table = _find_csv(path)
    faces = _read_folder(path) if table is None else _read_csv(table)
    told = [_PROBLEMS, *(f"Here {problem}." for problem in faces.problems)]
    if votes is not None:
        is_face = add_votes(faces, votes)
        _select(faces, is_face)
        told.append(
            f"{(~is_face).sum():,} images left out, of which no class got more votes "
            "than 'unknown' or 'no face'."
        )
    if drop_twins:
        told.append(_drop_twins(faces))
    if not set(faces.split) <= set(_PARTS):
        told.append(
            f"The parts {sorted(set(faces.split))} are named after the folders; file "
            "names don't tell whether they are the official ones."
        )
    counts = ", ".join(f"{n} {(faces.target == n).sum()}" for n in faces.target_names)
    faces.data = faces.images.reshape(len(faces.images), -1)
    faces.DESCR = f"{len(faces.target)} images of FER-2013: {counts}. " + " ".join(told)
    warnings.warn(" ".join(told), UserWarning, stacklevel=2)
    return faces


def _find_csv(path: str | os.PathLike) -> Path | None:
    """Return the CSV that ``path`` is or holds; None means class folders."""
    if Path(path).is_file() and Path(path).suffix.lower() == ".csv":
        return Path(path)
    root = find_root(path, "load_fer2013")
    if root.is_dir():
        files = sorted(root.rglob("*.[cC][sS][vV]"))
    else:
        files = [root.joinpath(*parts) for parts in list_archive(root)]
    for table in files:
        if table.name.lower() in ("fer2013.csv", "icml_face_data.csv"):
            return table
    return None


def _read_csv(path: Path) -> Bunch:
    """Read emotion, pixels and Usage."""
    images, target, split = [], [], []
    failures: list[tuple[str, str]] = []
    reader = csv.reader(_lines(path))
    head = [name.strip().lower() for name in next(reader, [])]
    if not {"emotion", "pixels", "usage"} <= set(head):
        raise ValueError(
            f"load_fer2013 needs the columns emotion, pixels and Usage, and "
            f"{str(path)!r} has {head}. The file without Usage lacks the test parts; "
            "take icml_face_data.csv or fer2013.csv."
        )
    emotion_at, pixels_at, usage_at = map(head.index, ("emotion", "pixels", "usage"))
    for line in _records(reader, path):
        try:
            if len(line) != len(head):
                raise ValueError(f"it has {len(line)} fields, not {len(head)}")
            images.append(_parse_pixels(line[pixels_at]))
            target.append(EMOTIONS[_parse_emotion(line[emotion_at])])
            split.append(_parse_part(line[usage_at]))
        except ValueError as error:
            failures.append((f"line {reader.line_num}", str(error)))
    if failures or not images:
        raise ValueError(
            f"load_fer2013 can't read {len(failures)} rows of {str(path)!r}, and "
            f"found {len(images)} others:\n{list_failures(failures)}\n"
            "Download the file again."
        )
    return Bunch(
        problems=[],
        images=np.stack(images),
        target=np.array(target),
        target_names=sorted(set(target)),
        split=np.array(split),
        names=np.arange(len(images)).astype(str),
    )


def _records(reader: Any, path: Path) -> Iterator[list[str]]:
    try:
        yield from filter(None, reader)
    except (csv.Error, UnicodeDecodeError) as error:
        raise ValueError(
            f"{str(path)!r} is no CSV beyond line {reader.line_num} ({error}). "
            "Download the file again."
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
    values = np.array(words, dtype=np.int64)
    if values.min() < 0 or values.max() > 255:
        raise ValueError("it has pixels outside of 0..255")
    return values.astype(np.uint8).reshape(_SIDE, _SIDE)


def _parse_emotion(text: str) -> int:
    number = int(text)
    if not 0 <= number < len(EMOTIONS):
        raise ValueError(f"its emotion is {number}, not 0 to 6")
    return number


def _parse_part(text: str) -> str:
    if text.strip() not in _PARTS:
        raise ValueError(f"its Usage is {text!r}, not one of {_PARTS}")
    return text.strip()


def _read_folder(path: str | os.PathLike) -> Bunch:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Its problems are told with ours.
        listed = load_image_folder(path, layout="split/class", fold_case=True)
    numbers = {str(number): name for number, name in enumerate(EMOTIONS)}
    target = np.array([numbers.get(name, name) for name in listed.target])
    paths = list(listed.paths)
    chunks = run_in_threads(
        -1,
        lambda start: decode_all(paths[start : start + _CHUNK], "L", None),
        range(0, len(paths), _CHUNK),
    )
    images = [image for chunk in chunks for image in chunk]
    failures = [
        (
            path,
            image if isinstance(image, str) else f"its size is {image.shape}",
        )
        for path, image in zip(paths, images, strict=True)
        if isinstance(image, str) or image.shape != (_SIDE, _SIDE)
    ]
    if failures:
        raise UnreadableImageError(
            f"load_fer2013 needs pictures of 48 by 48 pixels, and can't take "
            f"{len(failures)} files:\n{list_failures(failures)}\n"
            "For other pictures use load_image_folder."
        )
    names = [Path(path).name for path in paths]
    official = [_OFFICIAL_NAME.match(name) for name in names]
    by_lower = {part.lower(): part for part in _PARTS}
    return Bunch(
        problems=listed.problems,
        images=np.stack(images),
        target=target,
        target_names=sorted(set(target.tolist())),
        split=np.array([by_lower[m[1].lower()] for m in official if m])
        if all(official)
        else listed.split,
        names=np.array(names),
    )


def _drop_twins(faces: Bunch) -> str:
    twins = number_twins(fingerprint(faces.images, -1))[1]
    training = np.char.startswith(np.char.lower(faces.split), "train")
    tested = np.isin(twins, twins[~training])
    first = np.zeros(len(twins), dtype=bool)
    first[np.unique(twins, return_index=True)[1]] = True
    drop = training & (tested | ~first)
    message = (
        f"{drop.sum():,} training images left out: {(training & tested).sum():,} with "
        f"copies in other parts, {(drop & ~tested).sum():,} with copies in training."
    )
    _select(faces, ~drop)
    return message


def _select(faces: Bunch, keep: np.ndarray) -> None:
    """Keep some of the images of a Bunch, in place."""
    for name, value in faces.items():
        if isinstance(value, np.ndarray):
            faces[name] = value[keep]

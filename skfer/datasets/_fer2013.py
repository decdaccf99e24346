"""FER-2013, in the formats in which it is distributed."""

import os
import re
import warnings
from pathlib import Path
from typing import Literal

import numpy as np

from skfer._decoding import decode_all
from skfer._image_files import UnreadableImageError, list_failures
from skfer._threads import run_in_threads
from skfer.datasets._copies import find_copies
from skfer.datasets._ferplus import count_votes
from skfer.datasets._image_folder import load_image_folder
from skfer.datasets._image_table import ImageTable
from skfer.datasets._image_tree import find_root
from skfer.datasets._pixel_csv import (
    EMOTIONS,
    OFFICIAL_PARTS,
    find_pixel_csv,
    read_pixels,
)

_SIDE = 48
_OFFICIAL_NAME = re.compile(r"(Training|PublicTest|PrivateTest)_(\d+)", re.IGNORECASE)
_CHUNK = 512
_PROBLEMS = (
    "FER-2013 has known problems: 8% of the images of a test part are pixel-identical "
    "copies of training images, and twice as many show the same photograph, cropped "
    "or saved again; 57 images have several labels; 13 are blank; and the majority of "
    "ten annotators agrees with the label of only 63% of the images. With every "
    "result, report which part it was measured on, and whether copies were dropped "
    "(drop_copies=True)."
)


def load_fer2013(
    path: str | os.PathLike,
    *,
    labels: Literal["fer", "ferplus"] = "fer",
    votes: str | os.PathLike | None = None,
    drop_copies: bool = False,
) -> ImageTable:
    r"""Load FER-2013, 35,887 grey faces of 48 by 48 pixels with seven expressions.

    Parameters
    ----------
    path : str or Path
        The CSV of the challenge (``fer2013.csv`` or ``icml_face_data.csv``), a folder
        or zip archive that holds it, or a folder or zip archive with
        ``<part>/<class>/<image>``.
    labels : {"fer", "ferplus"}, default="fer"
        The original labels [1]_, or the majority votes of ten annotators [2]_.
    votes : str or Path, default=None
        CSV of the votes: ``fer2013new.csv``, or one with a column ``file`` of file
        names, and ``fer_label`` where two folders have files of the same name.
        Needed with ``labels="ferplus"``.
    drop_copies : bool, default=False
        Whether to leave out training images of which a copy (`find_copies`) lies in
        another part or comes earlier in training.

    Returns
    -------
    ImageTable
        With images of shape (n_samples, 48, 48), uint8 in 0..255, target, split
        ("train", "validation" or "test"), and the columns

        split_name : ndarray of str of shape (n_samples,)
            "Training", "PublicTest" or "PrivateTest", where the CSV or the file names
            say so; else the names of the folders, which may not be the official parts.
        names : ndarray of str of shape (n_samples,)
            File name, or number of the row in the CSV from 0.
        probabilities : ndarray of shape (n_samples, 8), float32
            Share of the votes for each of ``target_names``, usable as soft labels;
            only with ``labels="ferplus"``.
        fer_label : ndarray of str of shape (n_samples,)
            The original label; only with ``labels="ferplus"``.

    Raises
    ------
    FileNotFoundError
        If there is no such file or folder.
    ValueError
        If a file has another format, an image another size, or most of the votes are
        missing.

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
    ((1, 48, 48), ['happy'], ['train'])
    """
    if labels not in ("fer", "ferplus") or (labels == "ferplus") != (votes is not None):
        raise ValueError(
            f"load_fer2013 got labels={labels!r} and votes={votes!r}. Pass "
            "labels='fer', or labels='ferplus' together with the CSV of the votes."
        )
    if Path(path).is_file() and Path(path).suffix.lower() == ".csv":
        faces = _read_csv(Path(path))
    else:
        find_root(path, "load_fer2013")
        table = find_pixel_csv(path)
        faces = _read_folder(path) if table is None else _read_csv(table)
    problems = [_PROBLEMS, *(f"Here {problem}." for problem in faces.problems)]
    if votes is not None:
        counted = count_votes(faces["names"], faces["target"], votes)
        faces["fer_label"] = faces["target"]
        faces["target"], faces["probabilities"] = counted.target, counted.shares
        faces.target_names = counted.classes
        faces = faces[counted.is_face]
        problems.append(
            f"{(~counted.is_face).sum():,} images left out, for which no class got "
            f"more votes than 'unknown' or 'no face'; {counted.n_without:,} of them "
            "have no votes in the CSV."
        )
    if drop_copies:
        faces, message = _drop_copies(faces)
        problems.append(message)
    if not set(faces["split_name"].tolist()) <= set(OFFICIAL_PARTS):
        problems.append(
            f"The parts {sorted(set(faces['split_name'].tolist()))} are named after "
            "the folders; file names don't show whether they are the official ones."
        )
    faces.problems = problems
    warnings.warn(" ".join(problems), UserWarning, stacklevel=2)
    return faces


def _read_csv(path: Path) -> ImageTable:
    rows = read_pixels(path)
    parts = np.array([row.part for row in rows])
    return ImageTable(
        np.stack([np.asarray(row.pixels) for row in rows]),
        np.array([row.label for row in rows]),
        split=parts,
        split_name=parts,
        source=[row.source for row in rows],
        names=np.array([row.name for row in rows]),
        origin=str(path),
    )


def _read_folder(path: str | os.PathLike) -> ImageTable:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Its problems are in ours.
        listed = load_image_folder(path, layout="split/class", fold_case=True)
    numbers = {str(number): name for number, name in enumerate(EMOTIONS)}
    paths = listed.X.tolist()
    chunks = run_in_threads(
        -1,
        lambda start: decode_all(paths[start : start + _CHUNK], "L", None),
        range(0, len(paths), _CHUNK),
    )
    images = [image for chunk in chunks for image in chunk]
    failures = [
        (path, image.reason or f"its size is {np.shape(image.pixels)}")
        for path, image in zip(paths, images, strict=True)
        if np.shape(image.pixels) != (_SIDE, _SIDE)
    ]
    if failures:
        raise UnreadableImageError(
            f"load_fer2013 needs images of 48 by 48 pixels, and can't use "
            f"{len(failures)} files:\n{list_failures(failures)}\n"
            "For other images use load_image_folder."
        )
    names = [Path(path).name for path in paths]
    official = [_OFFICIAL_NAME.match(name) for name in names]
    by_lower = {part.lower(): part for part in OFFICIAL_PARTS}
    parts = listed.columns.get("split_name", listed.split)
    if all(official):
        parts = np.array([by_lower[m[1].lower()] for m in official if m])
    return ImageTable(
        np.stack([np.asarray(image.pixels) for image in images]),
        np.array([numbers.get(name, name) for name in listed.target.tolist()]),
        split=parts,
        split_name=parts,
        source=listed["source"],
        names=np.array(names),
        origin=listed.origin,
        problems=listed.problems,
        left_out=listed.left_out,
    )


def _drop_copies(faces: ImageTable) -> tuple[ImageTable, str]:
    copies = find_copies(faces)
    training = faces.split == "train"
    tested = np.isin(copies, copies[~training])
    first = np.zeros(len(copies), dtype=bool)
    first[np.unique(copies, return_index=True)[1]] = True
    drop = training & (tested | ~first)
    message = (
        f"{drop.sum():,} training images left out: {(training & tested).sum():,} with "
        f"copies in other parts, {(drop & ~tested).sum():,} with copies in training."
    )
    return faces[~drop], message

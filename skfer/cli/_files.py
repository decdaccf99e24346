"""The image files that commands write."""

from pathlib import Path

import numpy as np
from PIL import Image

from skfer._text import count_of
from skfer._videos import split_frame
from skfer._writing import written_aside
from skfer.datasets import ImageTable


def name_files(
    table: ImageTable, who: str, source: Path | None, *, keep_extensions: bool = False
) -> list[str]:
    """Return where each image goes, below the folder to write to; different for all.

    Parameters
    ----------
    table : ImageTable
        The images.
    who : str
        The command, for the message.
    source : Path or None
        What was read. A file below it goes to the same place, so that folders of parts
        and people stay; others, such as frames of videos, to [part/]class/name. None
        takes that for all, where folders don't say the class.
    keep_extensions : bool, default=False
        Whether a file keeps the extension of its name; else it is .png.

    Returns
    -------
    list of str
        With slashes.

    Raises
    ------
    ValueError
        If a class can't be the name of a folder.
    """
    parts = [""] * len(table) if table.split is None else table.split.tolist()
    paths = range(len(table)) if table.paths is None else table.paths
    taken: set[str] = set()
    names = []
    for path, label, part in zip(paths, _labels(table), parts, strict=True):
        frame = split_frame(path)
        file, extension = Path(str(path)), ".png"
        folder = Path(part, label)
        stem = file.stem if frame is None else f"{Path(frame[0]).stem}-{frame[1]:.3f}"
        if frame is None and source is not None and source in file.parents:
            folder = file.relative_to(source).parent
            extension = file.suffix if keep_extensions else extension
        elif label in (".", "..") or "/" in label or "\\" in label:
            raise ValueError(
                f"{who} names folders after classes, and {label!r} can't be the name "
                "of a folder. Rename the class."
            )
        name, n = (folder / f"{stem}{extension}").as_posix(), 1
        while name.lower() in taken:
            n += 1
            name = (folder / f"{stem}-{n}{extension}").as_posix()
        taken.add(name.lower())
        names.append(name)
    return names


def _labels(table: ImageTable) -> list[str]:
    """Return the class of each row, empty where there are none, as in a video."""
    if table.target is None:
        return [""] * len(table)
    return [str(label) for label in table.target]


def refuse_existing(output: Path, names: list[str]) -> None:
    """Raise an error if files would be replaced.

    Raises
    ------
    ValueError
        If one of them exists.
    """
    there = [name for name in names if (output / name).exists()]
    if there:
        raise ValueError(
            f"{count_of(len(there), 'file')} in {output} would be replaced, for "
            f"instance {there[0]}. Choose an empty folder, or pass --overwrite."
        )


def write_image(path: Path, pixels: np.ndarray) -> None:
    """Write a PNG, whole or not at all."""
    with written_aside(path) as aside:
        Image.fromarray(pixels).save(aside, format="PNG")

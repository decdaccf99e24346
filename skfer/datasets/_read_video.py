"""Films as tables of frames."""

import warnings
from collections.abc import Sequence
from numbers import Real
from pathlib import Path
from typing import Any

import numpy as np

from skfer._films import FilmError, list_seconds, name_frame
from skfer._image_files import FILM_ENDINGS, list_failures
from skfer._text import count_of
from skfer.datasets._image_table import ImageTable
from skfer.datasets._image_tree import read_tree

_SOME = 50  # Files that tell what a folder holds.


def read_video(
    path: str | Path | Sequence[str | Path], *, every: float | None = 1.0
) -> ImageTable:
    """List the frames of a film, of several, or of a folder of films.

    Frames are named like files, for instance ``film.mp4#t=12.500000``, and decoded when
    they are needed: any Pipeline takes them, and memory does not depend on the length
    of a film. The film is the group, so that frames of one never lie on both sides of a
    split. It needs the extra ``skfer[video]`` (PyAV).

    Parameters
    ----------
    path : str, Path, or sequence of them
        A film, several, or a folder of films. If the films of a folder lie in folders
        inside of it, these are their classes.
    every : float or None, default=1.0
        Seconds between frames: the first that is shown at or after each multiple. None
        takes all frames.

    Returns
    -------
    ImageTable
        With paths and the columns groups and film (the file), frame_number (from 0)
        and seconds; and target, if there are classes. Films that can't be read are in
        ``left_out``.

    Raises
    ------
    ValueError
        If no film can be read, or some lie in class folders and some do not.
    ImportError
        If PyAV is missing.

    Warns
    -----
    UserWarning
        If films are left out.

    Examples
    --------
    >>> from skfer.datasets import read_video
    >>> read_video("no/such/film.mp4")
    Traceback (most recent call last):
        ...
    ValueError: read_video found no film that can be read:
      no/such/film.mp4: the file does not exist
    """
    is_number = isinstance(every, Real) and not isinstance(every, bool)
    if every is not None and not (is_number and every > 0):
        raise ValueError(
            f"read_video got every={every!r}. It must be a number of seconds above 0, "
            "or None for all frames."
        )
    films, left_out = _find_films(path)
    classes = _classes_of(path, films)
    tables = []
    for number, film in enumerate(films):
        try:
            seconds = np.array(list_seconds(film))
        except FilmError as error:
            left_out.append((film, str(error)))
            continue
        frames = _choose(seconds, every)
        paths = np.array([name_frame(film, s) for s in seconds[frames]], dtype=object)
        table = ImageTable(
            paths,
            None if classes is None else [classes[number]] * len(frames),
            groups=[film] * len(frames),
            film=[film] * len(frames),
            frame_number=frames,
            seconds=seconds[frames],
            origin=film,
        )
        tables.append(table)
    if not tables:
        listed = list_failures(left_out) or f"  {path}: it holds no film"
        raise ValueError(f"read_video found no film that can be read:\n{listed}")
    joined = ImageTable.concatenate(tables, origin=str(path))
    joined.left_out = left_out
    if left_out:
        warnings.warn(
            f"read_video left out {count_of(len(left_out), 'file')}:\n"
            f"{list_failures(left_out)}",
            UserWarning,
            stacklevel=2,
        )
    return joined


def holds_films(path: str | Path) -> bool:
    """Return whether a path is a film, or the first files of a folder are films."""
    if not Path(path).is_dir():
        return Path(path).is_file() and _is_film(str(path))
    first = read_tree(Path(path)).rows[:_SOME]
    are_films = [_is_film(row.name) for row in first]
    return sum(are_films) > len(are_films) / 2


def _is_film(name: str) -> bool:
    return Path(name).suffix.lower() in FILM_ENDINGS


def _find_films(path: Any) -> tuple[list[str], list[tuple[str, str]]]:
    """Return films, and other files with what is wrong with them."""
    if not isinstance(path, str | Path):
        return [str(one) for one in path], []
    if not Path(path).is_dir():
        return [str(path)], []
    files = [row.path for row in read_tree(Path(path)).rows]
    others = [
        (file, "its name does not end like that of a film")
        for file in files
        if not _is_film(file)
    ]
    return [file for file in files if _is_film(file)], others


def _classes_of(path: Any, films: Sequence[str]) -> list[str] | None:
    """Return the folder of each film inside of a folder, if it has any."""
    if not isinstance(path, str | Path) or not Path(path).is_dir():
        return None
    inside = [Path(film).relative_to(path).parts[:-1] for film in films]
    depths = {len(parts) for parts in inside}
    if depths <= {0}:
        return None
    if len(depths) > 1:
        raise ValueError(
            f"read_video found films at different depths of {path}. Put all of them "
            "into the folder itself, or all into folders of their classes."
        )
    return [parts[0] for parts in inside]


def _choose(seconds: np.ndarray, every: float | None) -> np.ndarray:
    """Return the numbers of the first frames at or after each multiple."""
    if every is None:
        return np.arange(len(seconds))
    # The first frame of each stretch of so many seconds.
    return np.unique((seconds + 1e-6) // every, return_index=True)[1]

"""Videos as tables of frames."""

import warnings
from collections.abc import Sequence
from numbers import Real
from pathlib import Path
from typing import Any

import numpy as np

from skfer._image_files import VIDEO_EXTENSIONS, list_failures
from skfer._text import count_of
from skfer._videos import VideoError, list_seconds, name_frame
from skfer.datasets._image_table import ImageTable
from skfer.datasets._image_tree import read_tree

_SOME = 50  # Files that tell what a folder holds.


def read_video(
    path: str | Path | Sequence[str | Path], *, every: float | None = 1.0
) -> ImageTable:
    """List the frames of a video, of several, or of a folder of videos.

    Frames are named like files, for instance ``a.mp4#t=12.500000``, and decoded when
    they are needed: any Pipeline takes them, and memory does not depend on the length
    of a video. The video is the group, so that frames of one never lie on both sides
    of a split. It needs the extra ``skfer[video]`` (PyAV).

    Parameters
    ----------
    path : str, Path, or sequence of them
        A video, several, or a folder of videos. If those of a folder lie in folders
        inside of it, these are their classes.
    every : float or None, default=1.0
        Seconds between frames: the first that is shown at or after each multiple. None
        takes all frames.

    Returns
    -------
    ImageTable
        With paths and the columns groups and video (the file), frame_number (from 0)
        and seconds; and target, if there are classes. Videos that can't be read are in
        ``left_out``.

    Raises
    ------
    ValueError
        If no video can be read, or some lie in class folders and some do not.
    ImportError
        If PyAV is missing.

    Warns
    -----
    UserWarning
        If videos are left out.

    Examples
    --------
    >>> from skfer.datasets import read_video
    >>> read_video("no/such/video.mp4")
    Traceback (most recent call last):
        ...
    ValueError: read_video found no video that can be read:
      no/such/video.mp4: the file does not exist
    """
    is_number = isinstance(every, Real) and not isinstance(every, bool)
    if every is not None and not (is_number and every > 0):
        raise ValueError(
            f"read_video got every={every!r}. It must be a number of seconds above 0, "
            "or None for all frames."
        )
    videos, left_out = _find_videos(path)
    classes = _classes_of(path, videos)
    tables = []
    for number, video in enumerate(videos):
        try:
            seconds = np.array(list_seconds(video))
        except VideoError as error:
            left_out.append((video, str(error)))
            continue
        frames = _choose(seconds, every)
        paths = np.array([name_frame(video, s) for s in seconds[frames]], dtype=object)
        table = ImageTable(
            paths,
            None if classes is None else [classes[number]] * len(frames),
            groups=[video] * len(frames),
            video=[video] * len(frames),
            frame_number=frames,
            seconds=seconds[frames],
            origin=video,
        )
        tables.append(table)
    if not tables:
        listed = list_failures(left_out) or f"  {path}: it holds no video"
        raise ValueError(f"read_video found no video that can be read:\n{listed}")
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


def holds_videos(path: str | Path) -> bool:
    """Return whether a path is a video, or the first files of a folder are videos."""
    if not Path(path).is_dir():
        return Path(path).is_file() and _is_video(str(path))
    first = read_tree(Path(path)).rows[:_SOME]
    are_videos = [_is_video(row.name) for row in first]
    return sum(are_videos) > len(are_videos) / 2


def _is_video(name: str) -> bool:
    return Path(name).suffix.lower() in VIDEO_EXTENSIONS


def _find_videos(path: Any) -> tuple[list[str], list[tuple[str, str]]]:
    """Return videos, and other files with what is wrong with them."""
    if not isinstance(path, str | Path):
        return [str(one) for one in path], []
    if not Path(path).is_dir():
        return [str(path)], []
    files = [row.path for row in read_tree(Path(path)).rows]
    others = [
        (file, "its name does not end like that of a video")
        for file in files
        if not _is_video(file)
    ]
    return [file for file in files if _is_video(file)], others


def _classes_of(path: Any, videos: Sequence[str]) -> list[str] | None:
    """Return the folder of each video inside of a folder, if it has any."""
    if not isinstance(path, str | Path) or not Path(path).is_dir():
        return None
    inside = [Path(video).relative_to(path).parts[:-1] for video in videos]
    depths = {len(parts) for parts in inside}
    if depths <= {0}:
        return None
    if len(depths) > 1:
        raise ValueError(
            f"read_video found videos at different depths of {path}. Put all of them "
            "into the folder itself, or all into folders of their classes."
        )
    return [parts[0] for parts in inside]


def _choose(seconds: np.ndarray, every: float | None) -> np.ndarray:
    """Return the numbers of the first frames at or after each multiple."""
    if every is None:
        return np.arange(len(seconds))
    # The first frame of each stretch of so many seconds.
    return np.unique((seconds + 1e-6) // every, return_index=True)[1]

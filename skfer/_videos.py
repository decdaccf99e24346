"""Frames of videos, named like files: ``a.mp4#t=12.500000`` (W3C media fragments)."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from skfer._optional import require

_FRAME = re.compile(r"(.+)#t=(\d+(?:\.\d+)?)$", re.DOTALL)
# Frames that are at most so many seconds ahead are reached by decoding, not by a jump.
_NEAR = 3.0
# Formats that jump to the right frame. Others jump past it, or number frames wrongly
# afterwards, and are decoded from their beginning.
_EXACT = ("mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "asf")
_TOLERANCE = 1e-3  # Seconds by which a name may be off.


class VideoError(ValueError):
    """A video that can't be read; the message says why."""


def name_frame(video: str | Path, seconds: float) -> str:
    """Return the name of a frame."""
    return f"{video}#t={seconds:.6f}"


def split_frame(path: str | Path) -> tuple[str, float] | None:
    """Return the video and the seconds of a frame, or None for other names."""
    match = _FRAME.match(str(path))
    return (match[1], float(match[2])) if match else None


def list_seconds(video: str | Path) -> list[float]:
    """Return when each frame of a video is shown, without decoding any.

    Parameters
    ----------
    video : str or Path
        The video.

    Returns
    -------
    list of float
        Seconds from the beginning, ascending.

    Raises
    ------
    VideoError
        If it is no video, or has no frames.
    ImportError
        If PyAV is missing.
    """
    with _open(video) as (container, stream):
        start = stream.start_time or 0
        shown = {
            packet.pts - start
            for packet in _until_damaged(container.demux(stream))
            if packet.pts is not None
        }
        if not shown:
            raise VideoError("it has no frames")
        return [float(pts * stream.time_base) for pts in sorted(shown)]


def decode_frames(video: str | Path, seconds: Sequence[float]) -> list[Any]:
    """Return frames as RGB arrays, or a str that says why one can't be read.

    Parameters
    ----------
    video : str or Path
        The video.
    seconds : sequence of float
        When the frames are shown, in any order.

    Returns
    -------
    list of (ndarray of shape (height, width, 3), uint8) or str
        Upright, as the video's own rotation says.

    Raises
    ------
    ImportError
        If PyAV is missing.
    """
    try:
        with _open(video) as (container, stream):
            found = dict(_decode_in_order(container, stream, sorted(set(seconds))))
    except VideoError as error:
        return [str(error)] * len(seconds)
    return [found[one] for one in seconds]


def iterate_frames(
    source: str | Path, *, format: str | None = None
) -> Iterator[tuple[float, np.ndarray]]:
    """Yield the seconds and pixels of each frame of a video or a camera, in order.

    Parameters
    ----------
    source : str or Path
        A video, or a device, for instance "/dev/video0".
    format : str, default=None
        The kind of device, for instance "v4l2" on Linux. None means a video.

    Yields
    ------
    seconds : float
        From the beginning.
    image : ndarray of shape (height, width, 3)
        RGB, uint8.

    Raises
    ------
    VideoError
        If it can't be read.
    ImportError
        If PyAV is missing.
    """
    av = require("av", "Reading videos", "save the frames as images")
    with _open(source, format) as (container, stream):
        try:
            for frame in _timed(container.decode(stream)):
                yield _seconds_of(frame, stream), _to_rgb(frame)
        except av.FFmpegError as error:
            raise VideoError(f"it is damaged ({error})") from None


def _decode_in_order(
    container: Any, stream: Any, seconds: Sequence[float]
) -> Iterator[tuple[float, Any]]:
    av = require("av", "Reading videos", "save the frames as images")
    can_jump = container.format.name in _EXACT
    here = 0.0
    frames: Iterator[Any] = iter(())
    for wanted in seconds:
        pixels, reason = None, "no frame is shown then"
        starts: list[float | None] = [wanted, 0.0] if can_jump else [0.0]
        if wanted - here >= 0 and (wanted - here < _NEAR or not can_jump):
            starts.insert(0, None)  # Go on decoding.
        for start in starts:
            try:
                if start is not None:
                    frames = _seek(container, stream, start)
                for frame in frames:
                    here = _seconds_of(frame, stream)
                    if here >= wanted - _TOLERANCE:
                        break
                else:
                    reason = "the video ends before"
                    continue
                if here <= wanted + _TOLERANCE:
                    pixels = _to_rgb(frame)
                    break
            except av.FFmpegError as error:
                frames, reason = iter(()), f"the video is damaged there ({error})"
        yield wanted, reason if pixels is None else pixels


def _seek(container: Any, stream: Any, seconds: float) -> Iterator[Any]:
    """Return the frames from the key frame before a time on."""
    place = int(seconds / float(stream.time_base)) + (stream.start_time or 0)
    container.seek(place, stream=stream)
    return _timed(container.decode(stream))


def _timed(frames: Any) -> Iterator[Any]:
    return (frame for frame in frames if frame.pts is not None)


def _seconds_of(frame: Any, stream: Any) -> float:
    return float((frame.pts - (stream.start_time or 0)) * stream.time_base)


def _to_rgb(frame: Any) -> np.ndarray:
    pixels = frame.to_ndarray(format="rgb24")
    return np.ascontiguousarray(np.rot90(pixels, frame.rotation // 90))


def _until_damaged(packets: Any) -> Iterator[Any]:
    """Yield packets up to the first that can't be read: videos may be cut off."""
    av = require("av", "Reading videos", "save the frames as images")
    try:
        yield from packets
    except av.FFmpegError:
        return


@contextmanager
def _open(source: str | Path, format: str | None = None) -> Iterator[tuple[Any, Any]]:
    av = require("av", "Reading videos", "save the frames as images")
    if format is None and Path(source).is_dir():
        raise VideoError("it is a folder")
    if format is None and not Path(source).is_file():
        raise VideoError("the file does not exist")
    try:
        # With its folder, because "a:b.mp4" would be taken for an address.
        place = source if format else Path(source).absolute()
        container = av.open(str(place), format=format)
    except av.FFmpegError as error:
        what = "it is no video, or damaged" if format is None else "no camera is there"
        raise VideoError(f"{what} ({error})") from None
    with container:
        if not container.streams.video:
            raise VideoError("it has no pictures, only sound or text")
        yield container, container.streams.video[0]

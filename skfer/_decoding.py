"""Image files into arrays, whatever their format."""

import math
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module, util
from pathlib import Path
from types import ModuleType

import numpy as np
from PIL import Image, ImageOps

from skfer._archives import read_member
from skfer._image_files import UnreadableImageError, open_image
from skfer._pillow import eight_bits, holds_deep_colors, refuse_dark_colors
from skfer._pixels import to_mode
from skfer._resampling import resize
from skfer._videos import decode_frames, split_frame

_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0)  # The latter on Windows only.
_JPEG = b"\xff\xd8"
_SMALL = 1 << 16  # Bytes; smaller files are read ahead, several at a time.
# JPEG files are decoded at a scale that leaves this many times the wanted size, so
# that files and arrays of a picture agree.
_MARGIN = 4


@dataclass(slots=True)
class DecodedImage:
    """The result of reading an image file."""

    pixels: np.ndarray | None = None  # uint8; None if it can't be read.
    reason: str = ""  # Why it can't be read.
    format: str = ""  # As Pillow names it, for instance "JPEG".
    mode: str = ""  # Of the file, as Pillow names it, for instance "RGBA".


def decode_all(
    paths: Sequence[str | Path], mode: str | None, size: tuple[int, int] | None
) -> list[DecodedImage]:
    """Read image files, each once.

    Parameters
    ----------
    paths : sequence of str or Path
        The files.
    mode : {"RGB", "L"} or None
        Colour, grey, or what each file holds.
    size : (int, int) or None
        Height and width to bring them to, or None for their own.

    Returns
    -------
    list of DecodedImage
        With pixels of shape (height, width) or (height, width, 3), uint8 in 0..255,
        or the reason why a file can't be read.
    """
    # Read all files before decoding any: threads that alternate between the two
    # spend more time waiting for the interpreter lock than working.
    contents = [_read_if_small(path) for path in paths]
    frames = _decode_frames(paths, contents, size)
    results: list[DecodedImage] = []
    for place, (path, content) in enumerate(zip(paths, contents, strict=True)):
        try:
            image = frames.get(place) or _decode(path, content, size)
        except UnreadableImageError as error:
            image = DecodedImage(reason=str(error))
        if image.pixels is not None:
            image.pixels = to_mode(image.pixels, mode)
        results.append(image)
    return results


def _decode_frames(
    paths: Sequence[str | Path],
    contents: Sequence[bytes | None],
    size: tuple[int, int] | None,
) -> dict[int, DecodedImage]:
    """Decode the paths that are frames of videos, those of one video together."""
    wanted: dict[str, list[tuple[int, float]]] = {}
    for place, (path, content) in enumerate(zip(paths, contents, strict=True)):
        frame = split_frame(path) if content is None else None
        if frame is not None and not Path(path).exists():
            wanted.setdefault(frame[0], []).append((place, frame[1]))
    decoded = {}
    for video, frames in wanted.items():
        images = decode_frames(video, [seconds for _, seconds in frames])
        for (place, _), pixels in zip(frames, images, strict=True):
            if isinstance(pixels, str):
                decoded[place] = DecodedImage(reason=pixels)
                continue
            if size is not None:
                pixels = np.asarray(resize(Image.fromarray(pixels), size))
            decoded[place] = DecodedImage(pixels, mode="RGB")
    return decoded


def _decode(
    path: str | Path, content: bytes | None, size: tuple[int, int] | None
) -> DecodedImage:
    pixels = _decode_plain_jpeg(content, size)
    if pixels is not None:
        mode = "L" if pixels.ndim == 2 else "RGB"
        return DecodedImage(pixels, format="JPEG", mode=mode)
    with open_image(path, content) as opened:
        image = DecodedImage(format=opened.format or "", mode=opened.mode)
        is_deep = holds_deep_colors(opened)
        if size is not None:
            # Only JPEG has a scaled decoder; for other formats this does nothing. The
            # longer side serves both axes because EXIF may rotate it.
            opened.draft(None, (_MARGIN * max(size), _MARGIN * max(size)))
        picture = ImageOps.exif_transpose(opened)
    try:
        picture = eight_bits(picture)
        if is_deep:
            refuse_dark_colors(picture)
    except ValueError as error:
        raise UnreadableImageError(str(error)) from None
    image.pixels = np.asarray(picture if size is None else resize(picture, size))
    return image


def _read_if_small(path: str | Path) -> bytes | None:
    """Return a file's content; None of one that is large or can't be read."""
    try:
        found = Path(path).stat()
        # A pipe would be waited for.
        if found.st_size >= _SMALL or not stat.S_ISREG(found.st_mode):
            return None
        handle = os.open(path, _FLAGS)
        try:
            content = os.read(handle, _SMALL)
        finally:
            os.close(handle)
    except NotADirectoryError:
        return _read_member_if_small(path)
    except OSError:
        return None
    # Pillow explains an empty file, or one that is being written, in more detail.
    return content if 0 < len(content) < _SMALL else None


def _read_member_if_small(path: str | Path) -> bytes | None:
    try:
        return read_member(path, limit=_SMALL) or None
    except OSError:
        return None


def _decode_plain_jpeg(
    content: bytes | None, size: tuple[int, int] | None
) -> np.ndarray | None:
    """Decode a JPEG file that needs no more than decoding; None for all others.

    libjpeg-turbo does the work here as in Pillow, and the pixels are the same,
    but without Pillow's handling of files in Python, which takes three times as
    long as the decoding of a small picture and lets no other thread run.
    """
    simplejpeg = _simplejpeg()
    # EXIF may require a rotation.
    if (
        simplejpeg is None
        or content is None
        or content[:2] != _JPEG
        or b"Exif\0\0" in content
    ):
        return None
    try:
        height, width, colors, _ = simplejpeg.decode_jpeg_header(content)
        if size not in (None, (height, width)) or colors not in ("Gray", "YCbCr"):
            return None
        if height * width > (Image.MAX_IMAGE_PIXELS or math.inf):
            return None
        if colors == "Gray":
            return simplejpeg.decode_jpeg(content, "GRAY")[..., 0]
        return simplejpeg.decode_jpeg(content, "RGB")
    except ValueError:
        return None  # Pillow reports what is wrong with it.


@cache
def _simplejpeg() -> ModuleType | None:
    found = util.find_spec("simplejpeg")
    return import_module("simplejpeg") if found else None

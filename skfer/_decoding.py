"""Image files into arrays, whatever their format."""

import math
import os
from collections.abc import Sequence
from functools import cache
from importlib import import_module, util
from pathlib import Path
from types import ModuleType

import numpy as np
from PIL import Image, ImageOps

from skfer._archives import read_member
from skfer._image_files import UnreadableImageError, open_image
from skfer._images import to_gray
from skfer._resampling import resize

_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0)  # The latter on Windows only.
_JPEG = b"\xff\xd8"
_SMALL = 1 << 16  # Bytes of a file that may wait in memory with others.
_WHITE = (255, 255, 255, 255)


def decode_all(
    paths: Sequence[str | Path], mode: str | None, size: tuple[int, int] | None
) -> list[np.ndarray | str]:
    """Read image files.

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
    list of ndarray of shape (height, width) or (height, width, 3), or str
        uint8 in 0..255; or, in words, why a file can't be read.
    """
    # All files before any decoding: threads that read and decode by turns wait
    # for one another's interpreter lock longer than they work.
    contents = [_read_if_small(path) for path in paths]
    results: list[np.ndarray | str] = []
    for path, content in zip(paths, contents, strict=True):
        try:
            image = _decode_plain_jpeg(content, size)
            if image is None:
                with open_image(path) as opened:
                    image = _decode_any(opened, size)
            results.append(_convert(image, mode))
        except UnreadableImageError as error:
            results.append(str(error))
    return results


def _read_if_small(path: str | Path) -> bytes:
    """Return a file's content; nothing of one that is large or can't be read."""
    try:
        handle = os.open(path, _FLAGS)
        try:
            content = os.read(handle, _SMALL)
        finally:
            os.close(handle)
    except NotADirectoryError:
        return _read_member_if_small(path)
    except OSError:
        return b""
    return content if len(content) < _SMALL else b""


def _read_member_if_small(path: str | Path) -> bytes:
    try:
        return read_member(path, limit=_SMALL)
    except OSError:
        return b""


def _decode_plain_jpeg(
    content: bytes, size: tuple[int, int] | None
) -> np.ndarray | None:
    """Decode a JPEG file that needs no more than decoding; None for all others.

    libjpeg-turbo does the work here as in Pillow, and the pixels are the same,
    but without Pillow's handling of files in Python, which takes three times as
    long as the decoding of a small picture and lets no other thread run.
    """
    simplejpeg = _simplejpeg()
    # EXIF may ask for a turn.
    if simplejpeg is None or content[:2] != _JPEG or b"Exif\0\0" in content:
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
        return None  # Pillow says what is wrong with it.


@cache
def _simplejpeg() -> ModuleType | None:
    found = util.find_spec("simplejpeg")
    return import_module("simplejpeg") if found else None


def _decode_any(image: Image.Image, size: tuple[int, int] | None) -> np.ndarray:
    if size is None:
        return np.asarray(_eight_bits(ImageOps.exif_transpose(image)))
    # Only JPEG has a scaled decoder; for other formats this does nothing. Twice
    # the size leaves the resampling something to average, and the longer side
    # serves both axes because EXIF may turn the picture.
    image.draft(None, (2 * max(size), 2 * max(size)))
    return np.asarray(resize(_eight_bits(ImageOps.exif_transpose(image)), size))


def _convert(image: np.ndarray, mode: str | None) -> np.ndarray:
    if mode == "L" and image.ndim == 3:
        return to_gray(image)
    if mode == "RGB" and image.ndim == 2:
        return np.repeat(image[..., np.newaxis], 3, axis=2)
    return image


def _eight_bits(image: Image.Image) -> Image.Image:
    """Convert any Pillow mode to L or RGB with 8 bits a channel."""
    if image.mode in ("L", "RGB"):
        if "transparency" not in image.info:
            return image
        image = image.convert("RGBA")
    if image.mode == "1":
        return image.convert("L")
    if image.mode.startswith("I") or image.mode == "F":
        values = np.asarray(image).astype(np.float64)
        # Grey of more than 8 bits: 0..65535 in integers, 0..1 in floats.
        scale = 255.0 if image.mode == "F" else 255 / 65535
        return Image.fromarray(np.rint(values * scale).clip(0, 255).astype(np.uint8))
    transparent = image.has_transparency_data
    if not transparent:
        return image.convert("RGB")
    image = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", image.size, _WHITE), image).convert(
        "RGB"
    )

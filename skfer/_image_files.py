"""Opening image files, and saying plainly why one cannot be opened."""

import stat
import struct
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from PIL import Image, UnidentifiedImageError

from skfer._archives import ArchiveError, read_member

_LFS_POINTER = b"version https://git-lfs"
_MAX_LISTED = 10
_VIDEO = "it is a video; read videos with read_video, in a folder of their own"
_RAW = "it is a raw photograph; save it as JPEG"
# Signatures of other files that often lie beside images.
_FOREIGN = {
    b"ftyphei": "it is a HEIC photograph; pip install pillow-heif, or save it as JPEG",
    b"ftypmif1": "it is a HEIF photograph; pip install pillow-heif, or save it as JPEG",
    b"ftypcrx": _RAW,
    b"ftyp": _VIDEO,
    b"PK\x03\x04": "it is a zip archive; unpack it, or give its path instead",
    b"%PDF": "it is a PDF document; save its pictures as PNG",
}
#: Endings of raw photographs. Many are TIFF inside, in which Pillow finds a thumbnail.
RAW_EXTENSIONS = frozenset(
    {".dng", ".cr2", ".cr3", ".nef", ".arw", ".orf", ".rw2", ".pef", ".srw", ".3fr",
     ".raf"}
)  # fmt: skip
_HEIF = (b"ftyphei", b"ftyphev", b"ftypmif1", b"ftypmsf1")
#: How the reason begins for a file that is an image, but not a whole one.
CUT_OFF = "it is damaged or cut off"
#: Endings of the names of videos.
VIDEO_EXTENSIONS = frozenset(
    {".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".wmv", ".3gp",
     ".ogv", ".flv"}
)  # fmt: skip
# Numbers of tags of TIFF.
_PHOTOMETRIC, _SAMPLE_FORMAT, _DNG_VERSION = 262, 339, 50706
# Pillow reports damaged files as any of these, by format.
_DAMAGED = (
    OSError, SyntaxError, EOFError, ValueError, RuntimeError, TypeError,
    LookupError, ArithmeticError, struct.error, zlib.error,
)  # fmt: skip


class UnreadableImageError(ValueError):
    """An image file that cannot be read; the message names it and the reason."""


@contextmanager
def open_image(path: str | Path, content: bytes | None = None) -> Iterator[Image.Image]:
    """Open an image file and turn every failure into one kind of error.

    Pixels are decoded only when the caller asks for them, so this also covers
    failures while decoding inside the ``with`` block.

    Parameters
    ----------
    path : str or Path
        The file; one in a zip archive is ``archive.zip/name/inside.png``.
    content : bytes, default=None
        All bytes of the file, if they are known already.

    Yields
    ------
    PIL.Image.Image
        The opened image, at its first frame.

    Raises
    ------
    UnreadableImageError
        If the file is missing, empty, not an image, cut off or too large.
    """
    try:
        with ExitStack() as files, _open(path, content, files) as image:
            _refuse_what_is_misread(image, path)
            yield image
    except UnidentifiedImageError:
        raise UnreadableImageError(_why_not_an_image(path, content)) from None
    except Image.DecompressionBombError as error:
        raise UnreadableImageError(
            f"its header claims too many pixels ({error}); shrink it with an image "
            "program first, or raise PIL.Image.MAX_IMAGE_PIXELS if you trust it"
        ) from None
    except ArchiveError as error:
        raise UnreadableImageError(str(error)) from None
    except IsADirectoryError:
        raise UnreadableImageError("it is a folder, not a file") from None
    except UnreadableImageError:
        raise
    except _DAMAGED as error:
        if isinstance(error, OSError) and error.errno:
            # The system's, not Pillow's.
            reason = f"it can't be opened ({error.strerror})"
            raise UnreadableImageError(reason) from None
        raise UnreadableImageError(f"{CUT_OFF} ({error})") from None


def _open(path: str | Path, content: bytes | None, files: ExitStack) -> Image.Image:
    try:
        return _open_known(path, content, files)
    except UnidentifiedImageError:
        head = _read_head(path) if content is None else content[:512]
        if not any(start in head[:16] for start in _HEIF) or not _learn_heif():
            raise
        return _open_known(path, content, files)


@cache
def _learn_heif() -> bool:
    """Let Pillow read HEIC and HEIF from now on; False if the package is missing."""
    try:
        pillow_heif = import_module("pillow_heif")
    except ImportError:
        return False
    pillow_heif.register_heif_opener()
    return True


def _open_known(
    path: str | Path, content: bytes | None, files: ExitStack
) -> Image.Image:
    if content is not None:
        return Image.open(BytesIO(content))
    try:
        # Not by its path: Pillow maps uncompressed TIFF into memory then, and turns it
        # wrongly where its orientation exchanges height and width.
        return Image.open(files.enter_context(_open_file(path)))
    except (NotADirectoryError, FileNotFoundError):  # The latter on Windows.
        return Image.open(BytesIO(read_member(path)))


def _refuse_what_is_misread(image: Image.Image, path: str | Path) -> None:
    """Raise an error for a TIFF whose pixels Pillow returns as something else."""
    tags = getattr(image, "tag_v2", None)
    if tags is None:
        return
    if Path(path).suffix.lower() in RAW_EXTENSIONS or _DNG_VERSION in tags:
        raise UnreadableImageError(_RAW)
    if image.mode == "L" and 2 in tags.get(_SAMPLE_FORMAT, ()):
        raise UnreadableImageError(
            "its pixels are signed bytes; add 128, and save them as unsigned ones"
        )
    if image.mode not in ("1", "L", "P") and tags.get(_PHOTOMETRIC) == 0:
        raise UnreadableImageError(
            "its zero means white, which is read for 8 bits only; save it as PNG"
        )


def _open_file(path: str | Path) -> BinaryIO:
    """Open what has an end; a pipe would be waited for without one."""
    mode = Path(path).stat().st_mode
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise UnreadableImageError("it is a pipe or a device, not a file")
    return Path(path).open("rb")


def _read_head(path: str | Path) -> bytes:
    try:
        with _open_file(path) as file:
            return file.read(512)
    except (NotADirectoryError, FileNotFoundError):
        return read_member(path)[:512]


def _why_not_an_image(path: str | Path, content: bytes | None) -> str:
    head = _read_head(path) if content is None else content[:512]
    if not head:
        return "the file is empty (0 bytes)"
    for start, reason in _FOREIGN.items():
        if start in head[:16]:
            return reason
    if Path(path).suffix.lower() in VIDEO_EXTENSIONS and not head.isascii():
        return _VIDEO
    if head.startswith(_LFS_POINTER):
        return "it is a Git LFS pointer, not the picture; run `git lfs pull`"
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"<svg" in start:
        return "it is an SVG drawing, not pixels; save it as PNG first"
    if start.startswith((b"<!doctype html", b"<html", b"<head")):
        return "it is a web page, not an image; download the picture itself"
    if start.startswith(b"<?xml"):
        return "it is an XML message, not an image; download the picture again"
    if head.isascii() and b"\0" not in head:
        beginning = head[:24].decode("ascii")
        return f"it holds text, not an image (it starts with {beginning!r})"
    return "it is damaged, or not in an image format that Pillow reads"


def list_failures(failures: Sequence[tuple[str | Path, str]]) -> str:
    """Write unreadable files and their reasons as an indented list.

    Parameters
    ----------
    failures : sequence of (path, reason)
        The files in their order.

    Returns
    -------
    str
        One line per file; a last line counts those omitted from a long list.
    """
    lines = [f"  {path}: {reason}" for path, reason in failures[:_MAX_LISTED]]
    if len(failures) > _MAX_LISTED:
        lines.append(f"  ... and {len(failures) - _MAX_LISTED} more")
    return "\n".join(lines)

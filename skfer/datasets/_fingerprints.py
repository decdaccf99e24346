"""A compact summary of each image, which is kept after it was decoded once.

Audits, splitters and the search for copies need nothing else, and figures show its
thumbnails.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import numpy as np
from PIL import Image

from skfer._cached_array import CachedArray
from skfer._decoding import DecodedImage, decode_all
from skfer._pixels import to_mode, to_uint8_image
from skfer._resampling import resize
from skfer._threads import run_in_threads
from skfer._validation import check_collection, holds_paths

#: Height and width of the small grey pictures.
SIDE = 32
#: Longest side of a thumbnail, in pixels.
THUMBNAIL = 128
_CHUNK = 64
_SMALL = 1 << 16  # Bytes; smaller files are decoded in batches.
# Standard deviation in grey levels, below which an image counts as blank.
_BLANK = 2.0
_FEW_BYTES = 4096  # Of a picture that is kept as it is.
# Photographs are shrunk to this size before anything else, to save memory.
_MODERATE = 512
# A frame: lines of one grey level, at most this share of the picture on each side.
_WIDEST_FRAME = 0.25
_FIRST_LINES, _MOST_LINES = 16, 4096  # Looked at together.
_EVEN, _UNEVEN = 3.0, 40  # Grey levels: standard deviation, and range.
_EDGE, _FLAT = 10.0, 4
_TEXTS = ("reason", "format", "mode")
_MANY = 1 << 18  # Images, above which the small pictures are on disk.


@dataclass
class Fingerprints:
    """One entry per image, in the same order."""

    small: np.ndarray  # (n, SIDE, SIDE), uint8: what is in the frame, grey, small.
    frame: np.ndarray  # (n, 4), float32: its width as a share: top, bottom, left, right
    digest: np.ndarray  # (n,), bytes: equal where all pixels are.
    width: np.ndarray  # (n,), int; 0 where an image can't be read.
    height: np.ndarray  # (n,), int.
    blank: np.ndarray  # (n,), bool: one grey level, or nearly.
    reason: np.ndarray  # (n,), str objects: why an image can't be read, else "".
    format: np.ndarray  # (n,), str objects: of files, for instance "JPEG".
    mode: np.ndarray  # (n,), str objects: of files, as Pillow names it.
    # (n,), objects: uint8 array, JPEG bytes, or None; or images on disk.
    thumbnail: np.ndarray | CachedArray

    @classmethod
    def empty(cls, n: int) -> "Fingerprints":
        """Return room for the fingerprints of some images."""
        return cls(
            small=_make_room(n),
            frame=np.zeros((n, 4), dtype=np.float32),
            digest=np.zeros(n, dtype="S32"),
            width=np.zeros(n, dtype=np.int64),
            height=np.zeros(n, dtype=np.int64),
            blank=np.zeros(n, dtype=bool),
            **{name: np.full(n, "", dtype=object) for name in _TEXTS},
            thumbnail=np.full(n, None, dtype=object),
        )

    @classmethod
    def concatenate(cls, parts: Sequence["Fingerprints"]) -> "Fingerprints":
        """Concatenate the fingerprints of several tables."""
        columns = {
            f.name: np.concatenate([getattr(p, f.name) for p in parts])
            for f in fields(cls)
            if f.name != "thumbnail"
        }
        thumbnail = np.empty(len(columns["digest"]), dtype=object)
        # Some may be files of images of one size, which are read here.
        thumbnail[:] = [picture for p in parts for picture in p.thumbnail]
        return cls(**columns, thumbnail=thumbnail)

    def take(self, rows: np.ndarray) -> "Fingerprints":
        """Return the fingerprints of some of the images."""
        return Fingerprints(*(getattr(self, f.name)[rows] for f in fields(self)))

    def show(self, row: int) -> np.ndarray | None:
        """Return the thumbnail of an image, None if it can't be read."""
        thumbnail = self.thumbnail[row]
        if isinstance(thumbnail, bytes):
            return np.asarray(Image.open(BytesIO(thumbnail)))
        return thumbnail

    def show_detail(self, row: int, side: int) -> np.ndarray:
        """Return what is in the frame of a readable image.

        Parameters
        ----------
        row : int
            Which image.
        side : int
            Height and width of the result.

        Returns
        -------
        ndarray of uint8 of shape (side, side)
            Grey.
        """
        thumbnail = self.show(row)
        assert thumbnail is not None
        gray = Image.fromarray(to_mode(thumbnail, "L"))
        top, bottom, left, right = self.frame[row].tolist()
        width, height = gray.size
        inside = (
            round(left * width),
            round(top * height),
            width - round(right * width),
            height - round(bottom * height),
        )
        return np.asarray(resize(gray.crop(inside), (side, side)))

    def find_sides(self) -> np.ndarray:
        """Return the shorter side of what is in the frames, in pixels."""
        top, bottom, left, right = self.frame.T
        return np.minimum(
            self.height * (1 - top - bottom), self.width * (1 - left - right)
        )


def fingerprint(X: Any, n_jobs: int | None, who: str = "find_copies") -> Fingerprints:
    """Read every image once and keep its fingerprint.

    Parameters
    ----------
    X : array-like of str or Path, or of images
        Files, or arrays of shape (height, width[, 3]).
    n_jobs : int or None
        Number of threads.
    who : str, default="find_copies"
        Name of the caller, for error messages.

    Returns
    -------
    Fingerprints
        About 1.2 kB for each image, and a thumbnail of up to 6 kB where it is large.

    Raises
    ------
    ValueError
        If X holds neither paths nor images.
    """
    images = check_collection(X, who)
    are_paths = holds_paths(images)
    if not are_paths and np.ndim(images[0]) < 2:
        raise ValueError(
            f"{who} compares images of two or three axes, got rows of pixels. Reshape "
            "them to (n, height, width) first."
        )

    prints = Fingerprints.empty(len(images))
    if keeps_own := isinstance(images, CachedArray) and _is_own_thumbnail(images.shape):
        prints.thumbnail = images

    def work(start: int) -> None:
        part = list(images[start : start + _CHUNK])
        if not are_paths:
            described = [
                _describe_array(image, who, start + place)
                for place, image in enumerate(part)
            ]
        elif all(_is_small(path) for path in part):
            described = [
                _describe_file(image) for image in decode_all(part, None, None)
            ]
        else:
            # One by one, so that photographs don't fill the memory at full size.
            described = [
                _describe_file(decode_all([path], None, None)[0]) for path in part
            ]
        names = [f.name for f in fields(Fingerprints)]
        for name, column in zip(names, zip(*described, strict=True), strict=True):
            if name == "thumbnail" and keeps_own:
                continue
            for row, value in enumerate(column, start):
                getattr(prints, name)[row] = value

    run_in_threads(n_jobs, work, range(0, len(images), _CHUNK))
    return prints


def _is_own_thumbnail(shape: tuple[int, ...]) -> bool:
    return max(shape[1:3]) <= THUMBNAIL and shape[3:] in ((), (3,))


def _make_room(n: int) -> np.ndarray:
    """Return an array for small pictures, in a file if there are many."""
    shape = (n, SIDE, SIDE)
    if n <= _MANY:
        return np.zeros(shape, dtype=np.uint8)
    with TemporaryFile() as file:
        # The file has no name, and is gone with the array.
        return np.memmap(file, np.uint8, mode="w+", shape=shape)


def _is_small(path: Any) -> bool:
    try:
        return Path(path).stat().st_size <= _SMALL
    except OSError:
        return False


def _describe_file(image: DecodedImage) -> tuple[Any, ...]:
    if image.pixels is None:
        nothing = np.zeros((SIDE, SIDE), dtype=np.uint8)
        no_frame = (0.0,) * 4
        return nothing, no_frame, b"", 0, 0, False, image.reason, "", "", None
    described = _describe(image.pixels)
    return *described[:-1], "", image.format, image.mode, _shrink(described[-1])


def _describe_array(image: Any, who: str, row: int) -> tuple[Any, ...]:
    pixels = to_uint8_image(np.asarray(image), who, row)
    described = _describe(pixels)
    is_small = max(pixels.shape[:2]) <= THUMBNAIL
    # A small array is its own thumbnail, which takes no memory.
    thumbnail = to_mode(pixels, None) if is_small else _shrink(described[-1])
    return *described[:-1], "", "", "", thumbnail


def _describe(image: np.ndarray) -> tuple[Any, ...]:
    image = np.ascontiguousarray(image)
    digest = hashlib.blake2b(image.data, digest_size=16)
    digest.update(str(image.shape).encode())
    height, width = image.shape[:2]
    moderate = _reduce(to_mode(image, None))
    gray = to_mode(moderate, "L")
    top, bottom, left, right = _find_frame(gray)
    inside = gray[top : gray.shape[0] - bottom, left : gray.shape[1] - right]
    small = np.asarray(resize(Image.fromarray(inside), (SIDE, SIDE)))
    frame = np.divide((top, bottom, left, right), np.repeat(gray.shape, 2))
    blank = bool(gray.std() < _BLANK)
    # As hexadecimal text, because arrays of bytes drop trailing zeros.
    code = digest.hexdigest().encode()
    return small, frame, code, width, height, blank, moderate


def _reduce(image: np.ndarray) -> np.ndarray:
    """Shrink a photograph to a moderate size by averaging whole pixels."""
    factor = min(image.shape[:2]) // _MODERATE
    if factor < 2:
        return image
    return np.asarray(Image.fromarray(image).reduce(factor))


def _find_frame(gray: np.ndarray) -> tuple[int, int, int, int]:
    """Count the even lines at the top, the bottom, the left and the right."""
    sides = (gray, gray[::-1], gray.T, gray.T[::-1])
    around = np.concatenate([side[0] for side in sides])
    # One level all around is a frame, even if the background has about the same.
    edge = 0.0 if int(around.max()) - int(around.min()) <= _FLAT else _EDGE
    top, bottom, left, right = (_count_even(side, edge) for side in sides)
    return top, bottom, left, right


def _count_even(lines: np.ndarray, edge: float) -> int:
    """Count lines of one grey level before a sharp edge; 0 if there is no such frame.

    The edge tells a frame from an even background.
    """
    if int(lines[0].max()) - int(lines[0].min()) > _UNEVEN:
        return 0  # As nearly always.
    most = int(len(lines) * _WIDEST_FRAME)
    first = float(lines[0].mean())
    start, n_lines = 0, _FIRST_LINES
    while start <= most:
        block = lines[start : min(start + n_lines, most + 1)]
        means = block.mean(axis=1)
        is_uneven = (block.std(axis=1) > _EVEN) | (np.abs(means - first) > _EVEN)
        if is_uneven.any():
            count = start + int(is_uneven.argmax())
            # The edge may be blurred over two lines.
            beyond = lines[min(count + 1, len(lines) - 1)].astype(np.float32)
            return count if np.median(np.abs(beyond - first)) >= edge else 0
        # A damaged file may be millions of lines high.
        start, n_lines = start + len(block), min(2 * n_lines, _MOST_LINES)
    return 0


def _shrink(image: np.ndarray) -> np.ndarray | bytes:
    """Return a thumbnail of a few kilobytes."""
    if max(image.shape[:2]) <= THUMBNAIL and image.nbytes <= _FEW_BYTES:
        return image
    picture = Image.fromarray(image)
    picture.thumbnail((THUMBNAIL, THUMBNAIL))
    content = BytesIO()
    picture.save(content, format="JPEG", quality=90)
    return content.getvalue()

"""A compact summary of each image, which is kept after it was decoded once.

Audits, splitters and the search for copies need nothing else, and figures show its
thumbnails.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from skfer._decoding import DecodedImage, decode_all
from skfer._pixels import to_mode, to_uint8_image
from skfer._resampling import resize
from skfer._threads import run_in_threads
from skfer._validation import check_collection, holds_paths

SIDE = 32
#: Longest side of a thumbnail, in pixels.
THUMBNAIL = 96
_CHUNK = 64
_SMALL = 1 << 16  # Bytes; smaller files are decoded in batches.
# Standard deviation in grey levels, below which an image counts as blank.
_BLANK = 2.0
_FEW_BYTES = 4096  # Of a picture that is kept as it is.


@dataclass
class Fingerprints:
    """One entry per image, in the same order."""

    small: np.ndarray  # (n, SIDE, SIDE), uint8: the picture, grey and small.
    digest: np.ndarray  # (n,), bytes: equal where all pixels are.
    width: np.ndarray  # (n,), int; 0 where an image can't be read.
    height: np.ndarray  # (n,), int.
    blank: np.ndarray  # (n,), bool: one grey level, or nearly.
    reason: np.ndarray  # (n,), str objects: why an image can't be read, else "".
    format: np.ndarray  # (n,), str objects: of files, for instance "JPEG".
    mode: np.ndarray  # (n,), str objects: of files, as Pillow names it.
    thumbnail: np.ndarray  # (n,), objects: of files, uint8 array or JPEG bytes.

    @classmethod
    def concatenate(cls, parts: Sequence["Fingerprints"]) -> "Fingerprints":
        """Concatenate the fingerprints of several tables."""
        return cls(
            *(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(cls))
        )

    def take(self, rows: np.ndarray) -> "Fingerprints":
        """Return the fingerprints of some of the images."""
        return Fingerprints(*(getattr(self, f.name)[rows] for f in fields(self)))

    def show(self, row: int) -> np.ndarray | None:
        """Return the thumbnail of a file, None if there is none."""
        thumbnail = self.thumbnail[row]
        if isinstance(thumbnail, bytes):
            return np.asarray(Image.open(BytesIO(thumbnail)))
        return thumbnail


def fingerprint(X: Any, n_jobs: int | None, who: str = "find_twins") -> Fingerprints:
    """Read every image once and keep its fingerprint.

    Parameters
    ----------
    X : array-like of str or Path, or of images
        Files, or arrays of shape (height, width[, 3]).
    n_jobs : int or None
        Number of threads.
    who : str, default="find_twins"
        Name of the caller, for error messages.

    Returns
    -------
    Fingerprints
        About 1.2 kB for each image, and for files a thumbnail of about 3 kB.

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

    def work(start: int) -> list[tuple[Any, ...]]:
        part = list(images[start : start + _CHUNK])
        if not are_paths:
            return [
                _describe_array(image, who, start + place)
                for place, image in enumerate(part)
            ]
        if all(_is_small(path) for path in part):
            return [_describe_file(image) for image in decode_all(part, None, None)]
        # One by one, so that photographs don't fill the memory at full size.
        return [_describe_file(decode_all([path], None, None)[0]) for path in part]

    chunks = run_in_threads(n_jobs, work, range(0, len(images), _CHUNK))
    columns = zip(*(row for chunk in chunks for row in chunk), strict=True)
    small, digest, width, height, blank, *texts = map(list, columns)
    return Fingerprints(
        np.stack(small),
        np.array(digest),
        np.array(width),
        np.array(height),
        np.array(blank),
        *map(_as_objects, texts),
    )


def _as_objects(values: list[Any]) -> np.ndarray:
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


def _is_small(path: Any) -> bool:
    try:
        return Path(path).stat().st_size <= _SMALL
    except OSError:
        return False


def _describe_file(image: DecodedImage) -> tuple[Any, ...]:
    if image.pixels is None:
        nothing = np.zeros((SIDE, SIDE), dtype=np.uint8)
        return nothing, b"", 0, 0, False, image.reason, "", "", None
    return (
        *_describe(image.pixels),
        "",
        image.format,
        image.mode,
        _shrink(image.pixels),
    )


def _describe_array(image: Any, who: str, row: int) -> tuple[Any, ...]:
    pixels = to_uint8_image(np.asarray(image), who, row)
    return *_describe(pixels), "", "", "", None


def _describe(image: np.ndarray) -> tuple[Any, ...]:
    image = np.ascontiguousarray(image)
    digest = hashlib.blake2b(image.data, digest_size=16)
    digest.update(str(image.shape).encode())
    gray = to_mode(image, "L")
    small = np.asarray(resize(Image.fromarray(gray), (SIDE, SIDE)))
    height, width = gray.shape
    blank = bool(gray.std() < _BLANK)
    # As hexadecimal text, because arrays of bytes drop trailing zeros.
    return small, digest.hexdigest().encode(), width, height, blank


def _shrink(image: np.ndarray) -> np.ndarray | bytes:
    """Return a thumbnail of a few kilobytes."""
    if max(image.shape[:2]) <= THUMBNAIL and image.nbytes <= _FEW_BYTES:
        return image
    picture = Image.fromarray(image)
    picture.thumbnail((THUMBNAIL, THUMBNAIL))
    content = BytesIO()
    picture.save(content, format="JPEG", quality=90)
    return content.getvalue()

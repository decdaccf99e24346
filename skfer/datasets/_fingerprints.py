"""What is remembered of each image to find its twins: little, whatever its size."""

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from skfer._decoding import decode_all
from skfer._images import holds_paths, to_gray
from skfer._resampling import resize
from skfer._threads import run_in_threads

SIDE = 32
_CHUNK = 64
# Grey levels by which the pixels of a picture that shows something differ.
_BLANK = 2.0


@dataclass
class Fingerprints:
    """One row for each image, in their order."""

    small: np.ndarray  # (n, SIDE, SIDE), uint8: the picture, grey and small.
    digest: np.ndarray  # (n,), bytes: equal where all pixels are.
    pixels: np.ndarray  # (n,), int: height times width.
    blank: np.ndarray  # (n,), bool: one grey level, or nearly.
    reason: list[str]  # Why an image can't be read, else empty.


def fingerprint(X: Any, n_jobs: int | None) -> Fingerprints:
    """Read images one after the other and keep their fingerprints.

    Parameters
    ----------
    X : array-like of str or Path, or of images
        Files, or arrays of shape (height, width[, 3]).
    n_jobs : int or None
        Number of threads.

    Returns
    -------
    Fingerprints
        Of all images, about 1.2 kB each.
    """
    are_paths = holds_paths(X)

    def work(start: int) -> list[tuple[Any, ...]]:
        part = list(X[start : start + _CHUNK])
        images = decode_all(part, None, None) if are_paths else part
        return [_fingerprint_one(image) for image in images]

    if not isinstance(X, np.ndarray):
        X = list(X)
    chunks = run_in_threads(n_jobs, work, range(0, len(X), _CHUNK))
    small, digest, pixels, blank, reason = zip(
        *(row for chunk in chunks for row in chunk), strict=True
    )
    return Fingerprints(
        np.stack(small), np.array(digest), np.array(pixels), np.array(blank), [*reason]
    )


def _fingerprint_one(image: Any) -> tuple[Any, ...]:
    if isinstance(image, str):
        nothing = np.zeros((SIDE, SIDE), dtype=np.uint8)
        return nothing, b"", 0, False, image
    image = np.ascontiguousarray(image)
    if image.dtype != np.uint8:
        image = np.rint(image * (255 if image.dtype.kind == "f" else 1))
        image = image.clip(0, 255).astype(np.uint8)
    digest = hashlib.blake2b(image, digest_size=16)
    digest.update(str(image.shape).encode())
    gray = to_gray(image) if image.ndim == 3 else image
    small = np.asarray(resize(Image.fromarray(gray), (SIDE, SIDE)))
    height, width = gray.shape
    blank = bool(gray.std() < _BLANK)
    # As hexadecimal text, for arrays of bytes lose zeros at the end.
    return small, digest.hexdigest().encode(), height * width, blank, ""

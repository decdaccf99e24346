"""What is remembered of each image to find its twins: little, whatever its size."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from skfer._decoding import decode_all
from skfer._images import holds_paths, to_gray
from skfer._resampling import resize
from skfer._threads import run_in_threads

SIDE = 32
_CHUNK = 64
_SMALL = 1 << 16  # Bytes of a file that may be decoded beside others.
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


def check_images(X: Any) -> tuple[Any, bool]:
    """Return X as an array or list, and whether it holds paths; refuse what is neither.

    Raises
    ------
    ValueError
        If X is a single path, empty, or rows of pixels.
    """
    if isinstance(X, str | Mapping) or not hasattr(X, "__len__"):
        raise ValueError(
            f"Images or paths are needed, got one {type(X).__name__}. Pass a list of "
            "paths, for instance load_image_folder(folder).paths."
        )
    images = X if isinstance(X, np.ndarray) else list(X)
    if len(images) == 0:
        raise ValueError(
            "At least one image is needed, got none. Check the folder or the selection."
        )
    are_paths = holds_paths(images)
    if not are_paths and np.ndim(images[0]) < 2:
        raise ValueError(
            "Images of two or three axes are needed, got rows of pixels. Reshape them "
            "to (n, height, width) first."
        )
    return images, are_paths


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
    images, are_paths = check_images(X)

    def work(start: int) -> list[tuple[Any, ...]]:
        part = list(images[start : start + _CHUNK])
        if not are_paths:
            return [_fingerprint_one(image) for image in part]
        if all(_is_small(path) for path in part):
            decoded = decode_all(part, None, None)
            return [_fingerprint_one(image) for image in decoded]
        # One by one, or sixty photographs would lie in memory at full size.
        return [_fingerprint_one(decode_all([path], None, None)[0]) for path in part]

    chunks = run_in_threads(n_jobs, work, range(0, len(images), _CHUNK))
    small, digest, pixels, blank, reason = zip(
        *(row for chunk in chunks for row in chunk), strict=True
    )
    return Fingerprints(
        np.stack(small), np.array(digest), np.array(pixels), np.array(blank), [*reason]
    )


def _is_small(path: Any) -> bool:
    try:
        return Path(path).stat().st_size <= _SMALL
    except OSError:
        return False


def _fingerprint_one(image: Any) -> tuple[Any, ...]:
    if isinstance(image, str):
        nothing = np.zeros((SIDE, SIDE), dtype=np.uint8)
        return nothing, b"", 0, False, image
    image = np.ascontiguousarray(image)
    if image.ndim not in (2, 3) or image.shape[2:] not in ((), (1,), (3,)):
        raise ValueError(
            f"Grey or RGB images are needed, got one of shape {image.shape}."
        )
    if image.dtype.kind == "f" and not (image.min() >= 0 and image.max() <= 1):
        raise ValueError(
            "Floats of images are shares, 0..1, and these reach from "
            f"{image.min():.3g} to {image.max():.3g}. Pass uint8 for 0..255."
        )
    if image.dtype.kind == "f":
        image = np.rint(image * 255).astype(np.uint8)
    if image.dtype != np.uint8:
        raise ValueError(
            f"Images of uint8 or floats are needed, got {image.dtype}. Scale them to "
            "0..255 and pass image.astype(numpy.uint8)."
        )
    digest = hashlib.blake2b(image, digest_size=16)
    digest.update(str(image.shape).encode())
    gray = to_gray(image) if image.ndim == 3 else image
    small = np.asarray(resize(Image.fromarray(gray), (SIDE, SIDE)))
    height, width = gray.shape
    blank = bool(gray.std() < _BLANK)
    # As hexadecimal text, for arrays of bytes lose zeros at the end.
    return small, digest.hexdigest().encode(), height * width, blank, ""

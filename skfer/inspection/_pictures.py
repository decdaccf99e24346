"""Images of a data set, read for display."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image

from skfer._decoding import decode_all
from skfer._pillow import as_array
from skfer._pixels import to_mode, to_uint8
from skfer._validation import holds_paths
from skfer.datasets import ImageTable


def read_pictures(X: Any, rows: Sequence[int], side: int = 96) -> list[np.ndarray]:
    """Return some of the images, small.

    Parameters
    ----------
    X : ImageTable or array-like of shape (n_samples,) or \
            (n_samples, height, width[, 3])
        All of them: files (str or Path) or pixels, integers in 0..255, uint16 in
        0..65535 or floats in 0..1. A table shows its thumbnails, if its files were
        read before.
    rows : sequence of int
        Which to return.
    side : int, default=96
        Height and width at most, in pixels.

    Returns
    -------
    list of ndarray of shape (height, width) or (height, width, 3), uint8
        A file that can't be read becomes a grey square.
    """
    if isinstance(X, ImageTable):
        prints = X._fingerprints
        known = [None if prints is None else prints.show(row) for row in rows]
        return [
            _read(X.X[row], side) if picture is None else _shrink(picture, side)
            for row, picture in zip(rows, known, strict=True)
        ]
    X = X if isinstance(X, np.ndarray) else list(X)
    return [_read(X[row], side) for row in rows]


def _read(source: Any, side: int) -> np.ndarray:
    pixels = _decode(source)
    if pixels is None:
        return np.full((side, side), 128, dtype=np.uint8)
    return _shrink(pixels, side)


def read_original(table: ImageTable, row: int) -> np.ndarray:
    """Return an image at its own size, uint8.

    Raises
    ------
    ValueError
        If its file can't be read.
    """
    pixels = _decode(table.X[row])
    if pixels is None:
        raise ValueError(f"{table.X[row]} can't be read")
    return pixels


def _decode(source: Any) -> np.ndarray | None:
    if not holds_paths([source]):
        return to_uint8(as_array(source), "skfer.inspection")
    (image,) = decode_all([source], None, None)
    return image.pixels


def _shrink(image: np.ndarray, side: int) -> np.ndarray:
    picture = Image.fromarray(to_mode(image, None))
    picture.thumbnail((side, side))
    return np.asarray(picture)


def show(ax: Any, picture: np.ndarray) -> None:
    """Draw a picture without axes."""
    ax.imshow(picture, cmap="gray", vmin=0, vmax=255)
    ax.set_axis_off()


def plain(text: object) -> str:
    """Return text that matplotlib shows as it is, rather than as a formula."""
    return str(text).replace("$", r"\$")

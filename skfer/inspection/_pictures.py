"""Pictures of a data set, read for showing them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image

from skfer._decoding import decode_all
from skfer._images import holds_paths


def read_pictures(X: Any, rows: Sequence[int], side: int = 96) -> list[np.ndarray]:
    """Return some of the images, small.

    Parameters
    ----------
    X : array-like of shape (n_samples,) or (n_samples, height, width[, 3])
        All of them: files (str or Path) or pixels, integers of 0..255 or floats of
        0..1.
    rows : sequence of int
        Which to return.
    side : int, default=96
        Height and width at most, in pixels.

    Returns
    -------
    list of ndarray of shape (height, width) or (height, width, 3), uint8
        A file that can't be read is a grey square.
    """
    X = X if isinstance(X, np.ndarray) else list(X)
    return [_read(X[row], side) for row in rows]


def _read(source: Any, side: int) -> np.ndarray:
    image = decode_all([source], None, None)[0] if holds_paths([source]) else source
    if isinstance(image, str):
        return np.full((side, side), 128, dtype=np.uint8)
    image = np.asarray(image)
    if image.dtype.kind == "f":
        image = np.rint(image.clip(0, 1) * 255)
    picture = Image.fromarray(image.astype(np.uint8).squeeze())
    picture.thumbnail((side, side))
    return np.asarray(picture)


def show(ax: Any, picture: np.ndarray) -> None:
    """Draw a picture without axes."""
    ax.imshow(picture, cmap="gray", vmin=0, vmax=255)
    ax.set_axis_off()

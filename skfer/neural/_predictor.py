"""Fast prediction with a network, for one image and for many."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from skfer.neural._backend import make_runner

# Predictions run in batches of these sizes only, filled up with black images,
# because the backend compiles the network again for every new size.
_SIZES = (1, 8, 64, 256)


# Of a side, how far the crops of "ten-crop" are from the middle.
_SHIFT = 1 / 24
VIEWS = ("flip", "ten-crop")


class Predictor:
    """Probabilities of a network for any number of images.

    Not `Model.predict`, which takes a tenth of a second for a single image.

    Parameters
    ----------
    network : keras.Model
        From images to probabilities.
    """

    def __init__(self, network: Any) -> None:
        self._run = make_runner(network)

    def predict(self, images: np.ndarray, views: str | None) -> np.ndarray:
        """Return the probabilities.

        Parameters
        ----------
        images : ndarray of shape (n, height, width, channels)
            In the range that the network takes.
        views : {None, "flip", "ten-crop"}
            What to average over: nothing, each image and its mirror image, or both of
            these in the middle and shifted towards the four corners.

        Returns
        -------
        ndarray of shape (n, n_classes), float32
            Probabilities from 0 to 1.
        """
        largest = _SIZES[-1]
        starts = range(0, len(images), largest)
        return np.concatenate(
            [
                np.mean(
                    [self._predict_batch(view) for view in _views(batch, views)], axis=0
                )
                for batch in (
                    np.asarray(images[start : start + largest]) for start in starts
                )
            ]
        )

    def _predict_batch(self, images: np.ndarray) -> np.ndarray:
        n = len(images)
        if images.dtype != np.uint8:
            images = images.astype(np.float32, copy=False)
        size = next(size for size in _SIZES if size >= n)
        if size > n:
            images = np.pad(images, [(0, size - n), (0, 0), (0, 0), (0, 0)])
        return self._run(images)[:n]


def _views(images: np.ndarray, views: str | None) -> Iterator[np.ndarray]:
    yield images
    if views is None:
        return
    yield images[:, :, ::-1]
    if views == "ten-crop":
        height, width = images.shape[1:3]
        dy, dx = (max(1, round(side * _SHIFT)) for side in (height, width))
        wider = np.pad(images, [(0, 0), (dy, dy), (dx, dx), (0, 0)], "symmetric")
        for y, x in ((0, 0), (0, 2 * dx), (2 * dy, 0), (2 * dy, 2 * dx)):
            crop = wider[:, y : y + height, x : x + width]
            yield crop
            yield crop[:, :, ::-1]

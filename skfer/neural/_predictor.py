"""Fast prediction with a network, for one image and for many."""

from typing import Any

import numpy as np

from skfer.neural._backend import make_runner

# Predictions run in batches of these sizes only, filled up with black images,
# because the backend compiles the network again for every new size.
_SIZES = (1, 8, 64, 256)


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

    def predict(self, images: np.ndarray, *, flips: bool) -> np.ndarray:
        """Return the probabilities.

        Parameters
        ----------
        images : ndarray of shape (n, height, width, channels)
            In the range that the network takes.
        flips : bool
            Whether to average with those of the mirror images.

        Returns
        -------
        ndarray of shape (n, n_classes), float32
            Probabilities from 0 to 1.
        """
        largest = _SIZES[-1]
        batches = [images[i : i + largest] for i in range(0, len(images), largest)]
        results = [self._predict_batch(batch) for batch in batches]
        if flips:
            mirrored = [self._predict_batch(batch[:, :, ::-1]) for batch in batches]
            results = [(a + b) / 2 for a, b in zip(results, mirrored, strict=True)]
        return np.concatenate(results)

    def _predict_batch(self, images: np.ndarray) -> np.ndarray:
        n = len(images)
        if images.dtype != np.uint8:
            images = images.astype(np.float32, copy=False)
        size = next(size for size in _SIZES if size >= n)
        if size > n:
            images = np.pad(images, [(0, size - n), (0, 0), (0, 0), (0, 0)])
        return self._run(images)[:n]

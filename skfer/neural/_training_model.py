"""The Keras model that is trained; imported only when Keras is loaded."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from PIL import Image

from skfer._cached_array import CachedArray
from skfer._resampling import resize
from skfer._row_order import shuffle_rows


class TrainingModel(keras.Model):
    """A model that sees its images in a different order in every epoch.

    With a seed, Keras shuffles arrays once on TensorFlow and then shows the same
    batches in the same order every epoch. Here the order depends on the seed and the
    number of the epoch, whatever the backend.
    """

    order_seed: int = 0
    #: Height and width of the images in each epoch; None leaves them as they are.
    sizes: Sequence[tuple[int, int]] | None = None

    def fit(
        self,
        x: np.ndarray,
        y: np.ndarray,
        sample_weight: np.ndarray | None = None,
        batch_size: int = 32,
        callbacks: Sequence[Any] | None = None,
        *,
        images: np.ndarray | CachedArray,
        validation_data: tuple[Any, ...] | None = None,
        **options: Any,
    ) -> Any:
        """Train like `keras.Model.fit`, on ``images``, of which x holds the numbers."""
        weights = () if sample_weight is None else (sample_weight,)
        batches = _Batches(
            (images, y, *weights), batch_size, self.order_seed, self.sizes
        )
        # Not `PyDataset.on_epoch_begin`: some backends call it once more to look at
        # a batch before the first epoch.
        shuffle = keras.callbacks.LambdaCallback(on_epoch_begin=batches.shuffle)
        given = [batches]
        if validation_data is not None:
            given.append(_Batches(_fill_up(validation_data), batch_size))
            options["validation_data"] = given[-1]
        try:
            return super().fit(
                batches,
                callbacks=[shuffle, *(callbacks or ())],
                **{**options, "shuffle": False},
            )
        finally:
            for one in given:
                one.release()


class _Batches(keras.utils.PyDataset):
    """Batches of images, targets and weights if any; training shuffles them."""

    def __init__(
        self,
        arrays: tuple[Any, ...],
        batch_size: int,
        seed: int = 0,
        sizes: Sequence[tuple[int, int]] | None = None,
    ) -> None:
        super().__init__()
        self.whole = arrays[0]
        self.arrays = list(arrays)
        self.batch_size = batch_size
        self.seed = seed
        self.sizes = sizes
        self.size: tuple[int, int] | None = None
        n_devices = _count_devices()
        if len(self.whole) < n_devices:
            raise ValueError(
                f"Training on {n_devices} devices needs at least {n_devices} images, "
                f"not {len(self.whole)}: give keras.distribution fewer devices."
            )
        # Each device gets as many images; others wait for the next epoch.
        self.n_left_out = len(self.whole) % n_devices
        # For the batches that Keras looks at before the first epoch.
        self.order = np.arange(len(self.whole) - self.n_left_out)
        self.has_begun = False

    def __len__(self) -> int:
        return -(-len(self.order) // self.batch_size)

    def __getitem__(self, index: int) -> tuple[np.ndarray, ...]:
        start = index * self.batch_size
        rows = self.order[start : start + self.batch_size]
        images, *others = (np.asarray(array[rows]) for array in self.arrays)
        if self.size is not None:
            images = resize_all(images, self.size)
        if self.sizes and not self.has_begun and index == 1:
            # TensorFlow takes the sides that the first batches share for fixed.
            images = resize_all(images, tuple(side + 1 for side in images.shape[1:3]))
        return (images, *others)

    def release(self) -> None:
        """Forget the arrays; TensorFlow never forgets what it took batches from."""
        self.arrays, self.whole, self.order = [], np.empty(0), np.empty(0, int)

    def shuffle(self, epoch: int, logs: Any = None) -> None:
        """Take the order of this epoch."""
        rng = np.random.default_rng([self.seed, epoch])
        n = len(self.order)
        self.order = shuffle_rows(n + self.n_left_out, rng)[:n]
        self.has_begun = True
        if not self.sizes:
            return
        if isinstance(self.whole, CachedArray):
            # They may not fit in memory; each batch is resized.
            self.size = self.sizes[epoch]
        elif self.arrays[0].shape[1:3] != self.sizes[epoch]:
            self.arrays[0] = resize_all(self.whole, self.sizes[epoch])


def _count_devices() -> int:
    """Return the number of devices that share each batch, by `keras.distribution`."""
    shared = keras.distribution.distribution()
    if shared is None:
        return 1
    mesh = shared.device_mesh
    return mesh.shape[mesh.axis_names.index(shared.batch_dim_name)]


def _fill_up(arrays: tuple[Any, ...]) -> tuple[Any, ...]:
    """Repeat images without a weight until each device gets as many."""
    n = len(arrays[0])
    n_lacking = -n % _count_devices()
    if not n_lacking:
        return arrays
    images, targets = arrays[:2]
    weights = arrays[2] if len(arrays) > 2 else np.ones(n, np.float32)
    rows = np.append(np.arange(n), np.zeros(n_lacking, int))
    weights = np.append(weights, np.zeros(n_lacking, weights.dtype))
    # Keras divides the loss by the number of images, whatever they weigh.
    return images[rows], targets[rows], weights * (len(rows) / n)


def resize_all(images: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Bring images (n, height, width, channels) to a height and width."""
    if images.shape[1:3] == size:
        return images
    n, _, _, n_channels = images.shape
    out = np.empty((n, *size, n_channels), dtype=images.dtype)
    for row, image in enumerate(images):
        for channel in range(n_channels):
            plane = Image.fromarray(np.ascontiguousarray(image[..., channel]))
            out[row, ..., channel] = resize(plane, size)
    return out

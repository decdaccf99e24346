"""The Keras model that is trained; imported only when Keras is loaded."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np


class TrainingModel(keras.Model):
    """A model that sees its images in a different order in every epoch.

    With a seed, Keras shuffles arrays once on TensorFlow and then shows the same
    batches in the same order every epoch. Here the order depends on the seed and the
    number of the epoch, whatever the backend.
    """

    order_seed: int = 0

    def fit(
        self,
        x: np.ndarray,
        y: np.ndarray,
        sample_weight: np.ndarray | None = None,
        batch_size: int = 32,
        callbacks: Sequence[Any] | None = None,
        **options: Any,
    ) -> Any:
        """Train like `keras.Model.fit`, on arrays."""
        batches = _Batches(x, y, sample_weight, batch_size, self.order_seed)
        # Not `PyDataset.on_epoch_begin`: some backends call it once more to look at
        # a batch before the first epoch.
        shuffle = keras.callbacks.LambdaCallback(on_epoch_begin=batches.shuffle)
        return super().fit(
            batches,
            callbacks=[shuffle, *(callbacks or ())],
            **{**options, "shuffle": False, "validation_batch_size": batch_size},
        )


class _Batches(keras.utils.PyDataset):
    """Batches of arrays, in a new random order after each epoch."""

    def __init__(
        self,
        images: np.ndarray,
        targets: np.ndarray,
        weights: np.ndarray | None,
        batch_size: int,
        seed: int,
    ) -> None:
        super().__init__()
        self.arrays = [images, targets] + ([] if weights is None else [weights])
        self.batch_size = batch_size
        self.seed = seed
        # For the batches that Keras looks at before the first epoch.
        self.order = np.arange(len(images))

    def __len__(self) -> int:
        return -(-len(self.order) // self.batch_size)

    def __getitem__(self, index: int) -> tuple[np.ndarray, ...]:
        start = index * self.batch_size
        rows = self.order[start : start + self.batch_size]
        return tuple(array[rows] for array in self.arrays)

    def shuffle(self, epoch: int, logs: Any = None) -> None:
        """Take the order of this epoch."""
        rng = np.random.default_rng([self.seed, epoch])
        self.order = rng.permutation(len(self.order))

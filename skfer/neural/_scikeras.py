"""The only module that uses SciKeras, and works around its quirks.

SciKeras 0.13 turns keyword arguments into parameters, multiplies the caller's
sample weights in place when it is given class weights, and can't encode soft
targets. It also makes arrays of what it validates. So it gets fixed parameters, one-hot
targets and final weights, and the numbers of the images in place of the images.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scikeras.utils import random_state
from scikeras.wrappers import KerasClassifier
from sklearn.preprocessing import FunctionTransformer

from skfer._cached_array import CachedArray


class _ProbabilityTargets(KerasClassifier):
    """KerasClassifier that leaves rows of class probabilities as they are."""

    @property
    def target_encoder(self) -> FunctionTransformer:
        return FunctionTransformer()


def _ask_for_determinism() -> None:
    """Ask TensorFlow whether it is deterministic before SciKeras does.

    SciKeras sets an environment variable before it asks; the answer would be yes
    because of the variable, and SciKeras would leave TensorFlow deterministic
    permanently, after which training without a seed fails.
    """
    config = getattr(random_state, "config", None)  # There is none without TensorFlow.
    if config is not None:
        config.is_op_determinism_enabled()


def train(
    model: Any,
    images: np.ndarray | CachedArray,
    targets: np.ndarray,
    *,
    sample_weight: np.ndarray | None,
    validation_data: tuple[Any, ...] | None,
    batch_size: int,
    first_epoch: int,
    epochs: int,
    callbacks: Sequence[Any],
    seed: int | None,
    verbose: int,
) -> None:
    """Train a compiled Keras model in place.

    Parameters
    ----------
    model : TrainingModel
        Compiled.
    images : array-like of shape (n, height, width, channels)
        Training images; read in batches.
    targets : ndarray of shape (n, n_classes), float32
        One row of class probabilities per image.
    sample_weight : ndarray of shape (n,) or None
        Weights, all positive.
    validation_data : (images, targets) or (images, targets, weights) or None
        Evaluated after each epoch.
    batch_size : int
        As in Keras.
    first_epoch, epochs : int
        Number of epochs finished before this training, and after it.
    callbacks : sequence of keras.callbacks.Callback
        Called by Keras.
    seed : int or None
        With a seed, TensorFlow's operations are deterministic.
    verbose : int
        As in Keras.
    """
    _ask_for_determinism()
    wrapper = _ProbabilityTargets(
        model=model,
        batch_size=batch_size,
        epochs=epochs - first_epoch,
        callbacks=list(callbacks),
        random_state=seed,
        verbose=verbose,
    )
    wrapper.fit(
        np.arange(len(images))[:, np.newaxis],
        targets,
        images=images,
        sample_weight=sample_weight,
        validation_data=validation_data,
        initial_epoch=first_epoch,
    )

"""A network of one layer, in NumPy, for tests that are not about the training.

It takes the place of Keras behind `CNNClassifier`, so that hundreds of checks of what
surrounds the training need seconds. `make test-all` runs the same tests with Keras.
"""

import os

import numpy as np
from scipy.special import log_softmax, softmax

from skfer.neural import (
    CNNClassifier,
    NetworkClassifier,
    _persistence,
    _predictor,
    _training,
)

REAL_TRAINING = bool(os.environ.get("SKFER_REAL_TRAINING"))
_STEPS = 20  # Of gradient descent, on a batch.


class FakeNetwork:
    """Probabilities from a linear function of the pixels."""

    def __init__(self, shape, n_classes, pixel_range, seed):
        rng = np.random.default_rng(seed)
        self.shape, self.pixel_range = shape, pixel_range
        n_pixels = int(np.prod(shape))
        self.weights = rng.normal(0, 0.01, (n_pixels + 1, n_classes))

    def get_weights(self):
        return [self.weights.copy()]

    def set_weights(self, weights):
        self.weights = weights[0].copy()

    def scores(self, images):
        low, high = self.pixel_range
        span = (high - low) or 1.0
        rows = (2 * images.reshape(len(images), -1) - low - high) / span
        self.rows = np.hstack([rows, np.ones((len(rows), 1))])
        return self.rows @ self.weights

    def __call__(self, images, training=False):
        scores = self.scores(np.asarray(images, dtype=np.float64))
        return softmax(scores, axis=1).astype("float32")


class FakeModel:
    """The network that is trained, as if it were compiled."""

    class Optimizer:
        variables = ()

    def __init__(self, network):
        self.network, self.layers = network, [network]
        self.optimizer = self.Optimizer()

    def train_batch(self, samples):
        network = self.network
        weights = np.ones(len(samples.labels))
        if samples.weights is not None:
            weights = samples.weights.astype(np.float64)
        weights = weights / weights.sum()
        for _ in range(_STEPS):
            logs = log_softmax(network.scores(samples.images.astype(float)), axis=1)
            wrong = (np.exp(logs) - samples.targets) * weights[:, np.newaxis]
            # A step that no scale of the pixels makes too long.
            length = np.einsum("ij,ij,i->", network.rows, network.rows, weights)
            network.weights -= (4 / length) * (network.rows.T @ wrong)
        right = logs.argmax(axis=1) == samples.targets.argmax(axis=1)
        loss = -(samples.targets * logs).sum(axis=1) @ weights
        return {"loss": float(loss), "accuracy": float(right @ weights)}


def _run(
    model, training, validation, *, on_epoch_begin, on_epoch_end, batch_size, epochs,
    seed, **rest,
):  # fmt: skip
    rng = np.random.default_rng(seed)
    for _ in range(epochs):
        on_epoch_begin()
        order = rng.permutation(len(training.labels))
        for start in range(0, len(order), batch_size):
            logs = model.train_batch(training.take(order[start : start + batch_size]))
        if on_epoch_end(logs):
            break


def use_fake_training(monkeypatch):
    """Put the fake behind `CNNClassifier` for one test."""

    def build(self, n_classes, seed):
        return FakeNetwork(
            self.image_shape_in_,
            n_classes,
            (self.pixel_min_in_, self.pixel_max_in_),
            seed,
        )

    def compile_model(estimator, network, **rest):
        return FakeModel(network)

    for cls in (CNNClassifier, NetworkClassifier):
        monkeypatch.setattr(cls, "_build_network", build)
    monkeypatch.setattr(_persistence, "check_number_of_weights", lambda *args: None)
    monkeypatch.setattr(_training, "run_training", _run)
    monkeypatch.setattr(_training, "compile_for_training", compile_model)
    monkeypatch.setattr(_training, "choose_precision", lambda estimator: "float32")
    monkeypatch.setattr(_training, "plan_sizes", lambda *args: None)
    monkeypatch.setattr(_training, "recalibrate_batch_norm", lambda *args: None)
    monkeypatch.setattr(_predictor, "make_runner", lambda network: network)

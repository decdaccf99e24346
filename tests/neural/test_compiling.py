"""Optimizers, schedules, rates, and weights that are averaged."""

from itertools import product

import keras
import numpy as np
import pytest

from skfer import CNNClassifier
from skfer.neural._compiling import choose_optimizer, resolve_rates
from tests.conftest import TINY_NETWORK


def make(**params):
    return CNNClassifier(**(TINY_NETWORK | params))


# The others are combinations, for `make test-slow`.
_QUICK = (("adamw", "cosine"), ("sgd", "plateau"))


@pytest.mark.parametrize(
    ("optimizer", "schedule"),
    [
        pytest.param(*pair, marks=() if pair in _QUICK else pytest.mark.slow)
        for pair in product(
            ["adamw", "adam", "nadam", "rmsprop", "sgd"],
            ["cosine", "exponential", "plateau", "constant"],
        )
    ],
)
def test_optimizers_and_schedules(two_classes, optimizer, schedule):
    rates = []

    class Rates(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            rates.append(float(self.model.optimizer.learning_rate))

    make(
        filters=(2,), optimizer=optimizer, learning_rate=0.01, epochs=3, augment=None,
        learning_rate_schedule=schedule, callbacks=[Rates()],
    ).fit(two_classes.images, two_classes.target)  # fmt: skip
    assert len(rates) == 9
    assert max(rates) <= 0.0101
    if schedule in ("constant", "plateau"):
        assert rates == [rates[0]] * 9
    else:
        assert rates[-1] < 0.002


@pytest.mark.parametrize(
    "optimizer, schedule, batch_size, expected",
    [
        ("sgd", "cosine", 128, (0.15, 0.01)),
        ("sgd", "cosine", 16, (0.01875, 0.01)),
        ("sgd", "constant", 64, (0.0075, 0.01)),
        ("adamw", "plateau", 16, (0.003, 0.05)),
        ("adam", "constant", 128, (0.003, 0.05)),
    ],
)
def test_automatic_rates(optimizer, schedule, batch_size, expected):
    rates = resolve_rates(CNNClassifier(), optimizer, schedule, batch_size)
    assert rates == pytest.approx(expected)
    named = CNNClassifier(learning_rate=2.0, weight_decay=0.0)
    assert resolve_rates(named, optimizer, schedule, batch_size) == (2.0, 0.0)


def test_long_trainings_take_sgd():
    automatic = CNNClassifier()
    assert choose_optimizer(automatic, 4999) == "adamw"
    assert choose_optimizer(automatic, 5000) == "sgd"
    # A rate of the user's is meant for an optimizer that adapts it.
    assert choose_optimizer(CNNClassifier(learning_rate=0.003), 5000) == "adamw"
    assert choose_optimizer(CNNClassifier(optimizer="adam"), 5000) == "adam"


def test_it_is_chosen_by_the_planned_steps(two_classes):
    class Stop(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = True

    X, y = two_classes.images, two_classes.target
    for batch_size, expected in ((48, "adamw"), (1, "sgd")):
        cnn = make(
            filters=(1,), epochs=105, batch_size=batch_size, callbacks=[Stop()]
        ).fit(X, y)
        assert (cnn.n_iter_, cnn.optimizer_) == (1, expected)


@pytest.mark.slow
@pytest.mark.backends
def test_weights_are_averaged_over_the_last_steps(two_classes):
    weights = []

    class Weights(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if keras.backend.backend() == "jax":
                self.model.jax_state_sync()
            weights.append(trained(self.model.layers[-1]))

    def trained(network):
        return [variable.numpy() for variable in network.trainable_weights]

    params = {"epochs": 20, "callbacks": [Weights()]}
    averaged = make(**params)
    averaged.fit(two_classes.images, two_classes.target)
    assert len(weights) == 60
    # A tenth of the steps, so six.
    expected = weights[0]
    for later in weights[1:]:
        expected = [
            old + (new - old) / 6 for old, new in zip(expected, later, strict=True)
        ]
    for value, mean in zip(trained(averaged.model_), expected, strict=True):
        np.testing.assert_allclose(value, mean, rtol=1e-4, atol=1e-6)
    last = make(average_weights=False, **params)
    last.fit(two_classes.images, two_classes.target)
    np.testing.assert_array_equal(trained(last.model_)[0], weights[-1][0])


@pytest.mark.slow
def test_early_stopping_takes_weights_of_one_epoch(two_classes):
    params = {"early_stopping": True, "n_iter_no_change": 2, "epochs": 6}
    averaged, last = (
        make(average_weights=average, **params)
        .fit(two_classes.images, two_classes.target)
        .predict_proba(two_classes.images)
        for average in (True, False)
    )
    np.testing.assert_array_equal(averaged, last)

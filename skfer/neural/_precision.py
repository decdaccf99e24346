"""What a training computes with: float32, or bfloat16 where it is faster."""

import time
from functools import cache, partial
from typing import Any

from skfer.neural._backend import load_keras

PRECISIONS = ("auto", "float32", "bfloat16")

# How many times as fast bfloat16 must be to be worth its digits.
_WORTH = 1.3
# Rounds of the probe, in which both take turns; the fastest of each counts, so that
# other work on the machine does not decide.
_ROUNDS = 30
# Images, height, width and channels of what the probe's layer gets.
_SHAPE, _FILTERS = (32, 24, 24, 32), 64


def choose_precision(estimator: Any) -> str:
    """Return what the estimator's training computes with.

    Raises
    ------
    ValueError
        If bfloat16 is asked for and the backend can't compute with it.
    """
    if estimator.precision == "float32":
        return "float32"
    load_keras(estimator.n_threads)
    try:
        gain = _measure_gain()
    except Exception as error:
        # Each backend raises errors of its own.
        if estimator.precision == "auto":
            return "float32"
        raise ValueError(
            f"{type(estimator).__name__} got precision='bfloat16', with which this "
            f"backend of Keras can't compute here ({error}). Choose precision='auto' "
            "or 'float32'."
        ) from error
    return (
        "bfloat16" if estimator.precision == "bfloat16" or gain > _WORTH else "float32"
    )


@cache
def _measure_gain() -> float:
    """Return how many times as fast bfloat16 is, in a layer like the network's."""
    import keras

    fastest = {}
    steps = {}
    for policy in ("float32", "mixed_bfloat16"):
        # Weights that are drawn would move the user's random numbers on.
        layer = keras.layers.Conv2D(
            _FILTERS, 3, padding="same", kernel_initializer="ones", dtype=policy
        )
        layer.build(_SHAPE)
        images = keras.ops.ones(_SHAPE, layer.compute_dtype)
        steps[policy] = partial(_run, layer, images)
        fastest[policy] = float("inf")
    for _ in range(_ROUNDS):
        for policy, step in steps.items():
            begun = time.perf_counter()
            step()
            fastest[policy] = min(fastest[policy], time.perf_counter() - begun)
    return fastest["float32"] / fastest["mixed_bfloat16"]


def _run(layer: Any, images: Any) -> None:
    import keras

    # Some backends only begin to compute until a value is asked for.
    keras.ops.convert_to_numpy(keras.ops.cast(layer(images)[0, 0, 0, :1], "float32"))

"""Training against `keras.Model.fit`, and what augmentation and a seed cost."""

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks._timing import Result, compare, per_image
from skfer import CNNClassifier, build_network
from skfer.datasets import make_faces
from skfer.preprocessing import CachedArray

_N_IMAGES = 1_280  # Ten batches of 128, so that none is smaller.
_BATCH = 128
_EPOCHS = 4
_LARGEST_COST = 0.15


def run(rounds: int = 7) -> list[Result]:
    """Time epochs of the same network, trainings of a few epochs in turn.

    The first epoch of each counts for none: in it the backend compiles the step. A
    training gives three epochs, so a third of the rounds is enough.
    """
    faces = make_faces(_N_IMAGES, random_state=0)
    images, target = faces.images, faces.target

    def ours(X: Any = images, **params: Any) -> Callable[[Any], object]:
        plain: dict[str, Any] = {
            "precision": "float32", "image_sizes": None, "average_weights": False,
            "augment": None,
        }  # fmt: skip

        def train(clock: Any) -> object:
            return CNNClassifier(
                batch_size=_BATCH,
                epochs=_EPOCHS,
                callbacks=[clock],
                **plain | params,
            ).fit(X, target)

        return train

    with TemporaryDirectory() as folder:
        file = Path(folder, "images.bin")
        images.tofile(file)
        cached = CachedArray(file, np.arange(len(images)), images.shape[1:])
        return _run(
            {
                "keras": lambda clock: _train_with_keras(images, target, clock),
                "plain": ours(),
                "augmented": ours(augment="faces"),
                "seeded": ours(random_state=0),
                "averaged": ours(average_weights=True),
                "bfloat16": ours(precision="bfloat16"),
                "cached": ours(cached),
            },
            rounds,
        )


def _run(contestants: dict[str, Callable[[Any], object]], rounds: int) -> list[Result]:

    epochs: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(max(1, rounds // 3)):
        for name, train in contestants.items():
            epochs[name] += _time_epochs(train)
    seconds = {name: median(taken) / _N_IMAGES for name, taken in epochs.items()}
    peer = "keras.Model.fit"
    return [
        compare("train an epoch", seconds["plain"], peer, seconds["keras"], 0.97),
        compare(
            "the same from a file",
            seconds["cached"],
            "from memory",
            seconds["plain"],
            0.95,
        ),
        _cost("the same with augmentation", seconds, "augmented", _LARGEST_COST),
        _cost("the same with random_state", seconds, "seeded", None),
        _cost("the same with averaged weights", seconds, "averaged", None),
        _cost('the same with precision="bfloat16"', seconds, "bfloat16", None),
    ]


def _time_epochs(train: Callable[[Any], object]) -> Iterable[float]:
    """Seconds of each epoch but the first."""
    import keras

    ends: list[float] = []
    train(
        keras.callbacks.LambdaCallback(
            on_epoch_end=lambda epoch, logs: ends.append(time.perf_counter())
        )
    )
    return np.diff(ends).tolist()


def _train_with_keras(images: np.ndarray, target: np.ndarray, clock: Any) -> None:
    import keras

    classes, codes = np.unique(target, return_inverse=True)
    network = build_network(images.shape[1:], len(classes))
    network.compile(
        optimizer=keras.optimizers.AdamW(3e-3, weight_decay=0.05),
        loss=keras.losses.CategoricalCrossentropy(label_smoothing=0.1),
        metrics=["accuracy"],
    )
    network.fit(
        images[..., np.newaxis],
        np.eye(len(classes), dtype=np.float32)[codes],
        batch_size=_BATCH,
        epochs=_EPOCHS,
        verbose=0,
        callbacks=[clock],
    )


def _cost(
    job: str, seconds: dict[str, float], name: str, largest: float | None
) -> Result:
    cost = seconds[name] / seconds["plain"] - 1
    return Result(
        job,
        per_image(seconds[name]),
        f"without: {per_image(seconds['plain'])}",
        f"{cost:+.1%} of an epoch",
        "-" if largest is None else f"under {largest:.0%}",
        None if largest is None else cost < largest,
    )

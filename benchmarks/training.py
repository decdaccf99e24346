"""Training against `keras.Model.fit`, and what augmentation and a seed cost."""

from collections.abc import Callable

import numpy as np

from benchmarks._timing import Result, compare, per_image, time_in_turn
from skfer import CNNClassifier, build_network
from skfer.datasets import make_faces

_N_IMAGES = 1_920  # Fifteen batches of 128, so that none is smaller.
_BATCH = 128
_LARGEST_COST = 0.15


def run(rounds: int = 5) -> list[Result]:
    """Time whole epochs of the same network, one epoch of each in turn."""
    faces = make_faces(_N_IMAGES // 4, random_state=0)
    images, target = np.tile(faces.images, (4, 1, 1)), np.tile(faces.target, 4)

    def ours(**params: object) -> Callable[[], object]:
        cnn = CNNClassifier(batch_size=_BATCH, **params)
        classes = np.unique(target)
        return lambda: cnn.partial_fit(images, target, classes)

    epochs = time_in_turn(
        {
            "keras": _keras(images, target),
            "plain": ours(augment=None),
            "augmented": ours(),
            "seeded": ours(augment=None, random_state=0),
        },
        rounds,
    )
    seconds = {name: taken / _N_IMAGES for name, taken in epochs.items()}
    peer = "keras.Model.fit"
    return [
        compare("train an epoch", seconds["plain"], peer, seconds["keras"], 0.97),
        _cost("the same with augmentation", seconds, "augmented", _LARGEST_COST),
        _cost("the same with random_state", seconds, "seeded", None),
    ]


def _keras(images: np.ndarray, target: np.ndarray) -> Callable[[], object]:
    import keras

    classes, codes = np.unique(target, return_inverse=True)
    network = build_network(images.shape[1:], len(classes))
    network.compile(
        optimizer=keras.optimizers.AdamW(3e-3, weight_decay=0.05),
        loss=keras.losses.CategoricalCrossentropy(label_smoothing=0.1),
        metrics=["accuracy"],
    )
    pixels, rows = images[..., np.newaxis], np.eye(len(classes), dtype=np.float32)
    return lambda: network.fit(
        pixels, rows[codes], batch_size=_BATCH, epochs=1, verbose=0
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

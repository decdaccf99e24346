"""Prediction against `keras.Model.predict`."""

from collections.abc import Callable

import numpy as np

from benchmarks._timing import Result, compare, time_in_turn
from skfer import CNNClassifier
from skfer.datasets import make_faces

_N_IMAGES = 10_000
_N_CALLS = 30  # In a row, as in an application that asks image after image.


def run(rounds: int = 5) -> list[Result]:
    """Time one image and many, with one network."""
    faces = make_faces(700, random_state=0)
    cnn = CNNClassifier(epochs=1, random_state=0).fit(faces.images, faces.target)
    one = faces.images[:1]
    many = np.resize(faces.images, (_N_IMAGES, 48, 48))

    def keras_predict(images: np.ndarray) -> np.ndarray:
        return cnn.model_.predict(images[..., np.newaxis], batch_size=32, verbose=0)

    def both(images: np.ndarray) -> dict[str, Callable[[], object]]:
        return {
            "ours": lambda: cnn.predict_proba(images),
            "keras": lambda: keras_predict(images),
        }

    latency = time_in_turn(both(one), rounds, calls=_N_CALLS)
    whole = time_in_turn(both(many), rounds)
    difference = np.abs(cnn.predict_proba(many) - keras_predict(many)).max()
    peer = "keras.Model.predict"
    return [
        compare("predict 1 image", latency["ours"], peer, latency["keras"], 25),
        compare(
            "predict 10,000 images",
            whole["ours"] / _N_IMAGES,
            f"{peer}(batch_size=32)",
            whole["keras"] / _N_IMAGES,
            1,
        ),
        Result(
            "the same, probabilities",
            "-",
            "largest difference",
            f"{difference:.1e}",
            "1e-6",
            bool(difference <= 1e-6),
        ),
    ]

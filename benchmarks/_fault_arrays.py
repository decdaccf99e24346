"""Arrays, labels and parameters of wrong kinds."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.base import clone

from benchmarks._fault_cases import Case, SilentError
from skfer import (
    CNNClassifier,
    FaceCropper,
    GrayscaleResizer,
    HOGTransformer,
    ImageLoader,
    LBPTransformer,
    make_hog_svm,
    make_lbp_svm,
)
from skfer.datasets import audit_images, find_copies, find_look_alikes
from skfer.model_selection import (
    LeakFreeKFold,
    LeakFreeShuffleSplit,
    compare_pipelines,
)
from skfer.preprocessing import ImageResizer

_N = 12
_LABELS = np.array(["happy", "sad"] * (_N // 2))


def make_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield cases of an estimator or function, images, labels and groups."""
    while True:
        what = str(rng.choice(list(_IMAGES)))
        labels, groups = "good", "none"
        if rng.random() < 0.5:
            labels = str(rng.choice(list(_TARGETS)))
        if rng.random() < 0.3:
            groups = str(rng.choice(list(_GROUPS)))
        ask = str(rng.choice(list(_QUESTIONS)))
        seed = int(rng.integers(2**31))
        name = f"{ask}: images {what}, labels {labels}, groups {groups}"
        yield Case("arrays", name, partial(_try, ask, what, labels, groups, seed))


def _try(
    ask: str, what: str, labels: str, groups: str, seed: int, folder: Path
) -> None:
    rng = np.random.default_rng(seed)
    good = rng.integers(0, 256, (_N, 24, 24)).astype(np.uint8)
    _QUESTIONS[ask](_IMAGES[what](good), _TARGETS[labels](), _GROUPS[groups]())


def _spoil(value: float) -> Callable[[np.ndarray], np.ndarray]:
    def spoil(good: np.ndarray) -> np.ndarray:
        images = good / np.float32(255)
        images[3, 4, 5] = value
        return images

    return spoil


_IMAGES: dict[str, Callable[[np.ndarray], Any]] = {
    "good": lambda good: good,
    "of 0..1": lambda good: good / 255,
    "of -1..1": lambda good: good / 127.5 - 1,
    "of 0..255 as floats": lambda good: good.astype(float),
    "of 0..1 as half floats": lambda good: (good / 255).astype(np.float16),
    "with nan": _spoil(np.nan),
    "with infinity": _spoil(np.inf),
    "with 1e30": _spoil(1e30),
    "complex": lambda good: good + 0j,
    "boolean": lambda good: good > 127,
    "of int8": lambda good: good.astype(np.int8),
    "of int64": lambda good: good.astype(np.int64),
    "of uint16": lambda good: good.astype(np.uint16) * 257,
    "of 8 bits in uint16": lambda good: good.astype(np.uint16),
    "of negative integers": lambda good: good.astype(int) - 300,
    "flat": lambda good: good.reshape(_N, -1),
    "flat with 7 pixels": lambda good: good.reshape(_N, -1)[:, :7],
    "as a data frame": lambda good: pd.DataFrame(good.reshape(_N, -1)),
    "sparse": lambda good: sparse.csr_matrix(good.reshape(_N, -1)),
    "one image": lambda good: good[0],
    "one pixel row": lambda good: good[0, 0],
    "a number": lambda good: 3,
    "none": lambda good: None,
    "a text": lambda good: "faces",
    "texts": lambda good: ["a.png"] * _N,
    "no text": lambda good: [""] * _N,
    "bytes": lambda good: [b"a.png"] * _N,
    "a dictionary": lambda good: {"a": good},
    "empty": lambda good: good[:0],
    "an empty list": lambda good: [],
    "of no height": lambda good: good[:, :0],
    "of one pixel": lambda good: good[:, :1, :1],
    "of 2 by 300": lambda good: np.resize(good, (_N, 2, 300)),
    "of two channels": lambda good: np.stack([good] * 2, -1),
    "of three channels": lambda good: np.stack([good] * 3, -1),
    "of four channels": lambda good: np.stack([good] * 4, -1),
    "of five dimensions": lambda good: good[..., None, None],
    "channels first": lambda good: np.stack([good] * 3, 1),
    "of different sizes": lambda good: [g[: 20 + i % 3] for i, g in enumerate(good)],
    "of different kinds": lambda good: [
        g if i % 2 else g / 255 for i, g in enumerate(good)
    ],
    "one of them none": lambda good: [*good[:-1], None],
    "of objects": lambda good: good.astype(object),
    "all black": lambda good: np.zeros_like(good),
    "masked": lambda good: np.ma.masked_greater(good, 200),
    "backwards in memory": lambda good: good[::-1, ::-1, ::-1],
    "big-endian": lambda good: (good / 255).astype(">f8"),
}
_TARGETS: dict[str, Callable[[], Any]] = {
    "good": lambda: _LABELS,
    "of one class": lambda: ["happy"] * _N,
    "too few": lambda: _LABELS[:-1],
    "too many": lambda: [*_LABELS, "sad"],
    "none": lambda: None,
    "with none": lambda: [None, *_LABELS[1:]],
    "with nan": lambda: [np.nan, *([0.0, 1.0] * 6)[1:]],
    "of floats": lambda: np.linspace(0, 1, _N),
    "mixed": lambda: [1, "sad"] * (_N // 2),
    "each its own": lambda: [f"c{i}" for i in range(_N)],
    "one-hot": lambda: np.eye(2)[[0, 1] * (_N // 2)],
    "as a column": lambda: _LABELS[:, None],
    "empty texts": lambda: ["", " "] * (_N // 2),
    "of odd names": lambda: ["=1+1", "$\\frac$"] * (_N // 2),
    "boolean": lambda: [True, False] * (_N // 2),
    "of one image in a class": lambda: ["rare", *["sad", "happy"] * 5, "sad"],
}
_GROUPS: dict[str, Callable[[], Any]] = {
    "none": lambda: None,
    "good": lambda: np.arange(_N) // 2,
    "one for all": lambda: [0] * _N,
    "too few": lambda: [0, 1],
    "with none": lambda: [None, *range(1, _N)],
    "with nan": lambda: [np.nan, *range(1, _N)],
    "equal to the labels": lambda: _LABELS,
    "a number": lambda: 3,
}


def _transform(make: Callable[[], Any]) -> Callable[[Any, Any, Any], None]:
    def ask(X: Any, y: Any, groups: Any) -> None:
        Xt = np.asarray(make().fit(X, y).transform(X))
        if len(Xt) != len(X):
            raise SilentError(f"{len(Xt)} rows of {len(X)}")
        if Xt.dtype.kind == "f" and not np.isfinite(Xt).all():
            raise SilentError("values that are no numbers")

    return ask


def _predict(model: Any) -> Callable[[Any, Any, Any], None]:
    def ask(X: Any, y: Any, groups: Any) -> None:
        fitted = clone(model).fit(X, y)
        predicted = fitted.predict(X)
        if len(predicted) != _N or not np.isin(predicted, fitted.classes_).all():
            raise SilentError("answers that are no classes, or not one for each image")

    return ask


def _refuse_network(X: Any, y: Any, groups: Any) -> None:
    # What is wrong is to be found before the training, which takes seconds.
    network = CNNClassifier((2,), epochs=1, batch_size=_N, precision="float32")
    network.set_params(average_weights=False, image_sizes=None, augment=None)
    network.fit(X, y, groups=groups)
    shares = network.predict_proba(X)
    if not np.isfinite(shares).all() or len(shares) != _N:
        raise SilentError("probabilities that are no numbers")


def _split(splitter: Any, X: Any, y: Any, groups: Any) -> None:
    for train, test in splitter.split(X, y, groups):
        if set(train) & set(test) or not len(train) or not len(test):
            raise SilentError("rows on both sides, or none on one")
        if set(np.unique(np.asarray(y)[test])) - set(np.unique(np.asarray(y)[train])):
            raise SilentError("a class that is tested and not trained")


def _compare(X: Any, y: Any, groups: Any) -> None:
    models = {"hog": make_hog_svm(image_size=16)}
    comparison = compare_pipelines(models, X, y, groups=groups, cv=2)
    if not np.isfinite(comparison.scores["hog"].accuracy):
        raise SilentError("a score that is no number")


_QUESTIONS: dict[str, Callable[[Any, Any, Any], object]] = {
    "HOGTransformer": _transform(HOGTransformer),
    "LBPTransformer": _transform(LBPTransformer),
    "GrayscaleResizer": _transform(lambda: GrayscaleResizer(16)),
    "ImageResizer": _transform(lambda: ImageResizer((16, 16))),
    "ImageLoader": _transform(lambda: ImageLoader("L", (16, 16))),
    "FaceCropper": _transform(lambda: FaceCropper(16, detector=lambda image: [])),
    "make_hog_svm": _predict(make_hog_svm(image_size=16)),
    "make_lbp_svm": _predict(make_lbp_svm(image_size=16)),
    "CNNClassifier": _refuse_network,
    "LeakFreeKFold": partial(_split, LeakFreeKFold(2)),
    "LeakFreeShuffleSplit": partial(_split, LeakFreeShuffleSplit(random_state=0)),
    "compare_pipelines": _compare,
    "audit_images": lambda X, y, groups: audit_images(X, y, groups=groups),
    "find_copies": lambda X, y, groups: find_copies(X),
    "find_look_alikes": lambda X, y, groups: find_look_alikes(X),
}

"""The small sets of real pictures, in leak-free folds."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from skfer.datasets import ImageTable, read_images
from skfer.model_selection import LeakFreeKFold

# Name, folder, and who is in a picture where its name tells.
_SETS: list[tuple[str, str, dict[str, Any]]] = [
    ("CK+48 by person", "ck48/CK+48", {"groups": r"^S\d+"}),
    ("KDEF by person", "kdef", {"groups": r"^[AB]([FM]\d\d)"}),
    ("web", "happy-sad-web/data", {"on_error": "skip"}),
]


class Fold(NamedTuple):
    """What one training and test takes; folds of a seed are scored together."""

    seed: int
    train: np.ndarray
    y_train: np.ndarray
    test: np.ndarray
    y_test: np.ndarray


def read_small_sets(
    data: Path, prepare: Callable[[ImageTable], np.ndarray], seeds: int
) -> Iterator[tuple[str, list[Fold]]]:
    """Yield the name and the folds of each set; ``prepare`` makes X of its table."""
    for name, path, options in _SETS:
        table = read_images(data / path, **options)
        X, y, folds = prepare(table), table.target, []
        for seed in range(seeds):
            for train, test in LeakFreeKFold(random_state=seed).split(table):
                folds.append(Fold(seed, X[train], y[train], X[test], y[test]))
        yield name, folds

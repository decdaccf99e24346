"""What each part of the recipe is worth: ``python -m benchmarks ablation --data PATH``.

PATH holds the unzipped folders fer2013 (with train), ck48/CK+48, kdef and
happy-sad-web/data. Each trick is added to the base alone, then all together, each with
several seeds. On FER-2013 the networks are trained for a quarter of their epochs and
tested on 4,000 images of *train*, of which no copy is trained on, so that the
validation part remains a test; copies of its images are left out. With ``--few`` the
small sets take its place, in leak-free folds, by person where people are known, with
all epochs. Each finished training is a line of --output, and is not repeated.
"""

import argparse
import json
import sys
import time
import warnings
from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import numpy as np

from benchmarks._small_sets import Fold, read_small_sets
from benchmarks.fer2013 import load_part, parse_parameters
from skfer import CNNClassifier, make_cnn
from skfer.datasets import find_copies
from skfer.model_selection import LeakFreeShuffleSplit

_VIEWS = (None, "flip", "ten-crop")
_CHOSEN_ON = 4000

#: What the tricks are added to.
BASE: dict[str, Any] = {
    "optimizer": "adamw", "learning_rate": 3e-3, "weight_decay": 0.05,
    "image_sizes": None, "average_weights": False, "precision": "auto", "epochs": 60,
}  # fmt: skip
_DEFAULTS = CNNClassifier().get_params(deep=False)
_SGD = {"optimizer": "sgd", "learning_rate": "auto", "weight_decay": "auto"}
#: Parameters by the name of what they try.
TRICKS: dict[str, dict[str, Any]] = {
    "base": {},
    "float32": {"precision": "float32"},
    "small images first": {"image_sizes": "progressive"},
    "averaged weights": {"average_weights": True},
    "SGD": _SGD,
    "no label smoothing": {"label_smoothing": 0.0},
    "no augmentation": {"augment": None},
    "dropout 0.3": {"dropout": 0.3},
    # With the optimizer that is taken at full length.
    "all (the defaults)": {name: _DEFAULTS[name] for name in BASE} | _SGD,
}


def main(arguments: list[str] | None = None) -> int:
    """Print a line for each trick and data set."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks ablation", description=__doc__
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--share", type=float, default=0.25, help="of the epochs")
    parser.add_argument("--few", action="store_true", help="the small sets instead")
    parser.add_argument("--only", nargs="+", default=list(TRICKS), choices=TRICKS)
    parser.add_argument(
        "--set", nargs="+", metavar="NAME=VALUE", help="parameters to try instead"
    )
    parser.add_argument("--output", type=Path, default=Path("ablation.jsonl"))
    chosen = parser.parse_args(arguments)
    warnings.filterwarnings("ignore", message="left out, because")
    tried = {name: TRICKS[name] for name in chosen.only}
    if chosen.set:
        tried = {" ".join(chosen.set): parse_parameters(chosen.set)}
    read = _read_small_sets if chosen.few else _read_fer2013
    for data, folds in read(chosen.data, chosen.seeds):
        for name, parameters in tried.items():
            recipe = BASE | parameters
            if chosen.few and name == "all (the defaults)":
                # The training of few images is short.
                recipe["optimizer"] = "auto"
            if not chosen.few:
                recipe["epochs"] = max(1, round(chosen.share * recipe["epochs"]))
            rows = [
                _score_once(chosen.output, data, seed, recipe, list(of_seed))
                for seed, of_seed in groupby(folds, attrgetter("seed"))
            ]
            scores = np.array([row["scores"] for row in rows])
            seconds = mean(row["seconds"] for row in rows)
            print(
                f"{data:16} {name:24} {_describe(scores)}, {seconds:.0f} s", flush=True
            )
    return 0


def _score_once(
    output: Path, data: str, seed: int, recipe: dict[str, Any], folds: list[Fold]
) -> dict[str, Any]:
    """Return the line of one seed, from the file if it is there."""
    # As they are read again.
    recipe = json.loads(json.dumps(recipe))
    key = {"data": data, "seed": seed, "recipe": recipe}
    if output.exists():
        for line in output.read_text().splitlines():
            row = json.loads(line)
            if key.items() <= row.items():
                return row
    begun = time.perf_counter()
    scores = _score(recipe, seed, folds)
    row = {**key, "scores": scores, "seconds": time.perf_counter() - begun}
    with output.open("a") as file:
        file.write(json.dumps(row) + "\n")
    return row


def _describe(scores: np.ndarray) -> str:
    """Return mean and spread over the seeds of each way to predict."""
    parts = []
    for view, column in zip(_VIEWS, 100 * scores.T, strict=True):
        spread = f" (spread {stdev(column):.1f})" if len(column) > 1 else ""
        parts.append(f"{view or 'one pass'} {mean(column):.1f}%{spread}")
    return ", ".join(parts)


def _score(recipe: dict[str, Any], seed: int, folds: list[Fold]) -> list[float]:
    """Return the accuracies of the ways to predict."""
    right: list[list[np.ndarray]] = []
    for fold in folds:
        model = CNNClassifier(**recipe, random_state=seed)
        model.fit(fold.train, fold.y_train)
        right.append([])
        for view in _VIEWS:
            model.set_params(test_time_augmentation=view)
            right[-1].append(model.predict(fold.test) == fold.y_test)
    return [float(np.concatenate(one).mean()) for one in zip(*right, strict=True)]


def _read_fer2013(data: Path, seeds: int) -> Iterator[tuple[str, list[Fold]]]:
    images, target = load_part(data / "fer2013" / "train")
    held_out, _ = load_part(data / "fer2013" / "validation")
    copies = find_copies(np.concatenate([images, held_out]))
    free = ~np.isin(copies[: len(images)], copies[len(images) :])
    images, target, copies = images[free], target[free], copies[: len(images)][free]
    # One part for all seeds, which differ in the training only.
    split = LeakFreeShuffleSplit(test_size=_CHOSEN_ON / len(images), random_state=0)
    ((train, test),) = split.split(images, target, copies)
    fold = (images[train], target[train], images[test], target[test])
    yield "FER-2013, train", [Fold(seed, *fold) for seed in range(seeds)]


def _read_small_sets(data: Path, seeds: int) -> Iterator[tuple[str, list[Fold]]]:
    images = make_cnn()[:-1]
    return read_small_sets(data, lambda table: images.fit_transform(table.X), seeds)


if __name__ == "__main__":
    sys.exit(main())

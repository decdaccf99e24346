"""A trained network for few images: ``python -m benchmarks transfer --data PATH``.

PATH holds the folders ck48, kdef, happy-sad-web and fer2013. Printed are, for the first
three, `make_transfer` beside a HOG-SVM on the same leak-free folds, with the faces cut
out; for some images of the validation part of FER-2013, tested on the others,
`make_transfer`, fine-tuning, a network from scratch and a HOG-SVM; and `make_transfer`
of the whole training part without copies.
"""

import argparse
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.readme import record
from skfer import CNNClassifier, ImageLoader, make_hog_svm, make_transfer
from skfer.datasets import ImageTable, find_copies, load_fer2013, read_images
from skfer.faces import FaceCropper
from skfer.model_selection import (
    LeakFreeKFold,
    LeakFreeShuffleSplit,
    accuracy_interval,
    compare_pipelines,
)

# Name, folder, how it is read, and whether faces must be cut out.
_SETS: list[tuple[str, str, dict[str, Any], bool]] = [
    ("web", "happy-sad-web/data", {"on_error": "skip"}, True),
    ("KDEF", "kdef", {"groups": r"^[AB]([FM]\d\d)"}, True),
    ("CK+48", "ck48/CK+48", {"groups": r"^S\d+"}, False),
]
_MODELS: dict[str, Callable[[int], Any]] = {
    "transfer": lambda seed: make_transfer(),
    "fine-tuning": lambda seed: CNNClassifier(
        initial_weights="faces", random_state=seed
    ),
    "from scratch": lambda seed: CNNClassifier(random_state=seed),
    "hog-svm": lambda seed: make_hog_svm(),
}


def main(arguments: list[str] | None = None) -> int:
    """Print the tables that were asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks transfer", description=__doc__
    )
    parser.add_argument("--data", type=Path, required=True)
    tables = ["small", "few", "full"]
    parser.add_argument("--tables", nargs="+", default=tables, choices=tables)
    parser.add_argument("--sizes", nargs="+", type=int, default=[100, 500, 3000])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument(
        "--models", nargs="+", default=list(_MODELS), choices=list(_MODELS)
    )
    parser.add_argument(
        "--record", action="store_true", help="keep the small table in results.json"
    )
    chosen = parser.parse_args(arguments)
    warnings.filterwarnings("ignore", message="FER-2013 has known|.*left out")
    if "small" in chosen.tables:
        for one in _SETS:
            figures = compare_set(chosen.data, *one)
            if chosen.record:
                command = "python -m benchmarks transfer --tables small --record"
                record(f"small, {one[0]}", command, figures)
    if "few" in chosen.tables:
        table = load_fer2013(chosen.data / "fer2013")
        table = table[table.split == "validation"]
        for size in chosen.sizes:
            for name in chosen.models:
                print(learn_few(table, size, name, chosen.seeds), flush=True)
    if "full" in chosen.tables:
        print(learn_all(chosen.data / "fer2013"))
    return 0


def compare_set(
    data: Path, name: str, folder: str, options: dict[str, Any], cut: bool
) -> dict[str, Any]:
    """Print what the models have right on one set, and return the main figures."""
    table = read_images(data / folder, **options)
    if cut:
        cropped = FaceCropper(n_jobs=-1).crop(table.X)
        images, table["face"] = cropped.images, cropped.status
    else:
        images = ImageLoader(mode="L").fit_transform(table.X)
    begun = time.perf_counter()
    make_transfer().fit(images, table.target)
    seconds = time.perf_counter() - begun
    models = {
        "transfer": make_transfer(faces=cut, n_jobs=-1),
        "hog-svm": make_hog_svm(faces=cut, n_jobs=-1),
    }
    comparison = compare_pipelines(models, table)
    print(f"{name}: transfer is fitted on {len(table)} images in {seconds:.1f} s")
    print(comparison.verdict)
    for make in (make_transfer, make_hog_svm):
        right = _test_all(make, images, table)
        line = f"{make.__name__}, all {len(table)} images in five folds: "
        line += f"{right.mean():.1%}"
        if cut:
            found = table["face"] == "found"
            line += f", {found.sum()} with a face: {right[found].mean():.1%}"
        print(line, flush=True)
    n_people = None if table.groups is None else len(set(table.groups))
    figures = {"n_images": comparison.n_images, "n_people": n_people}
    for name in models:
        one = comparison.scores[name]
        low, high = one.score_low, one.score_high
        figures[name] = f"{one.score:.1%} ({low:.1%} to {high:.1%})"
    return figures


def _test_all(
    make: Callable[[], Any], images: np.ndarray, table: ImageTable
) -> np.ndarray:
    """Return whether each image was right, also copies; the mean of two seeds."""
    right = np.zeros((2, len(table)))
    for seed in range(2):
        for train, test in LeakFreeKFold(random_state=seed).split(table):
            model = make().fit(images[train], table.target[train])
            right[seed, test] = model.predict(images[test]) == table.target[test]
    return right.mean(axis=0)


def learn_few(table: ImageTable, size: int, name: str, seeds: int) -> str:
    """Return what a model has right after ``size`` images, on all others."""
    shares, seconds = [], []
    splitter = LeakFreeShuffleSplit(seeds, test_size=1 - size / len(table))
    for seed, (train, test) in enumerate(splitter.split(table)):
        begun = time.perf_counter()
        model = _MODELS[name](seed).fit(table.X[train], table.target[train])
        seconds.append(time.perf_counter() - begun)
        shares.append(model.score(table.X[test], table.target[test]))
    return (
        f"{size} images, {name}: {np.mean(shares):.1%} (standard deviation of {seeds} "
        f"splits {np.std(shares):.1%}), fitted in {np.mean(seconds):.1f} s"
    )


def learn_all(data: Path) -> str:
    """Return what `make_transfer` has right after the whole training part."""
    table = load_fer2013(data)
    copies = find_copies(table)
    is_test = table.split == "validation"
    is_train = (table.split == "train") & ~np.isin(copies, copies[is_test])
    model = make_transfer().fit(table.X[is_train], table.target[is_train])
    predicted = model.predict(table.X[is_test])
    right = int((predicted == table.target[is_test]).sum())
    low, high = accuracy_interval(right, int(is_test.sum()))
    return (
        f"{is_train.sum():,} images without copies, transfer: "
        f"{right / is_test.sum():.1%} ({low:.1%} to {high:.1%}) of validation"
    )


if __name__ == "__main__":
    sys.exit(main())

"""Defaults of the SVM pipelines: ``python -m benchmarks svm_defaults --data PATH``.

PATH holds the unzipped folders ck48/CK+48, kdef, happy-sad-web/data and fer2013 (with
train and validation). Small sets are tested in leak-free folds, by person where people
are known; FER-2013 on its validation part, trained on samples of 300 and 1,000 and on
all. Features are computed once for all candidates.
"""

import argparse
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from sklearn.base import clone
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.metrics import f1_score
from sklearn.pipeline import Pipeline
from sklearn.svm import SVC

from benchmarks._small_sets import Fold, read_small_sets
from skfer.datasets import ImageTable, read_images
from skfer.pipelines import FAMILIES

_SEEDS = 3
_MOST_ROWS = 5000  # That a support vector machine sees with all features.
_SAMPLES = {300: 6, 1000: 4, None: 1}  # How many of each size; None is all.


def candidates(family: str) -> dict[str, list[Any]]:
    """Return steps that follow the features: the defaults, and others."""
    chosen = [step for _, step in FAMILIES[family].make().steps[-2:]]
    n, svm = chosen[0].n_components, chosen[1]
    is_hog = family == "hog-svm"
    share = SVC(C=5, gamma=0.09) if is_hog else SVC(C=3)
    others: dict[str, list[Any]] = {
        "defaults": chosen,
        "a share of the variance": [PCA(0.57 if is_hog else 0.5), share],
        "all features": [SVC(C=share.C)],
    }
    for size in (n // 2, n + n // 2):
        smaller = clone(chosen[0]).set_params(n_components=size)
        others[f"{size} components"] = [smaller, clone(svm)]
    for factor in (0.25, 0.5, 1.5):
        wider = clone(svm).set_params(gamma=svm.gamma * factor)
        others[f"gamma {wider.gamma:.3f}"] = [clone(chosen[0]), wider]
    whitened = TruncatedSVD(n, random_state=0)
    others["balanced"] = [whitened, clone(svm).set_params(class_weight="balanced")]
    return others


def main(arguments: list[str] | None = None) -> int:
    """Print a line for each candidate and data set."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks svm_defaults", description=__doc__
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument(
        "--families", nargs="+", default=["lbp-svm", "hog-svm"], metavar="FAMILY"
    )
    parser.add_argument("--only", nargs="+", help="candidates, for instance defaults")
    parser.add_argument("--few", action="store_true", help="leave all of FER-2013 out")
    parser.add_argument("--n-jobs", type=int, default=2)
    chosen = parser.parse_args(arguments)
    warnings.filterwarnings("ignore", message="left out, because")
    for family in chosen.families:
        all_of_them = candidates(family)
        names = chosen.only or list(all_of_them)
        for data, folds in _read(chosen.data, family, chosen.few):
            for name in names:
                if name == "all features" and len(folds[0].train) > _MOST_ROWS:
                    continue  # It would take half an hour.
                begun = time.perf_counter()
                predicted = Parallel(chosen.n_jobs)(
                    delayed(_run)(all_of_them[name], fold) for fold in folds
                )
                accuracy, macro_f1 = _score(folds, predicted)
                seconds = time.perf_counter() - begun
                print(
                    f"{family:8} {data:22} {name:24} accuracy {accuracy:5.1%}, "
                    f"macro F1 {macro_f1:5.1%}, {seconds:6.1f} s",
                    flush=True,
                )
    return 0


def _read(data: Path, family: str, few: bool) -> Iterator[tuple[str, list[Fold]]]:
    yield from read_small_sets(data, lambda table: _features(table, family), _SEEDS)
    train = read_images(data / "fer2013" / "train")
    test = read_images(data / "fer2013" / "validation")
    X, X_test = _features(train, family), _features(test, family)
    for n, times in _SAMPLES.items():
        if n is None and few:
            continue
        folds = []
        for seed in range(times):
            rows = np.sort(np.random.default_rng(seed).permutation(len(train))[:n])
            y = train.target[rows]
            folds.append(Fold(seed, X[rows], y, X_test, test.target))
        yield f"FER-2013, {n or len(train):,} images", folds


def _features(table: ImageTable, family: str) -> np.ndarray:
    steps = FAMILIES[family].make(n_jobs=-1).steps[:-2]
    return Pipeline(steps).fit_transform(table.X).astype(np.float32)


def _run(steps: list[Any], fold: Fold) -> np.ndarray:
    model = Pipeline([(str(place), clone(step)) for place, step in enumerate(steps)])
    return model.fit(fold.train, fold.y_train).predict(fold.test)


def _score(folds: list[Fold], predicted: list[np.ndarray]) -> tuple[float, float]:
    """Return mean accuracy and macro F1 over seeds."""
    scores = []
    for seed in sorted({fold.seed for fold in folds}):
        of_seed = [number for number, fold in enumerate(folds) if fold.seed == seed]
        y = np.concatenate([folds[number].y_test for number in of_seed])
        said = np.concatenate([predicted[number] for number in of_seed])
        scores.append((np.mean(y == said), f1_score(y, said, average="macro")))
    accuracy, macro_f1 = np.mean(scores, axis=0)
    return float(accuracy), float(macro_f1)


if __name__ == "__main__":
    sys.exit(main())

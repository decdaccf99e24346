"""A search on a Dask cluster: ``python -m benchmarks cluster``.

Fits 12 candidates of `make_hog_svm` without Dask, on one worker and on two, three times
in turn; prints the seconds, and whether the best candidate and all scores are the same.
Each worker is a process of one thread. joblib would not use a single worker but search
in the process that asks, so that one is given the whole search. ``--data FOLDER`` takes
your own faces.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import joblib
import numpy as np
from dask.distributed import Client, LocalCluster
from sklearn.model_selection import GridSearchCV, StratifiedKFold, train_test_split
from threadpoolctl import threadpool_limits

from benchmarks._timing import describe_machine
from benchmarks.fer2013 import load_part
from skfer import make_hog_svm
from skfer.datasets import make_faces

_N_IMAGES, _ROUNDS = 6000, 3
_CANDIDATES = {"classifier__C": [0.3, 1, 2, 5, 10, 30], "svd__n_components": [64, 128]}
_GOAL = 1.6


def main(arguments: list[str] | None = None) -> int:
    """Time the searches in turn, compare what they find, print."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks cluster", description=__doc__
    )
    parser.add_argument("--data", type=Path, help="folder with a folder per class")
    parser.add_argument("--images", type=int, default=_N_IMAGES)
    parser.add_argument("--rounds", type=int, default=_ROUNDS)
    chosen = parser.parse_args(arguments)
    if chosen.data:
        images, labels = load_part(chosen.data)
    else:
        faces = make_faces(chosen.images, n_subjects=chosen.images, random_state=0)
        images, labels = faces.images, faces.target
    if len(images) > chosen.images:
        images, _, labels, _ = train_test_split(
            images, labels, train_size=chosen.images, stratify=labels, random_state=0
        )
    alone = _search(images, labels)
    # Workers inherit this: without it their threads return memory to the system after
    # every step, which costs a sixth of the time.
    os.environ["MALLOC_TOP_PAD_"] = str(32 << 20)
    seconds: dict[int, list[float]] = {1: [], 2: []}
    are_equal = True
    for _ in range(chosen.rounds):
        for n_workers, taken in seconds.items():
            took, found = _search_on(n_workers, images, labels)
            taken.append(took)
            are_equal &= found.best_params_ == alone.best_params_ and np.array_equal(
                found.cv_results_["mean_test_score"],
                alone.cv_results_["mean_test_score"],
            )
    print(describe_machine())
    for n_workers, taken in seconds.items():
        print(f"{n_workers} workers: {', '.join(f'{one:.1f} s' for one in taken)}")
    times = median(seconds[1]) / median(seconds[2])
    met = "yes" if times >= _GOAL else "NO"
    print(f"two workers are {times:.2f} times as fast as one (goal {_GOAL}: {met})")
    print(f"best candidate and scores as without Dask: {are_equal}")
    return 0 if are_equal else 1


def _search(images: np.ndarray, labels: np.ndarray, n_jobs: int = -1) -> GridSearchCV:
    cv = StratifiedKFold(2, shuffle=True, random_state=0)
    search = GridSearchCV(make_hog_svm(), _CANDIDATES, cv=cv, refit=False)
    search.set_params(n_jobs=n_jobs, error_score="raise")
    with threadpool_limits(1):
        return search.fit(images, labels)


def _search_on(
    n_workers: int, images: np.ndarray, labels: np.ndarray
) -> tuple[float, GridSearchCV]:
    with (
        LocalCluster(
            n_workers=n_workers, threads_per_worker=1, dashboard_address=None
        ) as place,
        Client(place) as client,
    ):
        if n_workers == 1:

            def search(X: np.ndarray, y: np.ndarray) -> GridSearchCV:
                return client.submit(_search, X, y, 1).result()

            return _time(search, images, labels)
        with joblib.parallel_config("dask"):
            return _time(_search, images, labels)


def _time(
    search: Callable[..., GridSearchCV], images: np.ndarray, labels: np.ndarray
) -> tuple[float, GridSearchCV]:
    # Each worker imports what it needs, before the clock runs.
    search(images[::10], labels[::10])
    begun = time.perf_counter()
    found = search(images, labels)
    return time.perf_counter() - begun, found


if __name__ == "__main__":
    sys.exit(main())

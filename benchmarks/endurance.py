"""Whether memory stays flat over many fits, predictions and reports in one process.

``python -m benchmarks endurance`` prints the memory of the process after a warm-up, in
the middle and at the end. Something that grows with each of them would end a service or
a long search.
"""

import argparse
import gc
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks._memory import resident_mb
from skfer import CNNClassifier, make_hog_svm, make_lbp_svm
from skfer.datasets import make_faces
from skfer.inspection import save_report
from skfer.model_selection import compare_pipelines
from skfer.neural._backend import restore_allocation

_WARM_UP = 3  # Repeats until caches and compiled functions are there.


def main(arguments: list[str] | None = None) -> int:
    """Repeat, and print a line for each kind."""
    argparse.ArgumentParser(
        prog="python -m benchmarks endurance", description=__doc__
    ).parse_args(arguments)
    faces = make_faces(140, image_size=24, random_state=0)
    network = CNNClassifier((8, 16), epochs=2, batch_size=32, random_state=0)
    images = np.resize(faces.X, (1000, *faces.X.shape[1:]))
    labels = np.resize(faces.target, 1000)
    models = {"hog": make_hog_svm(image_size=24), "lbp": make_lbp_svm(image_size=24)}
    comparison = compare_pipelines(models, faces, cv=2)
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "report.html")
        # Each fit has images of its own, as the folds of a search have.
        _repeat("fits of a network", 30, lambda: network.fit(images.copy(), labels))
        _repeat("predictions", 1000, lambda: network.predict_proba(faces.X[:10]))
        _repeat("reports", 10, lambda: save_report(comparison, page))
    return 0


def _repeat(what: str, n: int, run: Callable[[], object]) -> None:
    for _ in range(_WARM_UP):
        run()
    sizes = [_measure()]
    for number in range(n):
        run()
        if number + 1 in (n // 2, n):
            sizes.append(_measure())
    first, middle, last = sizes
    print(
        f"{n:,} {what}: {first:,.0f} MB after {_WARM_UP}, {middle:,.0f} in the middle, "
        f"{last:,.0f} at the end, {last - first:+,.0f}",
        flush=True,
    )


def _measure() -> float:
    gc.collect()
    # As at the end of a training: what is free is no growth.
    restore_allocation()
    return resident_mb()


if __name__ == "__main__":
    sys.exit(main())

"""Wrong labels that are found: ``python -m benchmarks label_issues --data PATH``.

PATH holds the folder fer2013 (with train) and --votes the FER+ votes of ten people for
each image. A label counts as wrong where another class has more votes than it.
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np

from skfer.datasets import load_fer2013
from skfer.model_selection import find_label_issues
from skfer.pipelines import FAMILIES

_FIRST = (100, 500, 2000)
#: Names of the classes in FER-2013 by those in FER+.
_NAMES = {"anger": "angry", "happiness": "happy", "sadness": "sad"}


def main(arguments: list[str] | None = None) -> int:
    """Rank the labels of the training part, and count how many are wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks label_issues", description=__doc__
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--votes", type=Path, required=True)
    parser.add_argument("--model", default="hog-svm", choices=list(FAMILIES))
    chosen = parser.parse_args(arguments)
    table = load_fer2013(chosen.data / "fer2013")
    voted = load_fer2013(chosen.data / "fer2013", labels="ferplus", votes=chosen.votes)
    by_name = dict(zip(voted.names.tolist(), voted.target.tolist(), strict=True))
    table = table[(table.split == "train") & np.isin(table.names, voted.names)]
    most_voted = np.array([by_name[name] for name in table.names.tolist()])
    most_voted = np.array([_NAMES.get(name, name) for name in most_voted.tolist()])
    is_wrong = most_voted != table.target
    begun = time.perf_counter()
    issues = find_label_issues(table, FAMILIES[chosen.model].make())
    print(
        f"{len(table):,} images, {is_wrong.mean():.1%} of the labels are wrong; ranked "
        f"in {time.perf_counter() - begun:.0f} s"
    )
    for n in _FIRST:
        first = issues.rows[:n]
        print(f"of the first {len(first):,}, {is_wrong[first].mean():.1%} are wrong")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""What skfer does with hostile input: ``python -m benchmarks faults``.

Each case is something hostile: damaged files and odd names in a folder, arrays of wrong
kinds, a disk that is full in the middle of a file, two processes that write to the same
place, a process that is killed at a random moment. It ends well if skfer answers and
accounts for everything, or refuses with an error of its own. What ends otherwise is
listed; the exit status is then 1.
"""

import argparse
import sys
import tempfile
from collections import Counter
from itertools import islice
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from benchmarks import (
    _fault_arrays,
    _fault_depths,
    _fault_disks,
    _fault_files,
    _fault_kills,
    _fault_pairs,
)
from benchmarks._fault_cases import CaseMaker, judge

#: Each group with the number of its cases.
GROUPS: dict[str, tuple[CaseMaker, int]] = {
    "files": (_fault_files.make_cases, 1000),
    "arrays": (_fault_arrays.make_cases, 800),
    "depths": (_fault_depths.make_cases, 300),
    "disks": (_fault_disks.make_cases, 200),
    "pairs": (_fault_pairs.make_cases, 40),
    "kills": (_fault_kills.make_cases, 200),
}


def main(arguments: list[str] | None = None) -> int:
    """Try the cases, and print how they ended."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks faults", description=__doc__
    )
    parser.add_argument("groups", nargs="*", choices=[*GROUPS, []], default=[])
    parser.add_argument("--cases", type=int, help="of each group, instead of all")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args(arguments)
    table = Table(title="hostile cases")
    for head in ("group", "tried", "answered", "refused", "unhandled"):
        table.add_column(head)
    console, n_unhandled = Console(), 0
    for group in chosen.groups or GROUPS:
        make_cases, number = GROUPS[group]
        rng = np.random.default_rng(chosen.seed)
        counts: Counter[str] = Counter()
        for case in islice(make_cases(rng), chosen.cases or number):
            with tempfile.TemporaryDirectory() as folder:
                outcome, detail = judge(case, Path(folder))
            counts[outcome] += 1
            if outcome == "unhandled":
                print(ascii(f"{group}: {case.name}: {detail}"), flush=True)
        n_unhandled += counts["unhandled"]
        outcomes = (counts["answered"], counts["refused"], counts["unhandled"])
        table.add_row(escape(group), *(f"{n:,}" for n in (sum(outcomes), *outcomes)))
    console.print(table)
    return int(n_unhandled > 0)


if __name__ == "__main__":
    sys.exit(main())

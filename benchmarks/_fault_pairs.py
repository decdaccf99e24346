"""Two processes that do the same at once, and write to the same place."""

import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks._fault_cases import Case, SilentError
from benchmarks._fault_kills import (
    COMMANDS,
    check,
    find_hidden,
    run_undisturbed,
    start,
)


def make_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield cases of what runs twice, and of how much later the second begins."""
    while True:
        name = str(rng.choice([*COMMANDS, "cache", "images"] * 2 + ["training"]))
        share = float(rng.uniform(0, 0.5))
        case = f"{name} twice, the second after {share:.2f} of its time"
        yield Case("pairs", case, partial(_try, name, share), seconds=600)


def _try(name: str, share: float, folder: Path) -> None:
    expected, seconds = run_undisturbed(name)
    out = folder / "out"
    out.mkdir()
    first = start(name, out)
    time.sleep(share * seconds)
    second = start(name, out)
    codes = {first.wait(300), second.wait(300)}
    good = 1 if name == "audit" else 0
    # A training is refused while another writes to its checkpoint.
    if good not in codes or (codes != {good} and name != "training"):
        raise SilentError(f"exit statuses {sorted(codes)}")
    check(name, out, expected, is_over=True)
    if left := find_hidden(out):
        raise SilentError(f"{left} left behind")

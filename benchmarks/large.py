"""Seconds and memory up to a million pictures: ``benchmarks scaling --large FOLDER``.

Draws faces as PNG files, and runs each job at each size in a process of its own. What
is finished is kept in results.json, so that a run that was stopped goes on. A second
table carries the figures on to ten and a hundred million.
"""

import argparse
import json
import math
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks._scaling_job import JOBS, draw
from benchmarks._timing import describe_machine, per_image

_SIZES = [10_000, 100_000, 1_000_000]
_MOST_MB = 1000
_MOST_TIMES, _MOST_TIMES_AUDIT = 1.3, 3.0
_CARRIED_ON = (10_000_000, 100_000_000)


def main(arguments: list[str] | None = None) -> int:
    """Draw what is missing, measure what is missing, print the table."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks scaling --large", description=__doc__
    )
    parser.add_argument("folder", type=Path, help="folder for pictures and caches")
    parser.add_argument("--sizes", type=int, nargs="+", default=_SIZES)
    parser.add_argument("--jobs", nargs="+", choices=JOBS, default=list(JOBS))
    chosen = parser.parse_args(arguments)
    sizes = sorted(chosen.sizes)
    kept = chosen.folder / "results.json"
    results = json.loads(kept.read_text()) if kept.exists() else {}
    for n in sizes:
        draw(chosen.folder / "pictures", n)
        for job in chosen.jobs:
            key = f"{job}, {n}"
            if key not in results:
                print(f"measuring {job} of {n:,} ...", file=sys.stderr, flush=True)
                results[key] = _measure(job, n, chosen.folder)
                kept.write_text(json.dumps(results, indent=1))
    print(describe_machine())
    table = Table()
    for head in ("job", *(f"{n:,}" for n in sizes), "largest / smallest", "met"):
        table.add_column(head)
    for job in chosen.jobs:
        ours = [results[f"{job}, {n}"] for n in sizes]
        each = [one["seconds"] / n for one, n in zip(ours, sizes, strict=True)]
        times = each[-1] / each[0]
        most = _MOST_TIMES_AUDIT if job == "audit" else _MOST_TIMES
        is_met = times <= most and ours[-1]["megabytes"] <= _MOST_MB
        cells = [
            f"{one['seconds']:,.1f} s, {per_image(seconds)}, {one['megabytes']:,.0f} MB"
            for one, seconds in zip(ours, each, strict=True)
        ]
        table.add_row(job, *cells, f"{times:.2f}", "yes" if is_met else "NO")
    console = Console(width=None if sys.stdout.isatty() else 140)
    console.print(table)
    console.print(_carry_on(results, sizes[-2:], chosen.jobs))
    for name in ("pictures", "images", "features"):
        console.print(f"{name}: {_count_bytes(chosen.folder, name, sizes[-1])}")
    return 0


def _carry_on(
    results: dict[str, dict[str, float]], sizes: list[int], jobs: list[str]
) -> Table:
    """Return hours and memory of more pictures than were measured.

    Seconds grow by the power with which they grow from one of these sizes to the next,
    at least by the first; memory by as much for each picture.
    """
    table = Table("job, carried on", *(f"{n:,}" for n in _CARRIED_ON))
    low, high = sizes[0], sizes[-1]
    for job in jobs:
        before, last = (results[f"{job}, {n}"] for n in (low, high))
        power, each = 1.0, 0.0
        if low < high:
            grown = math.log(last["seconds"] / before["seconds"])
            power = max(1.0, grown / math.log(high / low))
            added = last["megabytes"] - before["megabytes"]
            each = max(0.0, added / (high - low))
        cells = []
        for n in _CARRIED_ON:
            hours = last["seconds"] * (n / high) ** power / 3600
            gigabytes = (last["megabytes"] + each * (n - high)) / 1000
            cells.append(f"{hours:,.1f} h, {gigabytes:,.1f} GB")
        table.add_row(job, *cells)
    return table


def _count_bytes(folder: Path, name: str, n: int) -> str:
    """Say how many bytes a picture of the largest size takes on disk."""
    place = folder / (name if name == "pictures" else f"{name}-{n}")
    sizes = [path.stat().st_size for path in place.rglob("*") if path.is_file()]
    n_there = 1000 * len(list(place.glob("*/done"))) if name == "pictures" else n
    return f"{sum(sizes) / max(n_there, 1):,.0f} bytes each on disk"


def _measure(job: str, n: int, folder: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks._scaling_job", job, str(n), folder]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    sys.exit(main())

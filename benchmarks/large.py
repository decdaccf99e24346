"""Seconds and memory up to a million pictures: ``python -m benchmarks.large``.

Draws faces as PNG files, and runs each job at each size in a process of its own. What
is finished is kept in results.json, so that a run that was stopped goes on.
"""

import argparse
import json
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


def main(arguments: list[str] | None = None) -> int:
    """Draw what is missing, measure what is missing, print the table."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.large", description=__doc__
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
    Console(width=None if sys.stdout.isatty() else 140).print(table)
    return 0


def _measure(job: str, n: int, folder: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks._scaling_job", job, str(n), folder]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    sys.exit(main())

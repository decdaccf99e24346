"""Timing contestants in turn, and what a measurement says."""

import platform
import time
from collections.abc import Callable
from importlib import import_module, metadata
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import joblib

LIBRARIES = (
    "numpy",
    "scikit-learn",
    "scikit-image",
    "pillow",
    "numba",
    "simplejpeg",
    "keras",
    "tensorflow",
    "opencv-python-headless",
)


class Result(NamedTuple):
    """One line of the table; ``met`` is None where a peer is missing."""

    job: str
    ours: str
    peer: str
    outcome: str
    goal: str
    met: bool | None


def time_in_turn(
    contestants: dict[str, Callable[[], object]], rounds: int, calls: int = 1
) -> dict[str, float]:
    """Median seconds of a call of each; in every round each has some calls.

    Taking turns spreads the noise of a shared machine over all of them.
    """
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    for call in contestants.values():
        call()  # Tables, caches and compiled functions that are made once.
    for _ in range(rounds):
        for name, call in contestants.items():
            for _ in range(calls):
                start = time.perf_counter()
                call()
                seconds[name].append(time.perf_counter() - start)
    return {name: median(taken) for name, taken in seconds.items()}


def compare(
    job: str, ours: float, peer_name: str, peer: float | None, goal: float
) -> Result:
    """Say how many times as fast as the peer we are; seconds per image."""
    if peer is None:
        return missing(job, peer_name, f"{goal:g} times")
    ratio = peer / ours
    return Result(
        job,
        per_image(ours),
        f"{peer_name}: {per_image(peer)}",
        f"{ratio:.2f} times as fast" if ratio < 10 else f"{ratio:.0f} times as fast",
        f"{goal:.2g} times",
        ratio >= goal,
    )


def missing(job: str, peer_name: str, goal: str) -> Result:
    """Report a peer that is not installed instead of leaving it out."""
    return Result(job, "-", f"{peer_name}: MISSING", "not measured", goal, None)


def per_image(seconds: float) -> str:
    """Write seconds per image in a unit that is easy to read."""
    if seconds < 1e-3:
        return f"{seconds * 1e6:.1f} µs"
    return f"{seconds * 1e3:.2f} ms"


def find_peer(module: str) -> Any:
    """Import a peer that may not be there; None if it isn't."""
    try:
        return import_module(module)
    except ImportError:
        return None


def describe_machine() -> str:
    """Processor, cores, Python and the versions of the libraries."""
    info = Path("/proc/cpuinfo")
    names = info.read_text().splitlines() if info.exists() else []
    names = [line.split(":")[1].strip() for line in names if "model name" in line]
    versions = []
    for name in LIBRARIES:
        try:
            versions.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            versions.append(f"{name} missing")
    return (
        f"{names[0] if names else platform.processor()}, {joblib.cpu_count()} cores, "
        f"{platform.system()}, Python {platform.python_version()}; "
        + ", ".join(versions)
    )

"""Time and memory of looking for copies among 30,000 small images."""

import time
from unittest import mock

import numpy as np

from benchmarks._memory import measure_peak
from benchmarks._timing import Result, missing
from skfer.datasets import ImageTable, _candidates, audit_images, make_faces
from skfer.datasets._copies import compare_prints
from skfer.datasets._fingerprints import Fingerprints
from skfer.datasets._nearest_neighbours import is_there

_N = 30_000
_SECONDS = 60
_MEMORY_MB = 500
_RECALL = 0.99
_PREPARE = f"""
from skfer.datasets import audit_images, make_faces
faces = make_faces({_N}, n_subjects=5_000, random_state=0)
audit_images(faces.images[:100], faces.target[:100])
"""
_ACT = "audit_images(faces.images, faces.target)"


def run() -> list[Result]:
    """Audit drawn faces, which resemble one another more than photographs do."""
    faces = make_faces(_N, n_subjects=5_000, random_state=0)
    table = ImageTable(faces.images, faces.target)
    begun = time.perf_counter()
    audit = audit_images(table)
    seconds = time.perf_counter() - begun
    return [
        Result(
            f"audit {_N:,} images, all threads",
            f"{seconds:.1f} s",
            "-",
            f"{seconds:.1f} s",
            f"under {_SECONDS} s",
            seconds < _SECONDS,
        ),
        measure_peak("the same, memory", _PREPARE, _ACT, _MEMORY_MB),
        *measure_recall(table.fingerprints, audit.copies, audit.look_alikes),
    ]


def measure_recall(
    prints: Fingerprints, copies: np.ndarray, look_alikes: np.ndarray
) -> list[Result]:
    """Count pairs that the approximate index of many images finds, too."""
    if not is_there():
        return [missing("pairs found by the index", "faiss", f"{_RECALL:.0%}")]
    with mock.patch.object(_candidates, "EXACT_UP_TO", len(copies) // 2):
        begun = time.perf_counter()
        found = compare_prints(prints, False, -1)
        seconds = time.perf_counter() - begun
    results = []
    for name, exact, ours in (
        ("copies", copies, found.copies),
        ("look-alikes", look_alikes, found.alike),
    ):
        both = np.unique(np.stack([exact, ours]), axis=1, return_counts=True)[1]
        n_both, n_all = map(_count_pairs, (both, np.unique_counts(exact).counts))
        share = n_both / max(1, n_all)
        results.append(
            Result(
                f"pairs of {name} found by the approximate index",
                f"{n_both:,}, {seconds:.1f} s",
                f"comparing all: {n_all:,}",
                f"{share:.2%}",
                f"at least {_RECALL:.0%}",
                share >= _RECALL,
            )
        )
    return results


def _count_pairs(sizes: np.ndarray) -> int:
    return int((sizes * (sizes - 1) // 2).sum())

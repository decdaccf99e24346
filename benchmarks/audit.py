"""Time and memory of looking for copies among 30,000 small images."""

import time

from benchmarks._memory import measure_peak
from benchmarks._timing import Result
from skfer.datasets import audit_images, make_faces

_N = 30_000
_SECONDS = 60
_MEMORY_MB = 500
_PREPARE = f"""
from skfer.datasets import audit_images, make_faces
faces = make_faces({_N}, n_subjects=5_000, random_state=0)
audit_images(faces.images[:100], faces.target[:100])
"""
_ACT = "audit_images(faces.images, faces.target)"


def run() -> list[Result]:
    """Audit drawn faces, which resemble one another more than photographs do."""
    faces = make_faces(_N, n_subjects=5_000, random_state=0)
    begun = time.perf_counter()
    audit_images(faces.images, faces.target)
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
    ]

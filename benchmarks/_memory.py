"""Peak memory of a job in a process of its own."""

import subprocess
import sys
from pathlib import Path

from benchmarks._timing import Result

_STATUS = Path("/proc/self/status")
_BEGIN = """
def _peak():
    lines = open("/proc/self/status").read().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))

open("/proc/self/clear_refs", "w").write("5")  # What it took to prepare is forgotten.
_before = _peak()
"""


def resident_mb() -> float:
    """Return the memory of this process now, in MB; 0 where the system doesn't say."""
    if not _STATUS.exists():
        return 0.0
    lines = _STATUS.read_text().splitlines()
    return (
        next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1e3
    )


def measure_peak(job: str, prepare: str, act: str, limit_mb: float) -> Result:
    """Run two pieces of code in a new process; report what the second one adds.

    The high-water mark of the process itself counts, not Python's allocations,
    because Pillow and TensorFlow have memory of their own.
    """
    goal = f"under {limit_mb:g} MB"
    if not _STATUS.exists():
        return Result(job, "-", "needs Linux", "not measured", goal, None)
    code = f"{prepare}\n{_BEGIN}\n{act}\nprint(_peak() - _before)"
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, stdout=subprocess.PIPE, text=True
    )
    megabytes = int(done.stdout.split()[-1]) / 1024
    return Result(job, "-", "-", f"{megabytes:.0f} MB", goal, megabytes < limit_mb)

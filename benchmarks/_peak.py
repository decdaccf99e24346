"""Seconds of a job, and the most memory that it takes."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

_EVERY = 0.05  # Seconds between two looks at the memory.
_STATUS = Path("/proc/self/status")


def measure(act: Callable[[], object]) -> dict[str, float]:
    """Run a job; return its seconds, and the megabytes above those before it."""
    memory = _Memory()
    memory.start()
    begun = time.perf_counter()
    act()
    seconds = time.perf_counter() - begun
    memory.is_over.set()
    memory.join()
    return {"seconds": seconds, "megabytes": memory.most - memory.before}


class _Memory(threading.Thread):
    """Looks at the memory of this process until it is told to stop.

    What is mapped from files does not count: the system takes it back as it likes.
    """

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.before = self.most = self.now()
        self.is_over = threading.Event()

    @staticmethod
    def now() -> float:
        lines = _STATUS.read_text().splitlines()
        return int(next(x for x in lines if x.startswith("RssAnon")).split()[1]) / 1e3

    def run(self) -> None:
        while not self.is_over.wait(_EVERY):
            self.most = max(self.most, self.now())

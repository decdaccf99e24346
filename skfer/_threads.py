"""Numbers of threads that leave cores for other workers."""

import multiprocessing
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import joblib
from joblib.parallel import (
    LokyBackend,
    MultiprocessingBackend,
    SequentialBackend,
    ThreadingBackend,
    get_active_backend,
)

_ON_THIS_MACHINE = (
    LokyBackend,
    MultiprocessingBackend,
    SequentialBackend,
    ThreadingBackend,
)


def fair_share() -> int:
    """Cores for this process; joblib tells its workers through OMP_NUM_THREADS."""
    cores = joblib.cpu_count()
    limit = os.environ.get("OMP_NUM_THREADS", "")
    return min(int(limit), cores) if limit.isdigit() and int(limit) > 0 else cores


def count_threads(n_jobs: int | None) -> int:
    """Return the number of threads that ``n_jobs`` of an estimator stands for.

    Inside a job of joblib, as in a fold of GridSearchCV with its own ``n_jobs``,
    it is at most the share of one of those jobs. With Dask, joblib would count the
    workers of the whole cluster.
    """
    backend, _ = get_active_backend()
    if not isinstance(backend, _ON_THIS_MACHINE):
        return min(ThreadingBackend().effective_n_jobs(n_jobs or 1), fair_share())
    wanted = joblib.effective_n_jobs(n_jobs)
    if not backend.nesting_level:
        return wanted
    is_worker_process = multiprocessing.parent_process() is not None
    return min(wanted, fair_share()) if is_worker_process else 1


def run_in_threads(
    n_jobs: int | None, work: Callable[[int], Any], starts: Iterable[int]
) -> list[Any]:
    """Return the results of ``work(start)`` for all starts, in their order."""
    starts = list(starts)
    n_threads = min(count_threads(n_jobs), len(starts))
    if n_threads <= 1:
        return [work(start) for start in starts]
    # joblib's threads look for results every hundredth of a second, which is longer
    # than the work on a few images.
    with ThreadPoolExecutor(n_threads) as pool:
        return list(pool.map(work, starts))

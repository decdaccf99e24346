import time

import joblib
import numpy as np
import pytest
from joblib.parallel import ParallelBackendBase
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC

from skfer import HOGTransformer
from skfer._threads import count_threads, fair_share, run_in_threads


@pytest.mark.parametrize("n_jobs", [None, 1, 2, -1])
def test_outside_of_any_job_it_is_what_the_user_asks_for(n_jobs):
    assert count_threads(n_jobs) == joblib.effective_n_jobs(n_jobs)


def test_the_context_of_joblib_counts():
    with joblib.parallel_config(n_jobs=2):
        assert count_threads(None) == 2
        assert count_threads(1) == 1


def test_worker_processes_share_the_cores():
    share = max(1, joblib.cpu_count() // 2)
    inside = joblib.Parallel(n_jobs=2)(joblib.delayed(count_threads)(8) for _ in "ab")
    assert inside == [min(8, share)] * 2


def test_threads_in_threads_are_not_multiplied():
    work = joblib.Parallel(n_jobs=2, prefer="threads")
    assert work(joblib.delayed(count_threads)(8) for _ in "ab") == [1, 1]


class ManyMachines(ParallelBackendBase):
    """Like that of Dask: its workers are elsewhere."""

    supports_retrieve_callback = True

    def effective_n_jobs(self, n_jobs):
        return 1000

    def submit(self, func, callback=None):
        raise AssertionError("threads are no jobs")

    apply_async = submit  # As older versions of joblib call it.


@pytest.mark.parametrize("n_jobs, expected", [(None, 1), (1, 1), (2, 2), (-1, 3)])
def test_workers_of_a_cluster_are_no_threads(n_jobs, expected, monkeypatch):
    monkeypatch.setattr("skfer._threads.fair_share", lambda: 3)
    monkeypatch.setattr(joblib.parallel.ThreadingBackend, "effective_n_jobs",
                        lambda self, n_jobs: 3 if n_jobs == -1 else n_jobs)  # fmt: skip
    with joblib.parallel_config(ManyMachines()):
        assert joblib.effective_n_jobs(8) == 1000
        assert count_threads(n_jobs) == expected


@pytest.mark.parametrize("setting, share", [("1", 1), ("99999", None), ("none", None)])
def test_the_share_is_what_joblib_says(setting, share, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", setting)
    assert fair_share() == (share or joblib.cpu_count())


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_results_keep_their_order(n_jobs):
    assert run_in_threads(n_jobs, lambda i: i**2, range(9)) == [i**2 for i in range(9)]


def test_errors_come_through():
    with pytest.raises(ZeroDivisionError):
        run_in_threads(2, lambda i: 1 // i, range(3))


def test_after_an_error_nothing_new_is_begun():
    begun = []

    def work(number):
        begun.append(number)
        time.sleep(0.01)
        return 1 // number

    with pytest.raises(ZeroDivisionError):
        run_in_threads(2, work, range(100))
    assert len(begun) < 50


@pytest.mark.slow
def test_a_search_in_processes_may_hold_steps_with_threads(faces):
    pipeline = make_pipeline(HOGTransformer(n_jobs=2), SVC())
    grid = {"svc__C": [1, 5]}
    both = GridSearchCV(pipeline, grid, cv=2, n_jobs=2).fit(faces.images, faces.target)
    pipeline.set_params(hogtransformer__n_jobs=None)
    one = GridSearchCV(pipeline, grid, cv=2).fit(faces.images, faces.target)
    np.testing.assert_array_equal(
        both.cv_results_["mean_test_score"], one.cv_results_["mean_test_score"]
    )

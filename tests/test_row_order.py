import numpy as np
import pytest

from skfer import _row_order
from skfer._row_order import shuffle_rows


def test_up_to_a_million_any_order_may_come():
    order = shuffle_rows(1000, np.random.default_rng(3))
    assert np.array_equal(order, np.random.default_rng(3).permutation(1000))


@pytest.mark.parametrize("n", [101, 1000, 1024])
def test_beyond_it_neighbours_stay_near_each_other(monkeypatch, n):
    monkeypatch.setattr(_row_order, "_MOST", 100)
    monkeypatch.setattr(_row_order, "_RUN", 8)
    monkeypatch.setattr(_row_order, "_WINDOW", 64)
    order = shuffle_rows(n, np.random.default_rng(0))
    assert np.array_equal(np.sort(order), np.arange(n))
    for begin in range(0, n - 64, 64):
        # 64 samples of any order would come from most of the runs.
        runs = np.unique(order[begin : begin + 64] // 8)
        assert len(runs) <= 10
    assert not np.array_equal(order[:8] // 8, np.repeat(order[0] // 8, 8))
    again = shuffle_rows(n, np.random.default_rng(0))
    assert np.array_equal(order, again)
    assert not np.array_equal(order, shuffle_rows(n, np.random.default_rng(1)))


def test_a_large_order_is_a_permutation():
    n = (1 << 20) + 77
    order = shuffle_rows(n, np.random.default_rng(0))
    assert np.array_equal(np.sort(order), np.arange(n))

import pytest

from benchmarks.killed import compute_and_kill

N = 12_000


@pytest.mark.slow
def test_features_of_a_process_that_is_killed_three_times_are_the_same(tmp_path):
    kept, are_equal = compute_and_kill(tmp_path, N)
    assert 0 < kept[0] < kept[1] < kept[2] < N
    assert are_equal

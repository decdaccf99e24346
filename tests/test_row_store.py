import errno
import multiprocessing
import os
import threading
import time
from hashlib import blake2b
from types import SimpleNamespace

import numpy as np
import pytest
from filelock import FileLock
from hypothesis import given, settings
from hypothesis import strategies as st

from skfer import _row_store
from skfer._row_store import RowStore


def make_keys(numbers):
    digests = [blake2b(bytes([n % 251, n // 251]), digest_size=16) for n in numbers]
    return np.array([digest.digest() for digest in digests], dtype="S16")


def make_rows(numbers):
    numbers = np.asarray(numbers)
    return np.stack([numbers, numbers + 1, numbers // 7], axis=1).astype(np.uint16)


def open_store(folder):
    return RowStore(folder, (3,), np.uint16, {"kind": "numbers"})


def fill(store, numbers, bad=()):
    """Fill, and return the rows, and which numbers were made."""
    made = []

    def make(places):
        made.extend(numbers[place] for place in places)
        rows = make_rows([numbers[place] for place in places])
        return rows, ~np.isin([numbers[place] for place in places], bad)

    places = store.fill(make_keys(numbers), make)
    return places, made


def check(store, numbers, places):
    rows = store.open(places.max() + 1)
    assert np.array_equal(rows[places], make_rows(numbers))


@settings(max_examples=40, deadline=None)
@given(
    fills=st.lists(st.lists(st.integers(0, 60), min_size=1), min_size=1, max_size=4),
    block=st.integers(1, 20),
)
def test_every_row_is_made_once_and_found_under_its_key(fills, block, tmp_path_factory):
    folder = tmp_path_factory.mktemp("store")
    there = set()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_row_store, "_LARGEST_BLOCK", block)
        for numbers in fills:
            store = open_store(folder)
            places, made = fill(store, numbers)
            assert sorted(made) == sorted(set(numbers) - there)
            there |= set(numbers)
            check(store, numbers, places)
    assert store.path.stat().st_size == len(there) * 6
    assert not [*store.folder.glob("?" * 16 + ".lock")]


def test_rows_that_can_not_be_made_are_tried_again(tmp_path):
    store = open_store(tmp_path)
    places, _ = fill(store, [1, 2, 3], bad=[2])
    assert places.tolist() == [0, -1, 1]
    places, made = fill(store, [1, 2, 3])
    assert made == [2] and places.tolist() == [0, 2, 1]
    check(store, [1, 2, 3], places)


def test_other_parameters_are_another_store(tmp_path):
    stores = [
        RowStore(tmp_path, shape, dtype, made_with)
        for shape in ((3,), (3, 1))
        for dtype in (np.uint16, np.int16)
        for made_with in ({"size": (3,)}, {"size": [3]}, {"mode": (3,)})
    ]
    assert len({store.folder for store in stores}) == 12
    places, _ = fill(stores[0], [1])
    assert places.tolist() == [0] and "'size': '(3,)'" in str(
        eval((stores[0].folder / "about.json").read_text())
    )


@pytest.mark.parametrize(("n_rows", "n_keys"), [(5, 0), (0, 5), (11, 7), (60, 25)])
def test_what_a_killed_process_leaves_is_overwritten(tmp_path, n_rows, n_keys):
    """Rows are written before their keys; either may be cut off anywhere."""
    store = open_store(tmp_path)
    fill(store, [1, 2, 3])
    with store.path.open("ab") as file:
        file.write(b"\xff" * n_rows)
    with (store.folder / "keys.bin").open("ab") as file:
        file.write(b"\xff" * min(n_keys, 19))
    places, made = fill(store, [1, 2, 3, 4, 5])
    assert made == [4, 5]
    check(store, [1, 2, 3, 4, 5], places)
    assert store.path.stat().st_size == 30


def test_rows_that_were_cut_off_are_made_again(tmp_path):
    store = open_store(tmp_path)
    fill(store, [1, 2, 3])
    os.truncate(store.path, 13)
    places, made = fill(store, [1, 2, 3])
    assert made == [3]
    check(store, [1, 2, 3], places)


def test_damage_is_found(tmp_path):
    store = open_store(tmp_path)
    fill(store, [1, 2, 3])
    content = bytearray(store.path.read_bytes())
    content[7] ^= 1
    store.path.write_bytes(content)
    with pytest.raises(ValueError, match="is damaged: row 1 is not") as error:
        fill(store, [1])
    assert f"{store.folder}" in str(error.value) and "Delete" in str(error.value)


@pytest.mark.parametrize("fails_at", [1, 2])
def test_a_full_disk_leaves_a_store_that_goes_on(tmp_path, monkeypatch, fails_at):
    store = open_store(tmp_path)
    fill(store, [1, 2, 3])
    calls = []

    def fsync(number):
        calls.append(number)
        if len(calls) == fails_at:
            raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fsync)
        with pytest.raises(OSError, match="Its 3 rows are kept") as error:
            fill(store, [3, 4, 5])
    assert error.value.errno == errno.ENOSPC
    assert error.value.filename == str(store.folder)
    assert store.path.stat().st_size == 18
    places, made = fill(store, [3, 4, 5])
    assert made == [4, 5]
    check(store, [3, 4, 5], places)


def test_room_is_checked_before_any_work(tmp_path, monkeypatch):
    fill(open_store(tmp_path), [1, 2, 3])
    small = RowStore(tmp_path, (3,), np.uint16, {}, max_bytes=78 + 6 * 2)
    with pytest.raises(ValueError, match="needs 1.8e-08 GB more, has 7.8e-08 GB"):
        fill(small, [1, 2, 3])
    assert fill(small, [1, 2])[1] == [1, 2]
    # What is there needs no room.
    assert fill(small, [1, 2])[1] == []
    monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=5))
    with pytest.raises(OSError, match="the disk has 5e-09 GB. Free some") as error:
        fill(open_store(tmp_path), [4])
    assert error.value.errno == errno.ENOSPC


def test_a_folder_that_can_not_be_made_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match="cache_dir .* can't be created"):
        fill(open_store(tmp_path / "file"), [1])


def test_what_is_there_is_read_from_a_folder_that_can_not_be_written(
    tmp_path, monkeypatch
):
    fill(open_store(tmp_path), [1, 2])
    monkeypatch.setattr("os.access", lambda path, mode: False)
    assert fill(open_store(tmp_path), [2, 1])[0].tolist() == [1, 0]
    with pytest.raises(ValueError, match="cache_dir .* can't be created"):
        fill(open_store(tmp_path), [3])


def _fill_in_process(folder, numbers, start, results):
    _row_store._LARGEST_BLOCK = 50
    start.wait()
    results.put(fill(open_store(folder), numbers))


def test_processes_share_the_work_and_tear_nothing(tmp_path):
    context = multiprocessing.get_context("spawn")
    start, results = context.Event(), context.Queue()
    numbers = list(range(5000))
    processes = [
        context.Process(target=_fill_in_process, args=(tmp_path, part, start, results))
        for part in (numbers, numbers, numbers[::-1])
    ]
    for process in processes:
        process.start()
    start.set()
    filled = [results.get(timeout=100) for _ in processes]
    for process in processes:
        process.join()
    store = open_store(tmp_path)
    places, made = fill(store, numbers)
    assert not made
    check(store, numbers, places)
    assert store.path.stat().st_size == 6 * len(numbers)
    assert {number for _, part in filled for number in part} == set(numbers)
    for found, _ in filled:
        assert np.array_equal(np.sort(found), np.arange(5000))


def test_waiting_for_another_process_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(_row_store, "_PATIENCE", 0.01)
    store = open_store(tmp_path)
    store.folder.mkdir()
    held = threading.Event()

    def hold():
        with FileLock(store._lock_of(make_keys([1, 2])).lock_file):
            held.set()
            time.sleep(0.3)

    other = threading.Thread(target=hold)
    other.start()
    held.wait()
    with pytest.warns(UserWarning, match="Waiting for another process"):
        places, made = fill(store, [1, 2])
    other.join()
    assert made == [1, 2]
    check(store, [1, 2], places)

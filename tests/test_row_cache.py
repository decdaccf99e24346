import os
import zipfile
from pathlib import Path

import numpy as np
import pytest

from skfer._row_cache import keep_rows, make_keys


def keep(folder, paths, **options):
    """Return the images, and how many were made; each file holds one byte."""
    made = []

    def make(places):
        made.extend(places)
        images = np.zeros((len(places), 2, 2), dtype=np.uint8)
        is_good = np.ones(len(places), dtype=bool)
        for row, place in enumerate(places):
            try:
                images[row] = read(paths[place])
            except OSError:
                is_good[row] = False
        return images, is_good

    options = {"made_with": {}, "row_shape": (2, 2), **options}
    images, bad = keep_rows(folder / "cache", make_keys(paths), make, **options)
    return np.asarray(images)[:, 0, 0].tolist(), len(made), bad.tolist()


def read(path):
    archive, _, member = str(path).partition(".zip/")
    if member:
        with zipfile.ZipFile(f"{archive}.zip") as opened:
            return opened.read(member)[0]
    return Path(path).read_bytes()[0]


@pytest.fixture
def paths(tmp_path):
    paths = [tmp_path / f"{value}.png" for value in range(5)]
    for value, path in enumerate(paths):
        path.write_bytes(bytes([value]))
    return paths


def test_only_files_that_changed_are_read_again(tmp_path, paths):
    assert keep(tmp_path, paths) == ([0, 1, 2, 3, 4], 5, [])
    assert keep(tmp_path, paths[::-1] + paths[:2]) == ([4, 3, 2, 1, 0, 0, 1], 0, [])
    paths[1].write_bytes(b"\x09\x09")
    os.utime(paths[2], ns=(1, 1))
    assert keep(tmp_path, paths) == ([0, 9, 2, 3, 4], 2, [])
    # Another file of the same size and time.
    other = tmp_path / "other.png"
    other.write_bytes(b"\x07")
    os.utime(other, ns=(1, 1))
    assert keep(tmp_path, [other, paths[2]]) == ([7, 2], 1, [])
    assert keep(tmp_path, paths, made_with={"size": 3})[1] == 5


def test_a_file_that_is_gone_is_not_taken_from_the_cache(tmp_path, paths):
    keep(tmp_path, paths)
    content = paths[3].read_bytes()
    paths[3].unlink()
    assert keep(tmp_path, paths) == ([0, 1, 2, 0, 4], 1, [3])
    assert keep(tmp_path, paths) == ([0, 1, 2, 0, 4], 1, [3])
    paths[3].write_bytes(content)
    assert keep(tmp_path, paths)[::2] == ([0, 1, 2, 3, 4], [])


def test_relative_paths_are_those_of_now(tmp_path, paths, monkeypatch):
    keep(tmp_path, paths)
    monkeypatch.chdir(tmp_path)
    assert keep(tmp_path, ["2.png", "0.png"]) == ([2, 0], 0, [])


def test_files_in_an_archive_change_with_it(tmp_path):
    archive = tmp_path / "faces.zip"

    def write(values):
        with zipfile.ZipFile(archive, "w") as opened:
            for name, value in values.items():
                opened.writestr(name, bytes([value]))

    write({"happy/a.png": 1, "sad/b.png": 2})
    inside = [f"{archive}/happy/a.png", f"{archive}/sad/b.png"]
    assert keep(tmp_path, inside) == ([1, 2], 2, [])
    assert keep(tmp_path, inside) == ([1, 2], 0, [])
    write({"happy/a.png": 3, "sad/b.png": 2, "sad/c.png": 2})
    assert keep(tmp_path, inside) == ([3, 2], 2, [])


def test_frames_change_with_their_video(tmp_path):
    video = tmp_path / "a.mp4"
    video.write_bytes(b"video")
    frames = [f"{video}#t=0.500", f"{video}#t=1.500"]
    made = []

    def make(places):
        made.extend(places)
        return np.full((len(places), 1, 1), 7, np.uint8), np.ones(len(places), bool)

    for content, n_made in ((b"video", 2), (b"video", 2), (b"longer video", 4)):
        if video.read_bytes() != content:
            video.write_bytes(content)
        keys = make_keys(frames)
        keep_rows(tmp_path / "c", keys, make, row_shape=(1, 1), made_with={})
        assert len(made) == n_made


def test_images_are_known_by_their_pixels():
    image = np.arange(6, dtype=np.uint8).reshape(2, 3)
    same = make_keys([image, image[:, ::-1][:, ::-1], image.tolist()])
    assert same[0] == same[1]
    other = [image.T, image.reshape(3, 2), image.astype(np.uint16), image + 1]
    assert len({same[0], *make_keys(other)}) == 5
    assert make_keys(np.stack([image, image + 1]))[0] == same[0]


def test_the_cache_is_bounded(tmp_path, paths):
    with pytest.raises(ValueError, match="Allow more with cache_gb"):
        keep(tmp_path, paths, cache_gb=1e-9)
    assert keep(tmp_path, paths, cache_gb=1e-6)[1] == 5

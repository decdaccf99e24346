"""Every file and every frame is a row, in order."""

import zipfile
from pathlib import Path

import numpy as np
import pytest

from skfer.prediction import classify_images, list_pictures
from tests.conftest import write_image_folder
from tests.datasets.test_read_video import shades, write_video


@pytest.fixture
def folder(tmp_path, two_classes):
    root = tmp_path / "holiday"
    write_image_folder(root, two_classes.images[:4], two_classes.target[:4])
    (root / "notes.txt").write_text("not a picture")
    (root / ".hidden").write_text("nor this")
    return root


def test_a_folder_is_listed_with_all_that_is_inside(folder):
    names = [Path(path).name for path in list_pictures(folder).paths]
    expected = sorted(path for path in folder.rglob("*") if path.is_file())
    assert names == [p.name for p in expected if p.name != ".hidden"]


def test_paths_keep_their_order(folder, tmp_path, two_classes):
    archive = tmp_path / "more.zip"
    inside = sorted(folder.rglob("*.png"))
    with zipfile.ZipFile(archive, "w") as target:
        for path in inside[:2]:
            target.write(path, path.name)
    one = str(inside[-1])
    listed = list_pictures([one, archive, one]).paths
    assert [Path(path).name for path in listed] == [
        Path(one).name, *(path.name for path in inside[:2]), Path(one).name
    ]  # fmt: skip
    assert listed[1] == f"{archive}/{inside[0].name}"


def test_videos_become_frames_between_pictures(folder, tmp_path):
    video = write_video(tmp_path / "party.mp4", shades(20), rate=10)
    picture = str(next(folder.rglob("*.png")))
    table = list_pictures([picture, video, picture], every=0.5)
    assert table.video.tolist() == ["", *[str(video)] * 4, ""]
    assert table.frame_number.tolist() == [-1, 0, 5, 10, 15, -1]
    assert np.isnan(table.seconds[[0, -1]]).all()
    assert table.seconds[1:-1].tolist() == [0.0, 0.5, 1.0, 1.5]
    assert len(list_pictures(video, every=None)) == 20


def test_a_damaged_video_is_a_row_that_says_so(folder, fitted_hog_svm):
    (folder / "party.mp4").write_bytes(b"no video")
    table = list_pictures(folder)
    assert len(table) == 6
    results = classify_images(fitted_hog_svm, table)
    statuses = {Path(path).name: status for path, status in
                zip(table.paths, results.status, strict=True)}  # fmt: skip
    assert "it is no video, or damaged" in statuses["party.mp4#t=0.000000"]
    assert "holds text" in statuses["notes.txt"]
    assert list(statuses.values()).count("") == 4


def test_what_is_not_there_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError, match="no file or folder .*missing.*looked"):
        list_pictures(tmp_path / "missing.png")
    with pytest.raises(ValueError, match="found no files in"):
        list_pictures(tmp_path)
    with pytest.raises(ValueError, match="found no files in nothing"):
        list_pictures([])

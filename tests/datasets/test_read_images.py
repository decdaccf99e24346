"""Whatever people have, recognised by what it is."""

import shutil
import zipfile

import numpy as np
import pytest
from PIL import Image

from skfer.datasets import read_images
from tests.datasets.test_fer2013 import write_csv
from tests.datasets.test_read_video import write_video


@pytest.fixture
def pictures(tmp_path):
    """Six pictures, by the names that a layout gives them."""

    def plant(root, names):
        for number, name in enumerate(names):
            path = tmp_path / root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(np.full((9, 8), number * 9, np.uint8)).save(path)
        return tmp_path / root

    return plant


LAYOUTS = {
    "classes": ["happy/1.png", "happy/2.png", "sad/1.png"],
    "parts": ["train/happy/1.png", "train/sad/1.png", "test/happy/1.png",
              "test/sad/1.png"],
    "people": ["S1/happy/1.png", "S1/sad/1.png", "S2/happy/1.png", "S2/sad/1.png"],
    "parts and people": ["train/S1/happy/1.png", "train/S2/sad/1.png",
                         "test/S3/happy/1.png", "test/S4/sad/1.png"],
}  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("packed", [False, True])
def test_folders_and_archives(pictures, tmp_path, layout, packed):
    root = pictures("photos", LAYOUTS[layout])
    if packed:
        shutil.make_archive(str(tmp_path / "packed"), "zip", root)
        root = tmp_path / "packed.zip"
    table = read_images(root)
    assert set(table.target) == {"happy", "sad"}
    assert (table.split is not None) == layout.startswith("parts")
    assert (table.groups is not None) == layout.endswith("people")
    assert len(table) == len(LAYOUTS[layout])


def test_a_table_of_labels_and_its_folder(pictures):
    root = pictures("photos", ["1.png", "2.png"])
    (root / "labels.csv").write_text("file,label,age\n1.png,a,3\n2.png,b,4\n")
    alone, beside = (
        read_images(root / "labels.csv"),
        read_images(root, csv="labels.csv"),
    )
    assert alone.target.tolist() == beside.target.tolist() == ["a", "b"]
    assert alone.age.tolist() == ["3", "4"]
    with pytest.raises(ValueError, match="and csv='labels.csv' as well"):
        read_images(root / "labels.csv", csv="labels.csv")


@pytest.mark.parametrize("form", ["csv", "other name", "folder", "zip"])
@pytest.mark.filterwarnings("ignore:FER-2013 has known problems")
def test_fer2013(tmp_path, form):
    path = write_csv(tmp_path / "in" / "fer2013.csv")
    if form == "other name":
        path = path.rename(path.with_name("pixels.csv"))
    if form == "folder":
        path = path.parent
    if form == "zip":
        with zipfile.ZipFile(tmp_path / "fer.zip", "w") as archive:
            archive.write(path, "fer2013.csv")
        path = tmp_path / "fer.zip"
    table = read_images(path)
    assert table.images.shape == (14, 48, 48)
    assert set(table.split) == {"train", "validation", "test"}
    with pytest.raises(ValueError, match="FER-2013 does not say who"):
        read_images(path, groups="x")


def test_options_reach_the_reader(pictures):
    root = pictures("photos", [*LAYOUTS["people"], "S2/sad/broken.png"])
    (root / "S2" / "sad" / "broken.png").write_text("no picture")
    table = read_images(
        root, layout="subject/class", groups="parent", on_error="keep", check="pixels",
        fold_case=True,
    )  # fmt: skip
    assert "holds text" in table.status[-2] + table.status[-1]
    assert table._fingerprints is not None
    assert table.groups[0] == "S1/happy"
    assert len(table) == 5


@pytest.mark.parametrize("path", ["none", "none.csv", ""])
def test_what_is_not_there(tmp_path, path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError, match="^read_images"):
        read_images(path)


def test_what_only_looks_like_fer2013(pictures):
    root = pictures("photos", [*LAYOUTS["classes"], "1.png", "2.png"])
    (root / "labels.csv").write_text("file,label,pixels\n1.png,a,72\n2.png,b,72\n")
    with pytest.warns(UserWarning, match="without a row"):
        assert len(read_images(root / "labels.csv")) == 2
    write_csv(root / "happy" / "deep" / "fer2013.csv")
    with pytest.warns(UserWarning, match="outside of class folders"):
        assert len(read_images(root)) == 3


@pytest.mark.parametrize(
    "options, message",
    [
        ({"on_error": "ignore"}, "on_error='ignore'"),
        ({"check": "all"}, "check='all'"),
        ({"fold_case": True}, "videos have no classes"),
    ],
)
def test_options_are_checked_for_videos_too(tmp_path, options, message):
    video = write_video(tmp_path / "video.mp4", [np.zeros((48, 48), np.uint8)] * 5)
    with pytest.raises(ValueError, match=message):
        read_images(video, **options)


def test_groups_of_videos_see_the_folders_below(tmp_path):
    for person in ("anna", "ben"):
        (tmp_path / person).mkdir()
        write_video(tmp_path / person / "1.mp4", [np.zeros((48, 48), np.uint8)] * 5)
    table = read_images(tmp_path, groups="parent")
    assert set(table.groups.tolist()) == {"anna", "ben"}

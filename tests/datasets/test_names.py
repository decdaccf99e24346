"""Images are named from the folder that holds all of them."""

from pathlib import Path

import numpy as np
import pytest

from skfer.datasets import ImageTable
from skfer.datasets._names import find_folder, name_folder, name_images


@pytest.mark.parametrize(
    ("files", "folder"),
    [
        (["/a/b/c/1.png", "/a/b/d/2.png"], "/a/b"),
        (["/a/bc/1.png", "/a/bd/2.png"], "/a"),
        (["/a/1.png"], "/a"),
        (["x/1.png", "x/y/2.png"], "x"),
        (["1.png", "y/2.png"], ""),
        (["/a/1.png", "y/2.png"], ""),
        ([], ""),
    ],
)
def test_the_folder(files, folder):
    assert Path(find_folder(files)) == Path(folder)


def test_names_lead_to_the_files():
    files = ["/a/b/c/1.png", "/a/b/d/c/1.png"]
    names = name_images(ImageTable(files))
    assert [Path("/a/b", name) for name in names] == [Path(file) for file in files]
    assert len(set(names)) == 2
    assert name_images(ImageTable(np.zeros((2, 4, 4), np.uint8))) == ["row 0", "row 1"]


def test_commands_name_what_was_read(tmp_path):
    folder = tmp_path / "my FOLDER"
    folder.mkdir()
    files = [str(folder / "a" / "1.png")]
    read = ImageTable(files, origin=f"{folder}/")
    command = "skfer clean FOLDER FOLDER-clean --faces"
    assert name_folder(command, read) == (
        f"skfer clean '{folder}' '{folder}-clean' --faces"
    )


def test_the_common_folder_of_several_sources_is_not_named(tmp_path):
    """It may be the home folder, or the root."""
    tables = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        path = str(tmp_path / name)
        tables.append(ImageTable([f"{path}/1.png"], origin=path))
    both = ImageTable.concatenate(tables)
    for table in (both, ImageTable(np.zeros((1, 4, 4), np.uint8))):
        assert name_folder("skfer clean FOLDER", table) == "skfer clean FOLDER"

"""Images are named from the folder that holds all of them."""

from pathlib import Path

import numpy as np
import pytest

from skfer.datasets import ImageTable
from skfer.datasets._names import find_folder, name_images


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

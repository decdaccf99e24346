import errno
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image

from skfer import make_cnn, make_hog_svm
from skfer.inspection import _save_comparison, save_comparison
from skfer.model_selection import compare_pipelines
from tests.conftest import TINY_NETWORK

FILES = ["comparison.csv", "confusion_hog.png", "confusion_net.png", "training_net.png"]


@pytest.fixture(scope="module")
def comparison(faces):
    return compare_pipelines(
        {"hog": make_hog_svm(), "net": make_cnn(**TINY_NETWORK)},
        faces.images,
        faces.target,
        cv=[(np.arange(100), np.arange(100, 140))],
        return_estimator=True,
    )


def test_files(comparison, tmp_path):
    paths = save_comparison(comparison, tmp_path / "new" / "folder")
    assert [path.name for path in paths] == FILES
    assert sorted(p.name for p in (tmp_path / "new" / "folder").iterdir()) == FILES
    for path in paths[1:]:
        with Image.open(path) as image:
            assert min(image.size) > 300


def test_older_files_are_replaced(comparison, tmp_path):
    (tmp_path / "comparison.csv").write_text("old")
    (tmp_path / "notes.txt").write_text("mine")
    save_comparison(comparison, tmp_path)
    assert (tmp_path / "comparison.csv").read_text().startswith("model,")
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_an_error_leaves_nothing_half_written(comparison, tmp_path, monkeypatch):
    (tmp_path / "comparison.csv").write_text("old")

    def fail(path, content):
        if path.suffix == ".png" and write(path, content[:100]) and len(seen) == 2:
            raise OSError(errno.ENOSPC, "No space left")
        seen.append(write(path, content))

    seen, write = [], Path.write_bytes
    monkeypatch.setattr(Path, "write_bytes", fail)
    with pytest.raises(OSError, match="No space left"):
        save_comparison(comparison, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["comparison.csv"]
    assert (tmp_path / "comparison.csv").read_text() == "old"


def test_letters_that_no_font_has_are_numbers(monkeypatch):
    """Not boxes, of which one looks like the other."""
    monkeypatch.setitem(mpl.rcParams, "font.family", ["DejaVu Sans"])
    with pytest.warns(UserWarning, match="'DejaVu Sans'.* lack '\u4e50\u5feb'"):
        assert _save_comparison._spell("\u5feb\u4e50!") == r"\u5feb\u4e50!"
    names = [
        "\u0433\u0440\u0443\u0441\u0442\u044c",
        "\u0641\u0631\u062d",
        "fr\u00f6hlich",
    ]
    assert [_save_comparison._spell(name) for name in names] == names
    assert _save_comparison._spell("$x$") == r"\$x\$"

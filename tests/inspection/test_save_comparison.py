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

    def fail(figure, path):
        if path.name.startswith("training"):
            path.write_bytes(b"half")
            raise OSError("disk full")
        save(figure, path)

    save = _save_comparison._save_figure
    monkeypatch.setattr(_save_comparison, "_save_figure", fail)
    with pytest.raises(OSError, match="disk full"):
        save_comparison(comparison, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["comparison.csv"]
    assert (tmp_path / "comparison.csv").read_text() == "old"

"""What the tests of all commands share."""

import csv

import numpy as np
import pytest

from skfer.datasets import make_faces
from tests.conftest import write_image_folder


@pytest.fixture
def in_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def printed(capsys):
    """What was printed, without the line breaks of a narrow terminal."""
    return " ".join(capsys.readouterr().out.split())


def rows_of(folder):
    with (folder / "comparison.csv").open() as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def audited(tmp_path_factory):
    """Ten people in train, of whom two pictures lie in test again."""
    root = tmp_path_factory.mktemp("audited")
    faces = make_faces(24, n_subjects=24, classes=["happy"], random_state=0)
    target = np.array(["happy", "sad"] * 12)
    write_image_folder(root / "train", faces.images[:20], target[:20])
    write_image_folder(root / "clean", faces.images[20:], target[20:])
    write_image_folder(root / "test", faces.images[[18, 19, 20, 21]], target[:4])
    return root

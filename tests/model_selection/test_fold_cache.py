"""A comparison goes on where it was stopped, and no file can spoil it."""

import errno
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import StratifiedKFold
from sklearn.naive_bayes import GaussianNB

from skfer import make_hog_svm
from skfer.datasets import ImageTable, find_copies, make_faces
from skfer.model_selection import compare_pipelines
from skfer.model_selection._compare_pipelines import _describe

ONE = [(np.arange(100), np.arange(100, 140))]


@pytest.fixture(scope="module")
def faces():
    drawn = make_faces(180, n_subjects=30, random_state=0)
    return drawn[np.unique(find_copies(drawn), return_index=True)[1]][:140]


class Failing(ClassifierMixin, BaseEstimator):
    """Works only when it is told to."""

    works = False

    def fit(self, X, y):
        if not type(self).works:
            raise RuntimeError("interrupted")
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.full(len(X), self.classes_[0])


@pytest.mark.slow
def test_an_interrupted_comparison_goes_on(faces, tmp_path, monkeypatch):
    pipelines = {"nb": make_hog_svm(), "last": Failing()}
    arguments = pipelines, faces.images, faces.target
    options = {"cv": StratifiedKFold(2), "cache": tmp_path / "cache"}
    with pytest.raises(RuntimeError, match="interrupted"):
        compare_pipelines(*arguments, **options)
    monkeypatch.setattr(Failing, "works", True)
    done = {file.name for file in (tmp_path / "cache").glob("*.joblib")}
    assert {name.split("-")[0] for name in done} == {"nb"}
    begun = compare_pipelines(*arguments, **options)

    def refuse(self, X, y):
        raise AssertionError("fitted again")

    monkeypatch.setattr(Failing, "fit", refuse)
    again = compare_pipelines(*arguments, **options)
    for name, score in begun.scores.items():
        # Only the size of a pickle differs, when it is made of a loaded one.
        assert again.scores[name] == score
    other = dict(options, scoring="f1_macro")
    with pytest.raises(AssertionError, match="fitted again"):
        compare_pipelines(*arguments, **other)


def spoil(folder):
    """Empty one, cut one, change a bit of one, and put a folder in place of one."""
    for place, file in enumerate(sorted(folder.glob("*.joblib"))):
        content = bytearray(file.read_bytes())
        middle = len(content) // 2
        if place == 2:
            content[middle] ^= 1
        file.write_bytes([b"", content[:middle], content, content][place % 4])
        if place == 3:
            file.unlink()
            file.mkdir()


def test_a_damaged_or_full_cache_costs_no_fit(faces, tmp_path, monkeypatch):
    models = {"nb": GaussianNB(), "again": GaussianNB()}
    X, y = faces.images.reshape(len(faces.target), -1), faces.target
    options = {"cv": StratifiedKFold(2), "cache": tmp_path / "cache"}
    predicted = compare_pipelines(models, X, y, **options).predictions
    spoil(tmp_path / "cache")
    with pytest.warns(UserWarning) as seen:
        again = compare_pipelines(models, X, y, **options)
    said = [str(warning.message) for warning in seen]
    assert sum("fits that model again" in one for one in said) == 6
    assert sum("goes on without its cache" in one for one in said) == 1
    for name, answers in predicted.items():
        np.testing.assert_array_equal(again.predictions[name], answers)

    def refuse(path, content):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", refuse)
    options["cache"] = tmp_path / "full"
    with pytest.warns(UserWarning, match="goes on without its cache .*No space left"):
        full = compare_pipelines(models, X, y, **options)
    np.testing.assert_array_equal(full.predictions["nb"], predicted["nb"])
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match="cache .*file can't be created"):
        compare_pipelines(models, X, y, cache=tmp_path / "file")


def test_files_that_changed_are_not_taken_from_the_cache(faces, tmp_path):
    paths = []
    for number, image in enumerate(faces.images):
        paths.append(tmp_path / f"{number}.png")
        Image.fromarray(image).save(paths[-1])
    pipelines = {"hog": make_hog_svm(image_size=24)}
    folder = tmp_path / "cache"

    def score():
        done = compare_pipelines(pipelines, paths, faces.target, cv=ONE, cache=folder)
        return done.fold_scores["hog"][0]

    before = score()
    assert score() == before
    rng = np.random.default_rng(0)
    for path in paths:
        Image.fromarray(rng.integers(0, 256, (48, 48), dtype=np.uint8)).save(path)
    assert score() < before


def test_a_video_that_was_changed_is_another_one(tmp_path):
    video = tmp_path / "video.mp4"
    described = []
    for content in (b"one", b"other"):
        video.write_bytes(content)
        table = ImageTable([f"{video}#t=1.500"], ["happy"])
        described.append(_describe(table, {}))
    assert described[0] != described[1]

"""The FER-2013 benchmark, on drawn faces in the same folders."""

import json
import shutil

import joblib
import numpy as np
import pytest
from sklearn.dummy import DummyClassifier

from benchmarks import fer2013, readme
from tests.neural.test_checkpoint import Kill


@pytest.fixture
def data(face_folder, tmp_path):
    """Train and validation folders; one image of each class is in both."""
    shutil.copytree(face_folder, tmp_path / "train")
    for folder in sorted((tmp_path / "train").iterdir()):
        aside = tmp_path / "validation" / folder.name
        aside.mkdir(parents=True)
        files = sorted(folder.iterdir())
        for file in files[:3]:
            shutil.move(file, aside / file.name)
        shutil.copy(files[3], aside / "copy.png")
    return tmp_path


def run(data, capsys, *arguments):
    output = data / "results"
    fer2013.main(["--data", str(data), "--output", str(output), *arguments])
    lines = (output / "results.jsonl").read_text().splitlines()
    return json.loads(lines[-1]), capsys.readouterr().out


@pytest.mark.parametrize("preset", ["hog-svm", "lbp-svm"])
def test_pipelines(data, capsys, preset):
    result, printed = run(data, capsys, "--preset", preset)
    n_classes = len(list((data / "train").iterdir()))
    assert result["n_test"] == 4 * n_classes
    n_copies, what = result["copies"].split()
    assert int(n_copies) >= n_classes
    assert what == "kept"
    assert len(result["recall"]) == n_classes
    assert "accuracy: " in printed


def test_copies_are_dropped_from_training(data, capsys):
    kept, _ = run(data, capsys, "--preset", "hog-svm")
    result, _ = run(data, capsys, "--preset", "hog-svm", "--drop-copies")
    n_copies = int(result["copies"].removesuffix(" removed"))
    assert result["n_train"] == kept["n_train"] - n_copies
    assert result["n_test"] == kept["n_test"]


@pytest.mark.parametrize("seconds", ["1.0", "1.0 since it was resumed"])
def test_seconds_of_a_part_are_not_recorded(data, capsys, monkeypatch, seconds):
    monkeypatch.setattr(readme, "RESULTS", data / "results.json")
    monkeypatch.setattr(
        fer2013,
        "_train",
        lambda _, __, X, y: (DummyClassifier().fit(X, y), seconds),
    )
    _, printed = run(data, capsys, "--preset", "default", "--drop-copies", "--record")
    recorded = json.loads(readme.RESULTS.read_text())
    figures = recorded["fer2013, default, copies removed"]
    assert figures["command"].endswith("--preset default --drop-copies --record")
    assert ("fit_seconds" in figures) == (seconds == "1.0")
    assert ("not kept" in printed) == (seconds != "1.0")


@pytest.mark.slow
def test_networks_log_epochs_and_go_on(data, capsys, monkeypatch):
    make = fer2013._make

    def make_mortal(chosen, folder):
        model = make(chosen, folder)
        return model.set_params(callbacks=[*model.callbacks, Kill(1)])

    monkeypatch.setattr(fer2013, "_make", make_mortal)
    options = ["--preset", "fast", "--set", "epochs=2", "filters=(4, 8)"]
    with pytest.raises(KeyboardInterrupt):
        run(data, capsys, *options)
    assert "epoch 1: " in capsys.readouterr().out
    monkeypatch.setattr(fer2013, "_make", make)
    result, printed = run(data, capsys, *options)
    assert (result["seed"], result["epochs"]) == (0, 2)
    assert result["fit_seconds"].endswith("since it was resumed")
    assert "epoch 1: " not in printed
    assert "epoch 2: " in printed
    (log,) = data.glob("results/fast_epochs=2_*_seed0/epochs.jsonl")
    assert {"accuracy, flip", "accuracy, ten-crop"} <= result.keys()
    assert result["accuracy"].startswith(result["accuracy, one pass"])
    again, printed = run(data, capsys, *options)
    assert again["fit_seconds"] == result["fit_seconds"]
    assert again["accuracy"] == result["accuracy"]
    assert "epoch 2: " not in printed
    fer2013.main(["--data", str(data), "--average", str(log.parent), str(log.parent)])
    *each, average = capsys.readouterr().out.splitlines()
    assert len(each) == 2
    assert f"'accuracy, flip': '{result['accuracy, flip']}'" in average
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line["epoch"] for line in lines] == [1, 2]
    taught, _ = run(data, capsys, *options, "--teachers", str(log.parent))
    assert taught["teachers"] == [log.parent.name]
    assert len(list(data.glob("results/*_taught-by-1/model.joblib"))) == 1


def test_half_of_what_is_learnt_from_teachers_are_the_labels(tmp_path):
    images, target = np.zeros((4, 2)), np.array(["a", "b", "b", "b"])
    folders = [tmp_path / "first", tmp_path / "second"]
    for folder, answers in zip(folders, (target, ["a", "a", "b", "b"]), strict=True):
        folder.mkdir()
        teacher = DummyClassifier(strategy="prior").fit(images, answers)
        joblib.dump((teacher, "1.0"), folder / "model.joblib")
    learnt = fer2013.ask_teachers(folders, images, target)
    # Three quarters and a half say "b".
    np.testing.assert_allclose(learnt[:, 1], [0.3125, *[0.8125] * 3])
    np.testing.assert_allclose(learnt.sum(axis=1), 1)


def test_scores():
    target = np.array(["a", "a", "b", "b"])
    result = fer2013.score(target, np.array(["a", "b", "b", "b"]))
    assert result["accuracy"].startswith("75.0% (30.1% to 95.4%)")
    assert result["recall"] == {"a": "50.0%", "b": "100.0%"}


def test_a_class_that_is_not_in_the_part_may_be_predicted():
    target = np.array(["a", "a", "b", "b"])
    result = fer2013.score(target, np.array(["a", "c", "b", "b"]))
    assert result["recall"] == {"a": "50.0%", "b": "100.0%"}

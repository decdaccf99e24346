"""The training of the weights that skfer ships, on drawn faces."""

import csv

import joblib
import numpy as np
import pytest
from PIL import Image

from benchmarks import pretrain
from benchmarks._merge_heads import find_temperature, merge_heads
from benchmarks._test_sets import CLASSES, NAMES
from benchmarks._worse_pictures import make_worse
from skfer import CNNClassifier, build_network
from skfer.datasets import make_faces
from skfer.neural._pretrained_classifier import make_fitted
from skfer.neural._weights import read_weights

COLUMNS = [*NAMES, "contempt", "unknown", "NF"]


@pytest.fixture
def data(tmp_path):
    """Drawn faces in the folders of FER-2013, with votes; one face is in both parts."""
    faces = make_faces(70, n_subjects=70, noise=0.1, random_state=0)
    rows = []
    for number, (image, label) in enumerate(
        zip(faces.images, faces.target, strict=True)
    ):
        part = "validation" if number % 5 == 0 else "train"
        prefix = "PublicTest" if part == "validation" else "Training"
        file = tmp_path / "fer" / part / label / f"{prefix}_{number}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(faces.images[5] if number == 6 else image).save(file)
        votes = dict.fromkeys(COLUMNS, 0) | {"fear": 3, "contempt": 1, "unknown": 1}
        if number == 7:
            votes = dict.fromkeys(COLUMNS, 0) | {"NF": 9, "fear": 1}
        rows.append({"file": file.name, **votes})
    with (tmp_path / "votes.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, ["file", *COLUMNS])
        writer.writeheader()
        writer.writerows(rows)
    return tmp_path


@pytest.mark.filterwarnings("ignore:FER-2013 has known", "ignore:.*left out")
def test_train_without_copies_and_without_what_is_no_face(data):
    images, labels, votes = pretrain.read_train(data / "fer", data / "votes.csv")
    # Of 56, the copy of a validation image and the one that is no face are left out.
    assert images.shape == (54, 48, 48)
    np.testing.assert_array_equal(labels.sum(axis=1), 1)
    fear = CLASSES.index("fear")
    np.testing.assert_array_equal(votes, np.eye(7)[[fear] * 54])


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:FER-2013 has known", "ignore:.*left out")
def test_one_network_learns_labels_and_votes(data, capsys):
    arguments = [
        "--data", str(data / "fer"), "--votes", str(data / "votes.csv"),
        "--output", str(data / "out"), "--worse", "1", "--epochs", "4",
        "--set", "filters=(4, 8)", "batch_size=16", "--share", "0.4",
        "--write", str(data / "weights"),
    ]  # fmt: skip
    assert pretrain.main(arguments) == 0
    printed = capsys.readouterr().out
    assert "54 images in 2 versions" in printed
    model, _ = joblib.load(data / "out" / "model.joblib")
    assert model.n_iter_ == 2
    kinds = [name.split()[0] for name in model.classes_]
    assert kinds == ["label"] * 7 + ["vote"] * 7
    faces = make_faces(20, random_state=1)
    shares = model.predict_proba(faces.images)
    assert shares[:, 7:].sum(axis=1).mean() == pytest.approx(0.5, abs=0.25)
    trained = read_weights(data / "weights")
    assert trained.classes == CLASSES
    assert sum(trained.card["prior"].values()) == pytest.approx(1, abs=1e-3)
    assert trained.card["training"]["weight of the votes"] == 0.4
    # All votes of the validation part are for fear.
    assert "weight of the votes: 0.4\n" in printed
    line = next(one for one in trained.card["scores"] if "majority, 14" in one)
    assert line in (data / "weights" / "faces.md").read_text()
    assert pretrain.main(arguments) == 0
    again = capsys.readouterr().out.splitlines()
    assert again == printed.splitlines()[-len(again) :]
    assert not any(line.startswith("epoch") for line in again)
    with pytest.raises(ValueError, match="was trained by .*--seed 0.* not by .*seed 1"):
        pretrain.main([*arguments, "--seed", "1"])


@pytest.mark.slow
def test_merged_outputs_are_the_mean_of_logarithms():
    classes = ["angry", "happy", "sad"]
    faces = make_faces(60, classes=classes, image_size=16, random_state=0)
    names = [f"{kind} {name}" for kind in ("label", "vote") for name in classes]
    model = CNNClassifier((4, 8), epochs=1, random_state=0)
    model.fit(faces.images, np.resize(names, 60))
    both = np.log(model.predict_proba(faces.images).reshape(60, 2, 3))
    logs = (0.3 * both[:, 0] + 0.7 * both[:, 1]) / 2
    expected = np.exp(logs) / np.exp(logs).sum(axis=1, keepdims=True)
    merged = merge_heads(model, classes, 0.7, 2)
    shares = make_fitted(merged).predict_proba(faces.images)
    np.testing.assert_allclose(shares, expected, atol=1e-5)


@pytest.mark.slow
def test_the_temperature_makes_confidence_true():
    faces = make_faces(300, classes=["happy", "sad"], image_size=16, random_state=0)
    wrong = np.random.default_rng(0).random(300) < 0.2
    target = np.where(wrong ^ (faces.target == "happy"), "happy", "sad")
    model = CNNClassifier((8, 16), epochs=15, augment=None, random_state=0)
    model.fit(faces.images, np.char.add("l ", faces.target.astype(str)))
    layers, one = model.model_.get_weights()[:-2], model.model_.get_weights()[-2:]
    wide = build_network((16, 16, 1), 4, filters=(8, 16))
    wide.set_weights([*layers, *(np.concatenate([w, w], axis=-1) for w in one)])
    model._take_over(wide)
    trained = merge_heads(model, ["happy", "sad"], 0.5)
    temperature = find_temperature(trained, faces.images, target)
    calm = merge_heads(model, ["happy", "sad"], 0.5, temperature)
    sure, less = (
        make_fitted(one).predict_proba(faces.images).max(axis=1).mean()
        for one in (trained, calm)
    )
    right = np.mean(make_fitted(calm).predict(faces.images) == target)
    assert less == pytest.approx(right, abs=0.06)
    assert abs(sure - right) > 0.05


def test_worse_pictures_are_pictures_of_the_same_size():
    face = make_faces(1, random_state=0).images[0]
    rng = np.random.default_rng(0)
    worse = np.stack([make_worse(face, rng) for _ in range(100)])
    assert worse.shape == (100, 48, 48)
    assert worse.dtype == np.uint8
    change = np.abs(worse.astype(int) - face).mean(axis=(1, 2))
    assert (change > 3).mean() > 0.5
    # A face can still be seen: it resembles the original more than its negative.
    similar = [np.corrcoef(one.ravel(), face.ravel())[0, 1] for one in worse]
    assert np.median(similar) > 0.5

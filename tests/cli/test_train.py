import json

import numpy as np
import pytest

from skfer.cli import main
from skfer.datasets import make_faces, read_images
from skfer.persistence import load_model, read_card
from tests.cli.conftest import printed
from tests.conftest import write_image_folder
from tests.prediction.test_classify_images import hog


@pytest.fixture(scope="module")
def two_parts(tmp_path_factory):
    """Drawn faces of two classes: to train on, and others."""
    root = tmp_path_factory.mktemp("two")
    for part, seed in (("own", 0), ("others", 1)):
        two = {"classes": ["happy", "sad"], "n_subjects": 80}
        drawn = make_faces(80, noise=0.3, **two, random_state=seed)
        write_image_folder(root / part, drawn.images, drawn.target)
    return root


def train(path, output, *more):
    quick = ("--model", "hog-svm", "--image-size", "24", "--repeats", "1")
    return main(["train", str(path), "-o", str(output), *quick, *more])


def test_a_model_is_trained_tested_and_written(two_parts, tmp_path, capsys):
    path = tmp_path / "smile.skfer"
    assert train(two_parts / "own", path, "--notes", "For a test.") == 0
    said = printed(capsys)
    assert "smile: " in said and "fitted on all 80 pictures after the test" in said
    card = read_card(path)
    assert (card.name, card.notes, card.training["images"]) == (
        "smile", "For a test.", 80
    )  # fmt: skip
    assert card.training["origin"] == "own"  # Not the folders above.
    assert str(two_parts) not in card.to_json()
    assert card.scores["n_images"] == 80 and card.audit is not None
    images = read_images(two_parts / "others").paths
    assert np.allclose(load_model(path).predict_proba(images).sum(axis=1), 1)


def test_the_test_part_of_the_images_is_never_fitted_on(two_parts, tmp_path, capsys):
    root = tmp_path / "parts"
    root.mkdir()
    for name, part in (("train", "own"), ("test", "others")):
        (root / name).symlink_to(two_parts / part)
    path = tmp_path / "smile.skfer"
    assert train(root, path) == 0
    card = read_card(path)
    assert card.training["images"] == 80 and card.scores["n_images"] == 80
    assert card.fitted_on == "It is the model that was tested."
    assert main(["evaluate", str(path), str(root / "test")]) == 0
    assert "The model was fitted on none of them" in printed(capsys)
    assert train(root, path, "--no-test", "--overwrite") == 0
    assert read_card(path).training["images"] == 80
    assert main(["evaluate", str(path), str(root / "test")]) == 0
    assert "The model was fitted on none of them" in printed(capsys)


def test_it_can_be_left_untested_and_may_answer_unknown(two_parts, tmp_path, capsys):
    path = tmp_path / "smile.skfer"
    assert train(two_parts / "own", path, "--no-test", "--threshold", "0.99") == 0
    assert "not tested. skfer evaluate tests it" in printed(capsys)
    card = read_card(path)
    assert not card.scores and card.threshold == 0.99
    predicted = load_model(path).predict(read_images(two_parts / "others").paths)
    assert "unknown" in predicted
    assert "must not decide about people" in card.to_markdown()


def test_a_model_that_may_answer_unknown_is_tested(two_parts, tmp_path, capsys):
    path = tmp_path / "smile.skfer"
    assert train(two_parts / "own", path, "--threshold", "0.6", "--folds", "1") == 0
    said = printed(capsys)
    assert "smile: " in said and "16 test pictures right" in said
    assert "It was trained once, on one split" in said


def test_a_card_says_where_no_face_was_found(two_parts, tmp_path, monkeypatch):
    def find(console, table):
        table["face"] = np.where(np.arange(len(table)) < 8, "missing", "found")
        return "some"

    monkeypatch.setattr("skfer.cli._train.find_faces", find)
    monkeypatch.setattr("skfer.cli._train.make_pipeline", lambda *args: hog())
    path = tmp_path / "smile.skfer"
    assert train(two_parts / "own", path, "--faces", "--no-test") == 0
    said = read_card(path).limits[0]
    assert said.startswith("No face is found in 8 of 80 training pictures")
    assert "may have learnt what else they show" in said


def test_evaluate_leaves_out_what_the_model_has_seen(two_parts, tmp_path, capsys):
    path, report = tmp_path / "smile.skfer", tmp_path / "report.html"
    assert train(two_parts / "own", path, "--no-test") == 0
    both = tmp_path / "both"
    for part in ("own", "others"):
        for file in (two_parts / part).rglob("*.png"):
            if part == "others" or file.name < "0010":
                copy = both / file.parent.name / f"{part}-{file.name}"
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_bytes(file.read_bytes())
    capsys.readouterr()
    command = ["evaluate", str(path), str(both), "--report", str(report)]
    assert main(command) == 0
    said = printed(capsys)
    assert "Left out: 10 images of 90 that the model was fitted on" in said
    assert "80 test pictures" in said and "How often each label got which" in said
    assert "McNemar" in said and "Macro F1, the mean over the classes:" in said
    assert "smile on" in report.read_text()
    assert main(["evaluate", str(path), str(two_parts / "own")]) == 1
    assert "All 80 images are among those" in " ".join(capsys.readouterr().err.split())


def test_show_prints_the_card(two_parts, tmp_path, capsys):
    path = tmp_path / "smile.skfer"
    assert train(two_parts / "own", path, "--no-test") == 0
    capsys.readouterr()
    assert main(["show", str(path)]) == 0
    assert capsys.readouterr().out == read_card(path).to_markdown()
    assert main(["show"]) == 0  # Of the network that skfer ships.
    assert capsys.readouterr().out.startswith('# The network "faces"')
    assert main(["show", "--json"]) == 1
    assert main(["show", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == read_card(path).to_dict()


def test_a_comparison_saves_its_winner(two_parts, tmp_path, capsys):
    path = tmp_path / "best.skfer"
    command = ["compare", str(two_parts / "own"), "--models", "hog-svm", "lbp-svm",
               "--image-size", "24", "--folds", "1", "--save", str(path),
               "--output", str(tmp_path / "results")]  # fmt: skip
    assert main([*command, "--as-tested"]) == 0
    assert "It is the model that was tested." in printed(capsys)
    assert read_card(path).training["images"] < 80
    assert main(command) == 1
    assert "exists. Choose another" in " ".join(capsys.readouterr().err.split())
    assert main([*command, "--overwrite"]) == 0
    card = read_card(path)
    assert card.training["images"] == 80
    assert {row["model"] for row in card.comparison["table"]} == {
        "hog-svm", "lbp-svm", "majority"
    }  # fmt: skip


def test_nothing_is_trained_that_can_not_be_written(two_parts, tmp_path, capsys):
    path = tmp_path / "there.skfer"
    path.write_text("mine")
    assert train(two_parts / "own", path) == 1
    captured = capsys.readouterr()
    assert "--output" in captured.err and captured.out == ""
    assert path.read_text() == "mine"
    assert train(two_parts / "own", tmp_path / "smile.model") == 1
    assert "does not end with .skfer" in " ".join(capsys.readouterr().err.split())
    command = ["compare", str(two_parts / "own"), "--save", str(tmp_path / "a.skfer")]
    assert main([*command, "--as-tested"]) == 1
    assert "--as-tested needs a single split" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        train(two_parts / "own", tmp_path / "a.skfer", "--threshold", "2")
    assert "must be from 0 to 1" in capsys.readouterr().err

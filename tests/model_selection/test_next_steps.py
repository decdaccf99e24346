"""At most three things to do, the most important first, each for a reason."""

import numpy as np
import pytest
from PIL import Image

from skfer import make_cnn, make_hog_svm
from skfer.datasets import ImageTable, audit_images, make_faces
from skfer.model_selection._next_steps import find_next_steps
from tests.model_selection.made_up import make

PEOPLE = np.arange(120) // 5


def steps_of(comparison, audit=None):
    comparison.audit = audit  # Its own pictures are all alike.
    return find_next_steps(comparison)


def test_a_good_model_is_kept():
    (step,) = steps_of(make({"a": 0.95, "b": 0.6}, groups=PEOPLE))
    assert step.command == "--save model.skfer"


def test_a_command_is_complete():
    comparison = make({"a": 0.95, "b": 0.6}, groups=PEOPLE)
    comparison.audit = None
    (step,) = find_next_steps(comparison, "skfer compare x")
    assert step.command == "skfer compare x --save model.skfer"
    (step,) = find_next_steps(comparison, "skfer compare x --save m.skfer")
    assert step.command == "skfer predict MODEL PICTURES"


def test_who_is_shown_is_asked_for():
    first, _ = steps_of(make({"a": 0.95, "b": 0.6}))
    assert first.command == "--groups PATTERN"


@pytest.mark.parametrize("shares", [{"a": 0.95, "b": 0.9}, {"a": 0.55}])
def test_an_open_difference_takes_more_pictures(shares):
    comparison = make(shares, n_folds=1)
    steps = steps_of(comparison)
    (more,) = [s.reason for s in steps if s.reason.startswith("Collect more")]
    n = int(more.split("about ")[1].split(" ")[0].replace(",", ""))
    assert 120 < n <= 20 * 120
    assert more.endswith("there are 120.")


def test_copies_are_cleaned_first():
    audit = audit_images(make_faces(40, classes=["happy"], n_copies=3, random_state=0))
    first = steps_of(make({"a": 0.95}), audit)[0]
    assert first.command == "skfer clean FOLDER FOLDER-clean"
    assert "copies" in first.reason


def test_the_folder_to_clean_is_named(tmp_path):
    faces = make_faces(120, classes=["happy", "sad"], n_copies=3, random_state=0)
    folder = tmp_path / "two words"
    folder.mkdir()
    paths = [folder / f"{row}.png" for row in range(120)]
    for path, image in zip(paths, faces.images, strict=True):
        Image.fromarray(image).save(path)
    comparison = make({"a": 0.95})
    comparison.table = ImageTable(paths, comparison.table.target, origin=f"{folder}/")
    first = steps_of(comparison, audit_images(faces))[0]
    assert first.command == f"skfer clean '{folder}' '{folder}-clean'"
    command = f"skfer compare '{folder}' --folds 2"
    assert find_next_steps(comparison, command)[1].command == (
        f"skfer compare '{folder}-clean' --folds 2 --groups PATTERN"
    )


@pytest.mark.parametrize(("epochs", "is_said"), [(5, True), (30, False)])
def test_few_epochs(epochs, is_said):
    comparison = make({"net": 0.95}, groups=PEOPLE)
    comparison.pipelines["net"] = make_cnn(epochs=epochs)
    comparison.folds[0] = (np.arange(2), comparison.folds[0][1])
    said = [step for step in steps_of(comparison) if step.command == "--epochs 30"]
    assert bool(said) == is_said
    assert not is_said or "for 5 epochs only" in said[0].reason


@pytest.mark.parametrize(("side", "is_said"), [(48, False), (130, True)])
def test_faces_are_cut_out_of_photographs(side, is_said):
    comparison = make({"a": 0.95}, groups=PEOPLE)
    faces = make_faces(120, image_size=side, random_state=0)
    comparison.table = ImageTable(faces.images, comparison.table.target, groups=PEOPLE)
    assert ("--faces" in [s.command for s in steps_of(comparison)]) == is_said
    comparison.pipelines["a"] = make_hog_svm(faces=True)
    assert "--faces" not in [s.command for s in steps_of(comparison)]


def test_worse_than_guessing_needs_no_more_pictures():
    reasons = [step.reason for step in steps_of(make({"a": 0.4}))]
    assert not any(reason.startswith("Collect more") for reason in reasons)


def test_pictures_without_a_face_are_left_out_first():
    """Where they tell the classes. The model still takes photographs."""
    faces = make_faces(80, classes=["happy", "sad"], n_copies=3, random_state=0)
    is_missing = (faces.target == "sad") & (np.arange(len(faces)) % 4 > 0)
    faces["face"] = np.where(is_missing, "missing", "found")
    comparison = make({"a": 0.95})
    comparison.audit = audit_images(faces)
    comparison.table["face"] = np.full(120, "found")
    first, second, *_ = find_next_steps(comparison, "skfer compare FOLDER --faces")
    assert first.command == "skfer clean FOLDER FOLDER-faces --faces"
    assert second.command == "skfer compare FOLDER-faces --faces --groups PATTERN"
    assert "PATTERN is a regular expression" in second.reason

import csv
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from skfer.cli import main
from skfer.datasets import load_image_folder, make_faces
from skfer.model_selection import train_test_split_images
from tests.conftest import write_image_folder

QUICK = ["--image-size", "24", "--epochs", "1", "--random-state", "1"]


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


def test_a_folder_is_compared(face_folder, in_empty_folder, capsys):
    assert main(["compare", str(face_folder), *QUICK]) == 0
    out = printed(capsys)
    assert "112 images to train on, 28 to test on, 7 classes" in out
    for words in ("accuracy", "macro F1", "seconds", "images/s", "McNemar"):
        assert words in out
    assert "Always guessing the largest class would reach 14.3%" in out
    results = in_empty_folder / "skfer-results"
    assert sorted(path.name for path in results.iterdir()) == [
        "comparison.csv", "confusion_cnn.png", "confusion_hog-svm.png",
        "confusion_lbp-svm.png", "training_cnn.png",
    ]  # fmt: skip
    accuracies = [float(row["accuracy"]) for row in rows_of(results)]
    assert accuracies == sorted(accuracies, reverse=True)
    assert [path.name for path in in_empty_folder.iterdir()] == ["skfer-results"]


def test_a_separate_test_folder(face_folder, faces, in_empty_folder, capsys):
    test = write_image_folder(
        in_empty_folder / "test", faces.images[:30], faces.target[:30]
    )
    arguments = [
        "compare",
        str(face_folder),
        "--test",
        str(test),
        "--models",
        "hog-svm",
    ]
    assert main([*arguments, "--output", "here"]) == 0
    assert "140 images to train on, 30 to test on" in printed(capsys)
    assert [row["model"] for row in rows_of(in_empty_folder / "here")] == [
        "hog-svm", "majority"
    ]  # fmt: skip


def test_copies_in_parts_that_came_with_the_images(audited, in_empty_folder, capsys):
    arguments = ["compare", str(audited / "train"), "--models", "hog-svm"]
    leaking = [*arguments, "--test", str(audited / "test")]
    assert main(leaking) == 0
    out = printed(capsys)
    # Before the training, and beside the verdict.
    assert out.count("too good: 2 of the images trained on are copies of images") == 2
    assert main([*leaking, "--drop-copies"]) == 0
    out = printed(capsys)
    assert "18 images to train on" in out
    assert out.count("Left out of the training: 2 copies") == 2
    assert main([*arguments, "--test", str(audited / "clean")]) == 0
    assert "copies" not in printed(capsys)
    leaking = [*arguments, "--test", str(audited / "clean"), "--groups", r"\d"]
    assert main(leaking) == 0
    assert "groups lie in both parts" in printed(capsys)


def test_folders_of_people_are_compared(faces, in_empty_folder, capsys):
    for image, label, person in zip(
        faces.images, faces.target, faces.groups, strict=True
    ):
        write_image_folder(in_empty_folder / "aside", [image], [label])
        folder = in_empty_folder / "people" / f"person{person}" / label
        folder.mkdir(parents=True, exist_ok=True)
        file = in_empty_folder / "aside" / label / "0000.png"
        file.rename(folder / f"{len(list(folder.iterdir()))}.png")
    arguments = ["compare", "people", "--models", "hog-svm"]
    assert main(arguments) == 1
    assert "layout" in capsys.readouterr().err
    assert main([*arguments, "--layout", "subject/class"]) == 0
    assert "112 images to train on, 28 to test on, 7 classes" in printed(capsys)


def test_drawn_faces_are_the_default(in_empty_folder, capsys):
    assert main(["compare", "--models", "lbp-svm", "hog-svm"]) == 0
    out = printed(capsys)
    assert "Drawn faces, split by subject" in out
    assert len(rows_of(in_empty_folder / "skfer-results")) == 3


def test_groups_keep_people_on_one_side(faces, in_empty_folder, capsys):
    root = in_empty_folder / "subjects"
    for image, label, subject in zip(
        faces.images, faces.target, faces.groups, strict=True
    ):
        folder = write_image_folder(root / "aside", [image], [label])
        file = next((folder / label).iterdir())
        (root / label).mkdir(exist_ok=True)
        number = len(list((root / label).iterdir()))
        file.rename(root / label / f"S{subject}_{number}.png")
    import shutil

    shutil.rmtree(root / "aside")
    arguments = ["compare", str(root), "--models", "hog-svm", "--groups", r"^S\d+"]
    assert main(arguments) == 0
    assert "112 images to train on, 28 to test on" in printed(capsys)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere"], "found no folder at 'nowhere'"),
        (["empty"], "found no folders in 'empty'"),
        (["--test", "empty"], "needs a folder to train on"),
        (["faces", "--test-size", "1.5"], "test_size=1.5"),
        (["faces", "--output", "file/below"], "is not a folder that can be written"),
        (["lonely"], "have only 1 image"),
    ],
)
def test_errors_are_one_message_and_leave_nothing(
    arguments, message, faces, in_empty_folder, capsys
):
    (in_empty_folder / "empty").mkdir()
    (in_empty_folder / "file").touch()
    write_image_folder(in_empty_folder / "faces", faces.images[:14], faces.target[:14])
    write_image_folder(in_empty_folder / "lonely", faces.images[:3], ["a", "a", "b"])
    before = sorted(in_empty_folder.rglob("*"))
    assert main(["compare", *arguments]) == 1
    captured = capsys.readouterr()
    assert message in " ".join(captured.err.split())
    assert "Traceback" not in captured.err
    assert sorted(in_empty_folder.rglob("*")) == before


@pytest.mark.parametrize(
    "arguments", [["--models", "knn"], ["--epochs", "0"], ["--image-size", "x"]]
)
def test_wrong_options_are_refused(arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["compare", *arguments])
    assert stopped.value.code == 2
    assert "usage: skfer compare" in capsys.readouterr().err


def test_the_installed_command():
    for arguments in (["--version"], ["compare", "--help"]):
        done = subprocess.run(
            [sys.executable, "-m", "skfer.cli", *arguments],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert "skfer" in done.stdout


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


def test_a_sound_folder_is_said_to_be(audited, in_empty_folder, capsys):
    assert main(["audit", str(audited / "train")]) == 0
    out = printed(capsys)
    assert "20 images of 2 classes" in out
    assert "Nothing serious was found. 20 images are worth keeping." in out
    assert list(in_empty_folder.iterdir()) == []


def test_an_audit_against_the_test_part(audited, in_empty_folder, capsys):
    train = str(audited / "train")
    arguments = ["audit", train, "--against", str(audited / "test")]
    assert main([*arguments, "--report", "new/audit.html"]) == 1
    out = printed(capsys)
    assert "twins across split" in out
    assert "SERIOUS: results measured on these images would mean nothing" in out
    assert "22 images are worth keeping" in out
    assert "Twins across split" in (in_empty_folder / "new/audit.html").read_text()
    assert main(["audit", train, "--against", str(audited / "clean")]) == 0


def test_an_audit_names_files_that_are_no_images(audited, tmp_path, capsys):
    shutil.copytree(audited / "train", tmp_path / "faces")
    (tmp_path / "faces" / "sad" / "notes.jpg.txt").write_text("to do")
    assert main(["audit", str(tmp_path / "faces")]) == 0
    assert "holds text" in printed(capsys)


def test_people_on_both_sides_are_found(audited, capsys):
    paths = ["audit", str(audited / "train"), "--against", str(audited / "clean")]
    assert main([*paths, "--groups", r"\d"]) == 1
    assert "groups across split" in printed(capsys)


def test_what_cannot_be_audited_is_explained(audited, tmp_path, capsys):
    assert main(["audit", str(tmp_path)]) == 1
    assert "found no folders" in capsys.readouterr().err
    (tmp_path / "file").touch()
    report = str(tmp_path / "file" / "audit.html")
    assert main(["audit", str(audited / "train"), "--report", report]) == 1
    assert "--report" in capsys.readouterr().err


def test_parts_named_by_folders_are_taken_as_they_are(
    audited, tmp_path, in_empty_folder, capsys
):
    shutil.copytree(audited / "train", tmp_path / "all" / "train")
    shutil.copytree(audited / "clean", tmp_path / "all" / "val")
    arguments = ["compare", str(tmp_path / "all"), "--models", "hog-svm"]
    assert main(arguments) == 0
    out = printed(capsys)
    assert "20 images to train on, 4 to test on" in out
    assert "its part validation tested on" in out
    shutil.copytree(audited / "clean", tmp_path / "all" / "test")
    assert main(arguments) == 0
    assert "its part test tested on, validation not used" in printed(capsys)
    shutil.rmtree(tmp_path / "all" / "test")
    shutil.rmtree(tmp_path / "all" / "val")
    shutil.copytree(audited / "clean", tmp_path / "all" / "training")
    assert main(arguments) == 1
    assert "needs train and test" in " ".join(capsys.readouterr().err.split())


def test_copies_never_lie_on_both_sides(in_empty_folder, tmp_path, capsys):
    faces = make_faces(
        60, n_subjects=60, classes=["happy", "sad"], n_twins=30, random_state=0
    )
    root = write_image_folder(tmp_path / "faces", faces.images, faces.target)
    assert main(["compare", str(root), "--models", "hog-svm"]) == 0
    train, test = train_test_split_images(load_image_folder(root))
    contents = [
        {Path(path).read_bytes() for path in part.paths} for part in (train, test)
    ]
    assert not contents[0] & contents[1]
    assert f"{len(test.paths)} to test on" in printed(capsys)


def test_an_audit_of_a_csv_and_the_paths_to_keep(audited, tmp_path, capsys):
    names = sorted(p.relative_to(audited) for p in audited.glob("*/*/*.png"))
    lines = [
        f"{name},{('Happy', 'happy', 'sad')[i % 3]}" for i, name in enumerate(names)
    ]
    (tmp_path / "labels.csv").write_text("\n".join(["file,label", *lines]))
    arguments = ["audit", str(audited), "--csv", str(tmp_path / "labels.csv")]
    kept = tmp_path / "kept.txt"
    assert main([*arguments, "--fold-case", "--keep", str(kept)]) == 1
    assert "28 images of 2 classes" in printed(capsys)
    assert len(kept.read_text().splitlines()) == 24
    assert main([*arguments, "--report", str(tmp_path)]) == 1
    assert "is a folder" in " ".join(capsys.readouterr().err.split())


def test_a_report_in_one_command(face_folder, in_empty_folder, capsys):
    assert main(["report", str(face_folder), "--models", "hog-svm"]) == 0
    assert "Written to skfer-report.html" in printed(capsys)
    text = (in_empty_folder / "skfer-report.html").read_text()
    assert "Most confident errors" in text or "100.0%" in text
    assert "140 images audited" in text

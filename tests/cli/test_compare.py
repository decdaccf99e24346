import errno
import io
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from skfer import make_hog_svm
from skfer.cli import main
from skfer.cli._training import print_scores
from skfer.datasets import load_image_folder, make_faces
from skfer.faces._blaze_face import NO_FACES
from skfer.model_selection import compare_pipelines, train_test_split_images
from skfer.model_selection._score_table import ScoreTable
from tests.cli.conftest import printed, rows_of
from tests.conftest import write_image_folder

ONE_SPLIT = ["--folds", "1"]
QUICK = [*ONE_SPLIT, "--image-size", "24", "--epochs", "1", "--random-state", "1"]


@pytest.mark.slow
def test_a_folder_is_compared(face_folder, in_empty_folder, capsys):
    assert main(["compare", str(face_folder), *QUICK]) == 0
    out = printed(capsys)
    assert "112 images to train on, 28 to test on, 7 classes" in out
    for words in ("accuracy", "macro F1", "seconds", "images/s", "McNemar"):
        assert words in out
    assert "always guessing the largest class (" in out
    results = in_empty_folder / "skfer-results"
    assert sorted(path.name for path in results.iterdir()) == [
        "comparison.csv", "confusion_cnn.png", "confusion_hog-svm.png",
        "confusion_lbp-svm.png", "confusion_transfer.png", "training_cnn.png",
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
    assert out.count("optimistic: 2 training images are copies of test images") == 2
    assert main([*leaking, "--drop-copies"]) == 0
    out = printed(capsys)
    assert "18 images to train on" in out
    assert out.count("Left out of the training: 2 copies") == 2
    assert main([*arguments, "--test", str(audited / "clean")]) == 0
    assert "copies" not in printed(capsys)
    leaking = [*arguments, "--test", str(audited / "clean"), "--groups", r"\d"]
    assert main(leaking) == 0
    assert "groups are in both parts" in printed(capsys)


def test_an_option_without_effect_is_mentioned(face_folder, in_empty_folder, capsys):
    arguments = ["compare", str(face_folder), "--models", "hog-svm"]
    assert main([*arguments, *ONE_SPLIT, "--drop-copies"]) == 0
    assert "--drop-copies left nothing out" in printed(capsys)


def test_folders_of_people_are_compared(faces, in_empty_folder, capsys):
    for image, label, person in zip(
        faces.images, faces.target, faces.groups, strict=True
    ):
        write_image_folder(in_empty_folder / "aside", [image], [label])
        folder = in_empty_folder / "people" / f"person{person}" / label
        folder.mkdir(parents=True, exist_ok=True)
        file = in_empty_folder / "aside" / label / "0000.png"
        file.rename(folder / f"{len(list(folder.iterdir()))}.png")
    arguments = ["compare", "people", "--models", "hog-svm", *ONE_SPLIT]
    assert main(arguments) == 0
    assert "112 images to train on, 28 to test on, 7 classes" in printed(capsys)
    (in_empty_folder / "people").rename(in_empty_folder / "unclear")
    for folder in sorted((in_empty_folder / "unclear").iterdir()):
        folder.rename(folder.with_name("abcdefghij"[int(folder.name[-1])]))
        for number, inner in enumerate(
            sorted(
                Path(in_empty_folder, "unclear").glob(
                    f"{'abcdefghij'[int(folder.name[-1])]}/*"
                )
            )
        ):
            inner.rename(inner.with_name(f"kind {number}"))
    assert main(["compare", "unclear", "--models", "hog-svm"]) == 1
    assert "--layout 'subject/class'" in " ".join(capsys.readouterr().err.split())


@pytest.mark.slow
def test_drawn_faces_are_the_default(in_empty_folder, capsys):
    assert main(["compare", "--models", "lbp-svm", "hog-svm"]) == 0
    out = printed(capsys)
    assert "Drawn faces, split by subject" in out
    assert "With your own pictures: skfer compare path/to/folder" in out
    assert len(rows_of(in_empty_folder / "skfer-results")) == 3


@pytest.mark.slow
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
    assert main([*arguments, *ONE_SPLIT]) == 0
    out = printed(capsys)
    assert "112 images to train on, 28 to test on, 7 classes, 10 people" in out
    assert "unknown" not in out
    assert main([*arguments[:-2], *ONE_SPLIT]) == 0
    out = printed(capsys)
    assert "People not given. File names suggest 10 people by file names" in out
    assert "add --groups auto" in out
    assert "People unknown" in out
    assert main([*arguments[:-1], "auto", *ONE_SPLIT]) == 0
    out = printed(capsys)
    assert "groups guessed: 10 people, for instance 'S" in out
    assert "test pictures of 2 people right" in out


@pytest.mark.slow
def test_few_images_are_tested_in_folds(face_folder, in_empty_folder, capsys):
    arguments = ["compare", str(face_folder), "--models", "lbp-svm"]
    assert main(arguments) == 0
    out = printed(capsys)
    assert "140 images in 5 folds, 2 times, 7 classes, people unknown" in out
    assert "10 trainings of each model, " in out
    assert " on two cores, depending on the machine; --folds 1" in out
    assert "--folds 1 makes a single split" in out
    assert "was trained 10 times" in out
    assert main([*arguments, "--folds", "3", "--repeats", "1"]) == 0
    out = printed(capsys)
    assert "140 images in 3 folds" in out
    assert main([*arguments, *ONE_SPLIT, "--scoring", "f1_macro"]) == 0
    out = printed(capsys)
    assert "1 training of each model" in out
    assert " lbp-svm: f1_macro" in out


def test_classes_of_few_people_get_fewer_folds(faces, in_empty_folder, capsys):
    """With three images of each class there are three folds."""
    rows = np.concatenate(
        [np.flatnonzero(faces.target == name)[:3] for name in faces.target_names]
    )
    root = write_image_folder(
        in_empty_folder / "few", faces.images[rows], faces.target[rows]
    )
    assert main(["compare", str(root), "--models", "lbp-svm"]) == 0
    assert "21 images in 3 folds, 2 times" in printed(capsys)
    assert main(["compare", str(root), "--models", "lbp-svm", "--folds", "4"]) == 1
    assert "can't put every class into each of 4 folds" in " ".join(
        capsys.readouterr().err.split()
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere"], "found no folder at 'nowhere'"),
        (["empty"], "found no folders in 'empty'"),
        (["--test", "empty"], "needs a folder to train on"),
        (["faces", "--folds", "1", "--test-size", "1.5"], "test_size=1.5"),
        (["faces", "--output", "file/below"], "is not a folder that can be written"),
        (["single"], "have only 1 image"),
    ],
)
def test_errors_are_one_message_and_leave_nothing(
    arguments, message, faces, in_empty_folder, capsys
):
    (in_empty_folder / "empty").mkdir()
    (in_empty_folder / "file").touch()
    write_image_folder(in_empty_folder / "faces", faces.images[:14], faces.target[:14])
    write_image_folder(in_empty_folder / "single", faces.images[:3], ["a", "a", "b"])
    before = sorted(in_empty_folder.rglob("*"))
    assert main(["compare", *arguments]) == 1
    captured = capsys.readouterr()
    assert message in " ".join(captured.err.split())
    assert "Traceback" not in captured.err
    assert sorted(in_empty_folder.rglob("*")) == before


def test_parts_named_by_folders_are_taken_as_they_are(
    audited, tmp_path, in_empty_folder, capsys
):
    shutil.copytree(audited / "train", tmp_path / "all" / "train")
    shutil.copytree(audited / "clean", tmp_path / "all" / "val")
    arguments = ["compare", str(tmp_path / "all"), "--models", "hog-svm"]
    assert main(arguments) == 0
    out = printed(capsys)
    assert "20 images to train on, 4 to test on" in out
    assert "trained on its part train, tested on validation:" in out
    shutil.copytree(audited / "clean", tmp_path / "all" / "test")
    assert main(arguments) == 0
    assert "tested on test; validation is not used" in printed(capsys)
    shutil.rmtree(tmp_path / "all" / "test")
    shutil.rmtree(tmp_path / "all" / "val")
    shutil.copytree(audited / "clean", tmp_path / "all" / "training")
    assert main(arguments) == 1
    assert "takes train and test" in " ".join(capsys.readouterr().err.split())


@pytest.mark.filterwarnings("ignore:FER-2013 has known problems")
def test_fer2013_csv_is_compared(in_empty_folder, capsys):
    faces = make_faces(63, n_subjects=63, random_state=0)
    emotions = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]
    parts = np.repeat(["Training", "PublicTest", "PrivateTest"], [35, 14, 14])
    order = np.argsort(np.arange(63) % 9, kind="stable")
    rows = np.argsort(faces.target, kind="stable").reshape(7, 9).T.ravel()
    lines = ["emotion,pixels,Usage"] + [
        f"{emotions.index(faces.target[row])},"
        f"{' '.join(map(str, faces.images[row].ravel()))},{part}"
        for row, part in zip(rows, parts, strict=True)
    ]
    assert len(order) == 63
    (in_empty_folder / "fer2013.csv").write_text("\n".join(lines))
    assert main(["compare", "fer2013.csv", "--models", "hog-svm"]) == 0
    out = printed(capsys)
    assert "35 images to train on, 14 to test on, 7 classes" in out
    assert "tested on test; validation is not used" in out


@pytest.mark.slow
def test_what_can_be_written_is_written_after_the_results_are_printed(
    face_folder, in_empty_folder, capsys, monkeypatch
):
    def fail(comparison, folder):
        raise OSError(errno.ENOSPC, "No space left on device", "results")

    monkeypatch.setattr("skfer.cli._compare.save_comparison", fail)
    arguments = ["report", str(face_folder), "--models", "hog-svm", "--save", "m.skfer"]
    assert main([*arguments, *ONE_SPLIT]) == 1
    captured = capsys.readouterr()
    assert "always guessing the largest class" in " ".join(captured.out.split())
    assert "skfer: results: No space left on device" in captured.err
    assert {path.name for path in in_empty_folder.iterdir()} >= {
        "m.skfer", "skfer-report.html"
    }  # fmt: skip


@pytest.mark.slow
def test_names_that_files_and_figures_dislike(faces, in_empty_folder, capsys):
    names = np.where(faces.target < "happy", r"$\frac$", "h\udce4ppy")
    write_image_folder(in_empty_folder / "odd", faces.images, names)
    arguments = ["odd", "--models", "hog-svm", "--image-size", "24"]
    assert main(["report", *arguments, *ONE_SPLIT]) == 0
    assert "Written to skfer-report.html" in printed(capsys)
    assert rows_of(in_empty_folder / "skfer-results")[0][r"recall $\frac$"]
    assert main(["audit", "odd", "--keep", "kept.txt"]) in (0, 1)
    kept = (in_empty_folder / "kept.txt").read_bytes().splitlines()
    assert any(b"h\xe4ppy" in name for name in kept)
    # What can't be a line is refused, and the list of before is still there.
    broken = next((in_empty_folder / "odd").glob("*/*.png"))
    broken.rename(broken.with_name("a\nb.png"))
    assert main(["audit", "odd", "--keep", "kept.txt"]) == 1
    assert "has a line break in it" in " ".join(capsys.readouterr().err.split())
    assert (in_empty_folder / "kept.txt").read_bytes().splitlines() == kept


def test_files_that_are_left_out_are_named(
    face_folder, tmp_path, in_empty_folder, capsys
):
    shutil.copytree(face_folder, tmp_path / "faces")
    (tmp_path / "faces" / "happy" / "notes.txt").write_text("to do")
    arguments = ["compare", str(tmp_path / "faces"), "--models", "hog-svm"]
    assert main([*arguments, *ONE_SPLIT]) == 0
    out = printed(capsys)
    assert "left out: 1 file" in out
    assert "notes.txt: it holds text" in out


@pytest.mark.slow
def test_a_report_opens_each_file_twice_and_errors_once_more(face_folder, tmp_path):
    """Once to look for copies, and once for all folds; then errors are explained."""
    code = """
        import sys
        from collections import Counter
        from skfer.cli import main
        folder, opened = sys.argv[1], Counter()
        def count(event, arguments):
            if event == "open" and str(arguments[0]).startswith(folder):
                opened[str(arguments[0])] += 1
        sys.addaudithook(count)
        assert main(["report", folder, "--models", "hog-svm", "lbp-svm"]) == 0
        print(len(opened), sum(opened.values()), max(opened.values()))
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), str(face_folder)],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    n_files, n_times, most = map(int, done.stdout.splitlines()[-1].split())
    # At most twelve errors of each of two models.
    assert n_files == 140 and 280 < n_times <= 280 + 24 and most <= 4


def test_copies_never_lie_on_both_sides(in_empty_folder, tmp_path, capsys):
    faces = make_faces(
        60, n_subjects=60, classes=["happy", "sad"], n_copies=30, random_state=0
    )
    root = write_image_folder(tmp_path / "faces", faces.images, faces.target)
    assert main(["compare", str(root), "--models", "hog-svm", *ONE_SPLIT]) == 0
    train, test = train_test_split_images(load_image_folder(root))
    contents = [
        {Path(path).read_bytes() for path in part.paths} for part in (train, test)
    ]
    assert not contents[0] & contents[1]
    assert f"{len(test)} to test on" in printed(capsys)


def test_a_report_in_one_command(face_folder, in_empty_folder, capsys):
    assert main(["report", str(face_folder), "--models", "hog-svm"]) == 0
    out = printed(capsys)
    assert "Written to skfer-report.html" in out
    # The console says what the page says first.
    assert "Audit: " in out and "What to do next: 1. " in out
    assert f"skfer report {face_folder}" in out and "--models hog-svm --" in out
    text = (in_empty_folder / "skfer-report.html").read_text()
    assert "Most confident errors" in text or "100.0%" in text
    assert "140 images audited" in text
    assert "Would more images help?" in text
    assert 'See <a href="#growth">how the scores grow</a>' in text
    assert "came with the last doubling" in text


def test_faces_are_cut_out_first(face_folder, in_empty_folder, monkeypatch, capsys):
    searched = []

    def find(image, detector, min_score):
        searched.append((image.shape, detector))
        return NO_FACES

    for module in ("_face_cropper", "_face_detector"):
        monkeypatch.setattr(f"skfer.faces.{module}.find_faces", find)
    command = ["compare", str(face_folder), "--models", "hog-svm", "--faces"]
    assert main([*command, *ONE_SPLIT]) == 0
    out = printed(capsys)
    assert "hog-svm" in out
    assert out.count("No face is found in 140 of 140 images (100% of angry, 1") == 2
    assert len(searched) >= 270  # Once to say what is found, once to cut it out.
    assert set(searched) == {((48, 48, 3), "blazeface")}


def test_a_long_name_leaves_all_numbers_whole():
    faces = make_faces(70, image_size=24, n_subjects=14, random_state=0)
    name = "a_long_name_of_a_model"
    models = {name: make_hog_svm(image_size=24)}
    comparison = compare_pipelines(models, faces, cv=2)
    screen = io.StringIO()
    print_scores(Console(file=screen, width=80), comparison)
    table = screen.getvalue()
    columns = [line.split("│")[1:-1] for line in table.splitlines() if "│" in line]
    assert "".join(column[0].strip() for column in columns).startswith(name)
    for row in ScoreTable.from_comparison(comparison).rows:
        assert all(number in table for number in row[1:])

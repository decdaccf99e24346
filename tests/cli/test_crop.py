import csv
import shutil

import pytest
from PIL import Image
from skimage import data

from skfer.cli import main
from tests.cli.conftest import printed


@pytest.fixture
def photos(tmp_path):
    """A folder of two classes with a face, a cup, and a text."""
    root = tmp_path / "photos"
    me = data.astronaut()
    pictures = {
        "happy/me.png": me,
        "sad/cup.jpg": data.coffee(),
        "sad/me.jpg": me[:, ::-1],
    }
    for name, image in pictures.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(root / name)
    (root / "sad" / "broken.jpg").write_bytes(b"\xff\xd8\xff nothing")
    return root


def size_of(path):
    with Image.open(path) as image:
        return image.size


def read(folder):
    with (folder / "faces.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_faces_are_written_into_class_folders(photos, tmp_path, capsys):
    out = tmp_path / "faces"
    assert main(["crop", str(photos), str(out), "--size", "64"]) == 0
    assert "2 of 4 photographs show a face; 1 show none, and 1 can't" in printed(capsys)
    rows = {row["source"].rsplit("/", 1)[1]: row for row in read(out)}
    assert [rows[n]["status"] for n in ("me.png", "cup.jpg", "broken.jpg")] == [
        "found", "missing", "unreadable"
    ]  # fmt: skip
    assert rows["me.png"]["file"] == "happy/me.png"
    assert rows["broken.jpg"]["file"] == ""
    assert 150 < float(rows["me.png"]["left"]) < 190
    assert float(rows["me.png"]["nose_x"]) == pytest.approx(225, abs=15)
    written = sorted(p.relative_to(out).as_posix() for p in out.rglob("*.png"))
    assert written == ["happy/me.png", "sad/cup.png", "sad/me.png"]
    assert size_of(out / "happy" / "me.png") == (64, 64)


def test_pictures_without_classes_are_cropped_too(photos, tmp_path, capsys):
    out = tmp_path / "faces"
    assert main(["crop", str(photos / "sad"), str(out), "--size", "64"]) == 0
    assert "1 of 3 photographs show a face; 1 show none, and 1 can't" in printed(capsys)
    assert sorted(p.name for p in out.iterdir()) == ["cup.png", "faces.csv", "me.png"]
    assert {row["class"] for row in read(out)} == {""}


def test_nothing_is_replaced_unless_asked_for(photos, tmp_path, capsys):
    out = tmp_path / "faces"
    (out / "happy").mkdir(parents=True)
    (out / "happy" / "me.png").write_text("mine")
    assert main(["crop", str(photos), str(out)]) == 1
    error = " ".join(capsys.readouterr().err.split())
    assert "would be replaced, for instance happy/me.png" in error
    assert (out / "happy" / "me.png").read_text() == "mine"
    assert list(out.rglob("*.*")) == [out / "happy" / "me.png"]
    assert main(["crop", str(photos), str(out), "--overwrite"]) == 0
    assert size_of(out / "happy" / "me.png") == (224, 224)


def test_photographs_without_a_face_can_be_left_out(photos, tmp_path, capsys):
    out = tmp_path / "faces"
    shutil.copy(photos / "happy" / "me.png", photos / "happy" / "me.jpeg")
    options = ["--on-missing", "leave-out", "--no-align", "--padding", "0.3"]
    assert main(["crop", str(photos), str(out), *options]) == 0
    files = {row["source"].rsplit("/", 1)[1]: row["file"] for row in read(out)}
    assert files["cup.jpg"] == ""
    # Two files of one name.
    assert sorted([files["me.png"], files["me.jpeg"]]) == [
        "happy/me-2.png", "happy/me.png"
    ]  # fmt: skip
    assert main(["crop", str(photos), str(photos / "happy" / "me.png")]) == 1
    assert "is not a folder" in " ".join(capsys.readouterr().err.split())


def test_names_never_collide_and_stay_inside(tmp_path, capsys):
    root = tmp_path / "photos"
    for label in ("happy", "sad"):
        for name in ("a.jpg", "a.png", "a-2.png"):
            (root / label).mkdir(parents=True, exist_ok=True)
            Image.fromarray(data.astronaut()[::4, ::4]).save(root / label / name)
    out = tmp_path / "faces"
    assert main(["crop", str(root), str(out), "--size", "16"]) == 0
    files = [row["file"] for row in read(out)]
    assert len(set(files)) == 6
    written = [p.relative_to(out).as_posix() for p in out.rglob("*.png")]
    assert sorted(files) == sorted(written)
    (root / "labels.csv").write_text("file,label\nhappy/a.jpg,../x\nsad/a.jpg,sad\n")
    command = ["crop", str(root), str(tmp_path / "new")]
    assert main([*command, "--csv", str(root / "labels.csv")]) == 1
    assert "can't be the name of a folder" in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "x").exists()

"""``skfer clean`` copies what is worth keeping, and never touches what it reads."""

import csv
import hashlib
import zipfile

import numpy as np
import pytest
from PIL import Image
from skimage import data

from skfer.cli import main
from skfer.datasets import audit_images, make_faces, read_images
from tests.cli.conftest import printed
from tests.conftest import write_image_folder
from tests.datasets.test_read_video import write_video


@pytest.fixture
def dirty(tmp_path):
    """Twenty people in parts, a copy, one under another label, a blank, a text."""
    faces = make_faces(20, n_subjects=20, classes=["happy"], random_state=0)
    target = np.array(["happy", "sad"] * 10)
    root = tmp_path / "dirty"
    write_image_folder(root / "train", faces.images[:14], target[:14])
    write_image_folder(root / "test", faces.images[14:], target[14:])
    happy, sad = root / "train" / "happy", root / "train" / "sad"
    first = sorted(happy.iterdir())[0]
    with Image.open(first) as image:
        image.resize((24, 24)).save(happy / "small.png")
        image.resize((24, 24)).save(sad / "wrong.png")
    Image.new("L", (48, 48)).save(sad / "black.png")
    (sad / "notes.jpg").write_text("no picture")
    return root


def hashes(folder):
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).digest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def left_out(folder):
    with (folder / "left-out.csv").open(newline="", encoding="utf-8") as file:
        return {row["file"].rsplit("/", 1)[1]: row["reason"]
                for row in csv.DictReader(file)}  # fmt: skip


def test_what_is_worth_keeping_is_copied_byte_by_byte(dirty, tmp_path, capsys):
    before, out = hashes(dirty), tmp_path / "out"
    assert main(["clean", str(dirty), str(out)]) == 0
    said = printed(capsys)
    assert "20 images copied to" in said and "4 left out" in said
    assert "2: copies" in said and "1: it is blank" in said
    assert hashes(dirty) == before
    after = hashes(out)
    del after["left-out.csv"]
    assert after.items() <= before.items() and len(after) == 20
    reasons = left_out(out)
    assert set(reasons) == {"small.png", "wrong.png", "black.png", "notes.jpg"}
    assert reasons["small.png"].startswith("it is a copy of ")
    assert reasons["small.png"].endswith(".png")
    assert reasons["wrong.png"].endswith("under another label (happy): look at both")
    assert reasons["black.png"] == "it is blank"
    assert "holds text" in reasons["notes.jpg"]
    table = read_images(out)
    assert sorted(set(table.split.tolist())) == ["test", "train"]
    kinds = {finding.kind for finding in audit_images(table).findings}
    assert not kinds & {"copies", "blank", "unreadable", "copies across split"}


def test_an_archive_and_what_is_clean_already(tmp_path, capsys):
    faces = make_faces(6, n_subjects=6, classes=["happy"], random_state=0)
    write_image_folder(tmp_path / "in", faces.images, ["happy", "sad"] * 3)
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
        for path in sorted((tmp_path / "in").rglob("*.png")):
            archive.write(path, path.relative_to(tmp_path / "in"))
    assert main(["clean", str(tmp_path / "in.zip"), str(tmp_path / "out")]) == 0
    assert "6 images copied to" in (said := printed(capsys)) and "none left out" in said
    after = hashes(tmp_path / "out")
    assert after.pop("left-out.csv") and after == hashes(tmp_path / "in")


def test_labels_of_a_table_stay_a_table(tmp_path, capsys):
    faces = make_faces(6, n_subjects=6, classes=["happy"], random_state=0)
    (tmp_path / "in" / "deep").mkdir(parents=True)
    lines = ["file,label,person"]
    for number, image in enumerate([*faces.images, faces.images[0]]):
        Image.fromarray(image).save(tmp_path / "in" / "deep" / f"{number}.png")
        lines.append(f"deep/{number}.png,{'happy' if number % 2 else 'sad'},p{number}")
    (tmp_path / "in" / "own.csv").write_text("\n".join(lines) + "\n")
    inside = [str(tmp_path / "in" / "own.csv"), str(tmp_path / "in" / "out")]
    assert main(["clean", *inside]) == 1
    assert "lie in one another" in " ".join(capsys.readouterr().err.split())
    for number, given in enumerate((["in/own.csv"], ["in", "--csv", "own.csv"])):
        out = tmp_path / f"out{number}"
        given[0] = str(tmp_path / given[0])
        assert main(["clean", *given[:1], str(out), *given[1:]]) == 0
        assert f"Go on with skfer compare {out}/labels.csv".replace(" ", "") in printed(
            capsys
        ).replace(" ", "")
        table = read_images(out / "labels.csv")
        assert len(table) == 6 and table.groups.tolist() == [f"p{n}" for n in range(6)]
        assert table.target.tolist() == ["sad", "happy"] * 3


def test_frames_and_pixels_become_files(tmp_path):
    images = make_faces(8, n_subjects=8, classes=["happy"], random_state=0).images
    for name, some in (("happy", images[:4]), ("sad", images[4:])):
        (tmp_path / "videos" / name).mkdir(parents=True)
        write_video(tmp_path / "videos" / name / "a.mp4", some, rate=1)
    assert main(["clean", str(tmp_path / "videos"), str(tmp_path / "out")]) == 0
    written = sorted(p.relative_to(tmp_path / "out").as_posix()
                     for p in (tmp_path / "out").rglob("*.png"))  # fmt: skip
    assert written == [f"{name}/a-{n}.000.png" for name in ("happy", "sad")
                       for n in range(4)]  # fmt: skip


def test_faces_are_cut_out_where_asked(tmp_path, capsys):
    root = tmp_path / "in"
    for name, image in (("happy/me.jpg", data.astronaut()), ("sad/cup.png",
                        data.coffee())):  # fmt: skip
        (root / name).parent.mkdir(parents=True)
        Image.fromarray(image).save(root / name)
    out = tmp_path / "out"
    assert main(["clean", str(root), str(out), "--faces", "--size", "64"]) == 0
    assert "1 image copied to" in (said := printed(capsys))
    assert "takes faces that are cut out" in said
    with Image.open(out / "happy" / "me.png") as image:
        assert image.size == (64, 64)
    assert left_out(out) == {"cup.png": "no face is found"}


def test_a_class_that_loses_half_is_said(tmp_path, capsys):
    image = make_faces(1, random_state=0).images[0]
    others = make_faces(4, n_subjects=4, classes=["sad"], random_state=1).images
    write_image_folder(
        tmp_path / "in", [image] * 4 + [*others], ["happy"] * 4 + ["sad"] * 4
    )
    assert main(["clean", str(tmp_path / "in"), str(tmp_path / "out")]) == 0
    assert "half of a class or less is left: happy (1 of 4)" in printed(capsys)


@pytest.mark.parametrize("place", [".", "train/out", ".."])
def test_in_and_out_must_not_mix(dirty, place, capsys):
    before = hashes(dirty)
    assert main(["clean", str(dirty), str(dirty / place)]) == 1
    assert "lie in one another" in " ".join(capsys.readouterr().err.split())
    assert hashes(dirty) == before


def test_nothing_is_replaced_unless_asked_for(dirty, tmp_path, capsys):
    out = tmp_path / "out"
    out.mkdir()
    (out / "left-out.csv").write_text("mine")
    assert main(["clean", str(dirty), str(out)]) == 1
    assert "would be replaced" in " ".join(capsys.readouterr().err.split())
    assert (out / "left-out.csv").read_text() == "mine" and len(hashes(out)) == 1
    assert main(["clean", str(dirty), str(out), "--overwrite"]) == 0
    assert len(hashes(out)) == 21

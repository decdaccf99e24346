import json
import shutil

from skfer.cli import main
from skfer.datasets import make_faces
from tests.cli.conftest import printed
from tests.conftest import write_image_folder


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
    assert "copies across split" in out
    assert "SERIOUS: results measured on these images as they are would mean" in out
    assert "22 images are worth keeping" in out
    assert "Copies across split" in (in_empty_folder / "new/audit.html").read_text()
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


def test_labels_that_look_wrong_are_listed_and_shown(tmp_path, capsys):
    faces = make_faces(
        120, classes=["happy", "sad"], n_subjects=60, label_noise=0.05, random_state=0
    )
    root = write_image_folder(tmp_path / "faces", faces.images, faces.target)
    page = tmp_path / "audit.html"
    main(["audit", str(root), "--labels", "--report", str(page)])
    out = printed(capsys)
    n_found = int(out.split(" labels look wrong")[0].split()[-1])
    n_wrong = int(faces.is_mislabelled.sum())
    assert n_wrong > 2
    assert n_wrong - 1 <= n_found <= n_wrong + 4
    text = page.read_text()
    assert "Labels that look wrong" in text
    assert text.count("</strong>?<br>") == n_found


def test_json_is_alone_on_standard_output(audited, capsys):
    train, test = str(audited / "train"), str(audited / "test")
    assert main(["audit", train, "--against", test, "--json"]) == 1
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert found["n_images"] == 24 and found["n_worth_keeping"] == 22
    assert not found["is_sound"]
    kinds = {finding["kind"]: finding for finding in found["findings"]}
    leak = kinds["copies across split"]
    assert leak["serious"] and leak["certainty"] == "likely"
    assert all(name.endswith(".png") for names in leak["images"] for name in names)
    assert "SERIOUS" in err


def test_each_finding_comes_with_its_command(tmp_path, capsys):
    """On a line of its own, however narrow the screen is."""
    images = make_faces(20, n_subjects=20, n_copies=3, random_state=0).images
    folder = write_image_folder(tmp_path / "faces", images, ["happy", "sad"] * 10)
    assert main(["audit", str(folder)]) == 1
    out = capsys.readouterr().out
    assert f"\n  skfer clean {folder} {folder}-clean\n" in out

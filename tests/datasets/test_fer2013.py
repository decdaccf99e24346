"""FER-2013 in every form in which people have it, made up of drawn faces."""

import zipfile

import numpy as np
import pytest
from PIL import Image

from skfer.datasets import load_fer2013, make_faces
from skfer.datasets._fer2013 import EMOTIONS
from skfer.datasets._ferplus import CLASSES

PARTS = np.repeat(["Training", "PublicTest", "PrivateTest"], [8, 3, 3])
FACES = make_faces(14, n_subjects=14, random_state=0)
FACES.images[9] = FACES.images[2]  # A copy across parts,
FACES.images[5] = FACES.images[4]  # and one within training.


def load(*arguments, **options):
    with pytest.warns(UserWarning, match="FER-2013 has known problems"):
        return load_fer2013(*arguments, **options)


def write_csv(path, head="emotion,pixels,Usage", order=("emotion", "pixels", "usage")):
    lines = [head]
    for image, name, part in zip(FACES.images, FACES.target, PARTS, strict=True):
        fields = {
            "emotion": str(EMOTIONS.index(name)),
            "pixels": " ".join(map(str, image.ravel())),
            "usage": part,
        }
        lines.append(",".join(fields[field] for field in order))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n")
    return path


def write_folder(root, folders, numbered=False, official=True):
    for row, image in enumerate(FACES.images):
        name = FACES.target[row]
        kind = str(EMOTIONS.index(name)) if numbered else name
        file = f"{PARTS[row]}_{1000 + row}.png" if official else f"{row:03}.png"
        path = root / folders[PARTS[row]] / kind / file
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(path)
    return root


TWO = {"Training": "train", "PublicTest": "test", "PrivateTest": "test"}
THREE = {"Training": "train", "PublicTest": "validation", "PrivateTest": "test"}


def check(faces):
    """Whatever the order, each picture has its label and part."""
    assert faces.images.shape == (14, 48, 48)
    assert faces.images.dtype == np.uint8
    assert np.shares_memory(faces.data, faces.images)
    named = {"Training": "train", "PublicTest": "validation", "PrivateTest": "test"}
    assert [named[name] for name in faces.split_name] == faces.split.tolist()
    assert faces.target_names == sorted(set(FACES.target))

    def facts(images, target, split):
        return sorted(
            (image.tobytes(), str(name), str(part))
            for image, name, part in zip(images, target, split, strict=True)
        )

    assert facts(faces.images, faces.target, faces.split_name) == facts(
        FACES.images, FACES.target, PARTS
    )


@pytest.mark.parametrize(
    ("name", "head", "order"),
    [
        ("fer2013.csv", "emotion,pixels,Usage", ("emotion", "pixels", "usage")),
        (
            "icml_face_data.csv",
            "emotion, Usage, pixels",
            ("emotion", "usage", "pixels"),
        ),
    ],
)
def test_csv_forms_alone_in_a_folder_and_in_an_archive(tmp_path, name, head, order):
    path = write_csv(tmp_path / "in" / "fer2013" / name, head, order)
    check(load(path))
    check(load(tmp_path / "in"))
    with zipfile.ZipFile(tmp_path / "fer.zip", "w") as archive:
        archive.write(path, f"fer2013/{name}")
    check(load(tmp_path / "fer.zip"))


@pytest.mark.parametrize("folders", [TWO, THREE])
@pytest.mark.parametrize("numbered", [False, True])
def test_folder_forms(tmp_path, folders, numbered):
    root = write_folder(tmp_path / "fer", folders, numbered)
    check(load(root))
    with zipfile.ZipFile(tmp_path / "fer.zip", "w") as archive:
        for file in sorted(root.rglob("*.png")):
            archive.write(file, file.relative_to(tmp_path))
    check(load(tmp_path / "fer.zip"))


@pytest.mark.filterwarnings("ignore:the part")
def test_parts_that_names_do_not_tell_are_said_to_be_unofficial(tmp_path):
    faces = load(write_folder(tmp_path / "fer", TWO, official=False))
    assert set(faces.split) == {"train", "test"}
    assert "don't show whether they are the official ones" in faces.summary


def test_drop_twins_leaves_test_parts_alone(tmp_path):
    faces = load(write_csv(tmp_path / "fer2013.csv"), drop_copies=True)
    assert faces.names.tolist() == [str(i) for i in range(14) if i not in (2, 5)]
    note = "2 training images left out: 1 with copies in other parts, 1 "
    assert note in faces.summary
    assert len(faces.data) == len(faces.target) == len(faces.split) == 12


def write_votes(path, counts, files=None):
    columns = [*CLASSES, "unknown", "NF"]
    lines = [
        ",".join(
            ["Usage", "Image name", *columns] if files is None else ["file", *columns]
        )
    ]
    for row, count in enumerate(counts):
        start = [PARTS[row], f"fer{row:07}.png"] if files is None else [files[row]]
        lines.append(",".join([*start, *map(str, count)]))
    path.write_text("\n".join(lines) + "\n")
    return path


def test_votes_become_soft_labels_and_other_images_are_left_out(tmp_path):
    counts = np.zeros((14, 10), int)
    counts[:, 1] = 7
    counts[:, 3] = 3
    counts[0] = [0, 0, 0, 4, 4, 0, 0, 0, 2, 0]
    counts[1] = [1, 0, 0, 2, 0, 0, 0, 0, 7, 0]
    counts[6] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 10]
    path = write_csv(tmp_path / "fer2013.csv")
    faces = load(path, labels="ferplus", votes=write_votes(tmp_path / "v.csv", counts))
    assert faces.target_names == sorted(CLASSES)
    assert faces.names.tolist() == [str(i) for i in range(14) if i not in (1, 6)]
    np.testing.assert_allclose(faces.probabilities.sum(axis=1), 1, rtol=1e-6)
    first = dict(zip(faces.target_names, faces.probabilities[0], strict=True))
    assert first["sadness"] == first["anger"] == 0.5
    assert set(faces.target[1:]) == {"happiness"}
    assert "2 images left out" in faces.summary


def test_votes_by_file_name(tmp_path):
    root = write_folder(tmp_path / "fer", THREE)
    files = [f"{part}_{1000 + row}.png" for row, part in enumerate(PARTS)]
    counts = np.eye(10, dtype=int)[np.arange(14) % 8] * 10
    votes = write_votes(tmp_path / "votes.csv", counts, files)
    faces = load(root, labels="ferplus", votes=votes)
    voted = dict(zip(files, np.array(CLASSES)[np.arange(14) % 8], strict=True))
    assert [voted[name] for name in faces.names] == faces.target.tolist()
    most = write_votes(tmp_path / "most.csv", counts[:13], files[:13])
    with pytest.warns(UserWarning, match="1 of them have no votes in the CSV"):
        assert files[13] not in load_fer2013(root, labels="ferplus", votes=most).names
    few = write_votes(tmp_path / "few.csv", counts[:6], files[:6])
    with pytest.raises(ValueError, match="found no votes for 8 of 14 images"):
        load_fer2013(root, labels="ferplus", votes=few)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("3,1 2 3,Training", "line 2: it has 3 pixels, not 2304"),
        ("7," + " ".join(["0"] * 2304) + ",Training", "its emotion is '7', not 0 to 6"),
        ("sad," + " ".join(["0"] * 2304) + ",Training", "its emotion is 'sad', not"),
        ("3," + " ".join(["256"] * 2304) + ",Training", "no integers in 0..255"),
        (
            "3," + " ".join(["x"] * 2304) + ",Training",
            "no integers in 0..255",
        ),
        ("3," + " ".join(["0"] * 2304) + ",Testing", "its Usage is 'Testing'"),
        ("3", "line 2: it has 1 fields, not 3"),
        (
            "3," + " ".join(["9" * 30] * 2304) + ",Training",
            "no integers in 0..255",
        ),
    ],
)
def test_bad_rows_are_named(tmp_path, line, message):
    path = tmp_path / "fer2013.csv"
    path.write_text(f"emotion,pixels,Usage\n{line}\n")
    with pytest.raises(ValueError, match=message):
        load_fer2013(path)


def test_what_is_not_fer2013_is_explained(tmp_path):
    (tmp_path / "train.csv").write_text("emotion,pixels\n3,0 0\n")
    with pytest.raises(ValueError, match="needs the columns emotion, pixels and Usage"):
        load_fer2013(tmp_path / "train.csv")
    with pytest.raises(FileNotFoundError, match="no folder at"):
        load_fer2013(tmp_path / "none")
    with pytest.raises(ValueError, match="labels='ferplus' and votes=None"):
        load_fer2013(tmp_path, labels="ferplus")
    with pytest.raises(ValueError, match="labels='fer' and votes='v.csv'"):
        load_fer2013(tmp_path, votes="v.csv")
    root = write_folder(tmp_path / "fer", TWO)
    Image.new("L", (50, 48)).save(next(root.rglob("*.png")))
    with pytest.raises(ValueError, match=r"its size is \(48, 50\)"):
        load_fer2013(root)


def test_an_empty_csv(tmp_path):
    (tmp_path / "fer2013.csv").write_text("emotion,pixels,Usage\n")
    with pytest.raises(ValueError, match="found 0 others"):
        load_fer2013(tmp_path / "fer2013.csv")


def test_the_original_label_tells_images_of_one_name_apart(tmp_path):
    # The real FER-2013 has such a pair.
    root = write_folder(tmp_path / "fer", TWO)
    files = [f"{part}_{1000 + row}.png" for row, part in enumerate(PARTS)]
    twin = next(row for row in range(8) if FACES.target[row] != FACES.target[0])
    path = root / TWO[PARTS[twin]] / FACES.target[twin] / files[twin]
    path.rename(path.with_name(files[0]))
    files[twin] = files[0]
    counts = np.eye(10, dtype=int)[np.arange(14) % 8] * 10
    votes = write_votes(tmp_path / "votes.csv", counts, files)
    first, *lines = votes.read_text().splitlines()
    pairs = zip(lines, FACES.target, strict=True)
    labeled = [f"{first},fer_label", *[f"{line},{label}" for line, label in pairs]]
    votes.write_text("\n".join(labeled))
    with_label = load(root, labels="ferplus", votes=votes)
    rows = np.flatnonzero(with_label.names == files[0])
    labels = with_label["fer_label"][rows]
    voted = {FACES.target[row]: CLASSES[row % 8] for row in (0, twin)}
    assert dict(zip(labels, with_label.target[rows], strict=True)) == voted


def test_votes_that_fit_two_images_are_refused(tmp_path):
    root = write_folder(tmp_path / "fer", TWO)
    for number, folder in enumerate(sorted((root / "test").iterdir())):
        for file in folder.iterdir():
            file.rename(file.with_name("0.png" if number < 2 else file.name))
    files = ["0.png", *[f"{part}_{1000 + row}.png" for row, part in enumerate(PARTS)]]
    votes = write_votes(tmp_path / "v.csv", np.eye(10, dtype=int)[[0] * 15], files)
    with pytest.raises(ValueError, match="same file name in different folders"):
        load_fer2013(root, labels="ferplus", votes=votes)
    twice = write_votes(
        tmp_path / "t.csv", np.eye(10, dtype=int)[[0] * 2], files[:1] * 2
    )
    with pytest.raises(ValueError, match="votes for '0.png' twice"):
        load_fer2013(root, labels="ferplus", votes=twice)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{head}\n0,1,2\n", "can't read the votes for '0'"),
        ("{head}\nx,y," + ",".join(["1"] * 9 + ["-1"]), "numbers of 0 to 1,000,000"),
        ("{head}\nx,y," + ",".join(["1"] * 9 + ["inf"]), "numbers of 0 to 1,000,000"),
        ("{head}\nx,y," + ",".join(["1"] * 9 + ["1e308"]), "numbers of 0 to 1,000,000"),
        (
            "{head}\n" + "x,y," + ",".join(["0"] * 8 + ["9", "0"]) + "\n",
            "no votes for 13",
        ),
    ],
)
def test_votes_that_are_none(tmp_path, text, message):
    head = ",".join(["Usage", "Image name", *CLASSES, "unknown", "NF"])
    (tmp_path / "v.csv").write_text(text.replace("{head}", head))
    path = write_csv(tmp_path / "fer2013.csv")
    with pytest.raises(ValueError, match=message):
        load_fer2013(path, labels="ferplus", votes=tmp_path / "v.csv")


def test_an_unclosed_quote_and_capital_letters(tmp_path):
    path = write_csv(tmp_path / "FER2013.CSV")
    check(load(tmp_path))
    path.write_text(path.read_text() + '3,"0' + " 0" * 90_000)
    with pytest.raises(ValueError, match="is not a CSV in UTF-8 beyond line"):
        load_fer2013(path)


def test_a_csv_in_another_encoding_is_named(tmp_path):
    path = write_csv(tmp_path / "fer2013.csv")
    path.write_bytes(path.read_text().encode("utf-16"))
    with pytest.raises(ValueError, match=r"fer2013\.csv' is not a CSV in UTF-8"):
        load_fer2013(path)


def test_votes_that_are_no_csv(tmp_path):
    path = write_csv(tmp_path / "fer2013.csv")
    votes = write_votes(tmp_path / "v.csv", np.eye(10, dtype=int)[[0] * 14])
    text = votes.read_text()
    (tmp_path / "wide.csv").write_bytes(text.encode("utf-16"))
    (tmp_path / "huge.csv").write_text(text + '"' + "0" * 200_000)
    for name in ("wide.csv", "huge.csv"):
        with pytest.raises(ValueError, match=rf"votes in '.*{name}'.*not a CSV in UTF"):
            load_fer2013(path, labels="ferplus", votes=tmp_path / name)
    with pytest.raises(FileNotFoundError, match="found no file of votes at 'none.csv'"):
        load_fer2013(path, labels="ferplus", votes="none.csv")

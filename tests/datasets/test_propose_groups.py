"""Names that tell who is shown are recognised, and others are left alone."""

import numpy as np
import pytest

from skfer.datasets import ImageTable, load_image_folder, make_faces, propose_groups

FACES = ("AN", "HA", "SA")
NAMES = {
    "CK+": [
        (f"S{who:03}", f"S{who:03}_{face:03}_{frame:08}.png", face)
        for who in range(8)
        for face in (1, 2)
        for frame in (7, 8)
    ],
    "KDEF": [
        (f"{sex}{who:02}", f"{session}{sex}{who:02}{face}S.JPG", face)
        for session in "AB"
        for sex in "FM"
        for who in (1, 2, 3)
        for face in FACES
    ],
    "JAFFE": [
        (who, f"{who}.{face}{take}.{number}.tiff", face)
        for number, who in enumerate(("KA", "KL", "YM"))
        for face in FACES
        for take in (1, 2)
    ],
    "Yale": [
        (f"subject{who:02}", f"subject{who:02}.{face}.gif", face)
        for who in range(1, 6)
        for face in ("happy", "sad")
    ],
    "RaFD": [
        (f"{who:02}", f"Rafd090_{who:02}_Caucasian_male_{face}_frontal.jpg", face)
        for who in range(1, 6)
        for face in ("angry", "happy")
    ],
    "file names": [
        (who, f"{who}-{face}-{take}.png", face)
        for who in ("anna", "ben", "cleo", "dan")
        for face in ("happy", "sad")
        for take in (1, 2)
    ],
}


@pytest.mark.parametrize("kind", NAMES)
def test_people_are_recognised(kind):
    people, names, faces = zip(*NAMES[kind], strict=True)
    proposal = propose_groups(ImageTable(list(names), list(map(str, faces))))[0]
    assert kind in proposal.origin
    assert proposal.groups.tolist() == list(people)
    assert proposal.n_groups == len(set(people))
    assert names[0] in str(proposal)


@pytest.mark.parametrize(
    "names",
    [
        ["happy_1.png", "happy_2.png", "sad_1.png", "sad_2.png"] * 3,
        [f"Training_{number}.jpg" for number in range(12)],
        [f"{part}_{n}.jpg" for n in range(6) for part in ("Training", "PublicTest")],
        [f"{number:04}.png" for number in range(12)],
        [f"istockphoto-{number * 7919}-{number}.jpg" for number in range(12)],
    ],
)
def test_names_of_nobody(names):
    table = ImageTable(names, ["happy", "happy", "sad", "sad"] * 3)
    assert propose_groups(table) == []


@pytest.mark.parametrize(
    "name", ["{}_{}.png", "{} ({}).jpg", "{}-{}.jpg", "IMG_{1:04}.jpg"]
)
def test_running_numbers_are_nobody(name):
    pairs = [(face, number) for face in ("happy", "sad") for number in range(30)]
    names = [f"{face}/{name.format(face, number)}" for face, number in pairs]
    assert propose_groups(ImageTable(names, [face for face, _ in pairs])) == []
    # A number that comes back in a class is somebody.
    twice = [f"{face}/{take}_{n}.png" for take in "ab" for face, n in pairs]
    assert propose_groups(ImageTable(twice, [face for face, _ in pairs] * 2))


@pytest.mark.parametrize(
    "name", ["{face}/{who}/{n}.png", "{who}/{face}/{n}.png", "{face}/{who}/x/{n}.png"]
)
def test_people_are_recognised_by_their_folders(name, tmp_path):
    from PIL import Image

    people, faces = ("ann", "bob", "cem"), ("happy", "sad")
    shown = [(who, face, n) for who in people for face in faces for n in "01"]
    names = [name.format(who=who, face=face, n=n) for who, face, n in shown]
    for place, path in enumerate(tmp_path / one for one in names):
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (6, 5), 10 * place).save(path)
    whole = [str(tmp_path / one) for one in names]
    (proposal,) = propose_groups(ImageTable(whole, [face for _, face, _ in shown]))
    assert proposal.groups.tolist() == [who for who, _, _ in shown]
    assert str(proposal).startswith("3 people by folder names, for instance 'ann' of")
    assert names[0] in proposal.example
    level = "subject/class" if name.startswith("{who}") else "class"
    for groups in ("auto", proposal.pattern):
        table = load_image_folder(tmp_path, layout=level, groups=groups)
        of_path = dict(zip(table.paths.tolist(), table.groups.tolist(), strict=True))
        assert [of_path[one] for one in whole] == [who for who, _, _ in shown]


def test_arrays_have_no_names():
    assert propose_groups(make_faces(4, random_state=0)) == []


@pytest.fixture
def folder(tmp_path):
    from PIL import Image

    images = iter(make_faces(36, random_state=0).images)
    for _, name, face in NAMES["KDEF"]:
        (tmp_path / face).mkdir(exist_ok=True)
        Image.fromarray(next(images)).save(tmp_path / face / f"{name[:-4]}.png")
    return tmp_path


def test_auto_takes_the_first_and_says_so(folder):
    table = load_image_folder(folder, groups="auto")
    assert set(table.groups) == {f"{sex}{n:02}" for sex in "FM" for n in (1, 2, 3)}
    assert "groups guessed: 6 people, for instance" in table.summary
    assert load_image_folder(folder).groups is None


def test_auto_without_people_is_an_error(folder):
    for number, path in enumerate(sorted(folder.rglob("*.png"))):
        path.rename(path.with_name(f"{number:05}.png"))
    with pytest.raises(ValueError, match=r"groups=\"auto\", but names such as"):
        load_image_folder(folder, groups="auto")


def test_subject_folders_come_before_names(folder):
    for path in sorted(folder.rglob("*.png")):
        place = folder / "people" / path.stem[2:4] / path.parent.name
        place.mkdir(parents=True, exist_ok=True)
        path.rename(place / path.name)
    table = load_image_folder(folder / "people", layout="subject/class", groups="auto")
    assert sorted(np.unique(table.groups)) == ["01", "02", "03"]

"""What an audit names, and what it leaves in peace."""

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter, map_coordinates

from skfer.datasets import ImageTable, audit_images, make_faces
from skfer.faces import FaceDetector


@pytest.fixture(scope="module")
def faces():
    """84 faces of 84 people, of all classes."""
    drawn = make_faces(588, n_subjects=84, random_state=0)
    place = {name: number for number, name in enumerate(drawn.target_names)}
    chosen = [
        place[name] == who % 7
        for name, who in zip(drawn.target, drawn.groups, strict=True)
    ]
    return drawn[np.array(chosen)]


def kinds(audit):
    return [finding.kind for finding in audit.findings]


def find(audit, kind):
    (finding,) = (finding for finding in audit.findings if finding.kind == kind)
    return finding


def test_nothing_is_found_where_nothing_is_wrong(faces):
    audit = audit_images(faces.images, faces.target, groups=faces.groups)
    assert audit.findings == []
    assert audit.is_sound
    assert audit.keep().tolist() == list(range(84))


def test_broken_and_disguised_files(tmp_path, faces):
    Image.fromarray(faces.images[0]).save(tmp_path / "good.png")
    Image.fromarray(faces.images[1]).save(tmp_path / "webp.jpg", format="WEBP")
    Image.fromarray(faces.images[2]).save(tmp_path / "photo.jfif", format="JPEG")
    Image.new("L", (20, 20), 77).save(tmp_path / "blank.png")
    bad = {
        "pointer.png": "version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
        "page.jpg": "<!DOCTYPE html><html><title>403</title></html>",
        "denied.jpg": "<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>",
        "drawing.png": "<?xml version='1.0'?><svg xmlns='x'></svg>",
        "notes.jpg.txt": "to do",
        "empty.png": "",
    }
    for name, text in bad.items():
        (tmp_path / name).write_text(text)
    names = ["good.png", "webp.jpg", "photo.jfif", "blank.png", *bad, "gone.png"]
    audit = audit_images([tmp_path / name for name in names])
    unreadable = find(audit, "unreadable")
    assert [row for (row,) in unreadable.rows] == list(range(4, 11))
    for words in (
        "Git LFS pointer", "it is a web page", "an XML message", "an SVG drawing",
        "it holds text", "empty", "no such file",
    ):  # fmt: skip
        assert words in unreadable.message
    assert find(audit, "wrong extension").rows == [[1]]
    assert "it is WEBP" in find(audit, "wrong extension").message
    assert find(audit, "blank").rows == [[3]]
    assert audit.keep().tolist() == [0, 1, 2]


def test_copies_without_groups_are_serious_and_with_them_are_not(faces):
    copies = [*range(84), 5, 6, 7, 8]
    images, target = faces.images[copies], faces.target[copies]
    audit = audit_images(images, target)
    assert kinds(audit) == ["copies without groups", "exact copies"]
    assert not audit.is_sound
    assert "8 of 88 images (9.1%) have a copy" in audit.summary
    assert audit.keep().tolist() == list(range(84))
    with_groups = audit_images(images, target, groups=faces.groups[copies])
    assert kinds(with_groups) == ["exact copies"]
    assert with_groups.is_sound


def test_nearly_every_image_has_a_copy(faces):
    audit = audit_images(np.repeat(faces.images[:20], 3, axis=0))
    assert "60 of 60 images (100.0%) have a copy" in audit.summary


def test_copies_and_people_across_a_split(faces):
    images = [*faces.images]
    images[70] = np.asarray(Image.fromarray(images[3]).reduce(2))
    split = np.repeat(["train", "test"], [60, 24])
    audit = audit_images(images, faces.target, groups=np.arange(84) % 12, split=split)
    assert not audit.is_sound
    copies = find(audit, "copies across split")
    assert copies.serious
    assert [3, 70] in copies.rows
    people = find(audit, "groups across split")
    assert people.serious
    assert "12 groups lie in more than one part (24 in test, 60 in train)" in (
        people.message
    )
    assert find(audit, "near copies").rows.count([3, 70]) == 1
    # Test parts stay whole.
    assert 70 in audit.keep()
    assert 3 not in audit.keep()


def test_of_equal_copies_the_one_outside_of_train_stays(faces):
    images = np.concatenate([faces.images[:10], faces.images[:2]])
    split = ["Training"] * 10 + ["PublicTest"] * 2
    assert audit_images(images, split=split).keep().tolist() == [*range(2, 12)]


def test_copies_with_different_labels(faces):
    images = np.append(faces.images, faces.images[:1], axis=0)
    target = np.append(faces.target, "another")
    audit = audit_images(images, target)
    assert find(audit, "copies with different labels").rows == [[0, 84]]
    assert find(audit, "tiny classes").serious  # There is one image only.
    assert find(audit, "copies with different labels").serious
    one_person = audit_images(images, target, groups=[*range(84), 0])
    assert not find(one_person, "copies with different labels").serious


def test_order_and_sizes_of_classes(faces):
    rows = np.argsort(faces.target, kind="stable")
    rows = np.delete(rows, range(63, 72))  # Of twelve sad ones, three stay.
    audit = audit_images(faces.images[rows], faces.target[rows])
    assert kinds(audit) == ["tiny classes", "sorted by class"]
    assert "{'sad': 3}" in find(audit, "tiny classes").message
    assert find(audit, "tiny classes").rows == [[60, 61, 62]]


def test_a_class_missing_in_a_part(faces):
    split = np.where(faces.target == "sad", "train", "test")
    split[:40] = "train"
    audit = audit_images(faces.images, faces.target, split=split)
    assert "{'test': ['sad']}" in find(audit, "classes missing in a part").message


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([],), "needs at least one image"),
        ((np.zeros((3, 8, 8), np.uint8), ["a", "b"]), "2 values of 'target' for 3"),
        ((np.zeros((3, 6), np.uint8),), "rows of pixels"),
    ],
)
def test_bad_input_is_explained(arguments, message):
    with pytest.raises(ValueError, match=message):
        audit_images(*arguments)


def test_a_folder_of_pointers_is_not_sound(tmp_path):
    paths = [tmp_path / f"{number}.png" for number in range(8)]
    for path in paths:
        path.write_text("version https://git-lfs.github.com/spec/v1\n")
    audit = audit_images(paths, ["a", "b"] * 4)
    assert find(audit, "unreadable").serious
    assert not audit.is_sound


def test_a_split_of_one_part_protects_nothing(faces):
    images = np.concatenate([faces.images[:20], faces.images[:20]])
    audit = audit_images(images, split=["train"] * 40)
    assert find(audit, "copies without groups").serious


def test_files_that_are_no_images_are_no_class(tmp_path, faces):
    paths = []
    for row in range(24):
        paths.append(tmp_path / f"{row}.png")
        Image.fromarray(faces.images[row]).save(paths[-1])
    (tmp_path / "run.py").write_text("pass")
    target = ["happy", "sad"] * 12
    audit = audit_images([*paths, tmp_path / "run.py"], [*target, "scripts"])
    assert audit.is_sound
    assert kinds(audit) == ["unreadable"]


def test_other_endings_of_the_same_format(tmp_path):
    for name, form in (("a", "PNG"), ("b.jp2", "JPEG2000"), ("c.dib", "BMP")):
        Image.new("L", (9, 9)).save(tmp_path / name, format=form)
    audit = audit_images([tmp_path / name for name in ("a", "b.jp2", "c.dib")])
    assert "wrong extension" not in kinds(audit)


def test_missing_groups_are_refused(faces):
    with pytest.raises(ValueError, match="no value of 'groups' for row 1"):
        audit_images(faces.images[:2], groups=["a", None])


def test_a_table_brings_its_own_labels_groups_and_parts(faces):
    table = faces[:60]
    table["split"] = np.repeat(["Training", "PublicTest"], 30)
    by_table = audit_images(table)
    by_arrays = audit_images(
        table.images, table.target, groups=table.groups, split=table.split
    )
    assert by_table.summary == by_arrays.summary
    with pytest.raises(ValueError, match="an ImageTable, and groups as well"):
        audit_images(table, groups=table.groups)


def test_what_a_table_knows_of_its_files_is_found(tmp_path, faces):
    """A file that a table of labels lists, but that isn't there."""
    Image.fromarray(faces.images[0]).save(tmp_path / "a.png")
    paths = [str(tmp_path / "a.png"), str(tmp_path / "b.png")]
    table = ImageTable(paths, ["x", "y"], status=["", "it has no label"])
    assert "b.png: it has no label" in find(audit_images(table), "unreadable").message


def test_every_file_is_read_once(tmp_path, faces, monkeypatch):
    from skfer.datasets import _fingerprints

    paths = []
    for row in range(8):
        paths.append(str(tmp_path / f"{row}.png"))
        Image.fromarray(faces.images[row]).save(paths[-1])
    decode, seen = _fingerprints.decode_all, []

    def watch(part, *rest):
        seen.extend(part)
        return decode(part, *rest)

    monkeypatch.setattr(_fingerprints, "decode_all", watch)
    table = ImageTable(paths, faces.target[:8])
    audit_images(table)
    audit_images(table[2:6])
    assert sorted(seen) == sorted(paths)


def moved(image, seed):
    """What a face does between two photographs: all parts move a little, apart."""
    rng = np.random.default_rng(seed)
    field = np.stack([gaussian_filter(rng.normal(size=image.shape), 5) for _ in "xy"])
    places = np.indices(image.shape) + field * 0.5 / field.std()
    return map_coordinates(image.astype(float), places, order=1).astype(np.uint8)


def test_look_alikes_are_no_copies_and_no_contradictions():
    from skimage import data

    photos = [data.astronaut()[:200, 100:300], data.cat()[50:250, 100:300],
              data.coffee()[50:250, 100:300]]  # fmt: skip
    gray = [np.asarray(Image.fromarray(p).convert("L").resize((64, 64)))
            for p in photos]  # fmt: skip
    images = [moved(image, seed) for image in gray for seed in range(4)]
    target = ["happy", "sad", "happy", "sad"] * 3
    audit = audit_images(images, target)
    assert "exact copies" not in kinds(audit)
    assert "near copies" not in kinds(audit)
    assert "copies with different labels" not in kinds(audit)
    assert audit.keep().tolist() == list(range(12))
    alike = find(audit, "look-alikes")
    assert not alike.serious
    assert "this looks like few people or a video" in alike.message
    split = ["train", "test"] * 6
    across = find(audit_images(images, target, split=split), "look-alikes across split")
    assert across.serious
    people = np.repeat(["a", "b", "c"], 4)
    assert "look-alikes" not in kinds(audit_images(images, target, groups=people))


def test_people_whom_names_tell_are_proposed(tmp_path):
    faces = make_faces(30, n_subjects=15, classes=["happy", "sad"], random_state=0)
    paths = []
    for number, image in enumerate(faces.images):
        paths.append(tmp_path / f"S{number // 2:03}_001_{number % 2:08}.png")
        Image.fromarray(image).save(paths[-1])
    target = ["happy", "sad"] * 15
    message = find(audit_images(paths, target), "people not given").message
    assert "15 people by names as in CK+, for instance 'S000' of 'S000_001_" in message
    given = audit_images(paths, target, groups=np.arange(30) // 2)
    assert "people not given" not in kinds(given)


def test_faces_that_are_missing_many_or_small_are_listed():
    boxes = {0: [], 1: [(0, 0, 30, 30)], 2: [(0, 0, 30, 30), (30, 30, 60, 60)],
             3: [(0, 0, 10, 20)]}  # fmt: skip
    images = np.random.default_rng(0).integers(0, 256, (5, 64, 64)).astype(np.uint8)
    images[:, 0, 0] = np.arange(5)
    images[4] = 7  # Blank: no face is looked for.

    def detect(image):
        return boxes[int(image[0, 0, 0])]

    audit = audit_images(images, detector=FaceDetector(detect))
    found = {finding.kind: finding.rows for finding in audit.findings}
    assert found["no face"] == [[0]]
    assert found["several faces"] == [[2]]
    assert found["small face"] == [[3]]
    assert not any(f.serious for f in audit.findings if "face" in f.kind)
    assert "no face" not in {finding.kind for finding in audit_images(images).findings}


def test_faces_that_were_cut_out_are_not_looked_for_again(faces):
    """`classify_images` and ``skfer compare --faces`` give such columns."""
    table = faces[np.arange(84)]
    is_missing = np.arange(84) % 3 == 0
    table["face"] = np.where(is_missing, "missing", "found")
    box = np.tile([2.0, 3.0, 42.0, 43.0], (84, 1))
    box[1] = 2.0, 3.0, 20.0, 22.0
    box[is_missing] = np.nan
    table["box"] = box
    found = {finding.kind: finding for finding in audit_images(table).findings}
    assert found["no face"].rows == [[row] for row in range(0, 84, 3)]
    assert not found["no face"].serious
    assert found["small face"].rows == [[1]]
    table["face"] = np.where(table.target == "sad", "missing", "found")
    (serious,) = (f for f in audit_images(table).findings if f.serious)
    assert serious.kind == "no face"
    # Columns of a user that are called so.
    table["face"] = np.where(np.arange(84) % 2, "round", "missing")
    assert not {"no face", "small face"} & {
        f.kind for f in audit_images(table).findings
    }
    table["face"], table["box"] = np.full(84, "missing"), np.arange(84).astype(str)
    assert audit_images(table).findings[0].kind == "no face"

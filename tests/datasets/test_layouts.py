"""Folders as people have them: parts, people, CSV files, links, odd names."""

import os
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from skfer.datasets import load_image_folder


def plant(root, *names):
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (6, 5)).save(path, format="PNG")
    return root


def facts(faces):
    groups = [None] * len(faces.paths) if faces.groups is None else faces.groups
    split = [None] * len(faces.paths) if faces.split is None else faces.split
    return [
        tuple(map(str, row)) for row in zip(faces.target, split, groups, strict=True)
    ]


@pytest.mark.parametrize("names", [("train", "val"), ("Training", "validation")])
def test_split_folders_are_told_by_their_names(tmp_path, names):
    for part in names:
        plant(tmp_path, f"{part}/happy/1.png", f"{part}/sad/deep/2.png")
    faces = load_image_folder(tmp_path)
    assert facts(faces) == [
        ("happy", "train", "None"),
        ("sad", "train", "None"),
        ("happy", "validation", "None"),
        ("sad", "validation", "None"),
    ]


def test_people_are_recognised_by_their_names_and_become_groups(tmp_path):
    for subject in ("Subject_1", "Subject_12", "S 3"):
        plant(tmp_path, f"{subject}/Class 1 Touch/a.png", f"{subject}/Class 2/b.png")
    faces = load_image_folder(tmp_path)
    assert faces.target_names == ["Class 1 Touch", "Class 2"]
    assert set(faces.groups) == {"Subject_1", "Subject_12", "S 3"}
    assert "layout: subject/class, recognised by the names" in faces.summary
    by_class = load_image_folder(tmp_path, layout="class")
    assert by_class.target_names == ["S 3", "Subject_1", "Subject_12"]
    assert by_class.groups is None


def test_people_are_recognised_by_expressions_in_their_folders(tmp_path):
    plant(tmp_path, *(f"{who}/{name}/1.png" for who in ("ann", "bob") for name in
                      ("happy", "sad")))  # fmt: skip
    faces = load_image_folder(tmp_path)
    assert facts(faces)[0] == ("happy", "None", "ann")


def test_expressions_on_the_outside_are_classes(tmp_path):
    plant(tmp_path, *(f"{name}/{who}/1.png" for who in ("ann", "bob") for name in
                      ("happy", "sad")))  # fmt: skip
    faces = load_image_folder(tmp_path)
    assert faces.target.tolist() == ["happy", "happy", "sad", "sad"]
    assert faces.groups is None


def test_people_within_parts_are_recognised(tmp_path):
    plant(tmp_path, *(f"{part}/S{i}/{name}/1.png" for part in ("train", "test")
                      for i in (1, 2) for name in ("happy", "sad")))  # fmt: skip
    faces = load_image_folder(tmp_path)
    assert facts(faces)[0] == ("happy", "test", "S1")


def test_what_names_leave_open_is_asked_about(tmp_path):
    plant(tmp_path, *(f"{a}/{b}/1.png" for a in ("alpha", "beta") for b in "xy"))
    with pytest.raises(
        ValueError, match="layout='subject/class' if the outer ones are"
    ):
        load_image_folder(tmp_path)


def test_three_levels_and_groups_by_parent_and_callable(tmp_path):
    names = [f"{s}/p{i}/{c}/x.png" for s in ("test", "dev") for i in "12" for c in "uv"]
    plant(tmp_path, *names)
    faces = load_image_folder(tmp_path, layout="split/subject/class")
    assert facts(faces)[:2] == [("u", "validation", "p1"), ("v", "validation", "p1")]
    assert set(faces.split_name) == {"test", "dev"}
    parents = load_image_folder(tmp_path, layout="split/subject/class", groups="parent")
    assert parents.groups[0] == "dev/p1/u"
    deep = load_image_folder(
        tmp_path, layout="split/subject/class", groups=lambda path: path.parts[-3]
    )
    assert set(deep.groups) == {"p1", "p2"}
    plant(tmp_path, "spare/p1/u/x.png")
    with pytest.raises(
        ValueError, match="'spare' is not the name of a part. Use train"
    ):
        load_image_folder(tmp_path, layout="split/subject/class")


@pytest.mark.parametrize(
    ("layout", "message"),
    [
        ("person/class", "made of 'class' and"),
        ("subject", "made of 'class' and"),
        ("class/class", "naming one twice"),
    ],
)
def test_unknown_layouts(tmp_path, layout, message):
    with pytest.raises(ValueError, match=message):
        load_image_folder(plant(tmp_path, "a/1.png", "b/1.png"), layout=layout)


def test_parts_with_different_classes_are_said(tmp_path):
    plant(tmp_path, "train/a/1.png", "train/b/1.png", "test/a/1.png")
    with pytest.warns(UserWarning, match=r"the part 'test' has no images of \['b'\]"):
        faces = load_image_folder(tmp_path)
    assert "problem: the part 'test'" in faces.summary


def test_classes_that_differ_in_case(tmp_path):
    plant(tmp_path, "happiness/1.png", "HAPPINESS/2.png", "Fear/1.png")
    with pytest.warns(UserWarning, match="differ in case only; pass fold_case=True"):
        load_image_folder(tmp_path)
    faces = load_image_folder(tmp_path, fold_case=True)
    labels = {
        Path(p).parent.name: t for p, t in zip(faces.paths, faces.target, strict=True)
    }
    assert labels == {
        "Fear": "fear", "HAPPINESS": "happiness", "happiness": "happiness"
    }  # fmt: skip


def test_numeric_folders_get_names(tmp_path):
    plant(tmp_path, "0/a.png", "1/b.png")
    faces = load_image_folder(tmp_path, class_names={0: "angry", 1: "happy"})
    assert faces.target_names == ["angry", "happy"]
    with pytest.raises(ValueError, match=r"found the class '1', for which"):
        load_image_folder(tmp_path, class_names={0: "angry"})


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
def test_links_are_followed_but_not_in_a_circle(tmp_path):
    elsewhere = plant(tmp_path / "elsewhere", "1.png", "2.png")
    root = plant(tmp_path / "root", "happy/1.png")
    (root / "sad").symlink_to(elsewhere)
    (root / "happy" / "again").symlink_to(root)
    with pytest.warns(UserWarning, match="is a link that leads back to"):
        faces = load_image_folder(root)
    assert sorted(faces.target) == ["happy", "sad", "sad"]


def test_unicode_and_spaces(tmp_path):
    plant(tmp_path, "traurig ☹/Ä b.png", "fröhlich 😀/ß.png")
    assert load_image_folder(tmp_path).target_names == ["fröhlich 😀", "traurig ☹"]


def test_summary_counts_parts_sizes_and_formats(tmp_path):
    plant(tmp_path, "train/a/1.png", "train/b/1.png", "test/a/1.png", "test/b/1.png")
    Image.new("RGB", (60, 50)).save(tmp_path / "train/a/2.jpg")
    text = load_image_folder(tmp_path).summary
    assert "5 images of 2 classes" in text
    assert text.splitlines()[1].split() == ["train", "test", "all"]
    assert text.splitlines()[2].split() == ["a", "2", "1", "3"]
    assert text.splitlines()[4].split() == ["all", "3", "2", "5"]
    assert "6x5 to 60x50, 2 different" in text
    assert "PNG L 4, JPEG RGB 1" in text


def test_the_frame_has_what_the_table_knows(tmp_path):
    pytest.importorskip("pandas")
    plant(tmp_path, "p/a/1.png", "q/b/1.png")
    frame = load_image_folder(tmp_path, layout="subject/class").frame
    assert list(frame)[:3] == ["path", "target", "group"]
    assert frame.group.tolist() == ["p", "q"]
    assert frame.width.tolist() == [6, 6]


def test_keep_keeps_every_file(tmp_path):
    plant(tmp_path, "a/1.png", "b/1.png")
    (tmp_path / "a" / "2.png").write_text("no picture")
    (tmp_path / "a" / "notes.txt").write_text("to do")
    faces = load_image_folder(tmp_path, on_error="keep")
    assert faces.is_readable.tolist() == [True, False, False, True]
    assert faces.width.tolist() == [6, 0, 0, 6]


NAMES = st.text("aäB .-_1☹", min_size=1, max_size=6).filter(
    lambda name: name.strip(" .") and not name.startswith(".")
)


@given(st.dictionaries(NAMES, st.lists(NAMES, min_size=1, max_size=3), max_size=4))
@settings(max_examples=40)
def test_no_image_of_any_tree_is_lost(tmp_path_factory, tree):
    root = tmp_path_factory.mktemp("tree")
    for folder, files in tree.items():
        plant(root, *(f"{folder}/{name}" for name in files))
    n = sum(len(files) for files in [{*files} for files in tree.values()])
    if len({name.strip() for name in tree}) < 2:
        with pytest.raises(ValueError, match="at least two classes"):
            load_image_folder(root)
        return
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*differ in case only")
        faces = load_image_folder(root)
    assert len(faces.paths) == n
    folders = [Path(path).parent.name.strip() for path in faces.paths]
    assert folders == faces.target.tolist()
    assert set(folders) == {name.strip() for name in tree}
    assert np.array_equal(faces.paths, load_image_folder(root, fold_case=True).paths)


def test_a_folder_that_cannot_be_read_is_named(tmp_path, monkeypatch):
    plant(tmp_path, "happy/1.png", "sad/1.png")
    scandir = os.scandir

    def refuse(folder):
        if Path(folder).name == "sad":
            raise PermissionError(13, "Permission denied", str(folder))
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(PermissionError, match="sad' can't be read: Permission denied"):
        load_image_folder(tmp_path)


@pytest.mark.parametrize(
    ("stray", "message"),
    [
        ("train/readme.txt", None),
        ("docs/notes.md", None),
        ("test/1.png", "1 image outside of class folders, the first test/1.png"),
    ],
)
def test_stray_files_turn_no_parts_into_classes(tmp_path, stray, message):
    plant(
        tmp_path,
        *(f"{part}/{name}/1.png" for part in ("train", "val") for name in "ab"),
    )
    plant(tmp_path, stray)
    if not stray.endswith("png"):
        (tmp_path / stray).write_text("to do")
    if message is None:
        faces = load_image_folder(tmp_path)
    else:
        with pytest.warns(UserWarning, match=message):
            faces = load_image_folder(tmp_path)
    assert faces.target_names == ["a", "b"]
    assert set(faces.split) == {"train", "validation"}


def test_images_beside_class_folders_are_said(tmp_path):
    plant(tmp_path, "a/1.png", "b/1.png", "loose.png")
    with pytest.warns(UserWarning, match="1 image outside of class folders"):
        faces = load_image_folder(tmp_path)
    assert len(faces.paths) == 2
    assert "loose.png" in faces.summary
    # Nor does one vanish that can't be read.
    (tmp_path / "empty.png").touch()
    with pytest.warns(UserWarning, match="2 images outside of class folders"):
        assert dict(load_image_folder(tmp_path).left_out) == {
            "empty.png": "the file is empty (0 bytes)",
            "loose.png": "it is outside of class folders",
        }


def test_notes_do_not_turn_people_into_classes(tmp_path):
    plant(tmp_path, *(f"S{i}/{name}/1.png" for i in range(3) for name in "ab"))
    (tmp_path / "S1" / "notes.txt").write_text("to do")
    assert load_image_folder(tmp_path).target_names == ["a", "b"]


def test_groups_of_any_kind_and_none(tmp_path):
    plant(tmp_path, "a/S1_1.png", "a/2.png", "b/S2_1.png")
    faces = load_image_folder(tmp_path, groups=lambda path: (path.parent.name, 1))
    assert faces.groups.tolist() == [("a", 1), ("a", 1), ("b", 1)]
    for groups in (r"(S\d+)?", lambda path: None):
        with pytest.raises(ValueError, match="found no group for .*Every image needs"):
            load_image_folder(tmp_path, groups=groups)
    with pytest.raises(ValueError, match="not a regular expression"):
        load_image_folder(tmp_path, groups="(")


@pytest.mark.parametrize(
    "parts", [("train", "eval"), ("train", "hold_out"), ("train_set", "test_set")]
)
def test_parts_of_unknown_names_are_not_people(parts, tmp_path):
    plant(tmp_path, *(f"{part}/{name}/1.png" for part in parts for name in
                      ("happy", "sad")))  # fmt: skip
    with pytest.raises(
        ValueError, match=rf"'{parts[1]}' sounds like a part|'test_set'"
    ):
        load_image_folder(tmp_path)
    people = load_image_folder(tmp_path, layout="subject/class")
    assert set(people.groups) == set(parts)

"""Labels from a CSV: every row has its file, and every file its row, or it is said."""

import csv
import warnings
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from skfer.datasets import load_image_folder


@pytest.fixture
def root(tmp_path):
    for name in ("1.png", "2.png", "in side/3.png"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        Image.new("L", (6, 5)).save(path)
    return tmp_path


def write(root, text, name="labels.csv", **options):
    (root / name).write_text(text, encoding="utf-8", **options)
    return name


THREE = "file,emotion,who\n1.png,happy,x\n2.png,sad,y\nin side/3.png,happy,x\n"


def test_columns_are_found_and_become_groups(root):
    faces = load_image_folder(root, csv=write(root, THREE), groups="who")
    assert faces.target.tolist() == ["happy", "sad", "happy"]
    assert faces.groups.tolist() == ["x", "y", "x"]


def test_named_columns_numbers_parts_and_a_byte_order_mark(root):
    text = (
        "﻿a;b,no,Usage\n1.png,0,Training\n2.png,1,PublicTest\n in side\\3.png ,0,test\n"
    )
    with pytest.warns(UserWarning, match="has no images of"):
        faces = load_image_folder(
            root,
            csv=write(root, text),
            path_column="a;b",
            label_column="no",
            class_names={0: "calm", 1: "cross"},
        )
    assert faces.target.tolist() == ["calm", "cross", "calm"]
    assert faces.split.tolist() == ["train", "validation", "test"]


def test_in_an_archive(root):
    write(root, THREE)
    with zipfile.ZipFile(root / "all.zip", "w") as archive:
        for name in ("1.png", "2.png", "in side/3.png", "labels.csv"):
            archive.write(root / name, f"data/{name}")
    faces = load_image_folder(root / "all.zip", csv="labels.csv")
    assert faces.target.tolist() == ["happy", "sad", "happy"]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("4.png,sad,z", r"4.png \(line 5 of labels.csv\): there is no such file"),
        ("2.png,happy,z", "it has two labels, 'sad' and 'happy'"),
        ("2.png,,z", "it has no label"),
    ],
)
def test_bad_rows_are_named_or_left_out_with_a_warning(root, row, message):
    name = write(root, THREE + row + "\n")
    with pytest.raises(ValueError, match=message):
        load_image_folder(root, csv=name)
    more = write(root, THREE + "in side/3.png,happy,x\n", "repeated.csv")
    with pytest.warns(UserWarning, match="more than once: 1 file, the first"):
        assert len(load_image_folder(root, csv=more).paths) == 3


def test_a_file_with_two_labels_has_none(root):
    Image.new("L", (6, 5)).save(root / "4.png")
    name = write(root, THREE + "4.png,sad,z\n2.png,happy,z\n")
    with pytest.warns(UserWarning, match="two labels"):
        faces = load_image_folder(root, csv=name, on_error="skip")
    assert [path.rpartition("/")[2] for path in faces.paths] == [
        "1.png", "3.png", "4.png"
    ]  # fmt: skip


def test_files_without_a_row_are_said(root):
    name = write(root, "file,label\n1.png,a\n2.png,b\n")
    with pytest.warns(
        UserWarning, match="1 image without a row in the CSV, the first in side/3.png"
    ):
        assert len(load_image_folder(root, csv=name).paths) == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds 0 lines of text"),
        ("file,label\n\n", "holds 1 lines"),
        ("file,label\n1.png\n", "Line 2 of .* has 1 fields"),
        ("file,label,label\n1.png,a,b\n", "names a column twice"),
        ("file,path,label\n1.png,1.png,b\n", "can't tell which column.*path_column="),
        ("file,mood\n1.png,b\n", "none of the usual names.*label_column="),
        ('file,label\n"1.png,b\n', "is not a CSV"),
    ],
)
def test_files_that_are_no_table(root, text, message):
    with pytest.raises(ValueError, match=message):
        load_image_folder(root, csv=write(root, text))


def test_what_cannot_be_read_or_meant(root):
    with pytest.raises(FileNotFoundError, match="can't read the CSV"):
        load_image_folder(root, csv="none.csv")
    (root / "utf16.csv").write_bytes("file,label\n1.png,ä\n".encode("utf-16"))
    with pytest.raises(ValueError, match="not a CSV in UTF-8"):
        load_image_folder(root, csv="utf16.csv")
    with pytest.raises(ValueError, match="both csv and layout"):
        load_image_folder(root, csv="labels.csv", layout="class")
    with pytest.raises(ValueError, match="path_column='x', but labels.csv has"):
        load_image_folder(root, csv=write(root, THREE), path_column="x")


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["1.png", "2.png", "in side/3.png", "none.png"]),
            st.sampled_from(["a", "b", " a ", '"', "ä,b"]),
        ),
        min_size=1,
        max_size=6,
    )
)
@settings(max_examples=60)
def test_every_row_is_an_image_or_is_named(tmp_path_factory, rows):
    root = tmp_path_factory.mktemp("csv")
    (root / "in side").mkdir()
    for name in ("1.png", "2.png", "in side/3.png"):
        Image.new("L", (6, 5)).save(root / name)
    with (root / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("file", "label"), *rows])
    labels = {}
    for name, label in rows:
        labels.setdefault(name, set()).add(label.strip())
    good = {name: seen for name, seen in labels.items() if name != "none.png"}
    contradicted = any(len(seen) > 1 for seen in good.values())
    if "none.png" in labels or contradicted:
        with pytest.raises(ValueError, match="no such file|two labels"):
            load_image_folder(root, csv="labels.csv")
    elif len(set.union(*good.values())) < 2:
        with pytest.raises(ValueError, match="at least two classes"):
            load_image_folder(root, csv="labels.csv")
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            faces = load_image_folder(root, csv="labels.csv")
        found = {
            path.removeprefix(f"{root}/"): {label}
            for path, label in zip(faces.paths, faces.target, strict=True)
        }
        assert found == good


def test_case_is_folded_before_labels_are_compared(root):
    text = "file,label\n1.png,Happy\n1.png,happy\n2.png,sad\nin side/3.png,sad\n"
    with pytest.warns(UserWarning, match="listed more than once"):
        faces = load_image_folder(root, csv=write(root, text), fold_case=True)
    assert faces.target.tolist() == ["happy", "sad", "sad"]


def test_an_empty_part_is_named(root):
    text = "file,label,split\n1.png,a,train\n2.png,b,\nin side/3.png,b,train\n"
    with pytest.raises(ValueError, match="its column 'split' is empty"):
        load_image_folder(root, csv=write(root, text))


def test_a_misspelt_column_of_groups_is_told_from_the_others(root):
    with pytest.raises(ValueError, match=r"The CSV has the columns \['who'\]"):
        load_image_folder(root, csv=write(root, THREE), groups="whom")


def test_what_has_no_file_is_kept_with_its_status(root):
    name = write(root, THREE + "4.png,sad,z\n")
    faces = load_image_folder(root, csv=name, on_error="keep")
    assert faces.status.tolist() == ["", "", "", "there is no such file"]
    assert faces.source[3] == "line 5 of labels.csv"
    assert "not readable, kept for the audit: 1 file" in faces.summary


def test_further_columns_travel_with_the_images(root):
    rows = ["file,label,age,split", "1.png,a,30,train", "2.png,b,31,val"]
    text = "\n".join([*rows, "in side/3.png,a,8,train"])
    with pytest.warns(UserWarning, match="has no images of"):
        faces = load_image_folder(root, csv=write(root, text))
    assert faces.age.tolist() == ["30", "31", "8"]
    assert faces.split.tolist() == ["train", "validation", "train"]
    assert faces.split_name.tolist() == ["train", "val", "train"]
    assert faces[faces.split == "train"].age.tolist() == ["30", "8"]


def test_a_part_with_an_unknown_name_is_refused(root):
    text = "file,label,split\n1.png,a,train\n2.png,b,spare\nin side/3.png,a,train"
    with pytest.raises(
        ValueError, match=r"2\.png \(line 3 of labels\.csv\): 'spare' is not the name"
    ):
        load_image_folder(root, csv=write(root, text))


def test_three_listings_with_a_contradiction_leave_nothing_good(root):
    name = write(root, THREE + "1.png,sad,z\n1.png,happy,z\n")
    faces = load_image_folder(root, csv=name, on_error="keep")
    two_labels = "it has two labels, 'happy' and 'sad'"
    assert sorted(faces.status.tolist()) == ["", "", *[two_labels] * 3]


def test_a_file_in_two_parts_is_refused(root):
    rows = ["file,label,split", "1.png,a,train", "1.png,a,test", "2.png,b,train"]
    with pytest.raises(ValueError, match=r"in several parts, \['test', 'train'\]"):
        load_image_folder(root, csv=write(root, "\n".join(rows)))


def test_a_file_with_two_ages_is_refused(root):
    rows = ["file,label,age", "1.png,a,20", "1.png,a,99", "2.png,b,30"]
    with pytest.raises(ValueError, match="listed with several values of age"):
        load_image_folder(root, csv=write(root, "\n".join(rows)))


@pytest.mark.filterwarnings("ignore:left out")
def test_absolute_names_are_found(root):
    rows = ["file,label", f"{root.resolve()}/1.png,a", "2.png,b"]
    faces = load_image_folder(root, csv=write(root, "\n".join(rows)))
    assert len(faces) == 2


@pytest.mark.filterwarnings("ignore:the part")
def test_an_empty_part_is_kept_for_the_audit(root):
    text = "file,label,split\n1.png,a,train\n2.png,b,\nin side/3.png,b,train\n"
    faces = load_image_folder(root, csv=write(root, text), on_error="keep")
    assert faces.status[1] == "its column 'split' is empty"


def test_columns_of_any_name_are_taken(root):
    rows = ["file,label,_id,self,shape,format,format_,concatenate"]
    rows += [f"{n}.png,{n},7,8,9,x,y,z" for n in (1, 2)]
    with pytest.warns(UserWarning, match="without a row in the CSV"):
        faces = load_image_folder(root, csv=write(root, "\n".join(rows)))
    found = {str(faces[name][0]) for name in faces.columns}
    assert found >= set("789xyz")
    assert faces.format[0] == "PNG L"


def test_groups_are_asked_of_images_only(root):
    for name in ("a/S1.png", "b/S2.png"):
        (root / "more" / name).parent.mkdir(parents=True)
        Image.new("L", (6, 5)).save(root / "more" / name)
    (root / "more" / "a" / "notes.txt").write_text("to do")
    faces = load_image_folder(root / "more", groups=r"S\d", on_error="keep")
    assert sorted(faces.groups.tolist()) == ["S1", "S2", "not readable"]


@pytest.mark.filterwarnings("ignore:left out")
def test_a_column_of_people_becomes_the_groups(root):
    rows = ["file,label,person", "1.png,a,ann", "2.png,b,bob"]
    faces = load_image_folder(root, csv=write(root, "\n".join(rows)))
    assert faces.groups.tolist() == faces.person.tolist() == ["ann", "bob"]
    assert "groups: from the column 'person' of the CSV" in faces.summary
    for text, words in (
        ("file,label,person\n1.png,a,ann\n2.png,b,\n", "'person' is empty in 1 line"),
        ("file,label,group,person\n1.png,a,x,ann\n2.png,b,y,ann\n", "which of the col"),
    ):
        faces = load_image_folder(root, csv=write(root, text))
        assert faces.groups is None
        assert words in faces.summary


@pytest.mark.filterwarnings("ignore:left out")
def test_a_table_that_was_saved_is_read_again(root):
    rows = ["file,label,person,age", "1.png,a,ann,20", "2.png,b,bob,30"]
    first = load_image_folder(root, csv=write(root, "\n".join(rows)))
    first.frame.to_csv(root / "saved.csv", index=False)
    again = load_image_folder(root, csv="saved.csv", groups="group")
    assert set(again.columns) == set(first.columns)
    assert again.groups.tolist() == ["ann", "bob"]
    assert again.age.tolist() == ["20", "30"]

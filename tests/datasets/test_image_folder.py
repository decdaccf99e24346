import os
import time
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from skfer.datasets import load_image_folder, read_images

LFS_POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12345\n"


def save(path, size=(8, 8), format="PNG"):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", size).save(path, format=format)


@pytest.fixture
def folder(tmp_path):
    for name in ("sad/b.png", "sad/a.jpg", "happy/z.png", "happy/sub/y.png"):
        save(tmp_path / name, format="JPEG" if name.endswith("jpg") else "PNG")
    return tmp_path


def names(faces, root):
    return [str(path).removeprefix(f"{root}/") for path in faces.paths]


def test_sorted_paths_labels_and_description(folder):
    faces = load_image_folder(folder)
    assert names(faces, folder) == [
        "happy/sub/y.png", "happy/z.png", "sad/a.jpg", "sad/b.png"
    ]  # fmt: skip
    assert faces.target.tolist() == ["happy", "happy", "sad", "sad"]
    assert faces.target_names == ["happy", "sad"]
    assert faces.groups is None
    assert "4 images of 2 classes" in faces.summary
    assert faces.split is None
    assert set(faces.source) == {str(folder)}


def test_content_decides_not_names(folder):
    save(folder / "happy" / "no_ending")
    save(folder / "happy" / "webp_named.jpg", format="WEBP")
    save(folder / "happy" / ".hidden.png")
    save(folder / ".thumbnails" / "t.png")
    save(folder / "happy" / ".cache" / "t.png")
    (folder / "happy" / "notes.jpg.txt").write_text("to do")
    (folder / "README.md").write_text("about")
    (folder / "happy" / "Thumbs.db").write_bytes(b"\xd0\xcf\x11")
    with pytest.warns(UserWarning, match=r"(?s)not images: 1 file .*notes\.jpg\.txt"):
        faces = load_image_folder(folder)
    happy = [name for name in names(faces, folder) if name.startswith("happy")]
    assert happy == [
        "happy/no_ending", "happy/sub/y.png", "happy/webp_named.jpg", "happy/z.png"
    ]  # fmt: skip
    ((name, reason),) = faces.left_out
    assert name.endswith("happy/notes.jpg.txt")
    assert "holds text" in reason
    # Two hidden folders, a hidden file, and what Windows leaves behind.
    assert "hidden files and folders: 4" in faces.summary


BAD_FILES = {
    "text.jpg": (b"I am no picture", "holds text, not an image"),
    "zero.png": (b"", r"empty \(0 bytes\)"),
    "pointer.jpeg": (LFS_POINTER.encode(), "Git LFS pointer.*git lfs pull"),
    "noise.jpg": (bytes(range(128, 256)), "not in an image format"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_files_that_pretend_raise_with_path_and_reason(folder, name):
    content, reason = BAD_FILES[name]
    (folder / "happy" / name).write_bytes(content)
    with pytest.raises(ValueError, match=rf"happy/{name}: .*{reason}"):
        load_image_folder(folder)


def test_all_bad_files_are_named_at_once_or_skipped(folder):
    for name, (content, _) in BAD_FILES.items():
        (folder / "sad" / name).write_bytes(content)
    with pytest.raises(ValueError, match="can't read 4 files") as caught:
        load_image_folder(folder)
    assert all(name in str(caught.value) for name in BAD_FILES)
    with pytest.warns(UserWarning, match="can't read 4 files"):
        faces = load_image_folder(folder, on_error="skip")
    assert len(faces.paths) == 4


def test_a_long_list_of_bad_files_is_cut_and_counted(folder):
    for number in range(25):
        (folder / "sad" / f"{number:02}.jpg").touch()
    with pytest.raises(ValueError, match=r"(?s)can't read 25 files.*and 15 more"):
        load_image_folder(folder)


def test_a_bomb_is_refused_by_its_header(folder):
    def chunk(name, content):
        check = zlib.crc32(name + content).to_bytes(4, "big")
        return len(content).to_bytes(4, "big") + name + content + check

    sides = (50_000).to_bytes(4, "big") * 2
    (folder / "happy" / "bomb.png").write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", sides + b"\x08\x00\x00\x00\x00")
        + chunk(b"IDAT", b"")
    )
    with pytest.raises(ValueError, match=r"bomb\.png: its header claims too many"):
        load_image_folder(folder)


def test_classes_choose_folders(folder):
    save(folder / "angry" / "c.png")
    faces = load_image_folder(folder, classes=["sad", "angry"])
    assert faces.target_names == ["angry", "sad"]
    with pytest.raises(ValueError, match=r"no folder for the classes \['bored'\]"):
        load_image_folder(folder, classes=["sad", "bored"])
    with pytest.raises(ValueError, match="must be a list of folder names"):
        load_image_folder(folder, classes="sad")


@pytest.mark.parametrize("groups", [r"^S\d+", r"^(S\d+)_", lambda p: p.name[:2]])
def test_groups(tmp_path, groups):
    for name in ("a/S1_0.png", "a/S2_0.png", "b/S1_1.png"):
        save(tmp_path / name)
    faces = load_image_folder(tmp_path, groups=groups)
    assert faces.groups.tolist() == ["S1", "S2", "S1"]


def test_names_without_a_group_are_refused(folder):
    with pytest.raises(ValueError, match=r"no group in 4 of 4 file names.*y\.png"):
        load_image_folder(folder, groups=r"^S\d+")


def test_missing_folder(tmp_path):
    with pytest.raises(FileNotFoundError, match="no folder at .*nowhere"):
        load_image_folder(tmp_path / "nowhere")


def test_empty_folder(tmp_path):
    with pytest.raises(ValueError, match=r"<class>/<image>.* found no folders"):
        load_image_folder(tmp_path)
    (tmp_path / "happy").mkdir()
    with pytest.raises(ValueError, match="found no images in its 1 folders"):
        load_image_folder(tmp_path)


def test_one_class(tmp_path):
    save(tmp_path / "happy" / "a.png")
    with pytest.raises(ValueError, match="one class only, 'happy'"):
        load_image_folder(tmp_path)


def test_the_folder_one_level_down_is_suggested(tmp_path):
    for name in ("data/happy/a.png", "data/sad/b.png"):
        save(tmp_path / name)
    with pytest.raises(ValueError, match=r"one class only.*Did you mean '.*data'"):
        load_image_folder(tmp_path)


def test_order_does_not_depend_on_the_file_system(folder, monkeypatch):
    expected = load_image_folder(folder).paths
    scandir = os.scandir

    def shuffled(top):
        return sorted(scandir(top), key=lambda entry: entry.name, reverse=True)

    monkeypatch.setattr(os, "scandir", shuffled)
    np.testing.assert_array_equal(load_image_folder(folder).paths, expected)


def test_on_error_is_checked(folder):
    with pytest.raises(ValueError, match="on_error='ignore'"):
        load_image_folder(folder, on_error="ignore")


HEIC = b"\0\0\0\x18ftypheic" + bytes(200)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.heic", HEIC, "damaged or cut off|HEIC photograph"),
        ("a.dng", bytes(range(200)), "not in an image format"),
        ("a.jxl", bytes(range(200)), "not in an image format"),
        ("a.jpg;w", bytes(range(200)), "not in an image format"),
        ("a.jpg?w=100", bytes(range(200)), "not in an image format"),
        ("a.JPG.crdownload", bytes(range(200)), "not in an image format"),
    ],
)
def test_no_file_that_was_meant_as_an_image_vanishes(folder, name, content, reason):
    (folder / "happy" / name).write_bytes(content)
    with pytest.raises(ValueError, match=f"can't read 1 file.*\n.*{reason}"):
        load_image_folder(folder)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("more.zip", b"PK\x03\x04" + bytes(50), "it is a zip archive"),
        ("scan.pdf", b"%PDF-1.7" + bytes(50), "it is a PDF"),
        ("table.csv", b"a,b", "it holds text"),
        ("unknown", bytes(range(128, 256)), "not in an image format"),
    ],
)
def test_other_files_in_class_folders_are_listed(folder, name, content, reason):
    (folder / "happy" / name).write_bytes(content)
    with pytest.warns(UserWarning, match=rf"(?s)left out, .*{name}: .*{reason}"):
        faces = load_image_folder(folder)
    assert len(faces) == 4
    assert [Path(name).name for name, _ in faces.left_out] == [name]


def test_pixels_are_checked_on_request(folder):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64), dtype=np.uint8)
    Image.fromarray(noise).save(folder / "sad" / "cut.jpg")
    good = (folder / "sad" / "cut.jpg").read_bytes()
    (folder / "sad" / "cut.jpg").write_bytes(good[: len(good) // 2])
    assert len(load_image_folder(folder)) == 5
    with pytest.raises(ValueError, match=r"cut\.jpg: it is damaged or cut off"):
        load_image_folder(folder, check="pixels")
    with pytest.warns(UserWarning, match="can't read 1 file"):
        faces = load_image_folder(folder, check="pixels", on_error="skip")
    assert len(faces) == len(faces.fingerprints.digest) == 4
    assert faces.width.tolist() == [8] * 4
    kept = load_image_folder(folder, check="pixels", on_error="keep")
    assert [Path(p).name for p in kept.paths[~kept.is_readable]] == ["cut.jpg"]
    with pytest.raises(ValueError, match="check='all'"):
        load_image_folder(folder, check="all")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes on Windows")
def test_a_pipe_is_not_waited_for(folder):
    os.mkfifo(folder / "happy" / "pipe.png")
    with pytest.warns(UserWarning, match=r"happy/pipe\.png is not a regular file"):
        assert len(load_image_folder(folder)) == 4


def test_a_link_to_nowhere_is_named(folder):
    (folder / "happy" / "lost.png").symlink_to(folder / "happy" / "lost.png")
    with pytest.raises(ValueError, match=r"lost\.png"):
        load_image_folder(folder)


def test_folders_may_be_deep(tmp_path):
    """Deeper than Python may call a function within itself."""
    save(tmp_path / "sad" / "b.png")
    deep = f"{tmp_path}/happy"
    folders = [Path(deep := f"{deep}/d") for _ in range(1500)]
    (tmp_path / "happy").mkdir()
    for folder in folders:
        folder.mkdir()
    save(folders[-1] / "a.png")
    begun = time.perf_counter()
    try:
        assert load_image_folder(tmp_path).target.tolist() == ["happy", "sad"]
        assert read_images(tmp_path).target.tolist() == ["happy", "sad"]
    finally:
        # Python's own ways to delete it call themselves.
        (folders[-1] / "a.png").unlink()
        for folder in reversed(folders):
            folder.rmdir()
    assert time.perf_counter() - begun < 10


def test_one_name_in_two_unicode_forms_is_one_class(tmp_path):
    for number, name in enumerate(("fro\u0308hlich", "fr\u00f6hlich", "sad", "sad ")):
        save(tmp_path / name / f"{number}.png")
    faces = load_image_folder(tmp_path)
    assert faces.target_names == ["fr\u00f6hlich", "sad"]
    assert len(faces) == 4
    # However the user writes it.
    for name in ("fro\u0308hlich", "fr\u00f6hlich "):
        named = load_image_folder(tmp_path, class_names={name: "glad", "sad": "sad "})
        assert named.target_names == ["glad", "sad"]
        assert len(load_image_folder(tmp_path, classes=[name, "sad"])) == 4


def test_names_that_are_no_text_can_be_written(tmp_path):
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/h\xe4ppy"))
    save(folder / "b.png")
    save(tmp_path / "sad" / "a.png")
    faces = load_image_folder(tmp_path)
    assert faces.target_names == ["h\\udce4ppy", "sad"]
    faces.summary.encode()


def test_an_empty_path_is_refused():
    with pytest.raises(FileNotFoundError, match="empty path"):
        load_image_folder("")


def test_an_image_outside_of_class_folders_that_is_cut_off_is_listed(folder):
    noise = np.random.default_rng(0).integers(0, 256, (40, 40), dtype=np.uint8)
    Image.fromarray(noise).save(folder / "whole.png")
    content = (folder / "whole.png").read_bytes()
    (folder / "whole.png").unlink()
    (folder / "portrait").write_bytes(content[:20])
    (folder / "README").write_text("no image")
    with pytest.warns(UserWarning, match="left out: 1 image outside of class folders"):
        faces = load_image_folder(folder)
    (entry,) = faces.left_out
    assert entry[0] == "portrait" and "damaged or cut off" in entry[1]


def test_notes_of_photo_programs_are_no_images(folder):
    (folder / "happy" / "a.jpg.xmp").write_text("<x:xmpmeta/>")
    with pytest.warns(UserWarning, match="not images: 1 file in class folders"):
        assert len(load_image_folder(folder)) == 4


def test_an_empty_class_folder_is_said(folder):
    (folder / "fear").mkdir()
    with pytest.warns(UserWarning, match="fear is an empty folder"):
        assert load_image_folder(folder).target_names == ["happy", "sad"]

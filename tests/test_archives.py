"""Pictures in zip archives are read where they lie; nothing hostile is unpacked."""

import io
import zipfile

import numpy as np
import pytest
from PIL import Image

from skfer import ImageLoader
from skfer._archives import ArchiveError, list_archive, open_member, read_member
from skfer.datasets import load_image_folder, read_images


def picture(value=0, format="PNG", size=(8, 6)):
    content = io.BytesIO()
    Image.new("L", size, value).save(content, format=format)
    return content.getvalue()


@pytest.fixture
def pack(tmp_path):
    def write(files, name="faces.zip", method=zipfile.ZIP_DEFLATED):
        path = tmp_path / name
        with zipfile.ZipFile(path, "w", method) as archive:
            for member, content in files.items():
                archive.writestr(member, content)
        return path

    return write


FOUR = {
    "happy/a b.png": picture(1),
    "happy/ünï.jpg": picture(2, "JPEG"),
    "sad/c.png": picture(3),
    "sad/d.gif": picture(4, "GIF"),
}


@pytest.mark.parametrize("top", ["", "faces/", "outer/inner/"])
def test_an_archive_is_read_like_a_folder(pack, tmp_path, top):
    path = pack({f"{top}{name}": content for name, content in FOUR.items()})
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path / "unpacked")
    packed = load_image_folder(path)
    unpacked = load_image_folder(tmp_path / "unpacked" / top)
    assert packed.target.tolist() == unpacked.target.tolist()
    np.testing.assert_array_equal(
        ImageLoader(mode="L").fit_transform(packed.paths),
        ImageLoader(mode="L").fit_transform(unpacked.paths),
    )
    assert ImageLoader(mode="L").fit_transform(packed.paths)[:, 0, 0].tolist() == [
        1,
        2,
        3,
        4,
    ]


def test_hidden_and_foreign_files_are_left_out(pack):
    path = pack({**FOUR, "__MACOSX/happy/._a.png": b"x", "happy/.DS_Store": b"x"})
    assert len(load_image_folder(path).paths) == 4


def test_a_changed_archive_is_read_anew(pack):
    path = pack({"a/1.png": picture(1)})
    first = ImageLoader(mode="L").fit_transform([path / "a/1.png"])
    pack({"a/1.png": picture(9), "b/2.png": picture()})
    second = ImageLoader(mode="L").fit_transform([path / "a/1.png"])
    assert (first.max(), second.max()) == (1, 9)


@pytest.mark.parametrize("name", ["../a.png", "happy/../../a.png", "/etc/a.png", "C:a"])
def test_names_that_point_outside_are_refused(pack, name):
    with pytest.raises(ArchiveError, match="points outside of it. Nothing was read"):
        list_archive(pack({**FOUR, name: picture()}))


def test_a_bomb_is_listed_and_not_unpacked(pack):
    path = pack({**FOUR, "sad/bomb.png": bytes(1 << 25)})
    with pytest.raises(
        ValueError, match=r"bomb.png: .*33,554,432; it may be a zip bomb"
    ):
        load_image_folder(path)
    with pytest.warns(UserWarning, match="zip bomb"):
        assert len(load_image_folder(path, on_error="skip").paths) == 4


def test_a_small_file_that_packs_well_is_no_bomb(pack):
    path = pack({"a/flat.bmp": picture(5, "BMP", (2000, 2000))})
    assert ImageLoader(mode="L").fit_transform([path / "a/flat.bmp"]).shape == (
        1,
        2000,
        2000,
    )


def test_damaged_missing_and_protected_members(pack):
    path = pack(FOUR, method=zipfile.ZIP_STORED)
    content = bytearray(path.read_bytes())
    at = content.index(b"IDAT")
    content[at : at + 4] = b"XXXX"
    path.write_bytes(content)
    with pytest.raises(ArchiveError, match="damaged in the archive"):
        read_member(path / "happy/a b.png")
    with pytest.raises(ArchiveError, match="no such file in"):
        read_member(path / "happy/none.png")
    flags = bytearray(pack(FOUR, "locked.zip").read_bytes())
    flags[6] |= 1
    central = flags.index(b"PK\x01\x02")
    flags[central + 8] |= 1
    (path.parent / "locked.zip").write_bytes(flags)
    with pytest.raises(ArchiveError, match="protected by a password"):
        read_member(path.parent / "locked.zip/happy/a b.png")


def test_a_file_that_is_no_archive(tmp_path):
    (tmp_path / "faces.zip").write_text("no archive")
    with pytest.raises(FileNotFoundError, match="a file that is not a zip archive"):
        load_image_folder(tmp_path / "faces.zip")


def test_odd_spellings_of_names(pack):
    files = {f"./{name}": content for name, content in FOUR.items()}
    assert len(load_image_folder(pack(files, "dots.zip")).paths) == 4
    path = pack({"happy|1.png": picture(7), "sad|2.png": picture(8)}, "old.zip")
    path.write_bytes(path.read_bytes().replace(b"|", b"\\"))
    faces = load_image_folder(path)
    assert faces.target.tolist() == ["happy", "sad"]
    assert ImageLoader(mode="L").fit_transform(faces.paths)[:, 0, 0].tolist() == [7, 8]


def test_a_part_is_no_wrapping(pack):
    path = pack({f"train/{name}": content for name, content in FOUR.items()})
    assert set(load_image_folder(path).split) == {"train"}


def test_a_way_of_packing_that_python_does_not_know(pack):
    path = pack(FOUR, method=zipfile.ZIP_STORED)
    content = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        at = content.find(mark)
        while at >= 0:
            content[at + offset] = 99
            at = content.find(mark, at + 1)
    path.write_bytes(content)
    with pytest.raises(ArchiveError, match="Python can't unpack it"):
        read_member(path / "happy/a b.png")


def lock(path):
    flags = bytearray(path.read_bytes())
    flags[6] |= 1
    flags[flags.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(flags)


def damage(path):
    content = bytearray(path.read_bytes())
    content[2000:2060] = bytes(60)
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("spoil", "message"), [(lock, "protected by a password"), (damage, "damaged in")]
)
def test_a_large_file_in_an_archive_that_cannot_be_read(pack, spoil, message):
    pixels = np.random.default_rng(0).integers(0, 256, 9000)
    lines = "emotion,pixels,Usage\n3," + " ".join(map(str, pixels)) + ",Training\n"
    path = pack({"fer2013.csv": lines})
    spoil(path)
    with (
        pytest.raises(ArchiveError, match=message),
        open_member(path / "fer2013.csv") as file,
    ):
        file.read()
    with pytest.raises(ValueError, match=f"fer2013.csv' can't be read.*{message}"):
        read_images(path)

"""Small JPEG files take a short cut around Pillow; nobody may notice."""

import os
import struct
import subprocess
import sys
import warnings
import zlib

import numpy as np
import pillow_heif
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from skimage import data

from skfer import ImageLoader, _decoding, _pillow
from skfer._decoding import decode_all
from skfer.datasets import load_image_folder
from skfer.persistence import load_model

# Sides that are no multiples of the blocks that JPEG works in.
PHOTO = np.ascontiguousarray(data.astronaut()[:101, 100:173])


def turned():
    exif = Image.Exif()
    exif[0x0112] = 6
    return {"exif": exif}


FILES = {
    "colour": ("RGB", {}, True),
    "whole chroma": ("RGB", {"subsampling": 0}, True),
    "progressive": ("RGB", {"progressive": True}, True),
    "gray": ("L", {}, True),
    "poor": ("L", {"quality": 5}, True),
    "turned": ("RGB", turned(), False),
    "cmyk": ("CMYK", {}, False),
}


@pytest.fixture(params=FILES)
def file(request, tmp_path):
    mode, options, is_plain = FILES[request.param]
    path = tmp_path / "face.jpg"
    Image.fromarray(PHOTO).convert(mode).save(path, **options)
    return path, is_plain


@pytest.mark.parametrize("mode", ["RGB", "L", None])
@pytest.mark.parametrize("size", [None, (101, 73), (30, 20)])
def test_the_short_cut_gives_the_same_pixels(file, mode, size, monkeypatch):
    short = ImageLoader(mode, size).fit_transform([file[0]])
    monkeypatch.setattr(_decoding, "_simplejpeg", lambda: None)
    np.testing.assert_array_equal(
        short, ImageLoader(mode, size).fit_transform([file[0]])
    )


@pytest.fixture
def heic(tmp_path):
    pillow_heif.from_pillow(Image.fromarray(PHOTO)).save(tmp_path / "a.heic")
    return tmp_path / "a.heic"


def test_heic_is_read_with_its_package(heic):
    (pixels,) = ImageLoader("RGB").fit_transform([heic])
    assert pixels.shape == PHOTO.shape
    assert np.abs(pixels.astype(int) - PHOTO).mean() < 6
    small = ImageLoader("L", (20, 20)).fit_transform([heic])
    assert small.shape == (1, 20, 20)


def test_without_its_package_the_way_to_read_heic_is_named(heic):
    code = (
        "import sys; sys.modules['pillow_heif'] = None\n"
        "from skfer import ImageLoader\n"
        f"ImageLoader().fit_transform([{str(heic)!r}])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "it is a HEIC photograph; pip install pillow-heif, or save" in done.stderr


def test_the_short_cut_is_taken_where_nothing_else_is_asked_for(file):
    path, is_plain = file
    content = _decoding._read_if_small(path)
    assert (_decoding._decode_plain_jpeg(content, None) is not None) == is_plain
    assert _decoding._decode_plain_jpeg(content, (30, 20)) is None


def test_large_files_are_not_kept_in_memory(tmp_path):
    path = tmp_path / "large.jpg"
    noise = np.random.default_rng(0).integers(0, 255, (400, 400), dtype=np.uint8)
    Image.fromarray(noise).save(path, quality=95)
    assert path.stat().st_size > 1 << 16
    assert _decoding._read_if_small(path) is None
    assert ImageLoader("L").fit_transform([path]).shape == (1, 400, 400)


def test_claims_of_too_many_pixels_are_refused(tmp_path, monkeypatch):
    path = tmp_path / "face.jpg"
    Image.fromarray(PHOTO).save(path)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(ValueError, match="its header claims too many pixels"):
        ImageLoader().fit_transform([path])


@pytest.mark.parametrize("share", [0.02, 0.5, 0.98])
def test_cut_off_files_are_told_by_pillow(tmp_path, share):
    path = tmp_path / "face.jpg"
    Image.fromarray(PHOTO).save(path)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(ValueError, match="face.jpg: it is damaged"):
        ImageLoader().fit_transform([path])


@pytest.mark.parametrize(
    "format", ["PNG", "JPEG", "BMP", "GIF", "TIFF", "PPM", "WEBP", "DDS"]
)
@given(data=st.data())
@settings(max_examples=25)
def test_damaged_files_are_read_or_named(format, data, tmp_path_factory):
    path = tmp_path_factory.mktemp("damaged") / "face.png"
    Image.fromarray(PHOTO).save(path, format=format)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, min(300, len(content) - 1)))] = data.draw(
            st.integers(0, 255)
        )
    path.write_bytes(content)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's about what it repairs.
        (image,) = _decoding.decode_all([path], "RGB", None)
    assert image.reason if image.pixels is None else image.pixels.shape[2] == 3


def test_a_header_that_claims_too_much_is_named(tmp_path):
    (tmp_path / "huge.ppm").write_bytes(b"P6 99999999999 1 255 ")
    (image,) = _decoding.decode_all([tmp_path / "huge.ppm"], None, None)
    assert image.pixels is None
    assert image.reason


def test_every_file_is_opened_once(tmp_path, monkeypatch):
    """Small and large, JPEG and others; by the system's own count."""
    noise = np.random.default_rng(0).integers(0, 256, (300, 300), dtype=np.uint8)
    paths = []
    for name, side in (("a.jpg", 40), ("a.png", 40), ("b.jpg", 300), ("b.png", 300)):
        paths.append(tmp_path / name)
        Image.fromarray(noise[:side, :side]).save(paths[-1], quality=95)
    code = (
        "import sys; from skfer._decoding import decode_all\n"
        "paths = sys.argv[1:]; decode_all(paths, None, None); seen = []\n"
        "sys.addaudithook(lambda event, args: event == 'open' and "
        "seen.append(str(args[0])))\n"
        "decode_all(paths, None, None); decode_all(paths, 'L', (20, 20))\n"
        "print(*(seen.count(path) for path in paths))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *map(os.fspath, paths)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.split() == ["2"] * 4


def test_large_jpeg_files_have_the_pixels_of_arrays(tmp_path):
    """Decoding at a smaller scale may not show: see the notes of ImageLoader."""
    photo = Image.fromarray(data.astronaut()).resize((1400, 1400))
    photo.save(tmp_path / "photo.jpg", quality=95)
    with Image.open(tmp_path / "photo.jpg") as file:
        pixels = np.asarray(file)
    loader = ImageLoader("L", 48)
    by_file = loader.fit_transform([tmp_path / "photo.jpg"]).astype(float)
    assert np.abs(by_file - loader.fit_transform([pixels])).mean() < 1


def write_tiff(path, values, *, photometric=1, sample=1, more=()):
    """Write one that Pillow can't write; ``sample`` is 1, 2 (signed) or 3 (float)."""
    height, width = values.shape
    raw = values.tobytes()
    tags = [
        (256, 4, width), (257, 4, height), (258, 3, 8 * values.itemsize), (259, 3, 1),
        (262, 3, photometric), (273, 4, 8), (277, 3, 1), (278, 4, height),
        (279, 4, len(raw)), (339, 3, sample), *more,
    ]  # fmt: skip
    entries = b"".join(struct.pack("<HHII", tag, kind, 1, v) for tag, kind, v in tags)
    head = b"II*\0" + struct.pack("<I", 8 + len(raw)) + raw
    path.write_bytes(head + struct.pack("<H", len(tags)) + entries + bytes(4))
    return path


GREYS = np.arange(256, dtype=np.uint8).reshape(16, 16)


@pytest.mark.parametrize("deep", [False, True])
def test_tiff_of_numbers_as_they_are(tmp_path, deep):
    values = GREYS.astype("<u2") * 257 if deep else GREYS
    (image,) = decode_all([write_tiff(tmp_path / "a.tif", values)], None, None)
    np.testing.assert_array_equal(image.pixels, GREYS)


@pytest.mark.parametrize(
    ("values", "options", "message"),
    [
        (GREYS.astype(np.int8), {"sample": 2}, "signed bytes; add 128"),
        (GREYS.astype("<u2") * 257, {"photometric": 0}, "zero means white"),
        (
            GREYS.astype("<f4") / 255,
            {"photometric": 0, "sample": 3},
            "zero means white",
        ),
        (GREYS, {"more": [(50706, 4, 1)]}, "raw photograph; save it as JPEG"),
    ],
)
def test_tiff_that_pillow_reads_as_something_else(tmp_path, values, options, message):
    (image,) = decode_all(
        [write_tiff(tmp_path / "a.tif", values, **options)], None, None
    )
    assert image.pixels is None
    assert message in image.reason


def test_a_raw_photograph_is_none_of_its_thumbnail(tmp_path):
    (image,) = decode_all([write_tiff(tmp_path / "a.NEF", GREYS)], None, None)
    assert "raw photograph" in image.reason


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    (image,) = decode_all([tmp_path / "pipe.png"], None, None)
    assert image.reason == "it is a pipe or a device, not a file"
    table = tmp_path / "labels.csv"
    table.write_text("file,label\npipe.png,happy\n")
    with pytest.raises(ValueError, match=r"pipe\.png .line 2.*no such file"):
        load_image_folder(tmp_path, csv="labels.csv")
    with pytest.raises(ValueError, match="got a pipe or a device"):
        load_model(tmp_path / "pipe.png")


@pytest.mark.parametrize("mode", ["P", "L", "RGB", "RGBA", "LA"])
def test_transparency_in_bands_is_that_of_the_whole(mode, monkeypatch):
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (37, 20, 4), dtype=np.uint8)
    image = Image.fromarray(pixels, "RGBA").convert(mode)
    if mode not in ("RGBA", "LA"):
        first = image.getpixel((0, 0))
        image.info["transparency"] = bytes(range(256)) if mode == "P" else first
    white = Image.new("RGBA", image.size, "white")
    whole = Image.alpha_composite(white, image.convert("RGBA")).convert("RGB")
    monkeypatch.setattr(_pillow, "_BAND", 8)
    np.testing.assert_array_equal(_pillow.eight_bits(image), whole)


def test_a_huge_palette_takes_one_copy(tmp_path):
    """Memory of 12 million pixels in the whole would be 200 MB more."""
    image = Image.new("P", (4000, 3000))
    image.putpalette(bytes(range(256)) * 3)
    image.save(tmp_path / "a.png", transparency=bytes(range(256)))
    code = (
        "import resource, sys; from skfer._decoding import decode_all\n"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024\n"
        "before = peak(); decode_all(sys.argv[1:], 'L', (48, 48)); "
        "print(peak() - before)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, os.fspath(tmp_path / "a.png")],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert int(done.stdout) < 100


def write_png(path, colours):
    """Write one of 16 bits, which Pillow can't write."""
    height, width = colours.shape[:2]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in colours)
    chunks = {
        b"IHDR": struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0),
        b"IDAT": zlib.compress(rows),
        b"IEND": b"",
    }
    content = b"\x89PNG\r\n\x1a\n"
    for name, part in chunks.items():
        check = struct.pack(">I", zlib.crc32(name + part))
        content += struct.pack(">I", len(part)) + name + part + check
    path.write_bytes(content)


@pytest.mark.parametrize("write", [write_png, tifffile.imwrite])
def test_colours_of_twelve_bits_in_sixteen(tmp_path, write):
    """Pillow keeps eight of the sixteen bits, and says nothing."""
    colours = np.repeat(GREYS[..., None], 3, axis=2).astype(np.uint16)
    write(tmp_path / "deep", colours * 257)
    (image,) = decode_all([tmp_path / "deep"], "L", None)
    np.testing.assert_array_equal(image.pixels, GREYS)
    write(tmp_path / "deep", colours * 16)
    (image,) = decode_all([tmp_path / "deep"], "L", None)
    assert "Multiply 12-bit values by 16" in image.reason


def test_floats_that_were_divided_twice(tmp_path):
    for scale, is_good in ((255, True), (255 * 255, False)):
        path = write_tiff(tmp_path / "a.tif", GREYS.astype("<f4") / scale, sample=3)
        (image,) = decode_all([path], None, None)
        assert (image.pixels is not None) == is_good
    assert "as if divided by 255 twice" in image.reason

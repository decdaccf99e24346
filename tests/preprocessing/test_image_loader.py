"""ImageLoader takes paths, so scikit-learn's checks have their twins here."""

import os
import pickle

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn.base import clone

from skfer import ImageLoader
from skfer._cached_array import CachedArray
from skfer.preprocessing import _image_loader

PIXELS = np.arange(6 * 9 * 3, dtype=np.uint8).reshape(6, 9, 3)


def save(folder, image, name="image.png", **options):
    path = folder / name
    image.save(path, **options)
    return path


def load_one(path, **params):
    return ImageLoader(**params).fit_transform([path])[0]


def test_paths_become_one_uint8_array(tmp_path):
    paths = [save(tmp_path, Image.fromarray(PIXELS + i), f"{i}.png") for i in range(3)]
    out = ImageLoader().fit_transform(paths)
    assert out.dtype == np.uint8
    np.testing.assert_array_equal(out, [PIXELS, PIXELS + 1, PIXELS + 2])


@pytest.mark.parametrize("kind", [str, lambda p: p, os.fspath])
@pytest.mark.parametrize("container", [list, tuple, np.array, "object", "series"])
def test_any_collection_of_paths(tmp_path, kind, container):
    import pandas as pd

    paths = [kind(save(tmp_path, Image.fromarray(PIXELS), f"{i}.png")) for i in "ab"]
    if container == "object":
        X = np.array(paths, dtype=object)
    elif container == "series":
        X = pd.Series(paths, index=[5, 9])
    else:
        X = container(paths)
    assert ImageLoader().fit_transform(X).shape == (2, 6, 9, 3)


def test_images_of_many_sizes_become_an_object_array(tmp_path):
    paths = [
        save(tmp_path, Image.fromarray(PIXELS), "a.png"),
        save(tmp_path, Image.fromarray(PIXELS[:4]), "b.png"),
    ]
    out = ImageLoader().fit_transform(paths)
    assert out.dtype == object
    assert [image.shape for image in out] == [(6, 9, 3), (4, 9, 3)]


def test_modes(tmp_path):
    gray = save(tmp_path, Image.fromarray(PIXELS[..., 0]), "gray.png")
    colour = save(tmp_path, Image.fromarray(PIXELS), "colour.png")
    assert load_one(gray, mode="L").shape == (6, 9)
    assert load_one(gray, mode=None).shape == (6, 9)
    assert load_one(gray, mode="RGB").shape == (6, 9, 3)
    assert load_one(colour, mode="L").shape == (6, 9)
    assert load_one(colour, mode=None).shape == (6, 9, 3)


def test_channels_are_in_rgb_order(tmp_path):
    path = save(tmp_path, Image.new("RGB", (2, 2), (200, 100, 50)))
    assert load_one(path)[0, 0].tolist() == [200, 100, 50]


def test_exif_orientation_is_applied(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # The camera was turned; the picture has to turn back.
    path = save(tmp_path, Image.fromarray(PIXELS), exif=exif)
    np.testing.assert_array_equal(load_one(path), np.rot90(PIXELS, -1))
    assert load_one(path, size=(9, 6)).shape == (9, 6, 3)


def test_alpha_is_laid_on_white(tmp_path):
    image = Image.new("RGBA", (2, 1), (0, 0, 0, 255))
    image.putpixel((1, 0), (10, 20, 30, 0))
    for name in ("rgba.png", "rgba.webp"):
        out = load_one(save(tmp_path, image, name, lossless=True))
        assert out[0].tolist() == [[0, 0, 0], [255, 255, 255]]


def test_gray_with_alpha(tmp_path):
    image = Image.new("LA", (2, 1), (7, 255))
    image.putpixel((1, 0), (7, 0))
    out = load_one(save(tmp_path, image))
    assert out[0].tolist() == [[7, 7, 7], [255, 255, 255]]


def test_palette_with_and_without_transparency(tmp_path):
    image = Image.new("P", (2, 1))
    image.putpalette([255, 0, 0, 0, 255, 0])
    image.putpixel((1, 0), 1)
    opaque = load_one(save(tmp_path, image, "opaque.png"))
    assert opaque[0].tolist() == [[255, 0, 0], [0, 255, 0]]
    seen = load_one(save(tmp_path, image, "holed.png", transparency=1))
    assert seen[0].tolist() == [[255, 0, 0], [255, 255, 255]]


def test_cmyk_jpeg(tmp_path):
    image = Image.new("CMYK", (8, 8), (0, 255, 255, 0))
    out = load_one(save(tmp_path, image, "cmyk.jpg", quality=100))
    assert np.abs(out[4, 4].astype(int) - [255, 0, 0]).max() < 10


def test_sixteen_bits_become_eight(tmp_path):
    image = Image.fromarray(np.array([[0, 257, 32896, 65535]], np.uint16))
    out = load_one(save(tmp_path, image, "deep.png"), mode="L")
    assert out[0].tolist() == [0, 1, 128, 255]


def test_floats_and_bits(tmp_path):
    floats = Image.fromarray(np.array([[0.0, 0.5, 1.0]], np.float32))
    assert load_one(save(tmp_path, floats, "f.tif"), mode="L")[0].tolist() == [
        0,
        128,
        255,
    ]
    bits = Image.fromarray(np.array([[False, True]]))
    assert load_one(save(tmp_path, bits, "bits.png"), mode="L")[0].tolist() == [0, 255]


def test_first_frame_of_an_animation(tmp_path):
    frames = [Image.new("RGB", (4, 4), colour) for colour in ("red", "blue")]
    path = save(
        tmp_path, frames[0], "moving.gif", save_all=True, append_images=frames[1:]
    )
    assert load_one(path)[0, 0].tolist() == [255, 0, 0]


def test_shrinking_while_decoding_equals_shrinking_afterwards(tmp_path):
    rng = np.random.default_rng(0)
    smooth = Image.fromarray(rng.integers(0, 256, (6, 8, 3), dtype=np.uint8))
    photo = smooth.resize((1600, 1200), Image.Resampling.BICUBIC)
    path = save(tmp_path, photo, "photo.jpg", quality=95)
    out = load_one(path, size=(48, 64))
    expected = np.asarray(photo.resize((64, 48), Image.Resampling.BILINEAR))
    assert out.shape == (48, 64, 3)
    assert np.abs(out.astype(float) - expected).mean() < 2


def test_large_jpegs_need_little_memory(tmp_path):
    """A 24-megapixel photo has 72 MB of pixels; scaled decoding needs few."""
    import subprocess
    import sys

    path = save(tmp_path, Image.new("RGB", (6000, 4000), "teal"), "large.jpg")
    code = (
        "import resource, sys; from skfer import ImageLoader\n"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "loader = ImageLoader(size=48); before = peak()\n"
        f"loader.fit_transform([{str(path)!r}] * 8)\n"
        "print((peak() - before) / 1024)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert float(done.stdout) < 60


def bad_files(folder):
    good = save(folder, Image.fromarray(PIXELS), "good.jpg").read_bytes()
    contents = {
        "cut.jpg": good[: len(good) // 2],
        "zero.jpg": b"",
        "text.jpg": b"just some words",
        "pointer.jpg": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in ("good.jpg", *contents, "missing.jpg")]


def test_unreadable_files_are_all_named_with_reasons(tmp_path):
    with pytest.raises(ValueError, match="ImageLoader can't read 5 files") as caught:
        ImageLoader().fit_transform(bad_files(tmp_path))
    text = str(caught.value)
    for name, reason in {
        "cut.jpg": "damaged or cut off",
        "zero.jpg": "empty (0 bytes)",
        "text.jpg": "holds text",
        "pointer.jpg": "git lfs pull",
        "missing.jpg": "no such file",
    }.items():
        line = next(line for line in text.splitlines() if name in line)
        assert str(tmp_path) in line
        assert reason in line
    assert "good.jpg" not in text


@pytest.mark.parametrize("size", [None, (12, 16)])
def test_blank_images_take_the_place_of_unreadable_files(tmp_path, size):
    loader = ImageLoader(on_error="blank", size=size)
    paths = bad_files(tmp_path)
    loader.fit(paths)
    before = dict(vars(loader))
    with pytest.warns(UserWarning, match=r"(?s)can't read 5 files.*cut\.jpg"):
        out = loader.transform(paths)
    assert out.shape == (6, *(size or (6, 9)), 3)
    assert out[0].any()
    assert not out[1:].any()
    assert vars(loader) == before


def test_threads_change_nothing(tmp_path):
    paths = [
        save(tmp_path, Image.fromarray(PIXELS + i), f"{i}.png") for i in range(150)
    ]
    expected = ImageLoader().fit_transform(paths)
    np.testing.assert_array_equal(ImageLoader(n_jobs=2).fit_transform(paths), expected)


def test_images_that_are_what_is_wanted_pass_through_untouched():
    X = np.zeros((2, 4, 5), np.uint8)
    assert ImageLoader(mode=None).fit_transform(X) is X
    assert ImageLoader(mode=None, size=(4, 5)).fit_transform(X) is X


@pytest.mark.parametrize("mode", ["RGB", "L", None])
@pytest.mark.parametrize("size", [None, (5, 7)])
@pytest.mark.parametrize("kind", [np.asarray, list, lambda X: X / 255])
def test_arrays_are_treated_as_files_are(tmp_path, mode, size, kind):
    images = np.stack([PIXELS, PIXELS[::-1]])
    paths = [
        save(tmp_path, Image.fromarray(image), f"{i}.png")
        for i, image in enumerate(images)
    ]
    loader = ImageLoader(mode, size)
    np.testing.assert_array_equal(
        loader.fit_transform(kind(images)), loader.fit_transform(paths)
    )


def test_parameters_are_checked_without_a_fit(tmp_path):
    path = save(tmp_path, Image.fromarray(PIXELS))
    with pytest.raises(ValueError, match="'mode' parameter of ImageLoader must be"):
        ImageLoader(mode="grey").transform([path])
    with pytest.raises(ValueError, match="size=0"):
        ImageLoader(size=0).transform([path])


def test_a_frame_is_asked_for_its_column_of_paths(tmp_path):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"path": [str(save(tmp_path, Image.fromarray(PIXELS)))]})
    with pytest.raises(ValueError, match=r"frame\['path'\]"):
        ImageLoader().fit(frame)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.array([[0, 200]], np.uint16), "Pass them as uint8"),
        (np.array([[0.0, 200.0]], np.float32), "float images in 0..1"),
        (np.array([[-5, 200]], np.int32), "integers in 0..255"),
    ],
)
def test_deep_files_outside_of_their_range_are_named(tmp_path, values, message):
    path = save(tmp_path, Image.fromarray(values), "deep.tif")
    with pytest.raises(ValueError, match=rf"deep\.tif: .*{message}"):
        load_one(path)


def test_twelve_bits_in_a_file_of_sixteen_are_refused(tmp_path):
    deep = Image.fromarray(np.array([[0, 4000]], np.uint16))
    path = save(tmp_path, deep, "deep.png")
    with pytest.raises(ValueError, match=r"deep\.png: .*Multiply 12-bit values by 16"):
        load_one(path, mode="L")


def test_integers_of_a_deep_file_may_be_bytes(tmp_path):
    path = save(tmp_path, Image.fromarray(np.array([[0, 200]], np.int32)), "deep.tif")
    assert load_one(path, mode="L").tolist() == [[0, 200]]


@pytest.mark.parametrize("X", ["face.jpg", [], 5, [1, 2], np.arange(3)])
def test_what_is_neither_paths_nor_images_is_explained(X):
    with pytest.raises(ValueError, match="ImageLoader needs"):
        ImageLoader().fit(X)


def test_needs_no_fit_and_survives_copies(tmp_path):
    paths = [save(tmp_path, Image.fromarray(PIXELS))]
    for loader in (
        ImageLoader(mode="L"),
        clone(ImageLoader(mode="L")),
        pickle.loads(pickle.dumps(ImageLoader(mode="L").fit(paths))),
    ):
        assert loader.transform(paths).shape == (1, 6, 9)


def test_files_are_closed(tmp_path):
    paths = bad_files(tmp_path)
    with pytest.raises(ValueError, match="can't read"):
        ImageLoader().fit_transform(paths)
    for path in paths[:-1]:
        path.unlink()


def test_a_series_of_images_is_taken_by_position():
    images = np.random.default_rng(0).integers(0, 256, (6, 8, 8)).astype(np.uint8)
    series = pd.Series(list(images), index=[3, 0, 5, 1, 9, 2])
    np.testing.assert_array_equal(ImageLoader("L").fit_transform(series), images)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_large_tiff_is_turned_like_a_png(tmp_path, orientation):
    """Pillow maps the first into memory when it is opened by its path."""
    pixels = np.random.default_rng(0).integers(0, 256, (300, 400)).astype(np.uint8)
    exif = Image.Exif()
    exif[0x0112] = orientation
    for kind in ("tif", "png"):
        Image.fromarray(pixels).save(tmp_path / f"a.{kind}", exif=exif)
    tiff, png = (
        ImageLoader("L").fit_transform([tmp_path / f"a.{kind}"])
        for kind in ("tif", "png")
    )
    np.testing.assert_array_equal(tiff, png)


@pytest.fixture
def gradients(tmp_path):
    """Files that shrink to images which differ."""
    (tmp_path / "files").mkdir()
    return [
        save(
            tmp_path / "files", Image.fromarray(np.roll(PIXELS, i, axis=1)), f"{i}.png"
        )
        for i in range(9)
    ]


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_cache_holds_what_is_read(tmp_path, gradients, mode, monkeypatch):
    plain = ImageLoader(mode, (4, 5))
    expected = plain.fit_transform(gradients)
    cached = clone(plain).set_params(cache_dir=tmp_path / "cache", n_jobs=2)
    images = cached.fit_transform(gradients)
    assert isinstance(images, CachedArray) and images.shape == expected.shape
    np.testing.assert_array_equal(images, expected)
    monkeypatch.setattr(_image_loader, "decode_all", None)  # Nothing is read again.
    some = [gradients[row] for row in (8, 0, 0, 3)]
    np.testing.assert_array_equal(cached.transform(some), expected[[8, 0, 0, 3]])
    # What is in the cache needs no more loading, but may not fit.
    assert ImageLoader(mode).transform(images) is images
    assert ImageLoader(None, (4, 5)).transform(images) is images
    np.testing.assert_array_equal(
        ImageLoader("RGB", 4).transform(images),
        ImageLoader("RGB", 4).transform(expected),
    )


def test_files_that_can_not_be_read_are_not_cached(tmp_path, gradients):
    loader = ImageLoader("L", 4, cache_dir=tmp_path / "cache")
    loader.fit_transform(gradients)
    gradients[2].write_bytes(b"<html>")
    gradients[5].unlink()
    # However its name is written.
    paths = [*gradients, str(gradients[2])]
    with pytest.raises(ValueError, match="can't read 3 files") as error:
        loader.transform(paths)
    assert "5.png: there is no such file" in str(error.value)
    loader.set_params(on_error="blank")
    with pytest.warns(UserWarning, match="Each is replaced by a black image") as told:
        images = np.asarray(loader.transform(paths))
    assert told[0].filename == __file__
    is_black = ~images.any(axis=(1, 2))
    assert np.flatnonzero(is_black).tolist() == [2, 5, 9]


@pytest.mark.parametrize("params", [{"size": 4, "mode": None}, {"mode": "L"}])
def test_a_cache_needs_images_of_one_shape(tmp_path, gradients, params):
    loader = ImageLoader(cache_dir=tmp_path / "cache").set_params(**params)
    with pytest.raises(ValueError, match="needs mode and size for cache_dir"):
        loader.fit(gradients)


def test_a_full_cache_names_the_parameter(tmp_path, gradients):
    loader = ImageLoader("L", 4, cache_dir=tmp_path / "cache", cache_gb=1e-8)
    with pytest.raises(ValueError, match="Allow more with cache_gb"):
        loader.fit_transform(gradients)

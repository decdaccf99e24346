"""Copies are found however they were made, and other pictures are not."""

import io
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter, ImageOps
from scipy.ndimage import gaussian_filter, map_coordinates
from skimage import data

from skfer.datasets import (
    ImageTable,
    _copies,
    _fingerprints,
    _image_table,
    audit_images,
    find_copies,
    find_look_alikes,
    make_faces,
)
from skfer.preprocessing import CachedArray

PHOTO = Image.fromarray(data.astronaut()[:200, 100:300])


def saved(image, **options):
    content = io.BytesIO()
    image.save(content, **options)
    return Image.open(content)


def with_bar(image, top):
    image = image.copy()
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, top, 200, top + 19), fill="black")
    pen.text((6, top + 2), "the best day ever", fill="white", font_size=15)
    return image


def noisy(image):
    noise = np.random.default_rng(0).normal(0, 10, np.asarray(image).shape)
    return Image.fromarray((np.asarray(image) + noise).clip(0, 255).astype(np.uint8))


def moved(image, pixels, seed=0):
    """What a face does between two photographs: all parts move a little, apart."""
    gray = np.asarray(image.convert("L")).astype(float)
    rng = np.random.default_rng(seed)
    field = np.stack([gaussian_filter(rng.normal(size=gray.shape), 15) for _ in "xy"])
    field *= pixels / field.std()
    places = np.indices(gray.shape) + field
    return map_coordinates(gray, places, order=1, mode="nearest").astype(np.uint8)


COPIES = {
    "exact": PHOTO.copy(),
    "thumbnail": PHOTO.resize((40, 40)),
    "squashed": PHOTO.resize((60, 80)),
    "saved poorly": saved(PHOTO, format="JPEG", quality=25),
    "gray": PHOTO.convert("L"),
    "brighter": PHOTO.point(lambda value: min(255, int(value * 1.1 + 12))),
    "darker": PHOTO.point(lambda value: int(value * 0.8)),
    "borders cut": PHOTO.crop((10, 10, 190, 190)),
    "one side cut": PHOTO.crop((0, 0, 180, 200)),
    "in a thin frame": ImageOps.expand(PHOTO, 3),
    "in a wide white frame": ImageOps.expand(PHOTO, 20, fill="white"),
    "cropped by a tenth": PHOTO.crop((20, 20, 180, 180)),
    "turned": PHOTO.rotate(3, Image.Resampling.BICUBIC),
    "text at the top": with_bar(PHOTO, 0),
    "text at the bottom": with_bar(PHOTO, 180),
    "noisy": noisy(PHOTO),
    "blurred": PHOTO.filter(ImageFilter.GaussianBlur(4)),
    "gamma": PHOTO.point(lambda value: round(255 * (value / 255) ** 2)),
    "equalised": ImageOps.equalize(PHOTO),
}


@pytest.fixture(scope="module")
def other_faces():
    return [*make_faces(60, n_subjects=60, random_state=0).images]


@pytest.mark.parametrize("kind", COPIES)
def test_copies_are_found(kind, other_faces):
    images = [np.asarray(PHOTO), *other_faces, np.asarray(COPIES[kind])]
    copies = find_copies(images)
    assert copies[-1] == 0
    assert copies[:-1].tolist() == list(range(61))
    is_exact = kind == "exact"
    assert (find_copies(images, near=False)[-1] == 0) == is_exact


def test_a_frame_as_grey_as_a_studio_is_found(other_faces):
    """Nothing but its evenness tells such a frame from the wall behind the person."""
    wall = np.random.default_rng(0).normal(128, 1, (200, 200))
    wall += np.linspace(-10, 10, 200)[:, np.newaxis]
    portrait = Image.fromarray(wall.astype(np.uint8))
    portrait.paste(PHOTO.convert("L").resize((160, 170)), (20, 30))
    framed = ImageOps.expand(portrait, 30, fill=128)
    assert find_copies([portrait, *other_faces, framed])[-1] == 0


@pytest.mark.parametrize("pixels", [1.0, 1.5])
def test_another_photograph_of_a_person_looks_alike_but_is_no_copy(pixels, other_faces):
    images = [np.asarray(PHOTO), *other_faces, moved(PHOTO, pixels)]
    assert find_copies(images).tolist() == list(range(62))
    alike = find_look_alikes(images)
    assert alike[-1] == 0
    assert alike[:-1].tolist() == list(range(61))


def test_copies_are_look_alikes_too(other_faces):
    images = [*other_faces[:9], np.asarray(COPIES["cropped by a tenth"]),
              np.asarray(PHOTO), moved(PHOTO, 1.0)]  # fmt: skip
    assert find_copies(images).tolist()[-3:] == [9, 9, 10]
    assert find_look_alikes(images).tolist()[-3:] == [9, 9, 9]


def test_mirrored_copies_are_found_if_wanted(other_faces):
    images = [np.asarray(PHOTO), *other_faces, np.asarray(ImageOps.mirror(PHOTO))]
    assert find_copies(images)[-1] == 61
    assert find_copies(images, mirrored=True)[-1] == 0
    assert len(set(find_copies(images, mirrored=True))) == 61
    table = ImageTable(images)
    assert find_copies(table)[-1] == 61
    assert find_copies(table, mirrored=True)[-1] == 0


def test_an_even_background_is_no_frame():
    from skfer.datasets._fingerprints import fingerprint

    photo = np.asarray(PHOTO.convert("L").resize((60, 60)))
    y, x = np.indices((60, 60))
    face = ((x - 30) / 18) ** 2 + ((y - 34) / 26) ** 2 < 1
    portrait = np.where(face, photo, 200).astype(np.uint8)
    framed = np.pad(photo, 6, constant_values=255)
    prints = fingerprint([portrait, framed], 1)
    assert prints.frame[0].tolist() == [0, 0, 0, 0]
    np.testing.assert_allclose(prints.frame[1], 6 / 72)
    assert prints.find_sides().tolist() == pytest.approx([60, 60])


def test_one_channel_less_is_not_exact():
    gray = np.asarray(PHOTO.convert("L"))
    colour = np.repeat(gray[..., np.newaxis], 3, axis=2)
    assert find_copies([gray, colour], near=False).tolist() == [0, 1]
    assert find_copies([gray, colour]).tolist() == [0, 0]


def test_other_crops_and_flat_pictures_are_no_copies():
    photo = data.astronaut()
    others = [
        photo[:200, 100:300],
        photo[200:400, 100:300],
        photo[:200, 300:500],
        np.full((48, 48), 7, np.uint8),
        np.full((48, 48), 200, np.uint8),
    ]
    assert find_copies(others).tolist() == [0, 1, 2, 3, 4]


def test_planted_copies_and_thumbnails_are_found():
    faces = make_faces(
        120,
        classes=["happy"],
        n_subjects=120,
        n_copies=15,
        n_thumbnails=15,
        image_size=96,
        random_state=3,
    )
    copies = find_copies(faces.images)
    np.testing.assert_array_equal(copies, copies[faces.copy_of])
    # Drawings of two people may come as near as photographs never do.
    assert 88 <= len(set(copies)) <= 90


def test_chains_join_and_numbers_follow_the_order():
    a, b = make_faces(2, n_subjects=2, classes=["happy", "sad"], random_state=0).images
    half = np.asarray(Image.fromarray(a).reduce(2))
    assert find_copies([b, a, half, b, half, a]).tolist() == [0, 1, 1, 0, 1, 1]


def test_files_and_arrays_give_the_same(tmp_path, other_faces):
    images = [*other_faces[:8], other_faces[2]]
    paths = []
    for number, image in enumerate(images):
        paths.append(tmp_path / f"{number}.png")
        Image.fromarray(image).save(paths[-1])
    (tmp_path / "broken.png").write_text("no picture")
    (tmp_path / "broken too.png").write_text("no picture")
    paths += [tmp_path / "broken.png", tmp_path / "broken too.png"]
    copies = find_copies(paths, n_jobs=2)
    assert copies.tolist() == [*find_copies(np.stack(images)), 8, 9]


@pytest.mark.parametrize("near", [True, False])
def test_a_table_is_read_with_as_many_threads_as_asked(monkeypatch, other_faces, near):
    asked = []
    read = _image_table.fingerprint

    def spy(X, n_jobs, *rest):
        asked.append(n_jobs)
        return read(X, n_jobs, *rest)

    monkeypatch.setattr(_image_table, "fingerprint", spy)
    find_copies(ImageTable(other_faces), near=near, n_jobs=1)
    assert asked == [1]


def test_floats_are_taken_as_shares(other_faces):
    image = other_faces[0]
    assert find_copies([image, image / 255]).tolist() == [0, 0]


@given(st.lists(st.integers(0, 5), min_size=1, max_size=30), st.booleans())
@settings(max_examples=40)
def test_groups_do_not_depend_on_the_order(picks, near):
    faces = make_faces(6, n_subjects=6, classes=["happy", "sad"], random_state=1)
    copies = find_copies([faces.images[pick] for pick in picks], near=near)
    for a, one in zip(picks, copies, strict=True):
        for b, other in zip(picks, copies, strict=True):
            if a == b or not near:
                assert (one == other) == (a == b)


def test_many_copies_stay_one_group(other_faces):
    rng = np.random.default_rng(0)

    def small(image):
        values = np.asarray(image.resize((48, 48)).convert("L"))
        return (values + rng.normal(0, 2, values.shape)).clip(0, 255).astype(np.uint8)

    cropped = PHOTO.crop((10, 10, 190, 190))
    images = [small(PHOTO) for _ in range(14)] + [small(cropped) for _ in range(14)]
    copies = find_copies([*images, *other_faces[:20]])
    assert set(copies[:28]) == {0}
    assert len(set(copies[28:])) == 20


@pytest.mark.parametrize(
    ("images", "message"),
    [
        ([], "at least one image"),
        ("folder", "got one str"),
        ({"paths": ["a.png"]}, "got one dict"),
        (np.zeros((4, 2304), np.uint8), "rows of pixels"),
        (np.zeros((2, 8, 8, 4), np.uint8), r"images of shape.*\(8, 8, 4\)"),
        (np.full((2, 8, 8), 300), "integers in 0..255, got int64 values from 300"),
        (np.full((2, 8, 8), 200.0), "in 0..1, got values from 200 to 200 at row 0"),
    ],
)
def test_what_is_no_images_is_refused(images, message):
    with pytest.raises(ValueError, match=message):
        find_copies(images)


def test_large_photographs_are_read_one_by_one(tmp_path, monkeypatch):
    from skfer.datasets import _fingerprints

    paths = [tmp_path / f"{number}.png" for number in range(5)]
    for path in paths:
        noise = np.random.default_rng(0).integers(0, 256, (300, 300), dtype=np.uint8)
        Image.fromarray(noise).save(path)
    decode, at_once = _fingerprints.decode_all, []

    def watch(part, *rest):
        at_once.append(len(part))
        return decode(part, *rest)

    monkeypatch.setattr(_fingerprints, "decode_all", watch)
    find_copies(paths)
    assert at_once == [1] * 5


def test_a_table_keeps_the_answer_and_cuts_it(other_faces):
    table = ImageTable([*other_faces[:6], other_faces[2]])
    copies = find_copies(table)
    assert copies.tolist() == find_copies(table.images).tolist()
    assert find_copies(table) is copies
    last = find_copies(table[[2, 3, 6]])
    assert (last[0] == last[2], last[0] == last[1]) == (True, False)
    assert find_copies(table[[2, 3, 6]], near=False).tolist() == [0, 1, 0]


def test_millions_of_even_lines_take_no_minutes():
    """A damaged file may say that it is so high."""
    tall = np.zeros((6_000_000, 4), dtype=np.uint8)
    tall[1_000_000:] = 200
    begun = time.process_time()
    copies = find_copies([tall, tall.copy(), tall[::-1].copy()])
    assert time.process_time() - begun < 20
    assert copies[0] == copies[1]


def test_images_on_disk_give_the_same_and_are_their_own_thumbnails(
    tmp_path, monkeypatch
):
    faces = make_faces(40, n_copies=8, random_state=0)
    faces.images.tofile(tmp_path / "images.bin")
    cached = CachedArray(
        tmp_path / "images.bin", np.arange(len(faces.images)), faces.images.shape[1:]
    )
    expected = find_copies(faces.images)
    assert np.array_equal(find_copies(cached), expected)
    # As of a million images, whose small pictures are in a file.
    monkeypatch.setattr(_fingerprints, "_MANY", 10)
    table = ImageTable(cached, faces.target)
    prints = table.fingerprints
    assert isinstance(prints.small, np.memmap)
    assert isinstance(prints.thumbnail, CachedArray)
    assert np.array_equal(prints.show(3), faces.images[3])
    assert np.array_equal(find_copies(table), expected)
    both = ImageTable.concatenate(
        [table, ImageTable(faces.images[:5], faces.target[:5])]
    )
    assert np.array_equal(both.fingerprints.show(40), faces.images[0])
    part = table[[5, 2]]
    assert np.array_equal(part.fingerprints.show(0), faces.images[5])
    audit = audit_images(table)
    assert [f.kind for f in audit.findings] == [
        f.kind for f in audit_images(faces.images, faces.target).findings
    ]


def test_mirrored_copies_are_near_ones(faces):
    with pytest.raises(ValueError, match="leave near out"):
        find_copies(faces.images[:4], near=False, mirrored=True)


def test_of_the_frames_of_a_video_few_pairs_are_looked_at(monkeypatch):
    videos = make_faces(3, n_subjects=3, noise=0, random_state=0).images
    rng = np.random.default_rng(0)
    frames = np.repeat(videos, 30, axis=0) + rng.normal(0, 2, (90, 48, 48))
    frames = frames.clip(0, 255).astype(np.uint8)
    looked, look = [], _copies._look_closely
    monkeypatch.setattr(
        _copies,
        "_look_closely",
        lambda prints, found, *rest: (
            looked.append(len(found.first)) or look(prints, found, *rest)
        ),
    )
    found = find_copies(frames)
    np.testing.assert_array_equal(found, np.repeat([0, 1, 2], 30))
    # Candidates are some hundred pairs; 87 link all frames.
    assert 87 <= sum(looked) < 130

"""One row in, one upright face out."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn.base import clone

from skfer import make_cnn, make_hog_svm, make_lbp_svm
from skfer.datasets import make_faces
from skfer.faces import FaceCropper, FaceDetector
from skfer.preprocessing import CachedArray

# Its own test asks for it.
pytestmark = pytest.mark.filterwarnings("ignore:FaceCropper found no face")


def tilt(image):
    """Return the angle of the eyes in degrees, by the detector."""
    (points,) = FaceDetector(min_score=0.3).detect([image]).points
    (x, y), (other_x, other_y) = points[:2]
    return np.degrees(np.arctan2(other_y - y, other_x - x))


def test_a_face_is_cut_out_and_its_row_stays(photos):
    paths, images = photos
    cropped = FaceCropper(64).crop(paths)
    assert cropped.images.shape == (4, 64, 64, 3)
    assert cropped.images.dtype == np.uint8
    assert cropped.status.tolist() == ["found", "missing", "found", "found"]
    # The cut-out photograph shows the same face, and the flipped one its mirror image.
    face, _, same, mirrored = cropped.images.astype(float)
    for other in (same, mirrored[:, ::-1]):
        assert np.corrcoef(face.ravel(), other.ravel())[0, 1] > 0.9
    whole = np.asarray(Image.fromarray(images[1]).resize((64, 64), reducing_gap=2))
    assert np.abs(cropped.images[1] - whole.astype(float)).mean() < 4


@pytest.mark.parametrize("angle", [-30, -15, 10, 30])
def test_turned_faces_come_out_level(astronaut, angle):
    turned = Image.fromarray(astronaut).rotate(angle, Image.Resampling.BICUBIC)
    turned = np.asarray(turned)
    upright = FaceCropper(128, padding=0.4).transform([turned])[0]
    assert abs(tilt(upright)) < 4
    left_so = FaceCropper(128, padding=0.4, align=False).transform([turned])[0]
    own = tilt(FaceCropper(128, padding=0.4, align=False).transform([astronaut])[0])
    assert tilt(left_so) == pytest.approx(own - angle, abs=6)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_every_form_order_and_number_of_threads_gives_the_same(photos, n_jobs):
    paths, images = photos
    expected = np.concatenate([FaceCropper(32).transform([one]) for one in paths])
    cropper = FaceCropper(32, n_jobs=n_jobs)
    np.testing.assert_array_equal(cropper.transform(paths), expected)
    np.testing.assert_array_equal(cropper.transform(images), expected)
    np.testing.assert_array_equal(cropper.transform(images[::-1]), expected[::-1])
    np.testing.assert_array_equal(cropper.transform(paths * 6)[20:], expected)


def test_where_a_box_lies_is_what_comes_out():
    photo = np.zeros((60, 80, 3), np.uint8)
    photo[20:40, 30:50] = (0, 200, 100)
    cropper = FaceCropper(10, padding=0, detector=lambda image: [(30, 20, 50, 40)])
    (face,) = cropper.transform([photo])
    assert (face == (0, 200, 100)).all()
    (wide,) = clone(cropper).set_params(padding=0.5).transform([photo])
    assert (wide[0] == 0).all()
    assert (wide[3:7, 3:7] == (0, 200, 100)).all()


def test_a_face_at_the_border_continues_it():
    photo = np.full((40, 40, 3), 90, np.uint8)
    cropper = FaceCropper(16, padding=1, detector=lambda image: [(-10, -5, 15, 20)])
    assert (cropper.transform([photo]) == 90).all()


def test_the_largest_face_that_is_sure_is_taken():
    photo = np.zeros((60, 80, 3), np.uint8)
    photo[:10, :10], photo[30:50, 30:50] = 100, 200

    def detector(image):
        return [(0, 0, 10, 10, 0.9), (30, 30, 50, 50, 0.8), (0, 0, 80, 60, 0.2)]

    face = FaceCropper(8, "L", padding=0, detector=detector).transform([photo])
    assert (face == 200).all()


@pytest.mark.parametrize(("on_missing", "whites"), [("full", 1 / 3), ("center", 1.0)])
def test_without_a_face(on_missing, whites):
    photo = np.zeros((20, 60, 3), np.uint8)
    photo[:, 20:40] = 255
    cropper = FaceCropper(6, on_missing=on_missing, detector=lambda image: [])
    cropped = cropper.crop([photo])
    assert cropped.images[0].mean() == pytest.approx(255 * whites, abs=1)
    assert cropped.status.tolist() == ["missing"]
    with pytest.warns(UserWarning, match="no face in 1 image of 1: row 0. There the"):
        assert np.array_equal(cropper.transform([photo]), cropped.images)


def test_missing_and_unreadable_photographs_can_be_errors(tmp_path, no_face):
    Image.fromarray(no_face).save(tmp_path / "a.png")
    (tmp_path / "b.png").write_text("nothing")
    paths = [str(tmp_path / "a.png"), str(tmp_path / "b.png")]
    with pytest.raises(ValueError, match=r"found no face in 1 image: .*a\.png"):
        FaceCropper(on_missing="raise").transform(paths[:1])
    with pytest.raises(ValueError, match=r"can't read 1 file:\n.*b\.png"):
        FaceCropper().transform(paths)
    cropped = FaceCropper(8, on_error="blank").crop(paths)
    assert cropped.status.tolist() == ["missing", "unreadable"]
    assert (cropped.images[1] == 0).all()


@pytest.mark.parametrize("make", [make_hog_svm, make_lbp_svm])
def test_pipelines_take_photographs(make, photos):
    paths, images = photos
    pipeline = make(faces=True, image_size=24)
    assert list(pipeline.named_steps)[:2] == ["faces", "gray"]
    labels = ["face", "cup", "face", "face"] * 2
    pipeline.fit(paths * 2, labels)
    assert pipeline.predict(images).tolist() == labels[:4]


def test_the_network_takes_photographs():
    first = make_cnn(faces=True, image_size=24).steps[0]
    assert first[0] == "faces"
    assert first[1].size == 24


def test_it_learns_nothing_and_its_clones_agree(photos):
    cropper = FaceCropper(16)
    before = dict(vars(cropper))
    faces = cropper.fit(photos[0]).transform(photos[0])
    assert vars(cropper) == before
    np.testing.assert_array_equal(clone(cropper).fit_transform(photos[0]), faces)


def test_bad_parameters():
    faces = make_faces(2, random_state=0).images
    for name, value in (("padding", -1), ("size", 0), ("on_missing", "drop")):
        with pytest.raises(ValueError, match=name):
            FaceCropper(**{name: value}).transform(faces)
    with pytest.raises(ValueError, match="needs a list of paths or images"):
        FaceCropper().fit("photo.jpg")


def test_a_cache_holds_faces_and_whether_they_were_found(photos, tmp_path, monkeypatch):
    paths, images = photos
    (tmp_path / "bad.png").write_text("nothing")
    X = [*map(str, paths), str(tmp_path / "bad.png"), str(paths[1])]
    plain = FaceCropper(32, "L", on_error="blank")
    cropped = plain.crop(X)
    cached = clone(plain).set_params(cache_dir=tmp_path / "cache")
    looked, look = [], FaceCropper._crop

    def crop(self, items, size):
        looked.extend(items)
        return look(self, items, size)

    monkeypatch.setattr(FaceCropper, "_crop", crop)
    for expected in ([*X[:5]], [X[4]]):
        looked.clear()
        with pytest.warns(UserWarning, match="no face in 2 images of 6") as told:
            out = cached.fit(X).transform(X)
        assert told[-1].filename == __file__
        assert isinstance(out, CachedArray)
        np.testing.assert_array_equal(out, cropped.images)
        # The second time only the broken file is looked at.
        assert looked == expected
    with pytest.raises(ValueError, match="found no face in 2 images"):
        clone(cached).set_params(on_missing="raise").transform(X[:4] + X[5:])
    with pytest.raises(ValueError, match="can't read 1 file"):
        clone(cached).set_params(on_error="raise").transform(X)
    # Arrays are known by their pixels.
    np.testing.assert_array_equal(cached.transform(images), cropped.images[:4])
    with pytest.raises(ValueError, match="can't use cache_dir with a function"):
        clone(cached).set_params(detector=lambda image: []).fit(X)


def test_those_without_a_face_are_named_whatever_holds_them(tmp_path, no_face):
    files = [tmp_path / f"{name}.png" for name in "ab"]
    for file in files:
        Image.fromarray(no_face).save(file)
    series = pd.Series(list(map(str, files)), index=[7, 0])
    for items in (series, files):
        with pytest.warns(UserWarning, match=r"a\.png, .*b\.png\. There the whole"):
            FaceCropper(8).transform(items)

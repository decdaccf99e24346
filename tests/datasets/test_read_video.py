"""Frames of videos are rows like any others."""

from fractions import Fraction

import av
import numpy as np
import pytest

from skfer import ImageLoader, make_hog_svm
from skfer._videos import decode_frames, iterate_frames, list_seconds, name_frame
from skfer.datasets import find_copies, make_faces, read_images, read_video
from skfer.model_selection import LeakFreeKFold, compare_pipelines


def write_video(path, images, *, rate=10, times=None, sound_only=False, codec="mpeg4"):
    """Write a video of grey images, at a constant rate or at given ticks of 1/100 s."""
    with av.open(str(path), "w") as container:
        if sound_only:
            stream = container.add_stream("aac", rate=8000)
            frame = av.AudioFrame.from_ndarray(
                np.zeros((1, 1024), np.float32), format="fltp", layout="mono"
            )
            frame.sample_rate = 8000
            container.mux(stream.encode(frame))
            container.mux(stream.encode())
            return path
        stream = container.add_stream(codec, rate=rate)
        stream.height, stream.width = images[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        stream.bit_rate = 4_000_000
        if times is not None:
            stream.codec_context.time_base = Fraction(1, 100)
        for number, image in enumerate(images):
            rgb = np.repeat(image[..., np.newaxis], 3, axis=2)
            frame = av.VideoFrame.from_ndarray(rgb, format="rgb24")
            if times is not None:
                frame.pts, frame.time_base = times[number], Fraction(1, 100)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def shades(n, side=32):
    """Images that get brighter, so that each can be told by its shade."""
    return [np.full((side, side), 20 + 3 * k, np.uint8) for k in range(n)]


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    """Five seconds at ten frames a second."""
    return write_video(tmp_path_factory.mktemp("videos") / "video.mp4", shades(50))


def test_every_half_second(video):
    table = read_video(video, every=0.5)
    assert table.frame.columns.tolist()[-3:] == ["video", "frame_number", "seconds"]
    assert table["frame_number"].tolist() == list(range(0, 50, 5))
    np.testing.assert_allclose(table.seconds, np.arange(0, 5, 0.5))
    assert set(table.groups.tolist()) == {str(video)}
    images = ImageLoader("L").transform(table.paths)
    expected = 20 + 3 * table["frame_number"]
    np.testing.assert_allclose(images.mean(axis=(1, 2)), expected, atol=3)


def test_all_frames_in_any_order_and_chunk(video):
    table = read_video(video, every=None)
    assert table["frame_number"].tolist() == list(range(50))
    order = np.random.default_rng(0).permutation(50)
    whole = ImageLoader("L").transform(table.paths)
    shuffled = ImageLoader("L", n_jobs=2).transform(table.paths[order])
    np.testing.assert_array_equal(shuffled, whole[order])
    alone = np.concatenate([ImageLoader("L").transform([p]) for p in table.paths[7:9]])
    np.testing.assert_array_equal(alone, whole[7:9])
    small = ImageLoader("L", size=8).transform(table.paths)
    assert small.shape == (50, 8, 8)


@pytest.mark.parametrize(
    ("extension", "codec"), [("mpg", "mpeg2video"), ("avi", "mpeg4"), ("flv", "flv1")]
)
def test_a_frame_is_the_same_alone_and_with_others(tmp_path, extension, codec):
    """Some formats jump past the time that is asked for."""
    images = [np.full((32, 32), 20 + 4 * (k % 50), np.uint8) for k in range(300)]
    video = write_video(tmp_path / f"video.{extension}", images, rate=25, codec=codec)
    table = read_video(video, every=0.6)
    together = ImageLoader("L").transform(table.paths)
    alone = [ImageLoader("L").transform([path])[0] for path in table.paths]
    np.testing.assert_array_equal(alone, together)
    shown = np.rint(table.seconds * 25).astype(int)
    expected = 20 + 4 * (shown % 50)
    # MPEG counts from a frame before or after.
    np.testing.assert_allclose(together.mean(axis=(1, 2)), expected, atol=6)


def test_a_camera_and_a_video_have_one_interface(video):
    frames = list(iterate_frames(video))
    np.testing.assert_allclose([s for s, _ in frames], list_seconds(video))
    (there,) = decode_frames(video, [frames[17][0]])
    np.testing.assert_array_equal(frames[17][1], there)


def test_a_variable_rate(tmp_path):
    times = [0, 3, 50, 51, 130, 200, 201]
    video = write_video(tmp_path / "video.mkv", shades(7), times=times)
    np.testing.assert_allclose(list_seconds(video), np.array(times) / 100, atol=0.002)
    table = read_video(video, every=0.5)
    assert table["frame_number"].tolist() == [0, 2, 4, 5]
    images = ImageLoader("L").transform(table.paths)
    np.testing.assert_allclose(images.mean(axis=(1, 2)), [20, 26, 32, 35], atol=3)


def test_a_folder_of_videos_trains_and_tests_like_pictures(tmp_path):
    for seed, label in enumerate(("happy", "sad")):
        faces = make_faces(
            48, classes=[label], n_subjects=6, noise=0, random_state=seed
        )
        for person in range(6):
            own = list(faces.images[faces.groups == person])
            (tmp_path / label).mkdir(exist_ok=True)
            write_video(tmp_path / label / f"{person}.mp4", own, rate=4)
    (tmp_path / "sad" / "notes.txt").write_text("to do")
    with pytest.warns(UserWarning, match="left out 1 file"):
        table = read_video(tmp_path, every=0.25)
    assert set(table.target.tolist()) == {"happy", "sad"}
    assert len(set(table.groups.tolist())) == 12
    assert [name.rsplit("/", 1)[1] for name, _ in table.left_out] == ["notes.txt"]
    for train, test in LeakFreeKFold(2, look_alikes=False).split(table):
        assert not set(table.groups[train]) & set(table.groups[test])
    model = make_hog_svm(image_size=24).fit(table.paths[train], table.target[train])
    assert model.score(table.paths[test], table.target[test]) > 0.8
    assert len(find_copies(table)) == len(table)
    with pytest.warns(UserWarning, match="left out 1 file"):
        seconds = read_images(tmp_path)
    assert seconds.seconds.tolist() == [0.0, 1.0] * 12
    assert read_images(tmp_path / "sad" / "0.mp4").target is None


def test_videos_that_cannot_be_read_are_listed(tmp_path, video):
    (tmp_path / "text.mp4").write_text("no video")
    (tmp_path / "empty.mp4").touch()
    sound = write_video(tmp_path / "sound.mp4", [], sound_only=True)
    videos = [tmp_path / "text.mp4", tmp_path / "empty.mp4", sound, video]
    with pytest.warns(UserWarning, match="left out 3 files"):
        table = read_video(videos)
    reasons = [reason for _, reason in table.left_out]
    assert "it is no video, or damaged" in reasons[0]
    assert reasons[2] == "it has no pictures, only sound or text"
    assert len(table) == 5
    with pytest.raises(
        ValueError, match=r"no video that can be read:\n.*text\.mp4: it"
    ):
        read_video(tmp_path / "text.mp4")


def test_a_video_that_is_cut_off(tmp_path):
    whole = write_video(tmp_path / "whole.mkv", shades(60, 64))
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    table = read_video(cut, every=None)
    assert 10 < len(table) < 60
    images = ImageLoader("L", on_error="blank").transform(table.paths[:10])
    np.testing.assert_allclose(images.mean(axis=(1, 2)), 20 + 3 * np.arange(10), atol=3)
    with pytest.raises(ValueError, match="the video ends before"):
        ImageLoader().transform([name_frame(cut, 99.0)])


def test_bad_input(tmp_path, video):
    with pytest.raises(ValueError, match="every=0"):
        read_video(video, every=0)
    with pytest.raises(ValueError, match="every='1'"):
        read_video(video, every="1")
    assert len(read_video(video, every=1e-9)) == len(read_video(video, every=None))
    with pytest.raises(ValueError, match="it holds no video"):
        read_video(tmp_path)
    (tmp_path / "a").mkdir()
    for name in ("a/1.mp4", "2.mp4"):
        (tmp_path / name).write_bytes(video.read_bytes())
    with pytest.raises(ValueError, match="different depths"):
        read_video(tmp_path)
    with pytest.raises(ValueError, match="the file does not exist"):
        ImageLoader().transform([f"{tmp_path}/none.mp4#t=1.0"])


def test_people_are_read_from_the_names_of_videos(tmp_path):
    rng = np.random.default_rng(0)
    for label, number in (("happy", 0), ("sad", 0), ("happy", 1), ("sad", 1)):
        (tmp_path / label).mkdir(exist_ok=True)
        images = rng.integers(0, 255, (12, 32, 32), np.uint8)
        write_video(tmp_path / label / f"S{number:03}_{label}.mp4", list(images))
    by_video = read_images(tmp_path)
    by_person = read_images(tmp_path, groups=r"^(S\d+)")
    assert len(set(by_video.groups)) == 4
    assert by_person.groups.tolist() == ["S000", "S000", "S001", "S001"] * 2
    with pytest.raises(ValueError, match="no group in 4 of 4"):
        read_images(tmp_path, groups="X")
    pipelines = {"hog-svm": make_hog_svm(image_size=24)}
    first, second = np.array([0, 1, 4, 5]), np.array([2, 3, 6, 7])
    folds = [(first, second), (second, first)]
    for table, people in (
        (by_video, "of 4 videos right"),
        (by_person, "of 2 people right"),
    ):
        verdict = compare_pipelines(pipelines, table, cv=folds).verdict
        assert people in verdict
        assert ("People unknown" in verdict) == (table is by_video)


def test_damaged_frames_are_left_out_and_listed(tmp_path):
    images = [np.random.default_rng(n).integers(0, 255, (64, 64), np.uint8)
              for n in range(40)]  # fmt: skip
    for label in ("happy", "sad"):
        (tmp_path / label).mkdir()
        write_video(tmp_path / label / "1.mp4", images)
    video = tmp_path / "sad" / "1.mp4"
    content = bytearray(video.read_bytes())
    quarter = len(content) // 4
    content[quarter : 3 * quarter] = bytes(2 * quarter)
    video.write_bytes(content)
    kept = read_images(tmp_path, check="pixels", on_error="keep")
    broken = kept.paths[~kept.is_readable].tolist()
    assert broken
    assert all(name.startswith(str(video)) for name in broken)
    table = read_images(tmp_path, check="pixels")
    assert [name for name, _ in table.left_out] == broken
    assert len(table) == len(kept) - len(broken)
    assert all(name in "; ".join(table.problems) for name in broken)

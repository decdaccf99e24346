import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from skfer import load_pretrained
from skfer.cli import main
from skfer.datasets import make_faces
from skfer.inspection import TimelineDisplay
from skfer.persistence import save_model
from tests.datasets.test_read_video import write_video
from tests.prediction.test_classify_images import hog


@pytest.fixture(scope="module")
def model(faces, tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "hog.skfer"
    save_model(hog().fit(faces.images, faces.target), path)
    return str(path)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """150 pictures, more than two parts, and a text."""
    root = tmp_path_factory.mktemp("pictures")
    for number, image in enumerate(make_faces(150, random_state=1).images):
        Image.fromarray(image).save(root / f"{number:03}.png")
    (root / "075.txt").write_text("no picture")
    return root


def read(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_input_is_a_row_in_order(model, folder, tmp_path, capsys):
    table = tmp_path / "new" / "table.csv"
    assert main(["predict", model, str(folder), "-o", str(table)]) == 0
    rows = read(table)
    assert [row["path"] for row in rows] == [str(p) for p in sorted(folder.iterdir())]
    statuses = {row["status"].partition(":")[0] for row in rows}
    assert statuses == {"ok", "not classified"}
    (broken,) = (row for row in rows if row["status"] != "ok")
    assert broken["path"].endswith("075.txt") and broken["label"] == ""
    assert "holds text" in broken["status"]
    shares = [name for name in rows[0] if name.startswith("share_")]
    assert sum(float(rows[0][name]) for name in shares) == pytest.approx(1, abs=1e-4)
    said = " ".join(capsys.readouterr().err.split())
    assert "151 rows: 150 classified; 1 not classified" in said
    assert "has no probabilities" in said
    assert not list(table.parent.glob("*incomplete*"))


def test_without_a_model_the_shipped_network_answers(folder, tmp_path, capsys):
    picture = str(folder / "000.png")
    assert main(["predict", picture, "--whole", "--prior", "even"]) == 0
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    expected = load_pretrained(prior="even").predict_proba([picture])[0]
    given = [float(v) for name, v in row.items() if name.startswith("probability_")]
    assert given == pytest.approx(expected, abs=1e-6)
    assert (row["frame"], row["left"], row["status"]) == ("", "", "ok")
    assert main(["predict", picture, "--whole"]) == 0
    assert "many angry and sad faces neutral" in " ".join(
        capsys.readouterr().err.split()
    )


def test_faces_are_looked_for(tmp_path):
    from skimage import data

    Image.fromarray(data.astronaut()).save(tmp_path / "me.png")
    Image.fromarray(data.coffee()).save(tmp_path / "cup.png")
    table = tmp_path / "table.csv"
    assert main(["predict", str(tmp_path), "-o", str(table)]) == 0
    cup, me = read(table)
    assert cup["status"] == "no face is found" and cup["left"] == "" != cup["label"]
    assert me["status"] == "ok" and me["label"] == "happy"
    assert 150 < float(me["left"]) < float(me["right"]) < 300


def test_videos_and_json_lines(model, tmp_path):
    images = make_faces(20, random_state=0).images
    video = write_video(tmp_path / "video.mp4", images, rate=10)
    table = tmp_path / "table.jsonl"
    command = ["predict", model, str(video), "-o", str(table), "--every", "0.5"]
    assert main(command) == 0
    rows = [json.loads(line) for line in table.read_text().splitlines()]
    assert [row["frame"] for row in rows] == [0, 5, 10, 15]
    assert [row["seconds"] for row in rows] == [0.0, 0.5, 1.0, 1.5]
    assert {row["path"] for row in rows} == {str(video)}


# The second part is never done.
_SLOW = """
import sys, time
from skfer.cli import _predict, main
classify, parts = _predict.classify_images, []
def slow(*args, **options):
    parts.append(1)
    time.sleep(600 if len(parts) > 1 else 0)
    return classify(*args, **options)
_predict.classify_images = slow
sys.exit(main(sys.argv[1:]))
"""


def test_the_answers_of_videos_are_drawn(model, tmp_path, capsys, monkeypatch):
    images = make_faces(8, random_state=2).images
    (tmp_path / "videos").mkdir()
    for name in "abc":
        write_video(tmp_path / "videos" / f"{name}.mp4", images, rate=4)
    monkeypatch.setattr("skfer.cli._predict._MOST_VIDEOS", 2)
    drawn = []
    plot = TimelineDisplay.plot
    monkeypatch.setattr(
        TimelineDisplay, "plot", lambda display: drawn.append(display) or plot(display)
    )
    table, figure = tmp_path / "table.csv", tmp_path / "figure.png"
    command = ["predict", model, str(tmp_path / "videos"), "--every", "0.5"]
    command += ["-o", str(table), "--figure", str(figure)]
    assert main(command) == 0
    assert "Drawn to" in (said := " ".join(capsys.readouterr().err.split()))
    assert "of the first 2 videos" in said
    assert "3 videos: a frame for each 0.5 s; --every 0.1 takes more." in said
    with Image.open(figure) as picture:
        assert picture.format == "PNG"
    (display,) = drawn
    rows = [row for row in read(table) if not row["path"].endswith("c.mp4")]
    assert display.videos.tolist() == [row["path"] for row in rows]
    assert display.seconds.tolist() == [float(row["seconds"]) for row in rows]
    answers = [display.classes[place] for place in display.shares.argmax(axis=1)]
    assert answers == [row["label"] for row in rows]


def test_the_figure_of_one_video_has_its_name(model, tmp_path, capsys, monkeypatch):
    video = tmp_path / "party.mp4"
    write_video(video, make_faces(4, random_state=2).images, rate=4)
    drawn = []
    plot = TimelineDisplay.plot
    monkeypatch.setattr(
        TimelineDisplay, "plot", lambda display: drawn.append(display) or plot(display)
    )
    command = ["predict", model, str(video), "--every", "0", "-o"]
    command += [str(tmp_path / "t.csv"), "--figure", str(tmp_path / "figure.svg")]
    assert main(command) == 0
    assert drawn[0].ax_.get_title() == "party.mp4"
    assert "1 video: every frame." in capsys.readouterr().err


def test_a_figure_of_another_kind_is_refused_before_anything_is_done(
    model, folder, tmp_path, capsys
):
    table = tmp_path / "table.csv"
    command = ["predict", model, str(folder), "-o", str(table)]
    assert main([*command, "--figure", str(tmp_path / "figure.gif")]) == 1
    said = " ".join(capsys.readouterr().err.split())
    assert "does not end with .png or .svg or .pdf" in said
    assert not table.exists()


def test_pictures_have_a_table_and_no_figure(model, folder, tmp_path, capsys):
    table, figure = tmp_path / "table.csv", tmp_path / "figure.png"
    command = ["predict", model, str(folder), "-o", str(table)]
    assert main([*command, "--figure", str(figure)]) == 0
    assert "No figure is drawn" in " ".join(capsys.readouterr().err.split())
    assert len(read(table)) > 1 and not figure.exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    "number", [signal.SIGINT, pytest.param(signal.SIGKILL, marks=pytest.mark.slow)]
)
def test_what_is_done_stays_if_it_is_stopped(number, model, folder, tmp_path):
    table, unfinished = tmp_path / "table.csv", tmp_path / "table.incomplete.csv"
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", _SLOW, "predict", model, folder, "-o",
         table],
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    while not (unfinished.exists() and len(unfinished.read_text().splitlines()) > 64):
        assert process.poll() is None
        time.sleep(0.02)
    os.kill(process.pid, number)
    said = " ".join(process.communicate()[1].split())
    assert not table.exists()
    assert len(read(unfinished)) == 64
    if number == signal.SIGINT:
        assert process.returncode == 130
        assert "Not complete:" in said and "of 151 rows are in" in said


_MEASURE = """
import resource, sys
from skfer.cli import main
peaks = []
for source in sys.argv[2:]:
    assert main(["predict", sys.argv[1], source, "-o", source + ".csv", "--every", "0"]
                ) == 0
    peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000)
print(*peaks)
"""


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number(model, tmp_path):
    """Of pictures and of frames: a video of a minute, and a thousand photographs."""
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, (600, 800, 3), np.uint8)
    for n in (100, 1000):
        (tmp_path / f"of{n}").mkdir()
        for number in range(n):
            shown = Image.fromarray(np.roll(image, number, axis=1))
            shown.save(tmp_path / f"of{n}" / f"{number:04}.jpg")
    frames = [np.roll(image[..., 0], number, axis=1) for number in range(600)]
    write_video(tmp_path / "minute.mp4", frames, rate=10)
    sources = [str(tmp_path / name) for name in ("of100", "of1000", "minute.mp4")]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _MEASURE, model, *sources],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    few, many, video = map(int, done.stdout.split())
    print(f"peak: {few} MB of 100 pictures, {many} of 1,000, {video} after a video")
    assert many - few < 50 and video - many < 150
    rows = read(tmp_path / "of1000.csv")
    assert [row["path"][-8:-4] for row in rows] == [f"{n:04}" for n in range(1000)]
    assert {row["status"] for row in rows} == {"ok"}
    rows = read(tmp_path / "minute.mp4.csv")
    assert [row["frame"] for row in rows] == [str(n) for n in range(600)]
    assert [float(row["seconds"]) for row in rows] == pytest.approx(np.arange(600) / 10)


def test_rows_of_a_run_that_was_stopped_are_kept(model, folder, tmp_path, capsys):
    table, unfinished = tmp_path / "table.csv", tmp_path / "table.incomplete.csv"
    unfinished.write_text("mine")
    command = ["predict", model, str(folder / "000.png"), "-o", str(table)]
    assert main(command) == 1
    said = "".join(capsys.readouterr().err.split())
    assert "table.incomplete.csvholdstherowsofarunthatwasstopped" in said
    assert unfinished.read_text() == "mine" and not table.exists()


def test_a_model_is_known_by_its_content(model, folder, tmp_path, capsys):
    renamed = tmp_path / "smile.model"
    renamed.write_bytes(Path(model).read_bytes())
    picture = str(folder / "000.png")
    expected = main(["predict", model, picture]), capsys.readouterr().out
    assert (
        main(["predict", str(renamed), picture]),
        capsys.readouterr().out,
    ) == expected
    for names in ([picture, model], [model, str(renamed)], [picture, str(renamed)]):
        for command in ("predict", "watch"):
            assert main([command, *names]) == 1
            said = " ".join(capsys.readouterr().err.split())
            assert "is a model file. Name one model only, before all others" in said
    assert main(["predict", "no.skfer", picture]) == 1
    assert "found no model file 'no.skfer' (looked in" in " ".join(
        capsys.readouterr().err.split()
    )


def test_other_kinds_of_tables_are_refused(folder, tmp_path, capsys):
    table = tmp_path / "table.xlsx"
    assert main(["predict", str(folder / "000.png"), "-o", str(table)]) == 1
    said = " ".join(capsys.readouterr().err.split())
    assert "does not end with .csv or .jsonl" in said and not table.exists()


def test_a_file_that_exists_is_kept(model, folder, tmp_path, capsys):
    table = tmp_path / "table.csv"
    table.write_text("mine")
    command = ["predict", model, str(folder / "000.png"), "-o", str(table)]
    assert main(command) == 1
    said = " ".join(capsys.readouterr().err.split())
    assert "exists. Choose another name, or add --overwrite" in said
    assert table.read_text() == "mine"
    assert main([*command, "--overwrite"]) == 0
    assert len(read(table)) == 1


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        (["{model}"], "but no pictures"),
        (["{model}", "missing.png"], "found no file or folder 'missing.png'"),
        (["missing.skfer", "{picture}"], "found no model file 'missing.skfer'"),
        (["{picture}.skfer", "{picture}"], "is not a whole model file"),
        (["{picture}", "-o", "{picture}/table.csv"], "can't be created"),
        (["{picture}", "-o", "folder.csv"], "is a folder"),
        (["{model}", "{picture}", "--whole"], "are for the network that skfer ships"),
    ],
)
def test_wrong_input_is_one_message(
    arguments, match, model, folder, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    picture = tmp_path / "a.png"
    picture.write_bytes((folder / "000.png").read_bytes())
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "a.png.skfer").write_bytes(picture.read_bytes())
    given = [one.format(model=model, picture=picture) for one in arguments]
    assert main(["predict", *given]) == 1
    captured = capsys.readouterr()
    assert match in " ".join(captured.err.split())
    assert captured.out == ""


def test_no_cell_is_a_formula(model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Image.new("L", (24, 24), 90).save("=1+1.png")
    assert main(["predict", model, "=1+1.png", "-o", "table.csv"]) == 0
    (row,) = read(tmp_path / "table.csv")
    assert row["path"] == "'=1+1.png"


def test_videos_that_are_all_broken_are_rows(model, tmp_path):
    for name in ("a.mp4", "b.mp4"):
        (tmp_path / name).write_bytes(b"no video")
    table = tmp_path / "table.csv"
    assert main(["predict", model, str(tmp_path), "-o", str(table)]) == 0
    rows = read(table)
    assert [Path(row["path"]).name for row in rows] == ["a.mp4", "b.mp4"]
    assert {(row["frame"], row["seconds"], row["label"]) for row in rows} == {("",) * 3}
    assert all(row["status"].startswith("not classified: ") for row in rows)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes on Windows")
def test_what_is_passed_over_is_counted(model, tmp_path, capsys):
    Image.new("L", (24, 24), 90).save(tmp_path / "a.png")
    (tmp_path / ".hidden.png").write_bytes(b"")
    os.mkfifo(tmp_path / "pipe.png")
    assert main(["predict", model, str(tmp_path)]) == 0
    said = " ".join(capsys.readouterr().err.split())
    assert "hidden files and folders: 1" in said
    assert "pipe.png is not a regular file" in said

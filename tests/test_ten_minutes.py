"""The guide page "From folder to page in ten minutes": every command of it runs."""

import csv
import re
import shlex
from pathlib import Path

import pytest
from PIL import Image

from skfer.cli import main
from skfer.cli._main import _make_parser
from skfer.datasets import make_faces
from tests.datasets.test_read_video import write_video

PAGE = Path(__file__).parents[1] / "docs" / "guide" / "ten_minutes.md"
COMMANDS = [shlex.split(line)[1:] for line in
            re.findall(r"^skfer .*$", PAGE.read_text(), re.MULTILINE)]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_the_options_it_is_given(command):
    assert _make_parser().parse_args(command).command == command[0]


def write_people(root, table):
    """Write images whose names say who is shown, as those of a study do."""
    for number, (image, label) in enumerate(zip(table.X, table.target, strict=True)):
        folder = root / str(label)
        folder.mkdir(parents=True, exist_ok=True)
        name = f"S{table.groups[number]:03}_{number:03}.png"
        Image.fromarray(image).save(folder / name)


@pytest.mark.slow
def test_the_page_from_its_beginning_to_its_end(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    two = {"classes": ["happy", "sad"], "n_subjects": 20, "noise": 0.3}
    write_people(tmp_path / "faces", make_faces(100, random_state=0, **two))
    write_people(tmp_path / "others", make_faces(20, random_state=1, **two))
    images = make_faces(20, random_state=2, **two).images
    write_video(tmp_path / "party.mp4", images, rate=10)
    (tmp_path / "holiday").mkdir()
    for number, image in enumerate(images[:3]):
        Image.fromarray(image).save(tmp_path / "holiday" / f"{number}.png")
    served = []
    monkeypatch.setattr("skfer.cli._demo.serve", lambda *args, **kw: served.append(kw))
    said = {}
    for command in COMMANDS:
        assert main(command) == 0, command
        said[command[0]] = " ".join(capsys.readouterr().out.split())
    assert "Nothing serious was found" in said["audit"]
    assert "copied to clean" in said["clean"]
    assert "people" in said["train"] and "Written to smile.skfer" in said["train"]
    assert said["show"].startswith("# smile")
    assert "fitted on none of them" in said["evaluate"]
    assert "equal labels on 3 of 3 pictures" in said["export"]
    assert "frames a second" in said["watch"]
    assert served[0]["card"].name == "smile"
    with Path("table.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 3 + 2 and {row["label"] for row in rows} <= {"happy", "sad"}

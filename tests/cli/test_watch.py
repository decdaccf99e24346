"""``skfer watch`` on videos, in a terminal and elsewhere."""

import os
import pty
import re
import select
import signal
import subprocess
import sys

import numpy as np
import pytest

from skfer.cli import main
from skfer.datasets import make_faces
from skfer.persistence import save_model
from tests.cli.conftest import printed
from tests.datasets.test_read_video import write_video
from tests.prediction.test_classify_images import hog


@pytest.fixture(scope="module")
def moods():
    return make_faces(140, classes=["happy", "sad"], random_state=0)


@pytest.fixture(scope="module")
def model_file(moods, tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "hog.skfer"
    save_model(hog().fit(moods.images, moods.target), path)
    return str(path)


@pytest.fixture(scope="module")
def video(moods, tmp_path_factory):
    """One second of a happy face, and one of a sad one."""
    happy, sad = (
        moods.images[np.flatnonzero(moods.target == label)[0]]
        for label in ("happy", "sad")
    )
    path = tmp_path_factory.mktemp("video") / "video.mp4"
    return str(write_video(path, [happy] * 5 + [sad] * 5, rate=5))


def test_each_change_is_a_line_where_there_is_no_terminal(model_file, video, capsys):
    assert main(["watch", model_file, video]) == 0
    *notices, first, second, last = capsys.readouterr().out.splitlines()
    assert "no probabilities" in (said := " ".join(notices))
    assert "does not look for faces" in said
    # A busy machine may skip a frame.
    assert re.fullmatch(r" +0\.\d\d s  happy \d+%", first)
    assert re.fullmatch(r" +1\.\d\d s  sad \d+%", second)
    assert re.fullmatch(
        r"\d+ frames answered, \d+\.\d frames a second, \d+ ms after each came, "
        r"95 of 100 within \d+ ms; \d+ frames? skipped meanwhile\.",
        last,
    )


def test_the_shipped_network_watches_too(video, capsys):
    assert main(["watch", video, "--whole", "--smoothing", "0.3"]) == 0
    assert "frames a second" in printed(capsys)


def read_some(terminal):
    """Return what a program shows next, nothing at its end."""
    assert select.select([terminal], [], [], 60)[0], "nothing was shown for a minute"
    try:
        return os.read(terminal, 4096)
    except OSError:  # The other side has gone.
        return b""


@pytest.mark.slow
def test_a_terminal_shows_bars_and_ctrl_c_is_no_error(model_file, moods, tmp_path):
    image = moods.images[0]
    video = write_video(tmp_path / "long.mp4", [image] * 1200, rate=2)
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "skfer.cli", "watch", model_file, str(video)],
        stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100", "LINES": "30"},
    )  # fmt: skip
    os.close(theirs)
    shown = b""
    try:
        while b"ms each" not in shown:
            shown += read_some(ours)
        process.send_signal(signal.SIGINT)
        while part := read_some(ours):
            shown += part
        # The video has ten minutes.
        assert process.wait(30) == 0
    finally:
        process.kill()
        os.close(ours)
    text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown.decode())
    assert "━" in text and "happy" in text and "sad" in text
    assert "Traceback" not in text and "skipped meanwhile." in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["a.mp4", "b.mp4"], "Name one webcam or video"),
        (["no/video.mp4"], "watch can't read no/video.mp4: the file does not exist"),
        (["no/model.skfer"], "found no model file 'no/model.skfer'"),
    ],
)
def test_errors_are_one_message(arguments, message, capsys):
    assert main(["watch", "--whole", *arguments] if "model" not in arguments[0] else
                ["watch", *arguments]) == 1  # fmt: skip
    assert message in " ".join(capsys.readouterr().err.split())

import io
import os
import signal
import subprocess
import sys
import time

import pytest
from PIL import Image

from skfer._writing import written_aside
from skfer.cli import main


@pytest.mark.parametrize(
    "arguments", [["--models", "knn"], ["--epochs", "0"], ["--image-size", "x"]]
)
def test_wrong_options_are_refused(arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["compare", *arguments])
    assert stopped.value.code == 2
    assert "usage: skfer compare" in capsys.readouterr().err


def test_the_installed_command():
    for arguments in (["--version"], ["compare", "--help"]):
        done = subprocess.run(
            [sys.executable, "-m", "skfer.cli", *arguments],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert "skfer" in done.stdout


def test_what_a_terminal_cannot_show_costs_no_results(tmp_path, monkeypatch):
    for number, name in enumerate(
        ("\u5e78\u798f", "\u0433\u0440\u0443\u0441\u0442\u044c")
    ):
        (tmp_path / name).mkdir()
        Image.new("L", (20, 20), 90 * number).save(tmp_path / name / "a.png")
    out = io.TextIOWrapper(io.BytesIO(), encoding="cp1252")
    monkeypatch.setattr("sys.stdout", out)
    assert main(["audit", str(tmp_path)]) in (0, 1)
    out.flush()
    assert rb"\u5e78\u798f" in out.buffer.getvalue()


def test_sigterm_deletes_what_is_temporary(tmp_path, monkeypatch):
    """As Ctrl-C does; the exit status is that of a process that it ended."""
    before = signal.getsignal(signal.SIGTERM)

    def run(options):
        with written_aside(tmp_path / "report.html") as aside:
            aside.write_text("half")
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(10)

    monkeypatch.setattr("skfer.cli._show.run", run)
    with pytest.raises(SystemExit) as stopped:
        main(["show", "shipped"])
    assert stopped.value.code == 128 + signal.SIGTERM
    assert list(tmp_path.iterdir()) == []
    assert signal.getsignal(signal.SIGTERM) == before

import io
import os
import signal
import subprocess
import sys
import time
from importlib.metadata import version

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


def test_the_installed_command(capsys):
    done = subprocess.run(
        [sys.executable, "-m", "skfer.cli", "compare", "--help"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "usage: skfer compare" in done.stdout
    with pytest.raises(SystemExit):
        main(["--version"])
    assert version("skfer") in capsys.readouterr().out


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


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_signals_delete_what_is_temporary(name, tmp_path, monkeypatch):
    """As Ctrl-C does; the exit status is that of a process that they ended."""
    number = getattr(signal, name)
    # The tests themselves may run under nohup.
    at_first = signal.signal(number, signal.SIG_DFL)

    def run(options):
        with written_aside(tmp_path / "report.html") as aside:
            aside.write_text("half")
            os.kill(os.getpid(), number)
            time.sleep(10)

    monkeypatch.setattr("skfer.cli._show.run", run)
    with pytest.raises(SystemExit) as stopped:
        main(["show", "shipped"])
    assert stopped.value.code == 128 + number
    assert list(tmp_path.iterdir()) == []
    assert signal.signal(number, at_first) == signal.SIG_DFL


def test_nohup_goes_on_without_its_terminal(monkeypatch):
    monkeypatch.setattr(
        "skfer.cli._show.run", lambda options: os.kill(os.getpid(), signal.SIGHUP) or 0
    )
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert main(["show", "shipped"]) == 0
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize(
    "arguments",
    [
        ["predict", ""],
        ["audit", ""],
        ["compare", "--test", "", "folder"],
        ["compare", "folder", "--report="],
        ["audit", "folder", "--keep", ""],
        ["clean", "folder", ""],
    ],
)
def test_an_empty_name_is_not_the_current_folder(
    arguments, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    Image.new("L", (20, 20)).save("a.png")
    assert main(arguments) == 1
    said = " ".join(capsys.readouterr().err.split())
    assert "has an empty name" in said
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_control_characters_do_not_reach_the_terminal(tmp_path, capsys):
    for number, name in enumerate(("ha\x1b[31mppy", "sa\x9b1md")):
        (tmp_path / name).mkdir()
        Image.new("L", (20, 20), 90 * number).save(tmp_path / name / "a.png")
    main(["audit", str(tmp_path)])
    said = capsys.readouterr().out
    assert r"ha\x1b[31mppy" in said and r"sa\x9b1md" in said
    assert not {"\x1b", "\x9b"} & set(said)


def test_advice_names_the_options_of_the_command(tmp_path, capsys):
    for name in ("happy", "sad"):
        (tmp_path / name).mkdir()
        Image.new("L", (20, 20)).save(tmp_path / name / "a.png")
    (tmp_path / "sad" / "b.png").write_bytes(b"")
    assert main(["compare", str(tmp_path)]) == 1
    said = " ".join(capsys.readouterr().err.split())
    assert "or add --skip-broken" in said and "on_error" not in said


@pytest.mark.slow
def test_a_reader_who_has_enough_is_no_error(tmp_path):
    for number in range(3):
        Image.new("L", (48, 48), 90 * number).save(tmp_path / f"{number}.png")
    predict = f"{sys.executable} -m skfer.cli predict {tmp_path}"
    subprocess.run(["sh", "-c", f"{predict} 2>{tmp_path}/err | true"], check=True)
    assert "Traceback" not in (tmp_path / "err").read_text()
    closed = subprocess.run(
        ["sh", "-c", f"{predict} >&-"], capture_output=True, text=True
    )
    assert closed.returncode == 1
    assert "standard output is closed" in closed.stderr
    assert "Traceback" not in closed.stderr

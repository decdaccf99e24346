"""Files are written aside, and replace only what is a file."""

import errno
import os
import subprocess
import sys

import pytest

from skfer._writing import check_writable, written_aside


def test_after_an_error_the_old_file_is_there(tmp_path):
    file = tmp_path / "report.html"
    file.write_text("old")
    with pytest.raises(KeyError), written_aside(file) as aside:
        aside.write_text("half")
        raise KeyError
    assert file.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_of_a_link_the_file_that_it_leads_to_is_written(tmp_path):
    file, link = tmp_path / "there" / "a.txt", tmp_path / "link.txt"
    file.parent.mkdir()
    file.write_text("old")
    link.symlink_to(file)
    with written_aside(link) as aside:
        aside.write_text("new")
    assert link.is_symlink()
    assert file.read_text() == "new"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_is_no_file(tmp_path):
    """Nor is a device: writing to /dev/null must not replace it by a file."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(ValueError, match=r"--report .*pipe is a device or a pipe"):
        check_writable(pipe, "--report")
    with pytest.raises(ValueError, match="device or a pipe"), written_aside(pipe):
        pass
    assert not pipe.is_file()


def test_what_a_killed_process_left_is_deleted(tmp_path, monkeypatch):
    file = tmp_path / "report.html"
    code = (
        "import os, sys; from skfer._writing import written_aside\n"
        "with written_aside(sys.argv[1]) as aside:\n"
        "    aside.write_text('half'); print(aside.name); sys.stdout.flush()\n"
        "    os.kill(os.getpid(), 9)"
    )
    killed = subprocess.run([sys.executable, "-c", code, file], capture_output=True)
    left = tmp_path / killed.stdout.decode().strip()
    assert left.read_text() == "half"
    with written_aside(tmp_path / "other.html") as aside:
        aside.write_text("another file")
    monkeypatch.setattr("platform.node", lambda: "another machine on the same disk")
    with written_aside(file) as aside:
        aside.write_text("by another")
    assert left.exists()
    monkeypatch.undo()
    with written_aside(file) as outer:
        outer.write_text("new")
        # Of a process that still runs.
        with written_aside(file) as inner:
            inner.write_text("first")
        assert outer.exists()
    assert file.read_text() == "new"
    assert {path.name for path in tmp_path.iterdir()} == {"report.html", "other.html"}


def test_a_name_may_be_as_long_as_names_may_be(tmp_path):
    file = tmp_path / ("a" * 250 + ".html")
    with written_aside(file) as aside:
        aside.write_text("new")
    assert file.read_text() == "new"
    with pytest.raises(OSError, match="File name too long"):
        check_writable(tmp_path / ("a" * 300), "--report")


def test_what_the_system_refuses_is_named(tmp_path):
    file = tmp_path / "report.html"
    with (
        pytest.raises(OSError, match=r"can't be written \(No space .*report\.html"),
        written_aside(file),
    ):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    with pytest.raises(FileNotFoundError, match="other"), written_aside(file):
        (tmp_path / "other").read_text()

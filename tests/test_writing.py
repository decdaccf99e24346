"""Files are written aside, and replace only what is a file."""

import os

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

import subprocess
import sys

import pytest

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

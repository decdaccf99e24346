"""Messages of C++ libraries are kept from the terminal, and only theirs."""

import os
import subprocess
import sys

import pytest

from skfer._stderr import silent_stderr


def test_only_what_is_written_inside_is_silent(capfd):
    os.write(2, b"before\n")
    with pytest.raises(ZeroDivisionError), silent_stderr():
        os.write(2, b"inside")
        _ = 1 / 0
    os.write(2, b"after")
    assert capfd.readouterr().err == "before\nafter"


@pytest.mark.parametrize("without", ["os.close(2)", "sys.stderr = None"])
def test_a_program_needs_no_stderr(without):
    code = (
        f"import os, sys; {without}\n"
        "from skfer._stderr import silent_stderr\n"
        "for _ in range(2):\n"
        "    with silent_stderr():\n"
        "        os.write(2, b'inside')\n"
        "    files = os.listdir('/proc/self/fd') if os.path.exists('/proc') else []\n"
        "    print(len(files))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )
    first, second = done.stdout.split()
    assert (first, done.stderr) == (second, "")

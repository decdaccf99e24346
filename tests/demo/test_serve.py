"""The command opens the page, and Ctrl-C ends it."""

import re
import signal
import socket
import subprocess
import sys

import pytest

from skfer.cli import main
from skfer.demo import serve
from skfer.persistence import save_model
from tests.demo.conftest import Client
from tests.prediction.test_classify_images import hog


@pytest.fixture
def model_file(faces, tmp_path):
    path = tmp_path / "smile.skfer"
    save_model(hog().fit(faces.images, faces.target), path, name="smile")
    return path


@pytest.mark.slow
def test_the_command_serves_this_computer_until_ctrl_c(model_file):
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "skfer.cli", "demo", model_file,
         "--port", "0", "--no-browser"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        said = process.stdout.readline()
        (port,) = re.findall(r"http://127\.0\.0\.1:(\d+)\. Ctrl-C ends it", said)
        about = Client(int(port)).get("/about").json()
        assert about["name"] == "smile" and "# smile" in about["card"]
        process.send_signal(signal.SIGINT)
        errors = process.communicate(timeout=30)[1]
        assert process.returncode in (0, 130) and "Traceback" not in errors
    finally:
        process.kill()


def test_a_port_that_is_taken_is_one_message(model_file, fitted_hog_svm, capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = ["demo", str(model_file), "--no-browser", "--port", str(port)]
        assert main(command) == 1
        assert "Choose another port" in " ".join(capsys.readouterr().err.split())
        with pytest.raises(SystemExit):
            main(["demo", "--port", "99999"])
        with pytest.raises(OSError, match="in use"):
            serve(fitted_hog_svm, port=port, open_browser=False)
    with pytest.raises(ValueError, match="not fitted"):
        serve(hog(), port=0, open_browser=False)

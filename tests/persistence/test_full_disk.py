"""A disk that is full costs neither what was there nor what is done."""

import re
import subprocess
import sys

import pytest
from PIL import Image

from skfer.datasets import make_faces
from skfer.persistence import load_model, save_model
from tests.prediction.test_classify_images import hog

# Files of more than so many bytes can't be written, as if the disk were full then.
_RUN = """
import resource, signal, sys
from skfer.cli import main
from skfer.persistence import export_onnx, load_model, save_model
model = load_model("hog.skfer")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
resource.setrlimit(resource.RLIMIT_FSIZE, (3000, hard))
for write in (save_model, export_onnx):
    try:
        write(model, write.__name__, overwrite=True)
    except OSError as error:
        print(type(error).__name__, error)
print(main(["predict", "hog.skfer", "pictures", "-o", "table.csv"]))
"""


@pytest.fixture(scope="module")
def place(faces, tmp_path_factory):
    folder = tmp_path_factory.mktemp("full")
    save_model(hog().fit(faces.images, faces.target), folder / "hog.skfer")
    (folder / "pictures").mkdir()
    for number, image in enumerate(make_faces(140, random_state=1).images):
        Image.fromarray(image).save(folder / "pictures" / f"{number:03}.png")
    for name in ("save_model", "export_onnx"):
        (folder / name).write_text("mine")
    return folder


@pytest.mark.slow
def test_what_was_there_stays_and_what_is_done_is_said(place):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _RUN],
        cwd=place, capture_output=True, text=True, check=True,
    )  # fmt: skip
    *errors, status = done.stdout.splitlines()
    assert [error.split()[0] for error in errors] == ["OSError"] * 2
    assert all("File too large" in error for error in errors)
    for name in ("save_model", "export_onnx"):
        assert (place / name).read_text() == "mine"
    said = " ".join(done.stderr.split())
    assert status == "1" and "File too large" in said and "Traceback" not in said
    (done,) = re.findall(
        r"Not complete: at least (\d+) of 140 rows are in table.inc", said
    )
    left = sorted(path.name for path in place.iterdir())
    assert left == [
        "export_onnx", "hog.skfer", "pictures", "save_model", "table.incomplete.csv"
    ]  # fmt: skip
    lines = (place / "table.incomplete.csv").read_text().splitlines()
    # Other files may be the first that are too large, such as Numba's.
    assert int(done) <= len(lines) < 140
    load_model(place / "hog.skfer")

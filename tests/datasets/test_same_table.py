"""A folder is the same table, whatever the locale and the packages are."""

import os
import subprocess
import sys

import pytest
from PIL import Image

from skfer.datasets import make_faces, read_images

# Prints a hash of everything that a table knows.
_RUN = """
import os, sys
if "--no-heif" in sys.argv:
    sys.modules["pillow_heif"] = None
import warnings
warnings.simplefilter("ignore")
import joblib
from skfer.datasets import audit_images, read_images
def describe(folder):
    table = read_images(folder, on_error="keep", check="pixels")
    found = [(f.kind, f.rows) for f in audit_images(table).findings]
    # Python spells the bytes of a name in another way where it takes them for ASCII.
    columns = [
        table.target, table.status, table.width, table.height, table.format,
        [os.fsencode(path) for path in table.X], table.fingerprints.digest,
    ]
    return joblib.hash(([list(values) for values in columns], table.notes, found))
if __name__ == "__main__":
    if "--processes" in sys.argv:
        run = joblib.Parallel(n_jobs=4, backend="multiprocessing")
        found = run(joblib.delayed(describe)(sys.argv[1]) for _ in range(4))
        assert len(set(found)) == 1, found
    print(describe(sys.argv[1]))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Names in several scripts and in Latin-1, what is broken and what is hidden."""
    root = tmp_path_factory.mktemp("faces")
    faces = make_faces(12, classes=["happy", "sad"], image_size=24, random_state=0)
    names = ["a", "B", "\u00e4", "\u5feb", "z z", "$x$"]
    labels = [os.fsencode("fr\u00f6hlich"), b"traurig \xe4"]
    for number, image in enumerate(faces.images):
        label = os.fsdecode(labels[number % 2])
        path = root / label / f"{names[number // 2]}{number}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(image).save(path)
    (root / os.fsdecode(labels[0]) / "broken.jpg").write_bytes(b"\xff\xd8\xff")
    (root / os.fsdecode(labels[1]) / "notes.txt").write_text("no image")
    (root / os.fsdecode(labels[1]) / ".DS_Store").write_bytes(b"")
    return root


def describe(folder, *options, **environment):
    done = subprocess.run(
        [sys.executable, "-c", _RUN, os.fsencode(folder), *options],
        env={**os.environ, **environment}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_the_same_table_everywhere(folder):
    usual = describe(folder, LC_ALL="C.UTF-8")
    # Without the mode that Python turns on by itself, where all is UTF-8.
    plain = {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    assert describe(folder, "--processes", **plain) == usual
    assert describe(folder, "--no-heif") == usual


def test_a_folder_that_is_read_only_stays_as_it_is(folder):
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    folders = [folder, *(path for path in folder.iterdir() if path.is_dir())]
    for one in folders:
        one.chmod(0o555)
    try:
        table = read_images(folder, on_error="keep", check="pixels")
        assert len(table) == 14 and table.is_readable.sum() == 12
    finally:
        for one in folders:
            one.chmod(0o755)
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before

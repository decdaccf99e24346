"""Guards and shared samples; fitted models are made once for the whole run."""

import atexit
import os
import shutil
import signal
import socket
import sys
import tempfile

# What a shell starts in the background is deaf to Ctrl-C, and so is what that starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Before anything of NumPy, SciPy, Keras or matplotlib is imported. The first makes
# scikit-learn run its array API check; the second keeps Keras out of the real home
# folder; the third needs no screen.
os.environ["SCIPY_ARRAY_API"] = "1"
os.environ["KERAS_HOME"] = tempfile.mkdtemp(prefix="skfer-keras-")
os.environ["MPLBACKEND"] = "agg"
# Workers share the cores. If the linear algebra of each took all of them, its threads
# would wait for one another, and the tests take two to three times as long.
if workers := os.environ.get("PYTEST_XDIST_WORKER_COUNT"):
    share = str(max(1, (os.cpu_count() or 1) // int(workers)))
    os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = share

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from PIL import Image

from skfer import CNNClassifier, make_hog_svm
from skfer.datasets import make_faces
from tests.fake_training import REAL_TRAINING, use_fake_training

atexit.register(shutil.rmtree, os.environ["KERAS_HOME"], ignore_errors=True)

# A busy machine is no defect of the code. `make test` tries the same examples each
# time, so that whether a change lands is not a matter of luck; `make test-slow` draws
# new ones.
settings.register_profile(
    "patient",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=not REAL_TRAINING,
)
settings.load_profile("patient")

TINY_NETWORK = {
    "filters": (4, 8),
    "convs_per_block": 1,
    "attention": False,
    "epochs": 2,
    "batch_size": 16,
    "precision": "float32",
    "random_state": 0,
}


_HERE = {None, "", "localhost", "::1", "0.0.0.0", socket.gethostname()}


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """Fail any test that tries to reach another machine, or asks for its address."""

    def refuse(host):
        host = host.decode() if isinstance(host, bytes) else host
        if host not in _HERE and not str(host).startswith("127."):
            raise AssertionError(f"a test tried to reach {host}")

    def guard(method):
        def guarded(self, address, *args):
            if self.family in (socket.AF_INET, socket.AF_INET6):
                refuse(address[0])
            return method(self, address, *args)

        return guarded

    def look_up(host, *args, **options):
        refuse(host)
        return getaddrinfo(host, *args, **options)

    getaddrinfo = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, guard(getattr(socket.socket, name)))


@pytest.fixture(autouse=True)
def close_figures():
    """Close what displays drew; twenty open figures would be a warning."""
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


@pytest.fixture
def fake_training(monkeypatch):
    """Train a network of one layer without Keras, but in `make test-all`."""
    if not REAL_TRAINING:
        use_fake_training(monkeypatch)


@pytest.fixture(scope="session")
def faces():
    """140 drawn faces of seven classes and ten subjects."""
    return make_faces(140, n_subjects=10, random_state=0)


@pytest.fixture(scope="session")
def two_classes():
    """48 small drawn faces of two classes, quick to train on."""
    return make_faces(
        48, classes=["happy", "surprise"], n_subjects=6, image_size=16, random_state=0
    )


@pytest.fixture(scope="session")
def tiny_cnn(two_classes):
    """A fitted network; tests must not change it."""
    return CNNClassifier(**TINY_NETWORK).fit(two_classes.images, two_classes.target)


@pytest.fixture(scope="session")
def fitted_hog_svm(faces):
    """A fitted pipeline; tests must not change it."""
    return make_hog_svm().fit(faces.images, faces.target)


def write_image_folder(root, images, target, suffix=".png"):
    """Write images as root/<class>/<number><suffix>, and return the root."""
    for number, (image, label) in enumerate(zip(images, target, strict=True)):
        folder = root / label
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(folder / f"{number:04}{suffix}")
    return root


@pytest.fixture(scope="session")
def face_folder(tmp_path_factory, faces):
    """The drawn faces as a folder of class folders."""
    root = tmp_path_factory.mktemp("faces")
    return write_image_folder(root, faces.images, faces.target)


@pytest.fixture
def odd_images():
    """Grey images whose sides all differ, which shows exchanged axes."""
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (7, 20, 13), dtype=np.uint8)

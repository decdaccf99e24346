"""Backends of Keras: what each needs to behave on shared machines."""

import os
import select
import signal
import subprocess
import sys

import keras
import numpy as np
import pytest

from benchmarks._memory import resident_mb
from skfer import CNNClassifier
from skfer.neural import _backend
from tests.conftest import TINY_NETWORK


@pytest.fixture(scope="module")
def fitted_tiny_cnn():
    images = np.random.default_rng(0).integers(0, 256, (10, 8, 8)).astype(np.uint8)
    options = TINY_NETWORK | {"epochs": 1}
    return CNNClassifier(**options).fit(images, ["a", "b"] * 5), images


@pytest.mark.parametrize("error", [None, RuntimeError("in use"), ValueError("divided")])
def test_tensorflow_lets_the_memory_of_gpus_grow(monkeypatch, error):
    import tensorflow as tf

    asked = []

    def grow(gpu, wanted):
        asked.append((gpu, wanted))
        if error:
            raise error

    monkeypatch.setattr(tf.config.experimental, "set_memory_growth", grow)
    monkeypatch.setattr(_backend, "_find_gpus", lambda: ["GPU:0", "GPU:1"])
    _backend.load_keras()
    assert asked == [("GPU:0", True), ("GPU:1", True)]


@pytest.mark.skipif(sys.platform != "linux", reason="TensorFlow does so with glibc")
def test_a_training_leaves_numpy_as_fast_as_it_was(two_classes):
    """TensorFlow makes glibc fetch every larger array from the kernel anew."""
    import resource

    class Stop(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        CNNClassifier(**TINY_NETWORK, callbacks=[Stop()]).fit(
            two_classes.images, two_classes.target
        )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(20):
        arrays = [np.ones(3 << 20, np.uint8) for _ in range(10)]
        del arrays
    faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
    assert faults < 40_000  # Fetched anew it would be 20 times 7,680 pages of 4 kB.


@pytest.mark.skipif(sys.platform != "linux", reason="TensorFlow does so with glibc")
def test_memory_that_is_free_after_a_training_goes_back_to_the_system():
    arrays = [np.ones(100_000, np.uint8) for _ in range(2000)]
    del arrays[:-1]  # The last one keeps glibc from giving back what is below it.
    before = resident_mb()
    _backend.restore_allocation()
    assert before - resident_mb() > 100


def test_other_systems_have_no_such_allocator(monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(_backend.ctypes, "CDLL", None)  # Calling it would fail.
    _backend.restore_allocation()


@pytest.mark.parametrize("chosen, expected", [(None, "false"), ("true", "true")])
def test_jax_lets_the_memory_of_gpus_grow(chosen, expected):
    """Set before JAX is imported, and not against the user's will."""
    code = (
        "import os, sys\n"
        "from skfer.neural import _backend\n"
        "_backend.util.find_spec = lambda name: True\n"
        "class Look:\n"
        "    def find_spec(self, name, *rest):\n"
        "        if name == 'keras':\n"
        "            print(os.environ['XLA_PYTHON_CLIENT_PREALLOCATE']); sys.exit()\n"
        "sys.meta_path.insert(0, Look())\n"
        "_backend.load_keras()"
    )
    environment = {**os.environ, "KERAS_BACKEND": "jax"}
    if chosen:
        environment["XLA_PYTHON_CLIENT_PREALLOCATE"] = chosen
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == [expected]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings(
    "ignore:This process .* is multi-threaded:DeprecationWarning"
)
def test_a_forked_process_gets_an_error_instead_of_waiting_for_ever(fitted_tiny_cnn):
    classifier, images = fitted_tiny_cnn
    classifier.predict(images[:1])
    read, write = os.pipe()
    child = os.fork()
    if not child:
        for job in (
            lambda: classifier.predict(images[:1]),
            lambda: CNNClassifier(**TINY_NETWORK).fit(images, ["a", "b"] * 5),
        ):
            try:
                said = str(job())
            except Exception as error:  # Whatever it is, the parent judges it.
                said = repr(error)
            os.write(write, f"{said}\n".encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as answer:
        ready, _, _ = select.select([answer], [], [], 60)
        said = answer.read().decode() if ready else "waits for ever"
    if not ready:
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert said.count("RuntimeError") == said.count("This process was forked") == 2

"""Backends of Keras: what each needs to behave on shared machines."""

import os
import subprocess
import sys

import pytest

from skfer.neural import _backend


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


@pytest.mark.parametrize("chosen, expected", [(None, "false"), ("true", "true")])
def test_jax_lets_the_memory_of_gpus_grow(chosen, expected):
    """Set before JAX is imported, and not against the user's will."""
    code = (
        "import os, sys, types\n"
        "from skfer.neural import _backend\n"
        "_backend.util.find_spec = lambda name: True\n"
        "def look(name):\n"
        "    print(os.environ['XLA_PYTHON_CLIENT_PREALLOCATE']); sys.exit()\n"
        "_backend.import_module = look\n"
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

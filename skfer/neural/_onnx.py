"""Networks as operators of ONNX."""

import contextlib
import io
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np


def network_to_onnx(network: Any) -> bytes:
    """Return a Keras network as an ONNX model of one input and one output.

    Parameters
    ----------
    network : keras.Model
        From images of shape (n, height, width, channels), float32.

    Returns
    -------
    bytes
        The model; n is free.
    """
    # Keras refuses networks that were never called.
    network(np.zeros((1, *network.input_shape[1:]), np.float32))
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.redirect_stdout(io.StringIO()),
        warnings.catch_warnings(),
    ):
        # Keras gives back to NumPy what tf2onnx misses in it.
        warnings.simplefilter("ignore", FutureWarning)
        path = Path(folder) / "network.onnx"
        network.export(str(path), format="onnx", verbose=False, opset_version=18)
        return path.read_bytes()

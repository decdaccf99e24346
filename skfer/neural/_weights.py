"""The trained network that skfer ships: arrays, and a description that is readable."""

import hashlib
import io
import json
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from skfer._writing import written_aside
from skfer.neural._network import build_network

#: Where the files are.
SHIPPED = files("skfer.neural") / "weights"
_NAME = "faces"


class TrainedNetwork(NamedTuple):
    """A network, what its outputs mean, and what people should know of it."""

    network: Any
    #: Parameters of `build_network`.
    layers: dict[str, Any]
    classes: list[str]
    #: Height, width and channels of the images that it was trained on.
    image_shape: tuple[int, int, int]
    card: dict[str, Any]


def write_weights(folder: Path, trained: TrainedNetwork) -> None:
    """Write a network as faces.npz and faces.json.

    Parameters
    ----------
    folder : Path
        Where to write them.
    trained : TrainedNetwork
        The network, for images in 0..255, with its description.

    Raises
    ------
    ValueError
        If a weight is too large for half precision.
    """
    with np.errstate(over="ignore"):
        halves = [one.astype(np.float16) for one in trained.network.get_weights()]
    if not all(np.isfinite(one).all() for one in halves):
        raise ValueError("The network has weights that half precision can't hold.")
    buffer = io.BytesIO()
    numbered = {f"{number:03}": one for number, one in enumerate(halves)}
    np.savez_compressed(buffer, **numbered)
    description = trained._asdict()
    del description["network"]
    description["sha256"] = _hash(buffer.getvalue(), description)
    with written_aside(folder / f"{_NAME}.npz") as aside:
        aside.write_bytes(buffer.getvalue())
    with written_aside(folder / f"{_NAME}.json") as aside:
        aside.write_text(json.dumps(description, indent=1) + "\n", encoding="utf-8")


def read_weights(
    folder: Any = SHIPPED,
    *,
    image_size: tuple[int, int] | None = None,
    n_threads: int | None = None,
) -> TrainedNetwork:
    """Return the network of `write_weights`.

    Parameters
    ----------
    folder : Path
        Where the files are.
    image_size : (int, int), default=None
        Height and width of the images that it will get. None means those that it was
        trained on.
    n_threads : int or None, default=None
        Threads of one operation, as in `CNNClassifier`.

    Returns
    -------
    TrainedNetwork
        The network, with its description and its card.

    Raises
    ------
    ValueError
        If a file is missing, was cut short or changed.
    """
    description, arrays = _read_files(folder)
    layers: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in description["layers"].items()
    }
    classes = description["classes"]
    *trained_on, n_channels = description["image_shape"]
    network = build_network(
        (*(image_size or trained_on), n_channels),
        len(classes),
        **layers,
        random_state=0,
        n_threads=n_threads,
    )
    network.set_weights([one.astype(np.float32) for one in arrays])
    shape = (*trained_on, n_channels)
    return TrainedNetwork(network, layers, classes, shape, description["card"])


def _read_files(folder: Any) -> tuple[dict[str, Any], list[np.ndarray]]:
    path, text_path = folder / f"{_NAME}.npz", folder / f"{_NAME}.json"
    try:
        content = path.read_bytes()
        description = json.loads(text_path.read_text(encoding="utf-8"))
        expected = description.pop("sha256")
    except (AttributeError, KeyError, OSError, TypeError, ValueError) as error:
        raise ValueError(
            f"The trained network {path} or its description {text_path} can't be read "
            f"({type(error).__name__}: {error}). Install skfer again."
        ) from error
    found = _hash(content, description)
    if found != expected:
        raise ValueError(
            f"The trained network {path} or its description {text_path} is not the one "
            f"that skfer was shipped with: their SHA-256 is {found[:12]}..., it should "
            f"be {str(expected)[:12]}..., and the network has {len(content):,} bytes. "
            "One of them was cut short or changed; install skfer again."
        )
    with np.load(io.BytesIO(content), allow_pickle=False) as saved:
        return description, [saved[name] for name in sorted(saved.files)]


def _hash(content: bytes, description: dict[str, Any]) -> str:
    text = json.dumps(description, sort_keys=True)
    return hashlib.sha256(content + text.encode()).hexdigest()

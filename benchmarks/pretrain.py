"""Train the network that skfer ships: ``python -m benchmarks.pretrain --data PATH``.

PATH is FER-2013 (its folder, archive or CSV), --votes the CSV of the FER+ votes. Only
images of the training part are trained on, none of which a copy is a validation image,
as they are and in worse versions, like faces that a detector cuts out of photographs.
The network has an output for each class of the labels and one for each class of the
votes, and learns both. A training that was stopped goes on when the command is
repeated. The network is kept as model.joblib in --output.
"""

import argparse
import sys
import time
import warnings
from pathlib import Path

import joblib
import numpy as np

from benchmarks._worse_pictures import make_worse
from benchmarks.fer2013 import make_log, parse_parameters
from skfer import CNNClassifier
from skfer._writing import written_aside
from skfer.datasets import find_copies, load_fer2013

#: Names of the classes of the labels by those of the votes.
NAMES = {
    "anger": "angry", "disgust": "disgust", "fear": "fear", "happiness": "happy",
    "neutral": "neutral", "sadness": "sad", "surprise": "surprise",
}  # fmt: skip
CLASSES = sorted(NAMES.values())


def main(arguments: list[str] | None = None) -> int:
    """Train, and keep the network."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.pretrain", description=__doc__
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--votes", type=Path, required=True)
    parser.add_argument("--output", type=Path, default=Path("pretrain-results"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--worse", type=int, default=3, help="worse versions of each image"
    )
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--set", nargs="+", default=[], metavar="NAME=VALUE")
    chosen = parser.parse_args(arguments)
    warnings.filterwarnings("ignore", message="FER-2013 has known|.*left out")
    images, labels, votes = read_train(chosen.data, chosen.votes)
    rng = np.random.default_rng(chosen.seed)
    versions = [images] + [
        np.stack([make_worse(image, rng) for image in images])
        for _ in range(chosen.worse)
    ]
    both = np.concatenate([labels, votes], axis=1) / 2
    print(f"{len(images):,} images in {len(versions)} versions", flush=True)
    chosen.output.mkdir(parents=True, exist_ok=True)
    model = CNNClassifier(
        **{"label_smoothing": 0.05} | parse_parameters(chosen.set),
        # An epoch has all versions, so that there are fewer of them.
        epochs=round(chosen.epochs / len(versions)),
        random_state=chosen.seed,
        checkpoint_dir=chosen.output,
        callbacks=[make_log(chosen.output)],
    )
    # The soft labels say what is learnt; these, what the outputs are called.
    names = [f"label {name}" for name in CLASSES] + [f"vote {name}" for name in CLASSES]
    n = len(versions) * len(images)
    begun = time.perf_counter()
    model.fit(
        np.concatenate(versions),
        np.resize(names, n),
        soft_labels=np.tile(both, (len(versions), 1)),
    )
    model.set_params(callbacks=None, checkpoint_dir=None)
    with written_aside(chosen.output / "model.joblib") as aside:
        joblib.dump(model, aside)
    print(f"trained in {(time.perf_counter() - begun) / 60:.0f} minutes")
    return 0


def read_train(data: Path, votes: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the images to train on, their labels and votes as shares of classes."""
    table = load_fer2013(data)
    copies = find_copies(table)
    is_train = table.split == "train"
    is_train &= ~np.isin(copies, copies[table.split != "train"])
    shares = read_votes(data, votes)
    # Two images have one name and different labels.
    keys = list(zip(table.names.tolist(), table.target.tolist(), strict=True))
    # Those without votes for one of the classes show something else.
    is_used = is_train & np.array([key in shares for key in keys])
    rows = np.flatnonzero(is_used)
    labels = (table.target[rows, np.newaxis] == np.array(CLASSES)).astype(np.float32)
    return table.images[rows], labels, np.array([shares[keys[row]] for row in rows])


def read_votes(data: Path, votes: Path) -> dict[tuple[str, str], np.ndarray]:
    """Return the shares of the votes for `CLASSES`, by name and label of the image."""
    table = load_fer2013(data, labels="ferplus", votes=votes)
    columns = [table.target_names.index(name) for name in NAMES]
    counts = table.probabilities[:, columns]
    keys = zip(table.names.tolist(), table["fer_label"].tolist(), strict=True)
    return {
        key: (row / row.sum()).astype(np.float32)
        for key, row in zip(keys, counts, strict=True)
        if row.sum() > 0
    }


if __name__ == "__main__":
    sys.exit(main())

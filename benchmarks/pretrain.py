"""Train the network that skfer ships: ``python -m benchmarks pretrain --data PATH``.

PATH is FER-2013 (its folder, archive or CSV), --votes the CSV of the FER+ votes. Only
images of the training part are trained on, none of which a copy is a validation image,
as they are and in worse versions, like faces that a detector cuts out of photographs.
The network has an output for each class of the labels and one for each class of the
votes, and learns both; what is shipped averages them. A training that was stopped goes
on when the command is repeated, and one that is over is not repeated: its network is
kept as model.joblib in --output.

Printed is what the network has right on the validation part and, with --small-sets,
on the faces of CK+48 and KDEF, for several weights of the votes. --write writes the
network with the weight --share and its card into a folder.
"""

import argparse
import subprocess
import sys
import time
import warnings
from datetime import date
from pathlib import Path
from typing import Any

import joblib
import numpy as np

from benchmarks._merge_heads import find_temperature, merge_heads
from benchmarks._model_card import describe, score_sets, write_card
from benchmarks._test_sets import CLASSES, read_test_sets, read_votes
from benchmarks._worse_pictures import make_worse
from benchmarks.fer2013 import make_log, parse_parameters
from skfer import CNNClassifier
from skfer._writing import written_aside
from skfer.datasets import find_copies, load_fer2013

#: Weights of the votes that are tried.
_SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)


def main(arguments: list[str] | None = None) -> int:
    """Train, and keep the network."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks pretrain", description=__doc__
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--votes", type=Path, required=True)
    parser.add_argument("--output", type=Path, default=Path("pretrain-results"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--worse", type=int, default=2, help="worse versions of each image"
    )
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--set", nargs="+", default=[], metavar="NAME=VALUE")
    parser.add_argument("--small-sets", type=Path, help="folder of ck48 and kdef")
    parser.add_argument("--share", type=float, default=1.0, help="weight of the votes")
    parser.add_argument("--write", type=Path, metavar="FOLDER")
    chosen = parser.parse_args(arguments)
    warnings.filterwarnings("ignore", message="FER-2013 has known|.*left out")
    images, labels, votes = read_train(chosen.data, chosen.votes)
    model, facts = _train(chosen, images, labels, votes)
    sets = read_test_sets(chosen.data, chosen.votes, chosen.small_sets)
    for share in sorted({*_SHARES, chosen.share}):
        trained = describe(merge_heads(model, CLASSES, share), images)
        print(f"weight of the votes: {share}")
        for line in score_sets(trained, sets):
            print(f"  {line}", flush=True)
    if chosen.write:
        merged = merge_heads(model, CLASSES, chosen.share)
        voted = sets["FER+ most votes"]
        temperature = find_temperature(merged, voted.images, voted.target)
        merged = merge_heads(model, CLASSES, chosen.share, temperature)
        facts |= {
            "weight of the votes": chosen.share,
            "temperature": round(temperature, 3),
        }
        write_card(chosen.write, describe(merged, images), facts, sets)
    return 0


def _train(
    chosen: argparse.Namespace,
    images: np.ndarray,
    labels: np.ndarray,
    votes: np.ndarray,
) -> tuple[CNNClassifier, dict[str, Any]]:
    """Return the network and how it was trained, from the folder if it is there.

    Raises
    ------
    ValueError
        If the one in the folder was trained in another way.
    """
    options = f"--worse {chosen.worse} --epochs {chosen.epochs} --seed {chosen.seed}"
    command = f"python -m benchmarks pretrain {options} --set {' '.join(chosen.set)}"
    finished = chosen.output / "model.joblib"
    if finished.exists():
        model, facts = joblib.load(finished)
        if facts["command"] != command:
            raise ValueError(
                f"{finished} was trained by '{facts['command']}', not by '{command}'. "
                "Name another --output."
            )
        return model, facts
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
    begun = time.perf_counter()
    model.fit(
        np.concatenate(versions),
        np.resize(names, len(versions) * len(images)),
        soft_labels=np.tile(both, (len(versions), 1)),
    )
    minutes = round((time.perf_counter() - begun) / 60)
    print(f"trained in {minutes} minutes")
    model.set_params(callbacks=None, checkpoint_dir=None)
    facts = {
        "command": command,
        "commit": _find_commit(),
        "date": date.today().isoformat(),
        "images": f"{len(images):,} of the training part of FER-2013, without copies "
        "of validation images and without those that are no face to the annotators of "
        f"FER+, as they are and in {chosen.worse} versions that are moved, smaller, "
        "blurred, darker, noisy or badly compressed",
        "passes": f"{model.n_iter_} over all versions",
        "minutes since it was begun or resumed": minutes,
    }
    with written_aside(finished) as aside:
        joblib.dump((model, facts), aside)
    return model, facts


def _find_commit() -> str:
    """Return the commit of this checkout, and whether files were changed after it."""
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty=, with changes"],
        capture_output=True, text=True, check=False, cwd=Path(__file__).parent,
    )  # fmt: skip
    return done.stdout.strip() or "unknown"


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


if __name__ == "__main__":
    sys.exit(main())

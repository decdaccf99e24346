"""What the network that skfer ships is tested on, and the votes that it learns."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from sklearn.pipeline import Pipeline

from skfer.datasets import load_fer2013, read_images
from skfer.pipelines._ready_made import images_of

#: Names of the classes of the labels by those of the votes.
NAMES = {
    "anger": "angry", "disgust": "disgust", "fear": "fear", "happiness": "happy",
    "neutral": "neutral", "sadness": "sad", "surprise": "surprise",
}  # fmt: skip
CLASSES = sorted(NAMES.values())


class TestSet(NamedTuple):
    """Images (n, 48, 48) with their labels, and who is in them."""

    images: np.ndarray
    target: np.ndarray
    groups: np.ndarray | None = None


def read_test_sets(
    data: Path, votes: Path, small_sets: Path | None
) -> dict[str, TestSet]:
    """Return what to test on, none of which was trained on.

    The validation part of FER-2013 by its labels, by what more than half of the votes
    say and by what most say; of CK+48 the classes that the network knows; of KDEF the
    faces, cut out.
    """
    table = load_fer2013(data)
    table = table[table.split == "validation"]
    sets = {"FER labels": TestSet(table.images, table.target)}
    table = load_fer2013(data, labels="ferplus", votes=votes)
    table = table[(table.split == "validation") & np.isin(table.target, list(NAMES))]
    target = np.array([NAMES[name] for name in table.target.tolist()])
    second, first = np.sort(table.probabilities, axis=1)[:, -2:].T
    for name, rows in (
        ("FER+ majority", first > 0.5),
        ("FER+ most votes", first > second),
    ):
        sets[name] = TestSet(table.images[rows], target[rows])
    if small_sets:
        sets["CK+48"] = _read_faces(small_sets / "ck48" / "CK+48", r"^S\d+", cut=False)
        sets["KDEF"] = _read_faces(small_sets / "kdef", r"^[AB]([FM]\d\d)", cut=True)
    return sets


def _read_faces(folder: Path, groups: str, cut: bool) -> TestSet:
    table = read_images(folder, groups=groups)
    target = np.array([NAMES.get(name, name) for name in table.target.tolist()])
    known = np.isin(target, CLASSES)
    images = Pipeline(images_of((48, 48), cut, n_jobs=-1)).fit_transform(table[known].X)
    return TestSet(images, target[known], table.groups[known])


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

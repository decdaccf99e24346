"""One job on many images, in a process of its own: its seconds and its memory.

``python -m benchmarks _scaling_job JOB N_IMAGES FOLDER`` prints both as JSON.
"""

import json
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from scipy.ndimage import zoom
from sklearn.linear_model import SGDClassifier

from benchmarks._peak import measure
from skfer import CNNClassifier, HOGTransformer, ImageLoader
from skfer.datasets import audit_images, make_faces
from skfer.pipelines import IncrementalClassifier

_SHARD = 1000  # Pictures in a folder.
_TEXTURE = 60.0  # Grey levels.
_WARM_UP = 300


def draw(folder: Path, n: int) -> None:
    """Write PNG files of drawn faces that are not there yet.

    Drawn faces resemble each other far more than photographs do. With a texture over
    them, each has a tenth of another that resembles it, as in FER-2013. Every hundredth
    is a darker copy of the one before.
    """
    for shard in range(-(-n // _SHARD)):
        place = folder / f"{shard:05}"
        if (place / "done").exists():
            continue
        place.mkdir(parents=True, exist_ok=True)
        faces = make_faces(_SHARD, n_subjects=_SHARD, random_state=shard)
        points = np.random.default_rng(shard).normal(size=(_SHARD, 7, 7))
        texture = zoom(points, (1, 48 / 7, 48 / 7), order=1)
        images = (faces.images + _TEXTURE * texture).clip(0, 255)
        images[99::100] = 0.9 * images[98::100]
        for number, image in enumerate(images.astype(np.uint8)):
            Image.fromarray(image).save(place / f"{number:03}.png", compress_level=1)
        np.save(place / "labels.npy", faces.target.astype("U8"))
        (place / "done").touch()


def list_files(folder: Path, n: int) -> tuple[list[str], np.ndarray]:
    """Return paths and labels of the first pictures."""
    shards = range(-(-n // _SHARD))
    paths = [
        f"{folder}/{shard:05}/{number:03}.png"
        for shard in shards
        for number in range(_SHARD)
    ]
    labels = [np.load(folder / f"{shard:05}" / "labels.npy") for shard in shards]
    return paths[:n], np.concatenate(labels)[:n]


def prepare(job: str, n: int, folder: Path) -> Callable[[], Any]:
    """Return what is to be measured; what it needs from other jobs is there."""
    paths, labels = list_files(folder / "pictures", n)
    loader = ImageLoader("L", 48, n_jobs=-1, cache_dir=folder / f"images-{n}")
    hog = HOGTransformer(n_jobs=-1, cache_dir=folder / f"features-{n}")
    if job in ("decoding", "opening the cache"):
        ImageLoader("L", 48, n_jobs=-1).fit_transform(paths[:_WARM_UP])
        return lambda: loader.fit_transform(paths)
    images = loader.fit_transform(paths)
    if job in ("HOG features", "linear classifier"):
        HOGTransformer(n_jobs=-1).fit_transform(images[:_WARM_UP])
        if job == "HOG features":
            return lambda: hog.fit_transform(images)
        features = hog.fit_transform(images)
        linear = SGDClassifier("log_loss", average=True, random_state=0)
        model = IncrementalClassifier(linear, epochs=1, random_state=0)
        model.fit(features[:_WARM_UP], labels[:_WARM_UP])
        return lambda: model.fit(features, labels)
    if job == "audit":
        audit_images(images[:_WARM_UP], labels[:_WARM_UP])
        return lambda: audit_images(images, labels)
    # A small one: what is measured is whether more images cost more each.
    network = CNNClassifier(
        (8, 16, 32), convs_per_block=1, epochs=1, batch_size=256, random_state=0
    )
    network.fit(images[:_WARM_UP], labels[:_WARM_UP])
    network.predict(images[:_WARM_UP])
    if job == "one epoch":
        return lambda: network.fit(images, labels)
    return lambda: network.predict(images)


JOBS = (
    "decoding", "opening the cache", "HOG features", "linear classifier", "audit",
    "one epoch", "prediction",
)  # fmt: skip


def main() -> None:
    """Prepare, measure, print."""
    job, n, folder = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    warnings.filterwarnings("ignore", message="A network got n_threads")
    print(json.dumps(measure(prepare(job, n, folder))))


if __name__ == "__main__":
    main()

"""Reading JPEG files against OpenCV and Pillow."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks._memory import measure_peak
from benchmarks._photos import load_photos
from benchmarks._timing import Result, compare, find_peer, missing, time_in_turn
from skfer import ImageLoader
from skfer.datasets import make_faces

_N_FILES = 10_000
_PHOTO = (3000, 4000)
_MEMORY_MB = 60
_CV2 = "cv2.imread(path, 0)"


def run(rounds: int = 5) -> list[Result]:
    """Time small and large files."""
    with tempfile.TemporaryDirectory(prefix="skfer-benchmark-") as folder:
        return [
            *_time_small_files(Path(folder), rounds),
            *_time_large_files(Path(folder), rounds),
        ]


def _time_small_files(folder: Path, rounds: int) -> list[Result]:
    faces = make_faces(700, random_state=0).images
    paths = [str(folder / f"{row}.jpg") for row in range(_N_FILES)]
    for row, path in enumerate(paths):
        Image.fromarray(faces[row % len(faces)]).save(path, quality=90)
    contestants: dict[str, Callable[[], object]] = {
        "one": lambda: ImageLoader(mode="L").fit_transform(paths),
        "two": lambda: ImageLoader(mode="L", n_jobs=2).fit_transform(paths),
        "pillow": lambda: [np.asarray(Image.open(path)) for path in paths],
    }
    if cv2 := find_peer("cv2"):
        contestants["cv2"] = lambda: [cv2.imread(path, 0) for path in paths]
    seconds = {
        name: taken / _N_FILES
        for name, taken in time_in_turn(contestants, rounds).items()
    }
    job = "load 10,000 small JPEG files, {}"
    one, two = job.format("one thread"), job.format("two threads")
    if not cv2:
        against_cv2 = [missing(one, _CV2, "0.77 times"), missing(two, _CV2, "1 times")]
    else:
        against_cv2 = [
            compare(one, seconds["one"], _CV2, seconds["cv2"], 1 / 1.3),
            compare(two, seconds["two"], _CV2, seconds["cv2"], 1),
        ]
    return [
        *against_cv2,
        compare(
            one, seconds["one"], "Image.open + numpy.asarray", seconds["pillow"], 1
        ),
    ]


def _time_large_files(folder: Path, rounds: int) -> list[Result]:
    paths = []
    for row, photo in enumerate(load_photos()):
        # Twice the size, as soft as what comes out of a telephone, then repeated.
        height, width = 2 * photo.shape[0], 2 * photo.shape[1]
        large = np.asarray(Image.fromarray(photo).resize((width, height)))
        tiles = -(-_PHOTO[0] // height), -(-_PHOTO[1] // width), 1
        paths.append(str(folder / f"photo{row}.jpg"))
        mosaic = np.tile(large, tiles)[: _PHOTO[0], : _PHOTO[1]]
        Image.fromarray(mosaic).save(paths[-1], quality=90)
    loader = ImageLoader(mode="L", size=(48, 48))
    seconds = time_in_turn(
        {
            "ours": lambda: loader.fit_transform(paths),
            "pillow": lambda: [
                np.asarray(Image.open(path).convert("L").resize((48, 48)))
                for path in paths
            ],
        },
        rounds,
    )
    job = "load 12-megapixel JPEG files to 48x48"
    return [
        compare(
            job,
            seconds["ours"] / len(paths),
            "Pillow open, convert, resize",
            seconds["pillow"] / len(paths),
            4,
        ),
        measure_peak(
            "the same, memory of a worker",
            "from skfer import ImageLoader",
            f'ImageLoader(mode="L", size=(48, 48)).fit_transform({paths})',
            _MEMORY_MB,
        ),
    ]

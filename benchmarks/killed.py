"""Features of a process that is killed: ``python -m benchmarks killed FOLDER``.

Computes the HOG features of a million random images in a process that is killed three
times at random moments and begun again, and once more without a disturbance; prints how
many rows were there after each, and whether all values are equal to the bit.
"""

import argparse
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from skfer import HOGTransformer
from skfer.preprocessing import CachedArray

_N_IMAGES, _N_KILLS, _SIDE = 1_000_000, 3, 48
_KEY_BYTES = 20  # In the cache's list of its rows.
_STEP = 10_000  # Images that are drawn, and rows that are compared, at once.
_CODE = """
import sys
import numpy as np
from skfer import HOGTransformer
from skfer.preprocessing import CachedArray
file, cache, n, side = sys.argv[1:]
images = CachedArray(file, np.arange(int(n)), (int(side), int(side)))
HOGTransformer(n_jobs=-1, cache_dir=cache).fit_transform(images)
"""


def main(arguments: list[str] | None = None) -> int:
    """Print how far each process came, and whether the values are the same."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks killed", description=__doc__
    )
    parser.add_argument("folder", type=Path, help="for images and features: 10 GB")
    parser.add_argument("--images", type=int, default=_N_IMAGES)
    chosen = parser.parse_args(arguments)
    chosen.folder.mkdir(parents=True, exist_ok=True)
    # What an earlier run left would be no work to disturb.
    with tempfile.TemporaryDirectory(dir=chosen.folder) as folder:
        kept, are_equal = compute_and_kill(Path(folder), chosen.images)
    rows = ", ".join(f"{n:,}" for n in kept)
    print(f"rows of {chosen.images:,} after each kill: {rows}")
    print(f"equal to those of an undisturbed process: {are_equal}")
    # A process that failed by itself has left nothing.
    were_disturbed = kept[0] > 0 and kept[-1] < chosen.images
    return 0 if were_disturbed and are_equal else 1


def compute_and_kill(folder: Path, n: int) -> tuple[list[int], bool]:
    """Return the rows that were there after each kill, and if all are the same."""
    file, cache = folder / "images.bin", folder / "killed"
    rng = np.random.default_rng(0)
    with file.open("wb") as out:
        for start in range(0, n, _STEP):
            size = (min(_STEP, n - start), _SIDE, _SIDE)
            out.write(rng.integers(0, 256, size, dtype=np.uint8).tobytes())
    kept = [0]
    for _ in range(_N_KILLS):
        # No two processes are killed at the same place.
        wanted = kept[-1] + random.randint(1, (n - kept[-1]) // 4)
        command = [sys.executable, "-c", _CODE, file, cache, str(n), str(_SIDE)]
        process = subprocess.Popen(command)
        while _count_rows(cache) < wanted and process.poll() is None:
            time.sleep(0.005)
        # Somewhere within the next block.
        time.sleep(random.uniform(0, 0.03))
        process.kill()
        process.wait()
        kept.append(_count_rows(cache))
    images = CachedArray(file, np.arange(n), (_SIDE, _SIDE))
    found, expected = (
        HOGTransformer(n_jobs=-1, cache_dir=place).fit_transform(images)
        for place in (cache, folder / "undisturbed")
    )
    are_equal = all(
        np.array_equal(found[start : start + _STEP], expected[start : start + _STEP])
        for start in range(0, n, _STEP)
    )
    return kept[1:], are_equal


def _count_rows(cache: Path) -> int:
    return sum(path.stat().st_size // _KEY_BYTES for path in cache.glob("*/keys.bin"))


if __name__ == "__main__":
    sys.exit(main())

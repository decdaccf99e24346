import random
import subprocess
import sys
import time

import numpy as np
import pytest

from skfer import HOGTransformer
from skfer.preprocessing import CachedArray

N = 12_000
CODE = """
import sys
import numpy as np
from skfer import HOGTransformer
from skfer.preprocessing import CachedArray
file, cache, n = sys.argv[1:]
images = CachedArray(file, np.arange(int(n)), (48, 48))
HOGTransformer(cache_dir=cache).fit_transform(images)
"""


@pytest.mark.slow
def test_features_of_a_process_that_is_killed_three_times_are_the_same(tmp_path):
    rng = np.random.default_rng(0)
    file, cache = tmp_path / "images.bin", tmp_path / "cache"
    rng.integers(0, 256, (N, 48, 48), dtype=np.uint8).tofile(file)

    def count_rows():
        return sum(path.stat().st_size // 20 for path in cache.glob("*/keys.bin"))

    kept = []
    for _ in range(3):
        before = count_rows()
        command = [sys.executable, "-c", CODE, str(file), str(cache), str(N)]
        process = subprocess.Popen(command)
        while count_rows() == before and process.poll() is None:
            time.sleep(0.005)
        # Somewhere within the next block.
        time.sleep(random.uniform(0, 0.03))
        process.kill()
        process.wait()
        kept.append(count_rows())
    assert 0 < kept[0] < kept[2] < N
    images = CachedArray(file, np.arange(N), (48, 48))
    ended = HOGTransformer(cache_dir=cache).fit_transform(images)
    undisturbed = HOGTransformer(cache_dir=tmp_path / "other").fit_transform(images)
    np.testing.assert_array_equal(np.asarray(ended), np.asarray(undisturbed))

"""Grid searches over both families, as the README shows them."""

import os
import subprocess
import sys
import textwrap

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline
from sklearn.svm import SVC

from skfer import (
    CNNClassifier,
    GrayscaleResizer,
    HOGTransformer,
    ImageLoader,
    LBPTransformer,
)
from skfer.datasets import load_image_folder
from tests.fake_training import REAL_TRAINING, use_fake_training


def search_both_families(n_jobs, memory=None):
    pipe = Pipeline(
        [
            ("load", ImageLoader()),
            ("gray", GrayscaleResizer((24, 24))),
            ("features", LBPTransformer()),
            ("pca", PCA(10)),
            ("classifier", SVC()),
        ],
        memory=memory,
    )
    grid = [
        {"features": [LBPTransformer(), HOGTransformer()], "classifier__C": [1, 5]},
        {
            "features": ["passthrough"],
            "pca": ["passthrough"],
            "classifier": [CNNClassifier(epochs=1, random_state=0)],
            "classifier__filters": [(4,), (4, 8)],
            "classifier__dropout": [0.3],
            "classifier__learning_rate": [1e-3, 3e-3],
        },
    ]
    return GridSearchCV(pipe, grid, cv=2, n_jobs=n_jobs, error_score="raise")


@pytest.fixture(scope="module")
def paths(face_folder):
    return load_image_folder(face_folder)


@pytest.fixture(scope="module")
def reference(paths):
    with pytest.MonkeyPatch.context() as patch:
        if not REAL_TRAINING:
            use_fake_training(patch)
        yield search_both_families(1).fit(paths.paths, paths.target)


def test_on_paths(reference, paths):
    assert len(reference.cv_results_["params"]) == 8
    assert not np.isnan(reference.cv_results_["mean_test_score"]).any()
    assert reference.predict(paths.paths).shape == paths.target.shape


def test_on_arrays(reference, faces, paths):
    """Files and arrays of the same pictures win and lose alike."""
    order = [int(path[-8:-4]) for path in paths.paths]
    search = search_both_families(1).fit(faces.images[order], paths.target)
    np.testing.assert_array_equal(
        search.cv_results_["mean_test_score"], reference.cv_results_["mean_test_score"]
    )


@pytest.mark.slow
def test_in_two_processes_with_a_cache(reference, paths, tmp_path):
    search = search_both_families(2, memory=str(tmp_path)).fit(
        paths.paths, paths.target
    )
    np.testing.assert_allclose(
        search.cv_results_["mean_test_score"],
        reference.cv_results_["mean_test_score"],
        atol=0.03,  # One thread sums in another order than two.
    )
    assert any(tmp_path.iterdir())


def run_python(code, **environment):
    # What a worker of pytest was set to must not reach the process.
    thread_settings = {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"}
    own = {
        name: value for name, value in os.environ.items() if name not in thread_settings
    }
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        capture_output=True, text=True, check=False,
        env=own | environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.slow
def test_two_workers_on_two_cores_have_one_thread_each():
    """Each worker's backend takes its share, counted inside the worker."""
    code = """
        import numpy as np
        from joblib import Parallel, delayed
        from skfer import CNNClassifier

        def threads():
            X = np.random.default_rng(0).integers(0, 256, (40, 12, 12), dtype=np.uint8)
            CNNClassifier((4,), epochs=1).fit(X, np.arange(40) % 2).predict(X)
            import tensorflow
            return tensorflow.config.threading.get_intra_op_parallelism_threads()

        if __name__ == "__main__":
            import joblib
            joblib.cpu_count()
            print(*Parallel(n_jobs=2)(delayed(threads)() for _ in range(4)), threads())
    """
    *in_workers, alone = run_python(code, LOKY_MAX_CPU_COUNT="2")
    assert in_workers == ["1"] * 4
    assert alone == "2"


@pytest.mark.slow
def test_n_threads_bounds_the_backend_and_says_when_it_cannot():
    code = """
        import warnings
        import numpy as np
        from skfer import CNNClassifier

        X = np.random.default_rng(0).integers(0, 256, (40, 12, 12), dtype=np.uint8)
        y = np.arange(40) % 2
        CNNClassifier((4,), epochs=1, n_threads=1).fit(X, y)
        import tensorflow
        print(tensorflow.config.threading.get_intra_op_parallelism_threads())
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            CNNClassifier((4,), epochs=1, n_threads=2).fit(X, y)
        print(sum("n_threads=2" in str(w.message) for w in caught) > 0)
    """
    assert run_python(code) == ["1", "True"]


@pytest.mark.slow
def test_memory_stays_flat_over_thirty_fits():
    """A network is freed with its owner: fits six to thirty add nothing up."""
    code = """
        import gc, resource
        import numpy as np
        from skfer import CNNClassifier

        def resident():
            with open("/proc/self/statm") as file:
                return int(file.read().split()[1]) * resource.getpagesize() / 2**20

        X = np.random.default_rng(0).integers(0, 256, (64, 24, 24), dtype=np.uint8)
        y = np.arange(64) % 2
        sizes = []
        for _ in range(30):
            CNNClassifier(
                (8,), convs_per_block=1, attention=False, epochs=1, random_state=0
            ).fit(X, y).predict(X)
            gc.collect()
            sizes.append(resident())
        print(sizes[4], sizes[-1])
        print(*(round(size) for size in sizes))
    """
    fifth, last, *sizes = map(float, run_python(code))
    assert last - fifth < 40, sizes

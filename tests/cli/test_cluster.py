"""Commands, searches and caches on a Dask cluster of two processes.

As scripts, because Dask leaves its thread limits in the environment.
"""

import csv
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from PIL import Image
from rich.console import Console

import skfer._optional
from skfer.cli._cluster import connect
from skfer.cli._main import main
from skfer.datasets import make_faces

ROOT = Path(__file__).parents[2]
CLUSTER = """
from dask.distributed import Client, LocalCluster
cluster = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
"""


def run(folder, body):
    """Run a script beside a cluster; Dask's workers import it once more."""
    script = folder / "script.py"
    guarded = textwrap.indent(CLUSTER + body, "    ")
    script.write_text(f'if __name__ == "__main__":\n{guarded}')
    done = subprocess.run(
        [sys.executable, script], cwd=folder, capture_output=True, text=True,
        timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    faces = make_faces(60, classes=["happy", "sad"], image_size=24, random_state=0)
    for number, (image, label) in enumerate(
        zip(faces.images, faces.target, strict=True)
    ):
        path = folder / label / f"{number}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(image).save(path)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("folds", ["1", "2"])
def test_a_comparison_gives_the_same_table(tmp_path, pictures, folds):
    words = ["compare", str(pictures), "--models", "hog-svm", "lbp-svm"]
    words += ["--folds", folds, "--image-size", "24", "--cache", str(tmp_path / "c")]
    assert main([*words, "--output", str(tmp_path / "here")]) == 0
    words += ["--output", str(tmp_path / "there"), "--dask"]
    out = run(
        tmp_path,
        f"""
from skfer.cli._main import main
assert main({words!r} + [cluster.scheduler_address]) == 0
""",
    )
    assert "Training on 2 workers of tcp://" in out
    here, there = (
        next((tmp_path / name).glob("*.csv")).read_text() for name in ("here", "there")
    )
    # Seconds differ, and sizes of pickles by some bytes.
    kept = [
        [
            {
                name: value
                for name, value in row.items()
                if "second" not in name and name != "megabytes"
            }
            for row in csv.DictReader(text.splitlines())
        ]
        for text in (here, there)
    ]
    assert kept[0] == kept[1] and len(kept[0]) == 3


@pytest.mark.slow
def test_a_search_survives_the_loss_of_a_worker(tmp_path):
    (tmp_path / "deadly.py").write_text(
        """
import os
from pathlib import Path

def deadly_score(estimator, X, y):
    try:
        Path("killed").touch(exist_ok=False)
    except FileExistsError:
        return estimator.score(X, y)
    os._exit(1)
"""
    )
    run(
        tmp_path,
        """
import joblib
import numpy as np
from pathlib import Path
from sklearn.model_selection import GridSearchCV
from skfer import make_hog_svm
from skfer.datasets import make_faces
from deadly import deadly_score
faces = make_faces(80, classes=["happy", "sad"], image_size=24, random_state=0)
grid = {"classifier__C": [0.01, 0.1, 1, 10], "svd__n_components": [2, 4, 8]}
model = make_hog_svm(image_size=24)
there = GridSearchCV(model, grid, cv=2, scoring=deadly_score, error_score="raise",
                     n_jobs=-1)
with Client(cluster), joblib.parallel_config("dask"):
    there.fit(faces.images, faces.target)
assert Path("killed").exists()
here = GridSearchCV(model, grid, cv=2).fit(faces.images, faces.target)
assert here.best_params_ == there.best_params_
for name in ("split0_test_score", "split1_test_score"):
    assert np.array_equal(here.cv_results_[name], there.cv_results_[name])
""",
    )


@pytest.mark.slow
def test_workers_fill_one_cache(tmp_path, pictures):
    run(
        tmp_path,
        f"""
import joblib
import numpy as np
from skfer import HOGTransformer, ImageLoader
from skfer.datasets import load_image_folder
paths = load_image_folder({str(pictures)!r}).X
loader = ImageLoader("L", 24, cache_dir="cache")
hog = HOGTransformer(cache_dir="cache")
def fill(part):
    return len(hog.fit_transform(loader.fit_transform(part)))
with Client(cluster), joblib.parallel_config("dask"):
    parts = np.array_split(paths, 6)
    counts = joblib.Parallel(n_jobs=-1)(joblib.delayed(fill)(part) for part in parts)
assert sum(counts) == 60
plain = HOGTransformer().fit_transform(ImageLoader("L", 24).fit_transform(paths))
HOGTransformer._extract = None  # Nothing is left to do.
assert np.array_equal(hog.fit_transform(loader.fit_transform(paths)), plain)
""",
    )


def test_an_address_without_a_scheduler_is_said_before_anything_is_read(
    capsys, tmp_path, monkeypatch
):
    monkeypatch.setattr("skfer.cli._cluster._PATIENCE", 0.2)
    monkeypatch.chdir(tmp_path)
    code = main(["compare", str(tmp_path / "no"), "--dask", "tcp://127.0.0.1:9"])
    message = " ".join(capsys.readouterr().err.split())
    assert code != 0
    assert "--dask tcp://127.0.0.1:9: no Dask scheduler answers there" in message
    assert "Start one with the command dask scheduler" in message


def test_without_its_package_the_remedy_is_named(monkeypatch):
    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr(skfer._optional, "import_module", missing)
    with pytest.raises(ImportError, match="--dask needs distributed.*pip install"):
        connect(Console(), "tcp://127.0.0.1:9")


@pytest.mark.slow
def test_a_scheduler_without_workers_is_said(tmp_path):
    out = run(
        tmp_path,
        """
from skfer.cli._main import main
cluster.scale(0)
client = Client(cluster)
while client.scheduler_info()["workers"]:
    pass
assert main(["compare", "--dask", cluster.scheduler_address]) != 0
""",
    )
    assert "has no workers yet. Start some with the command" in " ".join(out.split())

"""Model files and ONNX: sizes, agreement and speed, on faces of FER-2013.

``python -m benchmarks export --data FER2013`` with the folders train and validation.
"""

import argparse
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.model_selection import train_test_split

from benchmarks._timing import time_in_turn
from skfer import ImageLoader, make_cnn, make_hog_svm, make_lbp_svm, make_transfer
from skfer.datasets import load_fer2013
from skfer.model_selection import make_calibrated
from skfer.persistence import export_onnx, load_model, save_model

_N_TRAIN, _N_TEST = 3000, 1000
_N_CALLS = 30
_MODELS = {
    "hog-svm": make_hog_svm,
    "hog-svm, calibrated": lambda: make_calibrated(make_hog_svm()),
    "lbp-svm": make_lbp_svm,
    "lbp-svm, calibrated": lambda: make_calibrated(make_lbp_svm()),
    "transfer": make_transfer,
    "cnn": lambda: make_cnn(epochs=2, random_state=0),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit, save, export and time a model of each kind."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks export", description=__doc__
    )
    parser.add_argument("--data", required=True, help="folder of FER-2013")
    parser.add_argument("--models", nargs="+", default=list(_MODELS), choices=_MODELS)
    chosen = parser.parse_args(arguments)
    table = load_fer2013(chosen.data)
    train = _choose(table[table.split == "train"], _N_TRAIN)
    test = _choose(table[table.split == "validation"], _N_TEST)
    images = ImageLoader("L", size=48, n_jobs=-1).fit_transform(test.X)
    with tempfile.TemporaryDirectory() as folder:
        for name in chosen.models:
            model = _MODELS[name]().fit(train.X, train.target)
            print(f"{name}: {_measure(model, images, Path(folder))}", flush=True)
    return 0


def _choose(table: Any, n: int) -> Any:
    """Return so many rows of all classes, always the same."""
    if len(table) <= n:
        return table
    rows = np.arange(len(table))
    chosen, _ = train_test_split(
        rows, train_size=n, stratify=table.target, random_state=0
    )
    return table[np.sort(chosen)]


def _measure(model: Any, images: np.ndarray, folder: Path) -> str:
    import onnxruntime

    saved, exported = folder / "model.skfer", folder / "model.onnx"
    save_model(model, saved, overwrite=True)
    with zipfile.ZipFile(saved) as archive:
        members = archive.infolist()
    arrays = sum(one.file_size for one in members if one.filename.endswith(".npy"))
    again = load_model(saved)
    method = "predict_proba" if hasattr(model, "predict_proba") else "decision_function"
    difference = np.abs(
        getattr(again, method)(images) - getattr(model, method)(images)
    ).max()
    parity = export_onnx(model, exported, X=images, overwrite=True)
    session = onnxruntime.InferenceSession(exported)
    one = images[:1]
    seconds = time_in_turn(
        {
            "skfer": lambda: model.predict(one),
            "onnx": lambda: session.run(None, {"images": one[..., np.newaxis]}),
        },
        5,
        calls=_N_CALLS,
    )
    return (
        f"file {saved.stat().st_size:,} bytes, {saved.stat().st_size / arrays:.3f} of "
        f"its arrays; loaded again, {method} differs by {difference:.1g}; ONNX "
        f"{exported.stat().st_size:,} bytes, {parity}; one picture "
        f"{seconds['onnx'] * 1000:.2f} ms in ONNX Runtime, "
        f"{seconds['skfer'] * 1000:.2f} ms in skfer"
    )


if __name__ == "__main__":
    raise SystemExit(main())

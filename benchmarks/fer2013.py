"""FER-2013: ``python -m benchmarks.fer2013 --data PATH --preset NAME``.

PATH holds the folders train and validation (or whatever --part names), each with one
folder per class. A training that was stopped goes on when the command is repeated.
"""

import argparse
import ast
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import f1_score, recall_score

from skfer import CNNClassifier, ImageLoader
from skfer.datasets import find_copies, load_image_folder
from skfer.model_selection import accuracy_interval, macro_f1_interval
from skfer.pipelines import FAMILIES

_PIPELINES = {name: one.make for name, one in FAMILIES.items() if not one.is_network}


def main(arguments: list[str] | None = None) -> int:
    """Train, test, print, and add a line to results.jsonl."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.fer2013", description=__doc__
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument(
        "--preset",
        default="default",
        help=f"of CNNClassifier, or one of {', '.join(_PIPELINES)}",
    )
    parser.add_argument(
        "--set",
        nargs="+",
        default=[],
        metavar="NAME=VALUE",
        help="parameters of CNNClassifier, such as epochs=3 optimizer=sgd",
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--part", default="validation", help="folder to test on")
    parser.add_argument(
        "--drop-copies",
        action="store_true",
        help="leave out training images of which an exact or near copy is a test image",
    )
    parser.add_argument("--output", type=Path, default=Path("fer2013-results"))
    chosen = parser.parse_args(arguments)
    if chosen.set and chosen.preset in _PIPELINES:
        parser.error("--set is for networks")
    images, target = load_part(chosen.data / "train")
    test_images, test_target = load_part(chosen.data / chosen.part)
    numbers = find_copies(np.concatenate([images, test_images]))
    copies = np.isin(numbers[: len(images)], numbers[len(images) :])
    if chosen.drop_copies:
        images, target = images[~copies], target[~copies]
    name = "_".join([chosen.preset, *chosen.set, f"seed{chosen.seed}"])
    name += "_no-copies" * chosen.drop_copies
    folder = chosen.output / name
    folder.mkdir(parents=True, exist_ok=True)
    model = _make(chosen, folder)
    resumed = (folder / "training.npz").exists()
    start = time.perf_counter()
    model.fit(images, target)
    seconds = time.perf_counter() - start
    start = time.perf_counter()
    predicted = model.predict(test_images)
    speed = len(test_images) / (time.perf_counter() - start)
    views = {}
    if isinstance(model, CNNClassifier):
        for view in ("flip", "ten-crop"):
            model.set_params(test_time_augmentation=view)
            views[f"accuracy, {view}"] = f"{model.score(test_images, test_target):.1%}"
    result = {
        "model": chosen.preset,
        "seed": chosen.seed,
        "epochs": getattr(model, "n_iter_", None),
        "part": chosen.part,
        "n_train": len(images),
        "n_test": len(test_images),
        "copies": f"{copies.sum()} {'removed' if chosen.drop_copies else 'kept'}",
        "set": chosen.set,
        **score(test_target, predicted),
        **views,
        "fit_seconds": f"{seconds:.1f}{' since it was resumed' * resumed}",
        "predict_images_per_second": round(speed),
    }
    for key, value in result.items():
        print(f"{key:>26}: {value}")
    with (chosen.output / "results.jsonl").open("a") as file:
        file.write(json.dumps(result) + "\n")
    return 0


def load_part(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return the images of a folder of classes, and their labels."""
    data = load_image_folder(folder)
    return ImageLoader(mode="L").fit_transform(data.paths), data.target


def _make(chosen: argparse.Namespace, folder: Path) -> Any:
    if chosen.preset in _PIPELINES:
        return _PIPELINES[chosen.preset]()
    # Keras is loaded for networks only.
    from keras.callbacks import LambdaCallback

    begun = time.perf_counter()

    def log(epoch: int, logs: dict[str, float]) -> None:
        figures = ", ".join(f"{name} {value:.4f}" for name, value in logs.items())
        seconds = time.perf_counter() - begun
        print(f"epoch {epoch + 1}: {figures} ({seconds:.0f} s)", flush=True)
        with (folder / "epochs.jsonl").open("a") as file:
            file.write(json.dumps({"epoch": epoch + 1, **logs}, default=float) + "\n")

    return CNNClassifier.from_preset(
        chosen.preset,
        random_state=chosen.seed,
        checkpoint_dir=folder,
        callbacks=[LambdaCallback(on_epoch_end=log)],
        **parse_parameters(chosen.set),
    )


def parse_parameters(assignments: list[str]) -> dict[str, Any]:
    """Return parameters from NAME=VALUE; what is no Python value is a string."""
    parameters = {}
    for assignment in assignments:
        name, _, text = assignment.partition("=")
        try:
            parameters[name] = ast.literal_eval(text)
        except (SyntaxError, ValueError):
            parameters[name] = text
    return parameters


def score(target: np.ndarray, predicted: np.ndarray) -> dict[str, Any]:
    """Accuracy and macro F1 with 95 % intervals, and the recall of each class."""

    def percent(value: float, interval: tuple[float, float]) -> str:
        return f"{value:.1%} ({interval[0]:.1%} to {interval[1]:.1%})"

    right = int((target == predicted).sum())
    macro_f1 = float(f1_score(target, predicted, average="macro"))
    names = np.unique(target)
    recalls = recall_score(target, predicted, labels=names, average=None)
    return {
        "accuracy": percent(right / len(target), accuracy_interval(right, len(target))),
        "macro_f1": percent(macro_f1, macro_f1_interval(target, predicted)),
        "recall": {
            str(name): f"{recall:.1%}"
            for name, recall in zip(names, recalls, strict=True)
        },
    }


if __name__ == "__main__":
    sys.exit(main())

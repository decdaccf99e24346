"""FER-2013: ``python -m benchmarks fer2013 --data PATH --preset NAME``.

PATH holds the folders train and validation (or whatever --part names), each with one
folder per class. A training that was stopped goes on when the command is repeated, and
one that is over is not trained again: its network and what it predicts are kept in a
folder for each run. ``--average FOLDER FOLDER`` tests the networks of several together,
and ``--teachers FOLDER FOLDER`` trains another one, half on the labels and half on what
they say of the training images (Hinton et al., 2015, arXiv:1503.02531).
"""

import argparse
import ast
import json
import sys
import time
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from sklearn.metrics import f1_score, recall_score

from benchmarks.readme import record
from skfer import CNNClassifier, ImageLoader
from skfer._writing import written_aside
from skfer.datasets import find_copies, load_image_folder
from skfer.model_selection import accuracy_interval, macro_f1_interval
from skfer.pipelines import FAMILIES

VIEWS = ("one pass", "flip", "ten-crop")
_PIPELINES = {name: one.make for name, one in FAMILIES.items() if not one.is_network}


def main(arguments: list[str] | None = None) -> int:
    """Train, test, print, and add a line to results.jsonl."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks fer2013", description=__doc__
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
    parser.add_argument(
        "--average",
        nargs="+",
        type=Path,
        metavar="FOLDER",
        help="folders of runs on the same part, whose probabilities are averaged",
    )
    parser.add_argument(
        "--teachers",
        nargs="+",
        type=Path,
        default=[],
        metavar="FOLDER",
        help="folders of finished runs on the same training images",
    )
    parser.add_argument(
        "--record", action="store_true", help="keep the figures in results.json"
    )
    chosen = parser.parse_args(arguments)
    if (chosen.set or chosen.teachers) and chosen.preset in _PIPELINES:
        parser.error("--set and --teachers are for networks")
    if chosen.record and (chosen.set or chosen.teachers):
        parser.error("--record is for presets as they are")
    if chosen.average:
        _print_average(chosen.average, chosen.data / chosen.part)
        return 0
    images, target = load_part(chosen.data / "train")
    test_images, test_target = load_part(chosen.data / chosen.part)
    numbers = find_copies(np.concatenate([images, test_images]))
    copies = np.isin(numbers[: len(images)], numbers[len(images) :])
    if chosen.drop_copies:
        images, target = images[~copies], target[~copies]
    name = "_".join([chosen.preset, *chosen.set, f"seed{chosen.seed}"])
    name += "_no-copies" * chosen.drop_copies
    name += f"_taught-by-{len(chosen.teachers)}" * bool(chosen.teachers)
    folder = chosen.output / name
    folder.mkdir(parents=True, exist_ok=True)
    model, seconds = _train(chosen, folder, images, target)
    start = time.perf_counter()
    predicted = model.predict(test_images)
    speed = len(test_images) / (time.perf_counter() - start)
    views = {}
    if isinstance(model, CNNClassifier):
        shares = _predict_views(model, test_images)
        # NumPy gives other names than .npz another extension.
        with (
            written_aside(folder / f"{chosen.part}.npz") as aside,
            aside.open("wb") as file,
        ):
            np.savez(file, **shares)
        views = _score_views(shares, model.classes_, test_target)
    result = {
        "model": chosen.preset,
        "seed": chosen.seed,
        "epochs": getattr(model, "n_iter_", None),
        "part": chosen.part,
        "n_train": len(images),
        "n_test": len(test_images),
        "copies": f"{copies.sum()} {'removed' if chosen.drop_copies else 'kept'}",
        "set": chosen.set,
        "teachers": [folder.name for folder in chosen.teachers],
        **score(test_target, predicted),
        **views,
        "fit_seconds": seconds,
        "predict_images_per_second": round(speed),
    }
    for key, value in result.items():
        print(f"{key:>26}: {value}")
    with (chosen.output / "results.jsonl").open("a") as file:
        file.write(json.dumps(result) + "\n")
    if chosen.record:
        if "resumed" in seconds:
            print("not kept: the seconds, which are those of a part of the training")
            del result["fit_seconds"]
        what = "removed" if chosen.drop_copies else "kept"
        command = f"python -m benchmarks fer2013 --preset {chosen.preset}"
        command += " --drop-copies" * chosen.drop_copies + " --record"
        record(f"fer2013, {chosen.preset}, copies {what}", command, result)
    return 0


def _train(
    chosen: argparse.Namespace, folder: Path, images: np.ndarray, target: np.ndarray
) -> tuple[Any, str]:
    """Return the fitted model and its seconds, from the folder if it is there."""
    finished = folder / "model.joblib"
    if finished.exists():
        return joblib.load(finished)
    model = _make(chosen, folder)
    taught = {}
    if chosen.teachers:
        model.set_params(label_smoothing=0.0)
        taught["soft_labels"] = ask_teachers(chosen.teachers, images, target)
    resumed = (folder / "training.npz").exists()
    start = time.perf_counter()
    model.fit(images, target, **taught)
    seconds = f"{time.perf_counter() - start:.1f}{' since it was resumed' * resumed}"
    if isinstance(model, CNNClassifier):
        model.set_params(callbacks=None)
    # Kept before anything else can go wrong.
    with written_aside(finished) as aside:
        joblib.dump((model, seconds), aside)
    return model, seconds


def ask_teachers(
    folders: list[Path], images: np.ndarray, target: np.ndarray
) -> np.ndarray:
    """Return the mean of the labels and of what networks say of the same images."""
    models = [joblib.load(folder / "model.joblib")[0] for folder in folders]
    labels = target[:, None] == models[0].classes_
    said = np.mean([model.predict_proba(images) for model in models], axis=0)
    return (labels + said) / 2


def _predict_views(model: CNNClassifier, images: np.ndarray) -> dict[str, np.ndarray]:
    shares = {}
    for view in VIEWS:
        model.set_params(test_time_augmentation=None if view == "one pass" else view)
        shares[view] = model.predict_proba(images)
    return shares


def _score_views(
    shares: dict[str, np.ndarray], classes: np.ndarray, target: np.ndarray
) -> dict[str, str]:
    return {
        f"accuracy, {view}": f"{np.mean(classes[one.argmax(axis=1)] == target):.1%}"
        for view, one in shares.items()
    }


def _print_average(folders: list[Path], part: Path) -> None:
    """Print what each network has right, and what their average has."""
    target = load_image_folder(part).target
    runs = [dict(np.load(folder / f"{part.name}.npz")) for folder in folders]
    mean = {view: np.mean([one[view] for one in runs], axis=0) for view in VIEWS}
    names = [folder.name for folder in folders]
    for name, shares in [*zip(names, runs, strict=True), ("average", mean)]:
        print(f"{name}: {_score_views(shares, np.unique(target), target)}")


def load_part(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return the images of a folder of classes, and their labels."""
    data = load_image_folder(folder)
    return ImageLoader(mode="L").fit_transform(data.paths), data.target


def _make(chosen: argparse.Namespace, folder: Path) -> Any:
    if chosen.preset in _PIPELINES:
        return _PIPELINES[chosen.preset]()
    return CNNClassifier.from_preset(
        chosen.preset,
        random_state=chosen.seed,
        checkpoint_dir=folder,
        callbacks=[make_log(folder)],
        **parse_parameters(chosen.set),
    )


def make_log(folder: Path) -> Any:
    """Return a callback that prints each epoch, and adds a line to epochs.jsonl."""
    # Keras is loaded for networks only.
    from keras.callbacks import LambdaCallback

    begun = time.perf_counter()

    def log(epoch: int, logs: dict[str, float]) -> None:
        figures = ", ".join(f"{name} {value:.4f}" for name, value in logs.items())
        seconds = time.perf_counter() - begun
        print(f"epoch {epoch + 1}: {figures} ({seconds:.0f} s)", flush=True)
        with (folder / "epochs.jsonl").open("a") as file:
            file.write(json.dumps({"epoch": epoch + 1, **logs}, default=float) + "\n")

    return LambdaCallback(on_epoch_end=log)


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
    """Accuracy and macro F1 with 95% intervals, and the recall of each class.

    The macro F1 is that of the classes in ``target``.
    """

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

"""The kinds of models, for the command line, searches and benchmarks."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sklearn.pipeline import Pipeline

from skfer.features import HOGTransformer, LBPTransformer
from skfer.pipelines._make_hog_linear import make_hog_linear
from skfer.pipelines._ready_made import (
    make_cnn,
    make_hog_svm,
    make_lbp_svm,
    make_transfer,
)


@dataclass(frozen=True)
class Family:
    """A kind of model: its pipeline, and what to search over."""

    # Takes image_size, n_jobs, cache_dir and faces; a network also its parameters.
    make: Callable[..., Pipeline]
    is_network: bool  # A `CNNClassifier` that is trained from scratch.
    # Roughly, to train on one image of 48 by 48 with two cores; of networks, an epoch.
    seconds: float
    # From (whether the search is thorough, image_size) to the search space.
    make_space: Callable[[bool, Any], dict[str, list[Any]]]


def _lbp_space(full: bool, image_size: Any) -> dict[str, list[Any]]:
    grids = [(4, 4), (6, 6)]
    features = [LBPTransformer(8, 2, "nri_uniform", grid) for grid in grids]
    if full:
        features += [LBPTransformer(8, 1, "nri_uniform", grid) for grid in grids]
        features += [LBPTransformer(8, 1, "uniform", (6, 6))]
    return {
        "features": features,
        "svd__n_components": [64, 112, 256] if full else [112],
        "classifier__C": [1, 5, 20] if full else [5],
        "classifier__gamma": [0.05, 0.1, 0.2, 0.4] if full else [0.1, 0.2, 0.4],
    }


def _hog_space(full: bool, image_size: Any) -> dict[str, list[Any]]:
    space: dict[str, list[Any]] = {
        "svd__n_components": [64, 128, 256] if full else [128],
        "classifier__C": [1, 5, 20] if full else [5],
        "classifier__gamma": [0.015, 0.03, 0.06, 0.12] if full else [0.03, 0.06, 0.12],
    }
    if full:
        # Three sizes of cells together, and each of them alone.
        features = make_hog_svm(image_size=image_size).named_steps["features"]
        cells = [hog.pixels_per_cell for _, hog in features.transformer_list]
        alone = [HOGTransformer(pixels_per_cell=cell) for cell in cells]
        space["features"] = [features, *alone]
    return space


def _linear_space(full: bool, image_size: Any) -> dict[str, list[Any]]:
    space: dict[str, list[Any]] = {"classifier__estimator__alpha": [1e-5, 1e-4, 1e-3]}
    if full:
        space["classifier__estimator__loss"] = ["log_loss", "hinge"]
        space["classifier__epochs"] = [5, 10, 20]
    return space


def _cnn_space(full: bool, image_size: Any) -> dict[str, list[Any]]:
    filters = [(16, 32, 64, 128), (32, 64, 128, 256)]
    return {
        "classifier__filters": filters if full else filters[:1],
        "classifier__dropout": [0.1, 0.3, 0.5] if full else [0.3, 0.5],
        "classifier__learning_rate": [1e-3, 3e-3, 6e-3] if full else [1e-3, 3e-3],
    }


def _transfer_space(full: bool, image_size: Any) -> dict[str, list[Any]]:
    space: dict[str, list[Any]] = {"classifier__C": [1e-3, 1e-2, 1e-1]}
    if full:
        space = {
            "features__test_time_augmentation": [None, "flip"],
            "classifier__C": [1e-4, 1e-3, 1e-2, 1e-1, 1.0],
            "classifier__class_weight": [None, "balanced"],
        }
    return space


#: The kinds of models, by the names that the command line and searches use.
FAMILIES = {
    "lbp-svm": Family(make_lbp_svm, False, 0.002, _lbp_space),
    "hog-svm": Family(make_hog_svm, False, 0.003, _hog_space),
    "transfer": Family(make_transfer, False, 0.005, _transfer_space),
    "cnn": Family(make_cnn, True, 0.0015, _cnn_space),
    "hog-linear": Family(make_hog_linear, False, 0.0005, _linear_space),
}

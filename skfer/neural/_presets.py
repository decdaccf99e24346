"""Parameters of the presets of `CNNClassifier`."""

from copy import deepcopy
from typing import Any

from skfer.neural._augmentation import FaceAugmentation

# How the student reports train: without what skfer's own networks add.
_PLAIN: dict[str, Any] = {
    "convs_per_block": 1,
    "residual": False,
    "attention": False,
    "batch_norm": False,
    "head": "flatten",
    "augment": None,
    "optimizer": "adam",
    "learning_rate": 1e-3,
    "learning_rate_schedule": "constant",
    "weight_decay": 0.0,
    "label_smoothing": 0.0,
    "precision": "float32",
    "image_sizes": None,
    "average_weights": False,
    "epochs": 30,
    "dropout": 0.0,
}

#: Parameters of `CNNClassifier` by the name of the preset.
PRESETS: dict[str, dict[str, Any]] = {
    "default": {},
    "fast": {
        "filters": (16, 32, 64, 128),
        "dropout": 0.3,
        "epochs": 40,
    },
    "long": {
        "filters": (48, 96, 192, 384),
        "augment": FaceAugmentation(shift=0.15, rotation=0.3, zoom=0.25),
        "epochs": 150,
    },
    # FER-2013, 48x48 grey, seven classes.
    "conv64-128-512-512_dense256-512": {
        **_PLAIN,
        "filters": (64, 128, 512, 512),
        "kernel_size": (3, 5, 3, 3),
        "batch_norm": True,
        "conv_dropout": 0.25,
        "dense_units": (256, 512),
        "dense_batch_norm": True,
        "dropout": 0.25,
        "learning_rate": 5e-4,
    },
    "conv128-256-128_dense128": {
        **_PLAIN,
        "filters": (128, 256, 128),
        "padding": "valid",
        "batch_norm": True,
        "dense_units": (128,),
        "dropout": 0.5,
    },
    "conv32-64": {**_PLAIN, "filters": (32, 64), "padding": "valid"},
    # Happy and sad pictures from the web, 256x256 colour.
    "conv16-32-64-32_dense256": {
        **_PLAIN,
        "filters": (16, 32, 64, 32),
        "padding": "valid",
        "dense_units": (256,),
    },
    "conv16-32-16_dense256": {
        **_PLAIN,
        "filters": (16, 32, 16),
        "padding": "valid",
        "dense_units": (256,),
    },
    # People touching their face, 64x64 and 112x112 colour.
    "conv32-64_dense128": {
        **_PLAIN,
        "filters": (32, 64),
        "padding": "valid",
        "dense_units": (128,),
    },
    "conv64-64-128-256_dense1024": {
        **_PLAIN,
        "filters": (64, 64, 128, 256),
        "padding": "valid",
        "dense_units": (1024,),
    },
}


def get_preset(name: str) -> dict[str, Any]:
    """Return the parameters of a preset.

    Raises
    ------
    ValueError
        If there is none of that name; the message lists all.
    """
    if name not in PRESETS:
        names = ", ".join(map(repr, PRESETS))
        raise ValueError(
            f"CNNClassifier.from_preset got {name!r}, which is not a preset. "
            f"Choose one of {names}."
        )
    # Nobody may change the augmentation of the next one.
    return deepcopy(PRESETS[name])

"""Ready-made pipelines, from paths or images to labels.

Each is a plain scikit-learn Pipeline of the steps a user would write, so every
part can be inspected, replaced and tuned by its name. `FAMILIES` lists them for
the command line, searches and benchmarks.
"""

from skfer.pipelines._families import FAMILIES
from skfer.pipelines._incremental_classifier import IncrementalClassifier
from skfer.pipelines._load_pretrained import load_pretrained
from skfer.pipelines._make_hog_linear import make_hog_linear
from skfer.pipelines._ready_made import (
    make_cnn,
    make_hog_svm,
    make_lbp_svm,
    make_transfer,
)

__all__ = [
    "FAMILIES",
    "IncrementalClassifier",
    "load_pretrained",
    "make_cnn",
    "make_hog_linear",
    "make_hog_svm",
    "make_lbp_svm",
    "make_transfer",
]

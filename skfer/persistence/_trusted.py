"""The types that a model file may have."""

from collections.abc import Sequence
from typing import Any

# Names of the modules at the time of writing: where a class moves, files of earlier
# versions need its old name too. skops itself adds the estimators of scikit-learn.
_SKFER = (
    "faces._face_cropper.FaceCropper",
    "features._hog.HOGTransformer",
    "features._lbp.LBPTransformer",
    "model_selection._leak_free_k_fold.LeakFreeKFold",
    "model_selection._leak_free_shuffle_split.LeakFreeShuffleSplit",
    "model_selection._make_calibrated.SharesOf",
    "model_selection._selective_classifier.SelectiveClassifier",
    "neural._augmentation.FaceAugmentation",
    "neural._cnn_classifier.CNNClassifier",
    "neural._network.build_network",
    "neural._network_classifier.NetworkClassifier",
    "neural._network_features.NetworkFeatures",
    "pipelines._incremental_classifier.IncrementalClassifier",
    "pipelines._svc.SVC",
    "pipelines._svd.TruncatedSVD",
    "preprocessing._grayscale_resizer.GrayscaleResizer",
    "preprocessing._image_loader.ImageLoader",
    "preprocessing._image_resizer.ImageResizer",
)
# Parts of scikit-learn's estimators, which only hold arrays and parameters.
_SKLEARN = (
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
    "sklearn.calibration._TemperatureScaling",
    "sklearn.model_selection._split.KFold",
    "sklearn.model_selection._split.StratifiedKFold",
    "sklearn.utils._bunch.Bunch",
)

#: What `load_model` trusts without being told, beside skops's own list.
TRUSTED = (*(f"skfer.{name}" for name in _SKFER), *_SKLEARN)

# skops trusts all estimators of scikit-learn. Those of these packages are enough to
# classify images; others read files by their names, for instance.
_PACKAGES = (
    "_loss", "calibration", "decomposition", "discriminant_analysis", "dummy",
    "ensemble", "feature_selection", "frozen", "kernel_approximation", "linear_model",
    "metrics", "model_selection", "multiclass", "naive_bayes", "neighbors",
    "neural_network", "pipeline", "preprocessing", "random_projection", "svm", "tree",
    "utils",
)  # fmt: skip


def find_strange(schema: Any, trusted: Sequence[str]) -> list[str]:
    """Return the types of scikit-learn in a description that no model of ours needs.

    Parameters
    ----------
    schema : object
        The content of schema.json.
    trusted : sequence of str
        Names of types that are trusted all the same.

    Returns
    -------
    list of str
        Their names, sorted.
    """
    found = set()
    entries = [schema]
    while entries:
        entry = entries.pop()
        if isinstance(entry, dict):
            module = str(entry.get("__module__", ""))
            root, _, rest = module.partition(".")
            if root == "sklearn" and rest.partition(".")[0] not in _PACKAGES:
                found.add(f"{module}.{entry.get('__class__')}")
            entry = list(entry.values())
        if isinstance(entry, list):
            entries += entry
    return sorted(found - {*trusted})

"""The types that a model file may have."""

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

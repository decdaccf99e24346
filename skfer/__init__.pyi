from . import (
    cli,
    datasets,
    demo,
    faces,
    features,
    inspection,
    model_selection,
    neural,
    persistence,
    pipelines,
    prediction,
    preprocessing,
)
from .faces import FaceCropper, FaceDetector
from .features import HOGTransformer, LBPTransformer
from .neural import (
    CNNClassifier,
    FaceAugmentation,
    NetworkClassifier,
    NetworkFeatures,
    build_network,
)
from .pipelines import (
    load_pretrained,
    make_cnn,
    make_hog_linear,
    make_hog_svm,
    make_lbp_svm,
    make_transfer,
)
from .preprocessing import GrayscaleResizer, ImageLoader, ImageResizer

__all__ = [
    "CNNClassifier",
    "FaceAugmentation",
    "FaceCropper",
    "FaceDetector",
    "GrayscaleResizer",
    "HOGTransformer",
    "ImageLoader",
    "ImageResizer",
    "LBPTransformer",
    "NetworkClassifier",
    "NetworkFeatures",
    "build_network",
    "cli",
    "datasets",
    "demo",
    "faces",
    "features",
    "inspection",
    "load_pretrained",
    "make_cnn",
    "make_hog_linear",
    "make_hog_svm",
    "make_lbp_svm",
    "make_transfer",
    "model_selection",
    "neural",
    "persistence",
    "pipelines",
    "prediction",
    "preprocessing",
]

__version__: str

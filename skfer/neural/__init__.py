"""The convolutional network; the only package that imports Keras and SciKeras."""

from skfer.neural._augmentation import FaceAugmentation
from skfer.neural._cnn_classifier import CNNClassifier
from skfer.neural._grad_cam import grad_cam
from skfer.neural._network import build_network
from skfer.neural._network_classifier import NetworkClassifier
from skfer.neural._network_features import NetworkFeatures

__all__ = [
    "CNNClassifier",
    "FaceAugmentation",
    "NetworkClassifier",
    "NetworkFeatures",
    "build_network",
    "grad_cam",
]

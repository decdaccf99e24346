"""A network that was trained elsewhere, as a fitted classifier."""

from typing import Any

import numpy as np

from skfer.neural._cnn_classifier import CNNClassifier
from skfer.neural._weights import TrainedNetwork


def make_fitted(trained: TrainedNetwork, **classifier_params: Any) -> CNNClassifier:
    """Return a classifier as if it had been fitted here.

    Parameters
    ----------
    trained : TrainedNetwork
        For images in 0..255.
    **classifier_params : object
        Parameters of CNNClassifier that matter for predictions.

    Returns
    -------
    CNNClassifier
        For integer images of the size that the network was trained on. What a training
        here would have left, such as ``history_``, it does not have.
    """
    classifier = CNNClassifier(**trained.layers, **classifier_params)
    classifier.classes_ = np.array(trained.classes)
    classifier.image_shape_in_ = trained.image_shape
    classifier.n_features_in_ = int(np.prod(trained.image_shape))
    classifier.pixel_min_in_, classifier.pixel_max_in_ = 0.0, 255.0
    classifier._fitted_on_integers = True
    classifier._take_over(trained.network)
    return classifier

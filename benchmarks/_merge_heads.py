"""From a network with outputs for labels and for votes to one with seven."""

from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar

from skfer import CNNClassifier, build_network
from skfer.neural._network import LAYER_PARAMETERS
from skfer.neural._pretrained_classifier import make_fitted
from skfer.neural._weights import TrainedNetwork


def merge_heads(
    model: CNNClassifier, classes: list[str], share: float, temperature: float = 1.0
) -> TrainedNetwork:
    """Return the network with one output for each class.

    The logarithm of its probability is the weighted mean of those for labels and for
    votes, up to a constant.

    Parameters
    ----------
    model : CNNClassifier
        Its outputs are the labels, then the votes, each in the order of ``classes``.
    classes : list of str
        Names of the outputs.
    share : float
        Weight of the votes, from 0 to 1.
    temperature : float, default=1.0
        What logits are divided by, for probabilities that are right as often as they
        say (Guo et al., 2017).

    Returns
    -------
    TrainedNetwork
        Without a card.
    """
    n = len(classes)
    *layers, kernel, bias = model.model_.get_weights()
    merged = [
        ((1 - share) * one[..., :n] + share * one[..., n:]) / temperature
        for one in (kernel, bias)
    ]
    description: dict[str, Any] = {
        name: getattr(model, name) for name in LAYER_PARAMETERS
    }
    network = build_network(model.image_shape_in_, n, **description, random_state=0)
    network.set_weights([*layers, *merged])
    return TrainedNetwork(network, description, classes, model.image_shape_in_, {})


def find_temperature(
    trained: TrainedNetwork, images: np.ndarray, target: np.ndarray
) -> float:
    """Return the temperature whose probabilities fit the target best.

    Each image and its mirror image are averaged, as `skfer.load_pretrained` does.
    """
    classifier = make_fitted(trained)
    column = np.searchsorted(classifier.classes_, target)
    views = [
        np.log(classifier.predict_proba(view).astype(np.float64) + 1e-12)
        for view in (images, images[:, :, ::-1])
    ]

    def loss(temperature: float) -> float:
        powers = [np.exp(logs / temperature) for logs in views]
        shares = [power / power.sum(axis=1, keepdims=True) for power in powers]
        right = np.mean(shares, axis=0)[np.arange(len(target)), column]
        return float(-np.log(right).mean())

    return float(minimize_scalar(loss, bounds=(0.2, 5), method="bounded").x)

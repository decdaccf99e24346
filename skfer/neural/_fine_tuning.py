"""Where a training starts that continues another: its layers, and a head for them."""

from itertools import zip_longest
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skfer.neural._predictor import Predictor
from skfer.neural._samples import Samples
from skfer.neural._trained_network import find_trained_network
from skfer.neural._weights import read_weights

# Of the head; features are standardised.
_C = 0.1
_MAX_ITER = 1000


def find_initial_network(estimator: Any, initial_weights: Any) -> Any:
    """Return the Keras model whose weights a training starts from."""
    if isinstance(initial_weights, str):
        return read_weights(n_threads=estimator.n_threads).network
    name = type(estimator).__name__
    return find_trained_network(name, "initial_weights", initial_weights).model_


def start_from(estimator: Any, network: Any, source: Any, training: Samples) -> None:
    """Give a new network the layers of a trained one, and a head that fits them.

    The last layer is fitted first, by logistic regression of what it gets, because a
    random one would spoil the others in the first steps (Kumar et al., 2022).

    Parameters
    ----------
    estimator : CNNClassifier
        For the messages.
    network : keras.Model
        New; changed in place.
    source : keras.Model
        Trained, with the same layers but for the last.
    training : Samples
        What the head is fitted on.

    Raises
    ------
    ValueError
        If the layers differ.

    References
    ----------
    Kumar, A., Raghunathan, A., Jones, R., Ma, T. and Liang, P. (2022). Fine-tuning can
    distort pretrained features and underperform out-of-distribution. ICLR.
    arXiv:2202.10054.
    """
    import keras

    _check_layers(estimator, network, source)
    head = network.layers[-1]
    n_head = len(head.get_weights())
    network.set_weights(source.get_weights()[:-n_head] + head.get_weights())
    features = Predictor(keras.Model(network.inputs[0], head.input)).predict(
        training.images, None
    )
    scaled = make_pipeline(
        StandardScaler(), LogisticRegression(C=_C, max_iter=_MAX_ITER)
    )
    labels = training.targets.argmax(axis=1)
    scaled.fit(features, labels, logisticregression__sample_weight=training.weights)
    scaler, regression = scaled
    kernel, bias = np.zeros((features.shape[1], head.units)), np.zeros(head.units)
    coefficients, intercepts = regression.coef_, regression.intercept_
    if len(regression.classes_) == 2:
        # One row stands for the difference of two.
        coefficients = np.concatenate([-coefficients, coefficients]) / 2
        intercepts = np.concatenate([-intercepts, intercepts]) / 2
    kernel[:, regression.classes_] = coefficients.T / scaler.scale_[:, np.newaxis]
    bias[regression.classes_] = intercepts - coefficients @ (
        scaler.mean_ / scaler.scale_
    )
    head.set_weights([kernel, bias])


def _check_layers(estimator: Any, network: Any, source: Any) -> None:
    """Raise an error unless all layers but the last have weights of equal shapes."""
    ours, theirs = (
        [
            (type(layer).__name__, [tuple(one.shape) for one in layer.weights])
            for layer in model.layers[:-1]
            if layer.weights
        ]
        for model in (network, source)
    )
    pairs: Any = enumerate(
        zip_longest(ours, theirs, fillvalue=("missing", [])), start=1
    )
    differing = [(number, *pair) for number, pair in pairs if pair[0] != pair[1]]
    if not differing:
        return
    number, our, their = differing[0]
    raise ValueError(
        f"{type(estimator).__name__} got initial_weights of another network. Layer "
        f"{number} of those with weights is {_name(their)} there and {_name(our)} "
        f"here, of {len(theirs)} and {len(ours)} such layers. Choose the same layers "
        "(filters, kernel_size and so on), and grey images for a network of grey ones, "
        "such as 'faces', which has the default layers. GrayscaleResizer makes them."
    )


def _name(layer: tuple[str, list[tuple[int, ...]]]) -> str:
    kind, shapes = layer
    return f"{kind} {', '.join(map(str, shapes))}"

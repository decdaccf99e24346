"""Classifiers as operators of ONNX, from features or images to probabilities."""

from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import VotingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.svm import SVC

from skfer._steps import best_of
from skfer.model_selection import SelectiveClassifier
from skfer.model_selection._make_calibrated import SharesOf
from skfer.neural import NetworkClassifier
from skfer.persistence._onnx_features import add_network
from skfer.persistence._onnx_graph import Graph
from skfer.persistence._onnx_steps import add_step

# What scikit-learn adds to probabilities before it takes their logarithm.
_TINY = 1e-12


class Answer(NamedTuple):
    """Names of the values that a classifier gives."""

    probability: str  # (n, n_classes), float64.
    winner: str = ""  # (n,), int64: number of the class; by default the most probable.
    is_known: str = ""  # (n,), bool: whether it answers at all; by default always.


def add_classifier(graph: Graph, model: Any, value: str) -> Answer:
    """Add the operators of a fitted classifier.

    Parameters
    ----------
    graph : Graph
        To add to.
    model : classifier
        A Pipeline, a classifier, or what wraps one.
    value : str
        What it gets: uint8 images of the axes n, channels, height, width, or features.

    Raises
    ------
    ValueError
        If it can't be converted.
    """
    model = best_of(model)
    if isinstance(model, FrozenEstimator):
        return add_classifier(graph, model.estimator, value)
    if isinstance(model, Pipeline):
        for _, step in model.steps[:-1]:
            value = add_step(graph, step, value)
        return add_classifier(graph, model.steps[-1][1], value)
    for kind, add in _CLASSIFIERS.items():
        if isinstance(model, kind):
            return add(graph, model, value)
    raise ValueError(
        f"export_onnx can't convert {type(model).__name__}. It converts pipelines of "
        "skfer with LogisticRegression, SVC and networks, their calibration by "
        "make_calibrated, SelectiveClassifier and soft voting."
    )


def _add_network(graph: Graph, model: NetworkClassifier, images: str) -> Answer:
    if not model._fitted_on_integers:
        raise ValueError(
            f"export_onnx can't convert a {type(model).__name__} that was fitted on "
            "floats. Fit it on uint8 images, which it scales itself."
        )
    pixels = graph.cast(images, np.float32)
    views = model.test_time_augmentation
    shares = add_network(graph, model.model_, pixels, views)
    return Answer(graph.cast(shares, np.float64))


def _add_logistic(graph: Graph, model: LogisticRegression, features: str) -> Answer:
    logits = _logits_of_logistic(graph, model, features)
    scale = 0.5 if len(model.classes_) == 2 else 1.0
    return Answer(_softmax(graph, logits, scale))


def _logits_of_logistic(graph: Graph, model: LogisticRegression, features: str) -> str:
    """Return the decision function, for two classes as (-x, x)."""
    weights, bias = model.coef_, model.intercept_
    if len(model.classes_) == 2:
        weights, bias = np.concatenate([-weights, weights]), np.append(-bias, bias)
    return _linear(graph, graph.cast(features, np.float64), weights.T, bias)


def _add_svm(graph: Graph, model: SVC, features: str) -> Answer:
    """Take the smallest pairwise margin of each class, as `predict_shares` does."""
    if model.kernel != "rbf" or model.probability not in (False, "deprecated"):
        raise ValueError(
            f"export_onnx can't convert SVC(kernel={model.kernel!r}, probability="
            f"{model.probability!r}). Use the kernel rbf, and make_calibrated."
        )
    vectors = np.asarray(model.support_vectors_, np.float64)
    x = graph.cast(features, np.float64)
    squares = graph.add("ReduceSumSquare", x, graph.constant([1], np.int64), keepdims=1)
    products = graph.add("MatMul", x, graph.constant(-2 * vectors.T))
    distances = graph.add("Add", products, graph.constant((vectors**2).sum(axis=1)))
    distances = graph.add("Add", distances, squares)
    distances = graph.add("Max", distances, graph.constant(0.0))
    kernel = graph.add(
        "Exp", graph.add("Mul", distances, graph.constant(-float(model._gamma)))
    )
    n = len(model.classes_)
    pairs = list(combinations(range(n), 2))
    margins = _linear(graph, kernel, *_pair_weights(model, pairs))
    if n == 2:
        both = [graph.add("Neg", margins), margins]
        logits = graph.add("Concat", *both, axis=1)
        return Answer(_softmax(graph, logits, 0.5))
    # The smallest margin and the number of won pairs of each class.
    closest, won = [], []
    for one in range(n):
        columns = [place for place, pair in enumerate(pairs) if one in pair]
        signs = [1.0 if pairs[place][0] == one else -1.0 for place in columns]
        own = graph.add("Gather", margins, graph.constant(columns), axis=1)
        own = graph.add("Mul", own, graph.constant(signs))
        axis = graph.constant([1], np.int64)
        closest.append(graph.add("ReduceMin", own, axis, keepdims=1))
        # A tie is won by the first of the two classes.
        is_won = graph.add(
            "Or",
            graph.add("Less", graph.constant(0.0), own),
            graph.add(
                "And",
                graph.add("Equal", graph.constant(0.0), own),
                graph.constant(np.array(signs) < 0),
            ),
        )
        counted = graph.cast(is_won, np.int32)
        won.append(graph.add("ReduceSum", counted, axis, keepdims=1))
    winner = graph.add("ArgMax", graph.add("Concat", *won, axis=1), axis=1, keepdims=0)
    logits = graph.add("Concat", *closest, axis=1)
    return Answer(_softmax(graph, logits), winner)


def _pair_weights(
    model: SVC, pairs: list[tuple[int, int]]
) -> tuple[np.ndarray, np.ndarray]:
    """Return what each support vector counts in each pair of classes, and the bias."""
    ends = np.cumsum(model._n_support)
    rows = [slice(end - n, end) for end, n in zip(ends, model._n_support, strict=True)]
    weights = np.zeros((len(model.support_vectors_), len(pairs)))
    for column, (first, second) in enumerate(pairs):
        weights[rows[first], column] = model._dual_coef_[second - 1, rows[first]]
        weights[rows[second], column] = model._dual_coef_[first, rows[second]]
    bias = model._intercept_
    # libsvm counts for the first class, scikit-learn's binary decision for the second.
    return (-weights, -bias) if len(model.classes_) == 2 else (weights, bias)


def _add_shares(graph: Graph, model: SharesOf, value: str) -> Answer:
    return add_classifier(graph, model.estimator_, value)


def _add_calibrated(graph: Graph, model: CalibratedClassifierCV, value: str) -> Answer:
    if model.method != "temperature":
        raise ValueError(
            f"export_onnx can't convert CalibratedClassifierCV(method={model.method!r}"
            '). Use "temperature", as make_calibrated does.'
        )
    shares = []
    for one in model.calibrated_classifiers_:
        logits = _find_logits(graph, one.estimator, value)
        shares.append(_softmax(graph, logits, float(one.calibrators[0].beta_)))
    return Answer(_mean(graph, shares, np.full(len(shares), 1 / len(shares))))


def _find_logits(graph: Graph, model: Any, value: str) -> str:
    """Return the decision function, or logarithms of probabilities."""
    while isinstance(model, FrozenEstimator | Pipeline):
        if isinstance(model, Pipeline):
            for _, step in model.steps[:-1]:
                value = add_step(graph, step, value)
            model = model.steps[-1][1]
        else:
            model = model.estimator
    if isinstance(model, LogisticRegression):
        return _logits_of_logistic(graph, model, value)
    if isinstance(model, SVC):
        raise ValueError(
            "export_onnx can't convert CalibratedClassifierCV of an SVC itself. Use "
            "make_calibrated, which takes its pairwise margins."
        )
    shares = add_classifier(graph, model, value).probability
    return graph.add("Log", graph.add("Add", shares, graph.constant(_TINY)))


def _add_selective(graph: Graph, model: SelectiveClassifier, value: str) -> Answer:
    answer = add_classifier(graph, model.estimator_, value)
    largest = graph.add(
        "ReduceMax", answer.probability, graph.constant([1], np.int64), keepdims=0
    )
    known = graph.add("GreaterOrEqual", largest, graph.constant(float(model.threshold)))
    return answer._replace(is_known=known)


def _add_voting(graph: Graph, model: VotingClassifier, value: str) -> Answer:
    if model.voting != "soft":
        raise ValueError(
            f"export_onnx can't convert VotingClassifier(voting={model.voting!r}). Use "
            '"soft".'
        )
    shares = [
        add_classifier(graph, one, value).probability for one in model.estimators_
    ]
    weights = np.ones(len(shares)) if model.weights is None else model._weights_not_none
    return Answer(_mean(graph, shares, np.asarray(weights) / np.sum(weights)))


def _mean(graph: Graph, shares: list[str], weights: np.ndarray) -> str:
    weighted = [
        graph.add("Mul", one, graph.constant(float(weight)))
        for one, weight in zip(shares, weights, strict=True)
    ]
    return graph.add("Sum", *weighted)


def _linear(graph: Graph, x: str, weights: np.ndarray, bias: np.ndarray) -> str:
    product = graph.add("MatMul", x, graph.constant(weights, np.float64))
    return graph.add("Add", product, graph.constant(bias, np.float64))


def _softmax(graph: Graph, logits: str, scale: float = 1.0) -> str:
    scaled = graph.add("Mul", logits, graph.constant(scale))
    return graph.add("Softmax", scaled, axis=1)


_CLASSIFIERS = {
    NetworkClassifier: _add_network,
    LogisticRegression: _add_logistic,
    SVC: _add_svm,
    SharesOf: _add_shares,
    CalibratedClassifierCV: _add_calibrated,
    SelectiveClassifier: _add_selective,
    VotingClassifier: _add_voting,
}

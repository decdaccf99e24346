"""Networks that are trained already, as parameters of other estimators."""

from typing import Any

from sklearn.frozen import FrozenEstimator


def find_trained_network(who: str, parameter: str, value: Any) -> Any:
    """Return the fitted classifier that a parameter holds.

    Parameters
    ----------
    who : str
        Name of the estimator that has the parameter, for the messages.
    parameter : str
        Its name.
    value : object
        A fitted classifier of `skfer.neural`, or one in a FrozenEstimator.

    Returns
    -------
    NetworkClassifier
        Fitted.

    Raises
    ------
    TypeError
        If it is something else.
    ValueError
        If it is not fitted.
    """
    from skfer.neural._network_classifier import NetworkClassifier

    classifier = value.estimator if isinstance(value, FrozenEstimator) else value
    if not isinstance(classifier, NetworkClassifier):
        raise TypeError(
            f"{who} needs as {parameter} 'faces' or a fitted CNNClassifier or "
            f"NetworkClassifier, got {type(classifier).__name__}. Of a Pipeline, pass "
            "the last step."
        )
    if not hasattr(classifier, "model_"):
        raise ValueError(
            f"{who} got {parameter}= a {type(classifier).__name__} that is not "
            "fitted. Fit it first. In cross-validation and searches, which clone, "
            "pass sklearn.frozen.FrozenEstimator(classifier)."
        )
    return classifier

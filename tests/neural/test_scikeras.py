"""The habits of SciKeras that skfer keeps in: each trap with its cover."""

import numpy as np
import pytest
from scikeras.wrappers import KerasClassifier
from sklearn.base import is_classifier

from skfer import CNNClassifier
from tests.conftest import TINY_NETWORK


@pytest.mark.filterwarnings("ignore")
def test_scikeras_is_no_classifier_any_more_and_ours_is():
    try:
        theirs = is_classifier(KerasClassifier())
    except Exception:  # The tags of SciKeras 0.13 can even fail.
        theirs = False
    assert not theirs
    assert is_classifier(CNNClassifier())


def test_keyword_arguments_become_parameters_there_and_errors_here():
    assert "epocs" in KerasClassifier(epocs=3).get_params()
    with pytest.raises(TypeError, match="epocs"):
        CNNClassifier(epocs=3)


def test_weights_are_changed_in_place_there_and_not_here(two_classes):
    weights = np.ones(48, dtype=np.float64)
    classifier = CNNClassifier(**TINY_NETWORK, class_weight="balanced")
    classifier.fit(two_classes.images[:48], two_classes.target[:48], weights)
    assert (weights == 1).all()


@pytest.mark.slow
def test_our_parameters_never_reach_scikeras(two_classes, monkeypatch):
    """Only the fixed ones do, so that nothing is routed by accident."""
    from skfer.neural import _scikeras

    seen = []
    init = _scikeras._ProbabilityTargets.__init__

    def spy(self, **params):
        seen.append(set(params))
        init(self, **params)

    monkeypatch.setattr(_scikeras._ProbabilityTargets, "__init__", spy)
    CNNClassifier(**TINY_NETWORK).fit(two_classes.images, two_classes.target)
    assert seen == [
        {"model", "batch_size", "epochs", "callbacks", "random_state", "verbose"}
    ]

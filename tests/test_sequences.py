"""Whatever order an estimator is used in, it answers for its last fit."""

import pickle

import numpy as np
import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from skfer import CNNClassifier
from tests.conftest import TINY_NETWORK

SEEDS = st.integers(0, 3)


def draw(side, n_classes, seed):
    rng = np.random.default_rng([side, n_classes, seed])
    images = rng.integers(0, 256, (4 * n_classes, side, side)).astype(np.uint8)
    return images, np.array(["happy", "sad", "fear"][:n_classes] * 4)


def refused(images, y):
    return [
        (images.astype(int) - 300, y),
        (images, y[:-1]),
        (images, np.full(len(y), "happy")),
        (images[:0], y[:0]),
        (images, None),
        (np.full(images.shape, np.nan), y),
        # Of another size and kind than those of the last fit.
        (np.zeros((len(y), 20, 20, 3)), np.full(len(y), "happy")),
        (images / 255, y[:-1]),
        (images[:, 1:], np.array([None, *y[1:]], dtype=object)),
    ]


class Sequences(RuleBasedStateMachine):
    """Fits, refused fits, clones, pickles and changed parameters in any order."""

    @initialize()
    def begin(self):
        self.model, self.answers = CNNClassifier(**TINY_NETWORK), None
        self.images, self.y = draw(16, 2, 0)

    def remember(self):
        self.answers = self.model.predict_proba(self.images)
        np.testing.assert_allclose(self.answers.sum(axis=1), 1, atol=1e-5)
        assert self.model.classes_.tolist() == sorted(set(self.y))

    @rule(side=st.sampled_from([16, 24]), n_classes=st.integers(2, 3), seed=SEEDS)
    def fit(self, side, n_classes, seed):
        self.images, self.y = draw(side, n_classes, seed)
        self.model.set_params(warm_start=False).fit(self.images, self.y)
        self.remember()

    @rule(number=st.integers(0, 8))
    def is_refused(self, number):
        images, y = refused(self.images, self.y)[number]
        with pytest.raises((ValueError, TypeError)):
            self.model.fit(images, y)

    @precondition(lambda self: self.answers is None)
    @rule()
    def is_not_fitted(self):
        with pytest.raises(NotFittedError):
            self.model.predict(self.images)

    @precondition(lambda self: self.answers is not None)
    @rule()
    def predict(self):
        answers = self.model.predict_proba(self.images)
        np.testing.assert_array_equal(answers, self.answers)

    @rule()
    def copies_are_equal_and_not_fitted(self):
        copy = clone(self.model)
        assert repr(copy) == repr(self.model)
        with pytest.raises(NotFittedError):
            copy.predict(self.images)

    @rule()
    def pickle(self):
        self.model = pickle.loads(pickle.dumps(self.model))

    @rule(epochs=st.integers(1, 2), weight=st.sampled_from([None, "balanced"]))
    def change(self, epochs, weight):
        self.model.set_params(epochs=epochs, class_weight=weight)

    @precondition(lambda self: self.answers is not None)
    @rule()
    def go_on(self):
        self.model.set_params(warm_start=True).fit(self.images, self.y)
        self.remember()

    @precondition(lambda self: self.answers is not None)
    @rule()
    def go_on_with_other_classes(self):
        self.model.set_params(warm_start=True)
        with pytest.raises(ValueError, match="warm_start"):
            self.model.fit(self.images, np.resize(["new", "old"], len(self.y)))


@pytest.mark.filterwarnings("ignore:.*pixels are in the range")
def test_the_last_fit_counts(fake_training):
    case = Sequences.TestCase
    case.settings = settings(
        max_examples=12, stateful_step_count=12, phases=[Phase.generate]
    )
    case("runTest").runTest()

"""Schedules, validation data and searches over epochs."""

import keras
import numpy as np
import pytest
import sklearn
from sklearn.exceptions import NotFittedError
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import HalvingGridSearchCV
from sklearn.pipeline import Pipeline

from skfer import CNNClassifier, GrayscaleResizer
from tests.conftest import TINY_NETWORK


class Rates(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.seen = []

    def on_epoch_end(self, epoch, logs=None):
        self.seen.append(float(self.model.optimizer.learning_rate))


def fit(data, **params):
    validation = params.pop("validation", {})
    classifier = CNNClassifier(**(TINY_NETWORK | params))
    return classifier.fit(data.images, data.target, **validation)


def test_plateau_halves_the_rate_when_the_loss_stands_still(two_classes):
    rates = Rates()
    fit(
        two_classes, learning_rate_schedule="plateau", n_iter_no_change=4, epochs=7,
        learning_rate=1e-9, augment=None, dropout=0.0, callbacks=[rates],
    )  # fmt: skip
    # Nothing is learnt at this rate; two epochs of patience.
    np.testing.assert_allclose(rates.seen[0], 1e-9)
    assert rates.seen[-1] < 0.6e-9


@pytest.mark.slow
def test_plateau_watches_the_validation_part(two_classes):
    """A validation loss that only grows, under a training loss that falls."""
    wrong = two_classes.target[::-1]
    validation = {"X_val": two_classes.images, "y_val": wrong}
    rates = Rates()
    options = {
        "learning_rate_schedule": "plateau", "n_iter_no_change": 2, "epochs": 12,
        "augment": None, "head": "flatten", "label_smoothing": 0.0,
    }  # fmt: skip
    fit(two_classes, callbacks=[rates], validation=validation, **options)
    alone = Rates()
    fit(two_classes, callbacks=[alone], **options)
    assert rates.seen[-1] < alone.seen[-1]


def test_validation_data_go_through_the_pipeline(two_classes):
    large = np.kron(two_classes.images, np.ones((1, 2, 2), np.uint8))
    with sklearn.config_context(enable_metadata_routing=True):
        # The history does not know the averaged weights.
        cnn = CNNClassifier(**TINY_NETWORK, average_weights=False)
        cnn.set_fit_request(X_val=True, y_val=True)
        pipeline = Pipeline(
            [("gray", GrayscaleResizer(16)), ("cnn", cnn)], transform_input=["X_val"]
        )
        pipeline.fit(
            large[:36],
            two_classes.target[:36],
            X_val=large[36:],
            y_val=two_classes.target[36:],
        )
    history = pipeline[-1].history_
    assert len(history["val_loss"]) == 2
    probabilities = pipeline.predict_proba(large[36:])
    right = pipeline[-1].classes_[probabilities.argmax(axis=1)]
    assert history["val_accuracy"][-1] == pytest.approx(
        np.mean(right == two_classes.target[36:])
    )


def test_halving_search_over_epochs(two_classes, fake_training):
    pipeline = Pipeline(
        [("gray", GrayscaleResizer(16)), ("classifier", CNNClassifier(**TINY_NETWORK))]
    )
    search = HalvingGridSearchCV(
        pipeline,
        {"classifier__dropout": [0.0, 0.3, 0.5]},
        resource="classifier__epochs",
        min_resources=1,
        max_resources=3,
        factor=3,
        cv=2,
        random_state=0,
    ).fit(two_classes.images, two_classes.target)
    assert search.n_resources_ == [1, 3]
    assert search.best_estimator_[-1].n_iter_ == 3


@pytest.mark.slow
def test_weights_count_in_the_validation_loss_too(two_classes):
    losses = []
    for weight in (1.0, 3.0):
        cnn = CNNClassifier(
            (2,), epochs=1, early_stopping=True, learning_rate=1e-12, random_state=0
        )
        weights = np.full(len(two_classes), weight)
        cnn.fit(two_classes.images, two_classes.target, sample_weight=weights)
        losses.append(cnn.history_["val_loss"][0])
    assert losses[1] == pytest.approx(3 * losses[0], rel=1e-3)


@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")
@pytest.mark.parametrize(
    "optimizer", ["sgd", pytest.param("adamw", marks=pytest.mark.slow)]
)
def test_a_training_that_diverges_is_an_error(optimizer, two_classes):
    images, target = two_classes.images, two_classes.target
    classifier = CNNClassifier(**TINY_NETWORK).fit(images, target)
    classifier.set_params(optimizer=optimizer, learning_rate=1e30, weight_decay=0.5)
    with pytest.raises(
        ValueError, match=r"diverged in epoch \d: .* Lower learning_rate"
    ):
        classifier.fit(images, target)
    # The first class for every image would be no answer.
    with pytest.raises(NotFittedError):
        classifier.predict(images)


def test_the_last_step_may_not_diverge_either(two_classes):
    """With one batch in an epoch, the loss is that of the network before it."""
    images, target = two_classes.images, two_classes.target
    params = TINY_NETWORK | {"epochs": 1, "batch_size": len(images), "augment": None}
    classifier = CNNClassifier(**params, learning_rate=1e38, optimizer="sgd")
    with pytest.raises(ValueError, match="diverged in epoch 1: weights are no longer"):
        classifier.fit(images, target)
    with pytest.raises(NotFittedError):
        classifier.predict(images)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")
def test_after_a_diverged_epoch_partial_fit_starts_anew(two_classes):
    images, target = two_classes.images, two_classes.target
    classes = np.unique(target)
    params = TINY_NETWORK | {"augment": None, "optimizer": "sgd"}
    classifier = CNNClassifier(**params, learning_rate=1e30, weight_decay=0.5)
    with pytest.raises(ValueError, match="diverged in epoch 1"):
        classifier.partial_fit(images, target, classes=classes)
    classifier.set_params(learning_rate=1e-3, weight_decay=0.0)
    classifier.partial_fit(images, target, classes=classes)
    fresh = CNNClassifier(**params, learning_rate=1e-3, weight_decay=0.0)
    fresh.partial_fit(images, target, classes=classes)
    np.testing.assert_array_equal(
        classifier.predict_proba(images), fresh.predict_proba(images)
    )


@pytest.mark.parametrize(
    ("change", "before"),
    [
        ({"filters": (4, 4)}, r"filters=\(4,\)"),
        ({"dropout": 0.1}, "dropout="),
        ({"head": "flatten"}, "head='gap'"),
    ],
)
def test_warm_start_keeps_the_layers(two_classes, fake_training, change, before):
    X, y = two_classes.images, two_classes.target
    warm = CNNClassifier(**TINY_NETWORK | {"filters": (4,), "head": "gap"}).fit(X, y)
    warm.set_params(warm_start=True, **change)
    with pytest.raises(
        ValueError, match=f"with warm_start=True was fitted with {before}"
    ):
        warm.fit(X, y)
    warm.set_params(warm_start=False).fit(X, y)
    warm.set_params(warm_start=True, filters=list(warm.filters)).fit(X, y)


@pytest.mark.parametrize("rate", [1e30, 1e38])
def test_partial_fit_that_leaves_no_answers_is_refused(two_classes, rate):
    """The weights may still be numbers, of which no sum is one."""
    classifier = CNNClassifier(**TINY_NETWORK | {"learning_rate": rate})
    with pytest.raises(ValueError, match="diverged in epoch 1"):
        for _ in range(2):
            classifier.partial_fit(
                two_classes.images, two_classes.target, np.unique(two_classes.target)
            )
    with pytest.raises(NotFittedError):
        classifier.predict(two_classes.images)

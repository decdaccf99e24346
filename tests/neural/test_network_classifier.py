"""How a network is trained: weights, validation, going on, callbacks."""

import inspect
import pickle
from numbers import Integral
from threading import Lock

import keras
import numpy as np
import pytest
from sklearn.base import clone

from skfer import CNNClassifier
from skfer._sklearn import Interval
from skfer.neural._network_classifier import NetworkClassifier
from tests.conftest import TINY_NETWORK


def make(**params):
    return CNNClassifier(**(TINY_NETWORK | params))


def test_sample_weights_count(two_classes):
    """Images of no weight count for nothing, not even in batch normalisation."""
    X, y = two_classes.images, two_classes.target
    weights = np.ones(len(y))
    weights[::3] = 0
    kept = weights > 0
    weighted = make().fit(X, y, sample_weight=weights)
    removed = make().fit(X[kept], y[kept], sample_weight=weights[kept])
    np.testing.assert_array_equal(weighted.predict_proba(X), removed.predict_proba(X))
    with pytest.raises(ValueError, match="at least one non-zero"):
        make().fit(X, y, sample_weight=np.zeros(len(y)))
    with pytest.raises(ValueError, match="weights that are all zero"):
        make(class_weight={"happy": 0, "surprise": 0}).fit(X, y)


def test_images_without_weight_may_have_groups(two_classes):
    weights = np.ones(48)
    weights[::4] = 0
    make(early_stopping=True, validation_fraction=0.3).fit(
        two_classes.images,
        two_classes.target,
        sample_weight=weights,
        groups=two_classes.groups,
    )


def test_class_weights_pull_predictions(two_classes):
    X, y = two_classes.images, two_classes.target
    for happy, expected in ((100.0, 1.0), (0.01, 0.0)):
        classifier = make(class_weight={"happy": happy, "surprise": 1 / happy})
        classifier.set_params(epochs=10, augment=None, learning_rate=0.05).fit(X, y)
        assert (classifier.predict(X) == "happy").mean() == expected


def test_balanced_weights_equal_those_by_hand(two_classes):
    X, y = two_classes.images[:30], two_classes.target[:30]
    n_happy = (y == "happy").sum()
    by_hand = {"happy": 15 / n_happy, "surprise": 15 / (30 - n_happy)}
    np.testing.assert_array_equal(
        make(class_weight="balanced").fit(X, y).predict_proba(X),
        make(class_weight=by_hand).fit(X, y).predict_proba(X),
    )


def test_validation_data_are_evaluated_and_not_trained_on(two_classes):
    X, y = two_classes.images, two_classes.target
    plain = make().fit(X[:30], y[:30])
    watched = make().fit(X[:30], y[:30], X_val=X[30:], y_val=y[30:])
    assert set(watched.history_) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    np.testing.assert_array_equal(watched.predict_proba(X), plain.predict_proba(X))
    assert watched.history_["val_accuracy"][-1] == pytest.approx(
        watched.score(X[30:], y[30:])
    )
    with pytest.raises(ValueError, match="X_val and y_val together, got only X_val"):
        make().fit(X, y, X_val=X)


@pytest.mark.backends
def test_early_stopping_takes_the_best_epoch_back(two_classes):
    X, y = two_classes.images, two_classes.target
    classifier = make(
        early_stopping=True, n_iter_no_change=2, epochs=40, learning_rate=0.05,
        learning_rate_schedule="constant",
    ).fit(X[:30], y[:30], X_val=X[30:], y_val=y[30:])  # fmt: skip
    losses = classifier.history_["val_loss"]
    assert len(losses) == classifier.n_iter_ < 40
    assert classifier.best_iter_ == np.argmin(losses) + 1 == classifier.n_iter_ - 2
    truth = (y[30:, None] == classifier.classes_) * 0.9 + 0.05
    loss = -(truth * np.log(classifier.predict_proba(X[30:]))).sum(axis=1).mean()
    assert loss == pytest.approx(min(losses), rel=1e-3)


def test_a_class_with_one_image_cannot_be_set_aside(two_classes):
    y = two_classes.target.copy()
    y[0] = "sad"
    with pytest.raises(ValueError, match="only 1 image.*early_stopping=False"):
        make(early_stopping=True).fit(two_classes.images, y)
    make().fit(two_classes.images, y)


def test_one_class_only(two_classes):
    with pytest.raises(ValueError, match="at least 2 classes, got 1 class.*'happy'"):
        make().fit(two_classes.images, ["happy"] * 48)


def test_warm_start_goes_on(two_classes):
    X, y = two_classes.images, two_classes.target
    warm = make(warm_start=True, augment=None, dropout=0.0, epochs=20).fit(X, y)
    before = warm.model_.get_weights()
    first_loss = warm.history_["loss"][0]
    warm.set_params(epochs=2).fit(X, y)
    assert warm.history_["loss"][0] < first_loss - 0.05
    assert warm.n_iter_ == 2
    assert any(
        (a != b).any() for a, b in zip(before, warm.model_.get_weights(), strict=True)
    )
    with pytest.raises(ValueError, match="warm_start=True was fitted on the classes"):
        warm.fit(X, np.where(y == "happy", "sad", y))


def test_partial_fit_adds_epochs(two_classes):
    X, y = two_classes.images, two_classes.target
    classifier = make()
    with pytest.raises(ValueError, match="needs classes at the first call"):
        classifier.partial_fit(X, y)
    happy = y == "happy"
    classifier.partial_fit(X[happy], y[happy], classes=["surprise", "happy", "sad"])
    assert classifier.classes_.tolist() == ["happy", "sad", "surprise"]
    for _ in range(2):
        classifier.partial_fit(X, y)
    assert classifier.n_iter_ == len(classifier.history_["loss"]) == 3
    with pytest.raises(ValueError, match="began with the classes"):
        classifier.partial_fit(X, y, classes=["happy", "surprise"])
    with pytest.raises(ValueError, match=r"not among its classes.*\['bored'\]"):
        classifier.partial_fit(X, ["bored"] * len(y))


def test_partial_fit_has_no_part_to_stop_early_by(two_classes):
    classifier = make(early_stopping=True, learning_rate_schedule="plateau")
    for _ in range(2):
        classifier.partial_fit(
            two_classes.images, two_classes.target, classes=["happy", "surprise"]
        )
    assert classifier.best_iter_ == classifier.n_iter_ == 2


@pytest.mark.backends
def test_partial_fit_goes_on_after_a_pickle_as_without(two_classes):
    """The optimizer's memory is part of the pickle."""
    X, y = two_classes.images, two_classes.target
    straight = make(dropout=0.0, augment=None).partial_fit(X, y, classes=np.unique(y))
    pickled = pickle.loads(pickle.dumps(straight))
    pickled = pickle.loads(pickle.dumps(pickled))
    for classifier in (straight, pickled):
        classifier.partial_fit(X, y)
    np.testing.assert_allclose(
        pickled.predict_proba(X), straight.predict_proba(X), atol=1e-6
    )


def test_keras_callbacks_are_called(two_classes):
    epochs = []
    callback = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: epochs.append(epoch)
    )
    make(callbacks=[callback]).fit(two_classes.images, two_classes.target)
    assert epochs == [0, 1]


class Writer(keras.callbacks.Callback):
    """Opens what can't be copied, as keras.callbacks.TensorBoard does."""

    def __init__(self):
        super().__init__()
        self.lock = None

    def on_train_begin(self, logs=None):
        self.lock = Lock()


def test_a_training_leaves_the_callbacks_as_they_were(two_classes):
    callbacks = [Writer(), keras.callbacks.EarlyStopping("loss")]
    before = [dict(vars(callback)) for callback in callbacks]
    classifier = make(callbacks=callbacks).fit(two_classes.images, two_classes.target)
    assert [vars(callback) for callback in callbacks] == before
    loaded = pickle.loads(pickle.dumps(classifier))
    assert clone(loaded).fit(two_classes.images, two_classes.target).n_iter_ == 2


def test_scikit_learn_callbacks_can_stop_the_training(two_classes):
    class Stopper:
        def setup(self, estimator, context): ...
        def teardown(self, estimator, context): ...
        def on_fit_task_begin(self, estimator, context): ...
        def on_fit_task_end(self, estimator, context):
            return context.task_name == "epoch" and context.task_id == 1

    classifier = make(epochs=9).set_callbacks(Stopper())
    assert classifier.fit(two_classes.images, two_classes.target).n_iter_ == 2


def test_scoring_monitor_sees_every_epoch(two_classes):
    from sklearn.callback import ScoringMonitor

    monitor = ScoringMonitor(scoring="accuracy")
    classifier = make().set_callbacks(monitor)
    classifier.fit(two_classes.images, two_classes.target)
    log = monitor.get_logs()
    log = log[0] if isinstance(log, list) else log
    scores = [row["accuracy"] for row in log.data if row["task_name"] == "epoch"]
    assert len(scores) == 2
    assert scores[-1] == classifier.score(two_classes.images, two_classes.target)


def test_progress_bar_counts_epochs(two_classes, capsys):
    from sklearn.callback import ProgressBar

    make().set_callbacks(ProgressBar()).fit(two_classes.images, two_classes.target)
    shown = capsys.readouterr().out
    assert "CNNClassifier" in shown
    assert "100%" in shown


@pytest.mark.parametrize("optimizer", ["adamw", "adam", "nadam", "rmsprop", "sgd"])
@pytest.mark.parametrize("schedule", ["cosine", "exponential", "plateau", "constant"])
def test_optimizers_and_schedules(two_classes, optimizer, schedule):
    rates = []

    class Rates(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            rates.append(float(self.model.optimizer.learning_rate))

    make(
        filters=(2,), optimizer=optimizer, learning_rate=0.01, epochs=3, augment=None,
        learning_rate_schedule=schedule, callbacks=[Rates()],
    ).fit(two_classes.images, two_classes.target)  # fmt: skip
    assert len(rates) == 9
    assert max(rates) <= 0.0101
    if schedule in ("constant", "plateau"):
        assert rates == [rates[0]] * 9
    else:
        assert rates[-1] < 0.002


def test_batch_size_auto():
    from skfer.neural._fitting import count_batch
    from skfer.neural._samples import Samples

    def count(n):
        return count_batch(CNNClassifier(), Samples(*np.zeros((3, n))))

    assert [count(n) for n in (10, 700, 28_709)] == [16, 35, 128]


class DenseClassifier(NetworkClassifier):
    """A network of other layers than those of `CNNClassifier`."""

    _parameter_constraints: dict = {
        **NetworkClassifier._parameter_constraints,
        "units": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(self, units=4, *, epochs=1, learning_rate=1e-2, random_state=None):
        self.units = units
        others = CNNClassifier().get_params(deep=False)
        others |= {"epochs": epochs, "learning_rate": learning_rate, "augment": None}
        names = inspect.signature(NetworkClassifier.__init__).parameters
        chosen = {name: others[name] for name in names if name in others}
        super().__init__(**chosen | {"random_state": random_state})

    def _check_architecture(self):
        pass

    def _build_network(self, seed):
        import keras

        return keras.Sequential(
            [
                keras.Input(self.image_shape_in_),
                keras.layers.Rescaling(2 / self.pixel_max_in_, -1),
                keras.layers.Flatten(),
                keras.layers.Dense(self.units, "relu"),
                keras.layers.Dense(len(self.classes_), "softmax"),
            ]
        )


def test_any_keras_network_is_trained(two_classes):
    images, target = two_classes.images, two_classes.target
    dense = clone(DenseClassifier(8, epochs=20, random_state=0)).fit(images, target)
    assert dense.score(images, target) > 0.8
    assert len(dense.history_["loss"]) == dense.n_iter_ == 20
    loaded = pickle.loads(pickle.dumps(dense))
    np.testing.assert_array_equal(
        loaded.predict_proba(images), dense.predict_proba(images)
    )
    with pytest.raises(ValueError, match=r"DenseClassifier needs .* 2 classes"):
        DenseClassifier().fit(images, np.full(len(images), "happy"))
    with pytest.raises(ValueError, match=r"DenseClassifier\.partial_fit needs classes"):
        DenseClassifier().partial_fit(images, target)

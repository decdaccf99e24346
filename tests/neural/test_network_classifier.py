"""How a network is trained: weights, validation, going on, callbacks."""

import pickle
import random
from functools import partial
from threading import Lock

import keras
import numpy as np
import pytest
from sklearn.base import clone

from skfer import CNNClassifier, NetworkClassifier, build_network
from tests.conftest import TINY_NETWORK


def make(**params):
    return CNNClassifier(**(TINY_NETWORK | params))


@pytest.mark.slow
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


@pytest.mark.slow
def test_images_without_weight_may_have_groups(two_classes):
    weights = np.ones(48)
    weights[::4] = 0
    make(early_stopping=True, validation_fraction=0.3).fit(
        two_classes.images,
        two_classes.target,
        sample_weight=weights,
        groups=two_classes.groups,
    )


@pytest.mark.slow
def test_class_weights_pull_predictions(two_classes):
    X, y = two_classes.images, two_classes.target
    for happy, expected in ((100.0, 1.0), (0.01, 0.0)):
        classifier = make(class_weight={"happy": happy, "surprise": 1 / happy})
        classifier.set_params(epochs=10, augment=None, learning_rate=0.05).fit(X, y)
        assert (classifier.predict(X) == "happy").mean() == expected


@pytest.mark.slow
def test_balanced_weights_equal_those_by_hand(two_classes):
    X, y = two_classes.images[:30], two_classes.target[:30]
    n_happy = (y == "happy").sum()
    by_hand = {"happy": 15 / n_happy, "surprise": 15 / (30 - n_happy)}
    np.testing.assert_array_equal(
        make(class_weight="balanced").fit(X, y).predict_proba(X),
        make(class_weight=by_hand).fit(X, y).predict_proba(X),
    )


@pytest.mark.slow
def test_validation_data_are_evaluated_and_not_trained_on(two_classes):
    X, y = two_classes.images, two_classes.target
    # The history does not know averaged weights.
    plain = make(average_weights=False).fit(X[:30], y[:30])
    watched = clone(plain).fit(X[:30], y[:30], X_val=X[30:], y_val=y[30:])
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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
def test_a_training_leaves_the_callbacks_as_they_were(two_classes):
    callbacks = [Writer(), keras.callbacks.EarlyStopping("loss")]
    before = [dict(vars(callback)) for callback in callbacks]
    classifier = make(callbacks=callbacks).fit(two_classes.images, two_classes.target)
    assert [vars(callback) for callback in callbacks] == before
    loaded = pickle.loads(pickle.dumps(classifier))
    assert clone(loaded).fit(two_classes.images, two_classes.target).n_iter_ == 2


@pytest.mark.slow
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
    # Weights are averaged after the last epoch.
    classifier = make(average_weights=False).set_callbacks(monitor)
    classifier.fit(two_classes.images, two_classes.target)
    log = monitor.get_logs()
    log = log[0] if isinstance(log, list) else log
    scores = [row["accuracy"] for row in log.data if row["task_name"] == "epoch"]
    assert len(scores) == 2
    assert scores[-1] == classifier.score(two_classes.images, two_classes.target)


@pytest.mark.slow
def test_progress_bar_counts_epochs(two_classes, capsys):
    from sklearn.callback import ProgressBar

    make().set_callbacks(ProgressBar()).fit(two_classes.images, two_classes.target)
    shown = capsys.readouterr().out
    assert "CNNClassifier" in shown
    assert "100%" in shown


def test_batch_size_auto():
    from skfer.neural._samples import Samples
    from skfer.neural._training import choose_batch_size

    def count(n, side=48):
        images = np.broadcast_to(np.uint8(0), (n, side, side, 3))
        return choose_batch_size(CNNClassifier(), Samples(images, *np.zeros((2, n))))

    assert [count(n) for n in (10, 700, 28_709)] == [16, 35, 128]
    # The larger, the fewer, so that memory does not grow with the images.
    assert [count(28_709, side) for side in (64, 112, 512)] == [128, 40, 16]
    assert choose_batch_size(CNNClassifier(batch_size=128), None) == 128


def build_dense(image_shape, n_classes, *, pixel_range, random_state, output=None):
    """A network of other layers than those of `CNNClassifier`."""
    seeds = iter(range(random_state, random_state + 9))

    def dense(units, activation):
        initializer = keras.initializers.GlorotUniform(next(seeds))
        return keras.layers.Dense(units, activation, kernel_initializer=initializer)

    return keras.Sequential(
        [
            keras.Input(image_shape),
            keras.layers.Rescaling(2 / pixel_range[1], -1),
            keras.layers.Flatten(),
            dense(8, "relu"),
            dense(output or n_classes, "softmax"),
        ]
    )


class Subclassed(keras.Model):
    def call(self, images):
        return keras.ops.mean(images, axis=(1, 2))


def make_dense(build=build_dense, **params):
    options = {"epochs": 20, "learning_rate": 1e-2, "augment": None, "random_state": 0}
    return NetworkClassifier(build, **(options | params))


def test_any_keras_network_is_trained(two_classes):
    images, target = two_classes.images, two_classes.target
    dense = clone(make_dense()).fit(images, target)
    assert dense.score(images, target) > 0.8
    assert len(dense.history_["loss"]) == dense.n_iter_ == 20
    assert len(dense.model_.layers) == 4
    loaded = pickle.loads(pickle.dumps(dense))
    np.testing.assert_array_equal(
        loaded.predict_proba(images), dense.predict_proba(images)
    )
    with pytest.raises(ValueError, match=r"NetworkClassifier needs .* 2 classes"):
        make_dense().fit(images, np.full(len(images), "happy"))
    with pytest.raises(ValueError, match=r"NetworkClassifier\.partial_fit needs class"):
        make_dense().partial_fit(images, target)


@pytest.mark.parametrize(
    "precision", ["float32", pytest.param("bfloat16", marks=pytest.mark.slow)]
)
def test_the_seed_repeats_any_network(precision, two_classes):
    images, target = two_classes.images, two_classes.target
    first, second, other = (
        make_dense(epochs=2, precision=precision, random_state=seed)
        .fit(images, target)
        .predict_proba(images)
        for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize(
    "build, error, words",
    [
        (
            partial(build_dense, output=3),
            ValueError,
            r"shape \(None, 2\), got \(None, 3",
        ),
        (lambda *shape, **options: "network", TypeError, "keras.Model, got str"),
        (
            lambda shape, n, **options: build_dense((8, 8, 1), n, **options),
            ValueError,
            r"takes images of shape \(None, 16, 16, 1\), got \(None, 8, 8, 1\)",
        ),
        (
            lambda shape, n, **options: keras.Sequential(
                [keras.Input((9,)), keras.layers.Dense(n)]
            ),
            ValueError,
            r"Begin it with keras.Input\(image_shape\)",
        ),
        (lambda *shape, **options: Subclassed(), ValueError, "that Keras can copy"),
        (
            lambda shape, n, **options: keras.Sequential(
                [keras.layers.Flatten(), keras.layers.Dense(n, "softmax")]
            ),
            ValueError,
            "knows the shape of its images",
        ),
        (
            lambda shape, n, **options: keras.Sequential(
                [
                    keras.Input(shape),
                    keras.layers.Flatten(),
                    keras.layers.Dense(n, bias_initializer="ones"),
                ]
            ),
            ValueError,
            r"gives probabilities, which add up to 1, got values from 1 that add up",
        ),
    ],
)
def test_networks_that_do_not_fit(build, error, words, two_classes):
    with pytest.raises(error, match=words):
        make_dense(build).fit(two_classes.images, two_classes.target)


def test_the_seed_reaches_layers_without_one(two_classes):
    def unseeded(image_shape, n_classes, **options):
        return keras.Sequential(
            [
                keras.Input(image_shape),
                keras.layers.Rescaling(1 / 255),
                keras.layers.Flatten(),
                keras.layers.Dropout(0.5),
                keras.layers.Dense(n_classes, "softmax"),
            ]
        )

    state = random.getstate()
    first, second, other = (
        make_dense(unseeded, epochs=2, precision="bfloat16", random_state=seed)
        .fit(two_classes.images, two_classes.target)
        .predict_proba(two_classes.images)
        for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, other)
    assert random.getstate() == state


def test_both_classifiers_train_alike():
    """The parameters of the training, and their defaults, are the same."""
    of_cnn = CNNClassifier().get_params(deep=False)
    of_any = NetworkClassifier().get_params(deep=False)
    assert of_any.pop("build") is build_network
    assert of_any == {name: of_cnn[name] for name in of_any}

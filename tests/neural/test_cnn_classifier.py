import copy
import io
import pickle
import subprocess
import sys

import joblib
import keras
import numpy as np
import pytest
from sklearn.base import clone, is_classifier
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import check_cv, cross_val_score
from sklearn.model_selection._split import StratifiedKFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from skfer import CNNClassifier
from tests.conftest import TINY_NETWORK


def make(**params):
    return CNNClassifier(**(TINY_NETWORK | params))


@pytest.mark.backends
def test_learns(two_classes):
    classifier = make(head="flatten", epochs=20, batch_size=8, augment=None)
    classifier.fit(two_classes.images, two_classes.target)
    assert classifier.score(two_classes.images, two_classes.target) > 0.9


@pytest.mark.backends
def test_fitted_attributes(tiny_cnn, two_classes):
    assert tiny_cnn.classes_.tolist() == ["happy", "surprise"]
    assert tiny_cnn.image_shape_in_ == (16, 16, 1)
    assert tiny_cnn.n_features_in_ == 256
    assert tiny_cnn.n_iter_ == tiny_cnn.best_iter_ == 2
    assert set(tiny_cnn.history_) == {"loss", "accuracy"}
    assert all(len(values) == 2 for values in tiny_cnn.history_.values())
    assert isinstance(tiny_cnn.model_, keras.Model)
    probabilities = tiny_cnn.predict_proba(two_classes.images)
    assert probabilities.dtype == np.float32
    np.testing.assert_array_equal(
        tiny_cnn.classes_[probabilities.argmax(axis=1)],
        tiny_cnn.predict(two_classes.images),
    )


def test_not_fitted(two_classes):
    with pytest.raises(NotFittedError):
        make().predict(two_classes.images)


def test_is_a_classifier_and_folds_are_stratified(two_classes):
    assert is_classifier(make())
    folds = check_cv(3, two_classes.target, classifier=is_classifier(make()))
    assert isinstance(folds, StratifiedKFold)
    # A class-sorted folder: without stratified folds each would lack a class.
    order = np.argsort(two_classes.target)
    scores = cross_val_score(
        make(), two_classes.images[order], two_classes.target[order], cv=2,
        error_score="raise",
    )  # fmt: skip
    assert len(scores) == 2


def test_clone_keeps_every_parameter():
    params = {
        "filters": (8, 4), "kernel_size": (3, 5), "convs_per_block": 1,
        "conv_dropout": (0.1, 0.2), "padding": "valid", "batch_norm": False,
        "head": "flatten", "dense_units": (5,), "dense_batch_norm": True,
        "dropout": 0.1, "augment": None, "optimizer": "sgd", "learning_rate": 0.1,
        "learning_rate_schedule": "exponential", "weight_decay": 0.0,
        "label_smoothing": 0.0, "batch_size": 7, "epochs": 3,
        "early_stopping": True, "validation_fraction": 0.2, "n_iter_no_change": 4,
        "class_weight": {"happy": 2.0}, "warm_start": True, "callbacks": [],
        "image_shape": (16, 16), "n_threads": 1, "random_state": 3, "verbose": 1,
        "residual": False, "attention": False, "predict_flips": True,
        "checkpoint_dir": "somewhere",
    }  # fmt: skip
    classifier = CNNClassifier(**params)
    assert params.keys() == classifier.get_params(deep=False).keys()
    assert clone(classifier).get_params() == params
    default = CNNClassifier().get_params()
    assert all(params[name] != default[name] for name in params)


def test_unknown_parameters_are_refused():
    with pytest.raises(TypeError, match="unexpected keyword argument 'layers'"):
        CNNClassifier(layers=3)
    with pytest.raises(ValueError, match="Invalid parameter 'layers'"):
        CNNClassifier().set_params(layers=3)


def test_labels_of_any_kind_keep_their_order(two_classes):
    by_name = make().fit(two_classes.images, two_classes.target)
    numbers = np.where(two_classes.target == "happy", 3, 8)
    by_number = make().fit(two_classes.images, numbers)
    assert by_number.classes_.tolist() == [3, 8]
    np.testing.assert_array_equal(
        by_name.predict_proba(two_classes.images),
        by_number.predict_proba(two_classes.images),
    )


@pytest.mark.backends
def test_same_seed_same_network_twice(two_classes, tiny_cnn):
    again = make().fit(two_classes.images, two_classes.target)
    np.testing.assert_array_equal(
        again.predict_proba(two_classes.images),
        tiny_cnn.predict_proba(two_classes.images),
    )
    other = make(random_state=1).fit(two_classes.images, two_classes.target)
    assert (
        other.predict_proba(two_classes.images)
        != tiny_cnn.predict_proba(two_classes.images)
    ).any()


@pytest.mark.backends
def test_a_seed_leaves_the_global_random_states_alone(two_classes):
    import random

    random.seed(5)
    np.random.seed(5)  # noqa: NPY002
    before = random.getstate(), np.random.get_state()[1].tolist()  # noqa: NPY002
    make().fit(two_classes.images, two_classes.target)
    after = random.getstate(), np.random.get_state()[1].tolist()  # noqa: NPY002
    assert after == before


def copies(classifier):
    yield pickle.loads(pickle.dumps(classifier))
    yield copy.deepcopy(classifier)
    file = io.BytesIO()
    joblib.dump(classifier, file)
    file.seek(0)
    yield joblib.load(file)


@pytest.mark.backends
@pytest.mark.parametrize("n", [1, 5, 8, 9, 65, 256, 257, 300])
def test_predictions_equal_those_of_keras(tiny_cnn, two_classes, n):
    images = np.resize(two_classes.images, (n, 16, 16))
    np.testing.assert_allclose(
        tiny_cnn.predict_proba(images),
        tiny_cnn.model_.predict(images[..., np.newaxis], verbose=0),
        atol=1e-6,
    )


@pytest.mark.backends
def test_flips_average_both_sides(tiny_cnn, two_classes):
    both = copy.deepcopy(tiny_cnn).set_params(predict_flips=True)
    mirrored = two_classes.images[:, :, ::-1]
    expected = (
        tiny_cnn.predict_proba(two_classes.images) + tiny_cnn.predict_proba(mirrored)
    ) / 2
    got = both.predict_proba(two_classes.images)
    np.testing.assert_allclose(got, expected, atol=1e-6)
    np.testing.assert_array_equal(got, both.predict_proba(mirrored))
    assert (got != tiny_cnn.predict_proba(two_classes.images)).any()


def test_few_functions_are_compiled_whatever_the_number_of_images(two_classes):
    traced = []

    class Spy(keras.layers.Identity):
        def call(self, inputs):
            traced.append(inputs.shape[0])
            return super().call(inputs)

    cnn = make(epochs=1).fit(two_classes.images, two_classes.target)
    outputs = Spy()(cnn.model_.output)
    traced.clear()
    cnn._take_over(keras.Model(cnn.model_.input, outputs))
    for n in (1, 2, 3, 7, 8, 9, 50, 64, 65, 200, 256, 257, 263, 300, 513):
        cnn.predict(np.resize(two_classes.images, (n, 16, 16)))
    assert sorted(traced) == [1, 8, 64, 256]


@pytest.mark.backends
def test_copies_predict_the_same_to_the_bit(tiny_cnn, two_classes):
    expected = tiny_cnn.predict_proba(two_classes.images)
    for twin in copies(tiny_cnn):
        np.testing.assert_array_equal(twin.predict_proba(two_classes.images), expected)
        assert twin.history_ == tiny_cnn.history_


@pytest.mark.parametrize("module", ["pickle", "joblib"])
def test_a_fresh_process_predicts_the_same_to_the_bit(tmp_path, two_classes, module):
    pipeline = Pipeline([("same", FunctionTransformer()), ("classifier", make())])
    pipeline.fit(two_classes.images, two_classes.target)
    np.save(tmp_path / "images.npy", two_classes.images)
    np.save(tmp_path / "expected.npy", pipeline.predict_proba(two_classes.images))
    with (tmp_path / "model").open("wb") as file:
        (pickle if module == "pickle" else joblib).dump(pipeline, file)
    code = (
        f"import {module}, numpy as np\n"
        f"model = {module}.load(open('model', 'rb'))\n"
        "got = model.predict_proba(np.load('images.npy'))\n"
        "assert (got == np.load('expected.npy')).all()\n"
        "print('equal')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout == "equal\n", done.stderr


def test_the_pickle_holds_no_keras_objects_and_no_paths(tiny_cnn):
    import pickletools

    modules = {
        argument.split()[0]
        for opcode, argument, _ in pickletools.genops(pickle.dumps(tiny_cnn, 2))
        if opcode.name == "GLOBAL"
    }
    assert not [name for name in modules if name.split(".")[0] in ("keras", "scikeras")]


def test_nothing_of_the_callers_is_changed(two_classes):
    X, y = two_classes.images.copy(), two_classes.target.copy()
    weights = np.linspace(0, 2, len(y))
    class_weight = {"happy": 2.0, "surprise": 1.0}
    before = weights.copy()
    make(class_weight=class_weight).fit(X, y, sample_weight=weights)
    np.testing.assert_array_equal(X, two_classes.images)
    np.testing.assert_array_equal(y, two_classes.target)
    np.testing.assert_array_equal(weights, before)
    assert class_weight == {"happy": 2.0, "surprise": 1.0}


def test_nothing_is_written_to_the_working_folder(two_classes, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    make(early_stopping=True).fit(two_classes.images, two_classes.target)
    assert list(tmp_path.iterdir()) == []


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
    with pytest.raises(ValueError, match="leave no image any weight"):
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


def test_early_stopping_sets_a_stratified_part_aside(two_classes, monkeypatch):
    from skfer.neural import _network_classifier

    seen = {}

    def spy(model, training, validation, **options):
        seen.update(training=training, validation=validation)
        return run(model, training, validation, **options)

    run = _network_classifier.run_training
    monkeypatch.setattr(_network_classifier, "run_training", spy)
    order = np.argsort(two_classes.target)  # Sorted by class, as folders are.
    X, y = two_classes.images[order], two_classes.target[order]
    make(early_stopping=True, validation_fraction=0.25).fit(X, y)
    assert len(seen["validation"].images) == 12
    assert seen["validation"].targets.sum(axis=0).tolist() == [6, 6]
    make(early_stopping=True, validation_fraction=0.25).fit(
        X, y, groups=two_classes.groups[order]
    )
    group_of = {
        image.tobytes(): group
        for image, group in zip(X, two_classes.groups[order], strict=True)
    }
    sides = [
        {group_of[image.tobytes()] for image in seen[part].images}
        for part in ("training", "validation")
    ]
    assert sides[0]
    assert sides[1]
    assert not sides[0] & sides[1]


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


def test_parameters_that_contradict_leave_a_fitted_network_alone(two_classes):
    classifier = make().fit(two_classes.images, two_classes.target)
    classifier.set_params(padding="valid", convs_per_block=2)
    with pytest.raises(ValueError, match='residual=True needs padding="same"'):
        classifier.fit(
            two_classes.images, np.where(two_classes.target == "happy", 1, 2)
        )
    assert classifier.classes_.tolist() == ["happy", "surprise"]


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
    from skfer.neural._samples import Samples

    def count(n):
        return CNNClassifier()._count_batch(Samples(*np.zeros((3, n))))

    assert [count(n) for n in (10, 700, 28_709)] == [16, 35, 128]


def test_images_smaller_than_the_network_are_told_the_smallest_size(two_classes):
    with pytest.raises(ValueError, match="16 by 16 pixels.* smallest that works is 18"):
        make(filters=(4, 4, 4), padding="valid").fit(
            two_classes.images, two_classes.target
        )


def test_architecture_is_checked_before_the_data():
    with pytest.raises(ValueError, match="can't build a network"):
        make(kernel_size=(3, 3, 3)).fit(np.zeros((4, 8, 8)), [0, 1, 0, 1])


def test_verbose_prints(two_classes, capsys):
    make(verbose=2).fit(two_classes.images, two_classes.target)
    assert "Epoch 1/2" in capsys.readouterr().out
    make().fit(two_classes.images, two_classes.target)
    assert capsys.readouterr().out == ""

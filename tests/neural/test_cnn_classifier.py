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
from sklearn.frozen import FrozenEstimator
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


@pytest.mark.slow
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
        "dropout": 0.1, "augment": None, "optimizer": "nadam", "learning_rate": 0.1,
        "learning_rate_schedule": "exponential", "weight_decay": 0.0,
        "label_smoothing": 0.0, "batch_size": 7, "epochs": 3,
        "early_stopping": True, "validation_fraction": 0.2, "n_iter_no_change": 4,
        "class_weight": {"happy": 2.0}, "warm_start": True, "callbacks": [],
        "image_shape": (16, 16), "n_threads": 1, "random_state": 3, "verbose": 1,
        "residual": False, "attention": False, "test_time_augmentation": "flip",
        "checkpoint_dir": "somewhere", "precision": "bfloat16",
        "image_sizes": (10, 16), "average_weights": False,
        "initial_weights": FrozenEstimator(CNNClassifier()),
    }  # fmt: skip
    classifier = CNNClassifier(**params)
    assert params.keys() == classifier.get_params(deep=False).keys()
    assert clone(classifier).get_params(deep=False) == params
    default = CNNClassifier().get_params()
    assert all(params[name] != default[name] for name in params)


def test_unknown_parameters_are_refused():
    with pytest.raises(TypeError, match="unexpected keyword argument 'layers'"):
        CNNClassifier(layers=3)
    with pytest.raises(ValueError, match="Invalid parameter 'layers'"):
        CNNClassifier().set_params(layers=3)


@pytest.mark.slow
def test_labels_of_any_kind_keep_their_order(two_classes):
    by_name = make().fit(two_classes.images, two_classes.target)
    numbers = np.where(two_classes.target == "happy", 3, 8)
    by_number = make().fit(two_classes.images, numbers)
    assert by_number.classes_.tolist() == [3, 8]
    np.testing.assert_array_equal(
        by_name.predict_proba(two_classes.images),
        by_number.predict_proba(two_classes.images),
    )


@pytest.mark.slow
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
    both = copy.deepcopy(tiny_cnn).set_params(test_time_augmentation="flip")
    mirrored = two_classes.images[:, :, ::-1]
    expected = (
        tiny_cnn.predict_proba(two_classes.images) + tiny_cnn.predict_proba(mirrored)
    ) / 2
    got = both.predict_proba(two_classes.images)
    np.testing.assert_allclose(got, expected, atol=1e-6)
    np.testing.assert_array_equal(got, both.predict_proba(mirrored))
    assert (got != tiny_cnn.predict_proba(two_classes.images)).any()


@pytest.mark.backends
def test_ten_crops_average_shifted_images_too(tiny_cnn, two_classes):
    images = two_classes.images
    ten = copy.deepcopy(tiny_cnn).set_params(test_time_augmentation="ten-crop")
    views = []
    # A 24th of 16 pixels is one.
    wider = np.pad(images, [(0, 0), (1, 1), (1, 1)], "symmetric")
    for top, left in ((1, 1), (0, 0), (0, 2), (2, 0), (2, 2)):
        crop = wider[:, top : top + 16, left : left + 16]
        views += [crop, crop[:, :, ::-1]]
    expected = np.mean([tiny_cnn.predict_proba(view) for view in views], axis=0)
    np.testing.assert_allclose(ten.predict_proba(images), expected, atol=1e-6)


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


@pytest.mark.slow
def test_a_fresh_process_predicts_the_same_to_the_bit(tmp_path, two_classes):
    pipeline = Pipeline([("same", FunctionTransformer()), ("classifier", make())])
    pipeline.fit(two_classes.images, two_classes.target)
    np.save(tmp_path / "images.npy", two_classes.images)
    np.save(tmp_path / "expected.npy", pipeline.predict_proba(two_classes.images))
    for module in (pickle, joblib):
        with (tmp_path / module.__name__).open("wb") as file:
            module.dump(pipeline, file)
    code = (
        "import joblib, pickle, numpy as np\n"
        "for module in (pickle, joblib):\n"
        "    model = module.load(open(module.__name__, 'rb'))\n"
        "    got = model.predict_proba(np.load('images.npy'))\n"
        "    assert (got == np.load('expected.npy')).all()\n"
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


@pytest.mark.slow
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


@pytest.mark.slow
def test_nothing_is_written_to_the_working_folder(two_classes, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    make(early_stopping=True).fit(two_classes.images, two_classes.target)
    assert list(tmp_path.iterdir()) == []


def test_images_smaller_than_the_network_are_told_the_smallest_size(two_classes):
    with pytest.raises(ValueError, match="16 by 16 pixels.* smallest that works is 18"):
        make(filters=(4, 4, 4), padding="valid").fit(
            two_classes.images, two_classes.target
        )


def test_architecture_is_checked_before_the_data():
    with pytest.raises(ValueError, match="can't build a network"):
        make(kernel_size=(3, 3, 3)).fit(np.zeros((4, 8, 8)), [0, 1, 0, 1])


@pytest.mark.slow
def test_verbose_prints(two_classes, capsys):
    make(verbose=2).fit(two_classes.images, two_classes.target)
    assert "Epoch 1/2" in capsys.readouterr().out
    make().fit(two_classes.images, two_classes.target)
    assert capsys.readouterr().out == ""


@pytest.mark.slow
def test_parameters_that_contradict_leave_a_fitted_network_alone(two_classes):
    classifier = make().fit(two_classes.images, two_classes.target)
    classifier.set_params(padding="valid", convs_per_block=2)
    with pytest.raises(ValueError, match='residual=True needs padding="same"'):
        classifier.fit(
            two_classes.images, np.where(two_classes.target == "happy", 1, 2)
        )
    assert classifier.classes_.tolist() == ["happy", "surprise"]


def test_no_class_may_weigh_less_than_nothing(two_classes, fake_training):
    classifier = CNNClassifier(class_weight={"happy": -1.0, "surprise": 1.0})
    with pytest.raises(ValueError, match="No weight may be below 0"):
        classifier.fit(two_classes.images, two_classes.target)

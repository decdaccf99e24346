"""A training that is killed ends like one that is not."""

import errno
import functools
import json
import subprocess
import sys

import keras
import numpy as np
import pytest

from skfer import CNNClassifier
from tests.conftest import TINY_NETWORK


class Kill(keras.callbacks.Callback):
    """Stands for a power cut: nothing after it runs."""

    def __init__(self, epoch, in_batch=None):
        super().__init__()
        self.epoch, self.in_batch, self.now = epoch, in_batch, None

    def on_epoch_begin(self, epoch, logs=None):
        self.now = epoch + 1

    def on_train_batch_end(self, batch, logs=None):
        if self.now == self.epoch and batch == self.in_batch:
            raise KeyboardInterrupt

    def on_epoch_end(self, epoch, logs=None):
        if self.now == self.epoch and self.in_batch is None:
            raise KeyboardInterrupt


def make(folder=None, **params):
    params = {**TINY_NETWORK, "epochs": 6, **params}
    return CNNClassifier(checkpoint_dir=folder, **params)


def fit_killed(folder, data, *, epoch, in_batch=None, fit=None, **params):
    with pytest.raises(KeyboardInterrupt):
        make(folder, callbacks=[Kill(epoch, in_batch)], **params).fit(
            data.images, data.target, **(fit or {})
        )


PLANS = {
    "plain": {},
    "dropout in blocks": {"conv_dropout": 0.3, "optimizer": "nadam"},
    "early stopping": {
        "early_stopping": True, "n_iter_no_change": 2, "epochs": 30,
        "learning_rate": 0.1,
    },
    "plateau": {
        "learning_rate_schedule": "plateau", "n_iter_no_change": 2, "epochs": 8,
        "learning_rate": 0.05,
    },
    "weights": {"class_weight": {"happy": 3.0}},
    "cheap steps": {"precision": "bfloat16", "image_sizes": (8, 16), "epochs": 5},
}  # fmt: skip


@pytest.fixture(scope="module")
def whole_trainings(two_classes):
    """What was trained by each plan without being killed."""

    @functools.cache
    def train(plan):
        return make(**PLANS[plan]).fit(two_classes.images, two_classes.target)

    return train


@pytest.mark.parametrize(
    "plan, kill",
    [
        ("plain", {"epoch": 1}),
        ("plain", {"epoch": 6}),
        *((plan, {"epoch": 3, "in_batch": 1}) for plan in PLANS),
        ("early stopping", {"epoch": 100}),
        ("plateau", {"epoch": 5}),
    ],
)
@pytest.mark.slow
def test_it_ends_as_it_would_have(plan, kill, whole_trainings, two_classes, tmp_path):
    params, whole = PLANS[plan], whole_trainings(plan)
    assert plan != "early stopping" or whole.n_iter_ < params["epochs"]
    kill = {**kill, "epoch": min(kill["epoch"], whole.n_iter_)}
    fit_killed(tmp_path, two_classes, **kill, **params)
    resumed = make(tmp_path, **params).fit(two_classes.images, two_classes.target)
    np.testing.assert_array_equal(
        resumed.predict_proba(two_classes.images),
        whole.predict_proba(two_classes.images),
    )
    assert resumed.history_ == whole.history_
    assert (resumed.n_iter_, resumed.best_iter_) == (whole.n_iter_, whole.best_iter_)


@pytest.mark.slow
@pytest.mark.backends
def test_it_can_be_killed_many_times(two_classes, tmp_path):
    whole = make().fit(two_classes.images, two_classes.target)
    for epoch in (2, 3, 5):
        fit_killed(tmp_path, two_classes, epoch=epoch, in_batch=0)
    resumed = make(tmp_path).fit(two_classes.images, two_classes.target)
    np.testing.assert_array_equal(
        resumed.predict_proba(two_classes.images),
        whole.predict_proba(two_classes.images),
    )


@pytest.mark.slow
def test_finished_epochs_are_not_trained_again(two_classes, tmp_path):
    fit_killed(tmp_path, two_classes, epoch=5)
    begun = []
    watch = keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: begun.append(epoch)
    )
    make(tmp_path, callbacks=[watch]).fit(two_classes.images, two_classes.target)
    assert begun == [5]


def test_nothing_is_left_at_the_end(two_classes, tmp_path):
    folder = tmp_path / "new" / "folder"
    make(folder).fit(two_classes.images, two_classes.target)
    assert list(folder.iterdir()) == []


@pytest.mark.slow
def test_another_training_is_refused_by_name(two_classes, tmp_path):
    images, target = two_classes.images, two_classes.target
    fit_killed(tmp_path, two_classes, epoch=2)
    with pytest.raises(ValueError, match=r"dropout=0.5 in the file, 0.1 now. Fit with"):
        make(tmp_path, dropout=0.1).fit(images, target)
    with pytest.raises(ValueError, match="what differs: the images, labels"):
        make(tmp_path).fit(images[1:], target[1:])
    with pytest.raises(ValueError, match="what differs: the images, labels"):
        make(tmp_path).fit(images, target, sample_weight=np.arange(1, 49))
    # What changes nothing about the result may change.
    make(tmp_path, test_time_augmentation="flip").fit(images, target)


@pytest.mark.slow
def test_without_a_seed_it_goes_on_too(two_classes, tmp_path):
    fit_killed(tmp_path, two_classes, epoch=4, random_state=None)
    resumed = make(tmp_path, random_state=None)
    assert resumed.fit(two_classes.images, two_classes.target).n_iter_ == 6


@pytest.mark.slow
@pytest.mark.parametrize("seed", [3, pytest.param(8, marks=pytest.mark.slow)])
def test_a_random_state_object_goes_on_with_the_seeds_of_the_first(
    two_classes, tmp_path, seed
):
    images, target = two_classes.images, two_classes.target
    whole = make(random_state=np.random.RandomState(3)).fit(images, target)
    fit_killed(tmp_path, two_classes, epoch=4, random_state=np.random.RandomState(3))
    resumed = make(tmp_path, random_state=np.random.RandomState(seed))
    resumed.fit(images, target)
    np.testing.assert_array_equal(
        resumed.predict_proba(images), whole.predict_proba(images)
    )


class Blur:
    """An augmentation of one's own."""

    def __init__(self, strength):
        self.strength = strength

    def make_layer(self, seed):
        return keras.layers.GaussianNoise(self.strength, seed=seed)


@pytest.mark.slow
@pytest.mark.parametrize("make_augment", [keras.layers.GaussianNoise, Blur])
def test_augmentations_are_compared_by_what_they_do(
    make_augment, two_classes, tmp_path
):
    """Not by a name that counts layers, nor by an address in memory."""
    images, target = two_classes.images, two_classes.target
    fit_killed(tmp_path, two_classes, epoch=2, augment=make_augment(0.1))
    with pytest.raises(ValueError, match="augment="):
        make(tmp_path, augment=make_augment(0.5)).fit(images, target)
    resumed = make(tmp_path, augment=make_augment(0.1)).fit(images, target)
    assert resumed.n_iter_ == 6


@pytest.mark.slow
def test_the_same_in_another_form_goes_on(two_classes, tmp_path):
    images, target = two_classes.images, two_classes.target
    fit_killed(tmp_path, two_classes, epoch=5)
    resumed = make(tmp_path, filters=[4, 8], dropout=np.float64(0.5))
    assert resumed.fit(np.asfortranarray(images), list(target)).n_iter_ == 6


@pytest.mark.slow
def test_other_first_weights_and_backends_are_named(two_classes, tmp_path, monkeypatch):
    images, target = two_classes.images, two_classes.target
    warm = make(warm_start=True, epochs=1).fit(images, target)
    fit_killed(tmp_path, two_classes, epoch=2, warm_start=True)
    warm.set_params(checkpoint_dir=tmp_path, epochs=6)
    with pytest.raises(ValueError, match="differs: the initial weights"):
        warm.fit(images, target)
    monkeypatch.setattr(keras.backend, "backend", lambda: "another")
    with pytest.raises(ValueError, match="backend=.* in the file, another now"):
        make(tmp_path, warm_start=True).fit(images, target)


@pytest.mark.parametrize("content", [b"", b"half", b"PK\x03\x04 half"])
def test_a_file_that_cannot_be_read_is_named(content, two_classes, tmp_path):
    (tmp_path / "training.npz").write_bytes(content)
    with pytest.raises(ValueError, match="can't read the checkpoint .*training.npz"):
        make(tmp_path).fit(two_classes.images, two_classes.target)


@pytest.mark.parametrize("missing", ["identity", "history", "variable_0", "seeds"])
def test_a_file_that_lacks_something_is_named(missing, two_classes, tmp_path):
    fit_killed(tmp_path, two_classes, epoch=1)
    with np.load(tmp_path / "training.npz") as saved:
        arrays = dict(saved)
    state = json.loads(str(arrays["state"]))
    for values in (arrays, state):
        values.pop(missing, None)
    arrays["state"] = np.array(json.dumps(state))
    np.savez(tmp_path / "training.npz", **arrays)
    with pytest.raises(ValueError, match=r"training\.npz .*Delete the file"):
        make(tmp_path).fit(two_classes.images, two_classes.target)


def test_a_full_disk_costs_the_checkpoint_only(two_classes, tmp_path, monkeypatch):
    def refuse(file, **arrays):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(np, "savez", refuse)
    with pytest.warns(UserWarning, match="without a checkpoint of epoch 1: .*No space"):
        classifier = make(tmp_path, epochs=1).fit(
            two_classes.images, two_classes.target
        )
    assert classifier.n_iter_ == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_a_folder_is_for_one_training_at_a_time(two_classes, tmp_path):
    images, target = two_classes.images, two_classes.target

    refused = []

    def fit_another(epoch, logs=None):
        with pytest.raises(ValueError, match="another training uses it now"):
            make(tmp_path).fit(images, target)
        refused.append(epoch)

    another = keras.callbacks.LambdaCallback(on_epoch_begin=fit_another)
    alone = make(epochs=2).fit(images, target)
    kept = make(tmp_path, epochs=2, callbacks=[another]).fit(images, target)
    assert refused == [0, 1]
    assert kept.history_ == alone.history_
    # The folder is free again, after an error too.
    (tmp_path / "training.npz").write_bytes(b"half")
    for _ in range(2):
        with pytest.raises(ValueError, match="can't read the checkpoint"):
            make(tmp_path).fit(images, target)


def test_a_folder_that_cannot_be_written_is_refused_first(two_classes, tmp_path):
    (tmp_path / "taken").write_text("a file")
    classifier = make(tmp_path / "taken" / "folder", callbacks=[Kill(1, 0)])
    with pytest.raises(ValueError, match="checkpoint_dir .* can't be created"):
        classifier.fit(two_classes.images, two_classes.target)


@pytest.mark.slow
def test_a_network_of_the_users_resumes_in_another_process(tmp_path):
    """The function that builds it has another address there."""
    script = tmp_path / "training.py"
    script.write_text(
        """
import os, sys
from functools import partial
import keras
from skfer import NetworkClassifier, build_network
from skfer.datasets import make_faces

class Kill(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        if sys.argv[1] == "kill" and epoch == 1:
            os._exit(3)

def build(image_shape, n_classes, *, wider=False, **options):
    return build_network(image_shape, n_classes, filters=(4 + wider,), **options)

faces = make_faces(40, image_size=16, classes=["happy", "sad"], random_state=0)
network = NetworkClassifier(
    partial(build, wider=True), epochs=3, precision="float32", random_state=0,
    checkpoint_dir="there", callbacks=[Kill()],
)
network.fit(faces.images, faces.target)
print(network.n_iter_, len(network.history_["loss"]))
"""
    )
    killed, resumed = (
        subprocess.run(
            [sys.executable, script, what],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )
        for what in ("kill", "finish")
    )  # fmt: skip
    assert killed.returncode == 3, killed.stderr
    assert resumed.stdout.split() == ["3", "3"], resumed.stderr

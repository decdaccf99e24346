"""Files of models whose parts don't fit one another, for compiled code to stumble."""

import pickle
from contextlib import nullcontext

import numpy as np
import pytest

from skfer import make_hog_svm, make_lbp_svm
from skfer.persistence import load_model, save_model
from tests.persistence.test_load_model import assert_refused


def change_model(faces, tmp_path, change, make=make_hog_svm):
    """Save a model whose attributes were changed, as an attacker would."""
    model = make(image_size=24).set_params(svd__n_components=8)
    model.fit(faces.images, faces.target)
    change(model)
    path = tmp_path / "evil.skfer"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("skfer.persistence._save_model.check_parts", lambda model: None)
        patch.setattr("skfer.persistence._save_model._without_caches", nullcontext)
        save_model(model, path, overwrite=True)
    return path


def test_what_would_be_refused_is_not_saved(faces, tmp_path):
    model = make_hog_svm(image_size=24).fit(faces.images, faces.target)
    model[1].n_jobs = 2000
    with pytest.raises(
        ValueError, match="save_model can't save it: .* has n_jobs=2000"
    ):
        save_model(model, tmp_path / "model.skfer")
    assert not list(tmp_path.iterdir())


def n_support(svm):
    svm._n_support = np.array([2**30, -(2**30) + 10, *[5] * 5], np.int32)


def no_coefficients(svm):
    svm._dual_coef_ = svm._dual_coef_[:, :0]


def no_vectors(svm):
    svm.support_ = svm.support_[:0]


def not_numbers(svm):
    svm._intercept_ = svm._intercept_ * np.nan


@pytest.mark.parametrize(
    "change", [n_support, no_coefficients, no_vectors, not_numbers]
)
def test_arrays_that_would_crash_libsvm_are_refused(change, faces, tmp_path):
    path = change_model(faces, tmp_path, lambda model: change(model[-1]))
    assert_refused(path, "the arrays of a SVC don't fit one another")


@pytest.mark.parametrize(
    ("step", "name", "value"),
    [
        (0, "size", (10**6, 10**6)),
        (0, "size", 10**9),
        (0, "size", "large"),
        (1, "n_jobs", 10**6),
        (1, "image_shape", (10**6, 2)),
    ],
)
def test_parameters_that_would_take_the_computer_down_are_refused(
    step, name, value, faces, tmp_path
):
    def change(model):
        setattr(model[step], name, value)

    path = change_model(faces, tmp_path, change)
    assert_refused(path, f"{name}=.*can have whole numbers up to")


def test_a_file_can_not_make_predictions_write_to_the_disk(faces, tmp_path):
    place = tmp_path / "cache"

    def change(model):
        model[1].cache_dir = str(place)

    path = change_model(faces, tmp_path, change)
    assert_refused(path, "GrayscaleResizer has cache_dir=.*can't write to the disk")
    assert not place.exists()


def test_a_model_with_a_cache_is_saved_without_it(faces, tmp_path):
    model = make_hog_svm(image_size=24).set_params(
        gray__cache_dir=tmp_path / "cache", gray__cache_gb=1.0
    )
    model.fit(faces.images, faces.target)
    save_model(model, tmp_path / "model.skfer")
    assert model[1].cache_dir == tmp_path / "cache"
    again = load_model(tmp_path / "model.skfer")
    assert again[1].cache_dir is None
    assert np.array_equal(again.predict(faces.images), model.predict(faces.images))


def test_patterns_beyond_their_histogram_are_refused(faces, tmp_path):
    def change(model):
        model[2].set_params(n_points=12, method="default")

    model = load_model(change_model(faces, tmp_path, change, make_lbp_svm))
    with pytest.raises(ValueError, match="fitted for 59 patterns .* now make 4096"):
        model.predict(faces.images)


@pytest.mark.parametrize(
    ("name", "value"),
    [("filters", (6000, 6000)), ("dense_units", (20_000, 20_000)), ("head", "flatten")],
)
def test_a_network_that_is_larger_than_its_weights_is_not_built(
    name, value, tiny_cnn, tmp_path
):
    for without in ((), ("kernel_size",)):
        network = pickle.loads(pickle.dumps(tiny_cnn))
        network._built_with[name] = value
        for other in without:
            del network._built_with[other]
        if name == "head":
            network.image_shape_in_ = (4000, 4000, 1)
        save_model(network, tmp_path / "evil.skfer", overwrite=True)
        assert_refused(tmp_path / "evil.skfer", "can't be built again")

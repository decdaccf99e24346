import pickle

import numpy as np
import pytest
from PIL import Image
from sklearn.base import clone, is_classifier
from sklearn.decomposition import TruncatedSVD
from sklearn.svm import SVC

from skfer import make_cnn, make_hog_svm, make_lbp_svm, make_transfer
from skfer.datasets import load_image_folder
from tests.conftest import TINY_NETWORK

MAKERS = {
    "lbp": make_lbp_svm,
    "hog": make_hog_svm,
    "transfer": make_transfer,
    "cnn": lambda **options: make_cnn(**options, **TINY_NETWORK),
}
every_maker = pytest.mark.parametrize(
    "make",
    [
        pytest.param(make, id=name, marks=pytest.mark.slow if name == "cnn" else ())
        for name, make in MAKERS.items()
    ],
)


@every_maker
def test_paths_and_arrays_give_the_same(make, face_folder):
    data = load_image_folder(face_folder)
    images = np.stack([np.asarray(Image.open(path)) for path in data.paths])
    by_paths = make(image_size=24).fit(data.paths, data.target)
    by_images = make(image_size=24).fit(images, data.target)
    expected = by_paths.predict(data.paths)
    np.testing.assert_array_equal(by_images.predict(images), expected)
    np.testing.assert_array_equal(by_paths.predict(images), expected)


@every_maker
def test_colour_files_of_many_sizes(make, tmp_path):
    rng = np.random.default_rng(0)
    paths = []
    for number in range(12):
        shape = (50 + number, 70 - number, *([3] if number % 2 else []))
        image = Image.fromarray(rng.integers(0, 256, shape, dtype=np.uint8))
        paths.append(tmp_path / f"{number}.png")
        image.save(paths[-1])
    pipeline = make(image_size=(20, 24)).fit(paths, ["happy", "sad"] * 6)
    assert pipeline.predict(paths).shape == (12,)


@pytest.mark.parametrize("make", [make_lbp_svm, make_hog_svm, make_transfer])
def test_a_cache_changes_nothing(make, tmp_path):
    rng = np.random.default_rng(0)
    paths = []
    for number in range(14):
        shape = (50 + number, 70 - number, *([3] if number % 2 else []))
        image = Image.fromarray(rng.integers(0, 256, shape, dtype=np.uint8))
        paths.append(tmp_path / f"{number}.{'jpg' if number % 3 else 'png'}")
        image.save(paths[-1])
    labels = ["happy", "sad"] * 7
    plain = make(image_size=24).fit(paths, labels)
    cached = make(image_size=24, cache_dir=tmp_path / "cache").fit(paths, labels)
    assert (cached[0].cache_dir, cached[0].mode) == (tmp_path / "cache", "L")
    assert list((tmp_path / "cache").glob("*/rows.bin"))
    np.testing.assert_array_equal(
        cached.decision_function(paths), plain.decision_function(paths)
    )


def test_faces_are_cut_out_into_a_cache(tmp_path):
    faces, gray, *_ = make_transfer(faces=True, cache_dir=tmp_path)
    assert faces.cache_dir == gray.cache_dir == tmp_path


@every_maker
def test_they_are_classifiers_that_clone(make):
    pipeline = make(image_size=(30, 40), memory="somewhere", n_jobs=2)
    assert is_classifier(pipeline)
    twin = clone(pipeline)
    assert twin.get_params()["gray__size"] == (30, 40)
    assert twin.get_params()["load__n_jobs"] == 2
    assert twin.memory == "somewhere"


@pytest.mark.parametrize("make", [make_lbp_svm, make_hog_svm])
def test_svd_and_svm_are_those_of_scikit_learn(make):
    steps = make().named_steps
    assert isinstance(steps["svd"], TruncatedSVD)
    assert isinstance(steps["classifier"], SVC)


@pytest.mark.parametrize("n_images", [14, 140])
def test_the_svd_only_differs_in_the_layout_of_its_components(n_images, faces):
    ours = make_hog_svm().named_steps["svd"].set_params(n_components=8)
    rows = faces.data[:n_images].astype(np.float32)
    theirs = TruncatedSVD(**ours.get_params())
    assert np.array_equal(ours.fit_transform(rows), theirs.fit_transform(rows))
    assert np.array_equal(ours.components_, theirs.components_)
    again = pickle.loads(pickle.dumps(ours))
    assert np.array_equal(again.transform(rows), ours.transform(rows))


@pytest.mark.parametrize("make", [make_lbp_svm, make_hog_svm])
def test_very_few_images_are_enough(make, faces):
    """A fixed number of components would fail with fewer images."""
    pipeline = make().fit(faces.images[:14], faces.target[:14])
    assert pipeline.predict(faces.images).shape == (140,)


def test_memory_caches_the_features(tmp_path, faces, monkeypatch):
    from skfer.features import HOGTransformer

    pipeline = make_hog_svm(memory=str(tmp_path / "cache"))
    pipeline.fit(faces.images, faces.target)

    def refuse(self, images):
        raise AssertionError("computed again")

    monkeypatch.setattr(HOGTransformer, "_extract", refuse)
    clone(pipeline).set_params(classifier__C=1.0).fit(faces.images, faces.target)


def test_feature_names_go_through(fitted_hog_svm):
    names = fitted_hog_svm["features"].get_feature_names_out()
    assert names[0].startswith("fine__block_row0")
    assert len(names) == fitted_hog_svm["svd"].n_features_in_


def test_cells_of_hog_follow_the_size_of_the_images():
    cells = {
        name: hog.pixels_per_cell
        for name, hog in make_hog_svm(image_size=(24, 48))["features"].transformer_list
    }
    assert cells == {"fine": (3, 6), "middle": (4, 8), "coarse": (6, 12)}
    assert make_hog_svm()["features"]["coarse"].pixels_per_cell == (12, 12)


def test_a_preset_and_parameters_that_replace_its_own():
    assert make_cnn("fast").named_steps["classifier"].filters == (16, 32, 64, 128)
    model = make_cnn("fast", epochs=3, filters=(8,)).named_steps["classifier"]
    assert (model.epochs, model.filters) == (3, (8,))
    with pytest.raises(ValueError, match="'quick', which is not a preset"):
        make_cnn("quick")


@pytest.mark.parametrize(
    ("name", "guess"),
    [
        ("size", "image_size"),
        ("epoch", "epochs"),
        ("lr_xyz", ""),
        ("filter", "filters"),
    ],
)
def test_unknown_parameters_are_answered_with_close_ones(name, guess):
    with pytest.raises(TypeError, match=f"make_cnn got {name}=.*{guess}") as raised:
        make_cnn(**{name: 1})
    assert ("Did you mean" in str(raised.value)) == bool(guess)

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skfer import FaceAugmentation, HOGTransformer, make_cnn, make_hog_svm
from skfer.datasets import ImageTable, make_faces
from skfer.model_selection import train_test_split_images


@pytest.fixture(scope="module")
def default_faces():
    return make_faces(random_state=0)


@pytest.fixture(scope="module")
def split(default_faces):
    rows = np.arange(len(default_faces.target))
    faces = ImageTable(rows, default_faces.target, groups=default_faces.groups)
    train, test = train_test_split_images(faces, look_alikes=False)
    return train.images, test.images


def test_shapes_and_balance(default_faces):
    faces = default_faces
    assert faces.images.shape == (700, 48, 48)
    assert faces.images.dtype == np.uint8
    assert np.shares_memory(faces.data, faces.images)
    names, counts = np.unique(faces.target, return_counts=True)
    assert names.tolist() == faces.target_names
    assert (counts == 100).all()
    assert len(np.unique(faces.groups)) == 35
    for subject in range(35):
        assert set(faces.target[faces.groups == subject]) == set(names)


def test_same_seed_same_faces():
    first, second = (make_faces(30, random_state=3) for _ in range(2))
    np.testing.assert_array_equal(first.images, second.images)
    np.testing.assert_array_equal(first.target, second.target)
    assert (make_faces(30, random_state=4).images != first.images).any()


def test_no_two_pictures_are_copies(default_faces):
    assert len(np.unique(default_faces.data, axis=0)) == 700


def test_options():
    faces = make_faces(
        20,
        classes=["sad", "happy"],
        n_subjects=3,
        image_size=31,
        noise=0,
        random_state=0,
    )
    assert faces.images.shape == (20, 31, 31)
    assert faces.target_names == ["happy", "sad"]
    assert set(faces.groups) == {0, 1, 2}


def test_a_linear_model_on_pixels_is_not_enough(default_faces, split):
    train, test = split
    X = default_faces.data / 255
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    model.fit(X[train], default_faces.target[train])
    assert model.score(X[test], default_faces.target[test]) < 0.8


def test_features_do_better(default_faces, split):
    train, test = split
    images, target = default_faces.images, default_faces.target
    model = make_pipeline(HOGTransformer(), LogisticRegression(max_iter=300))
    model.fit(images[train], target[train])
    assert model.score(images[test], target[test]) > 0.85


def make_gentle_cnn():
    gentle = FaceAugmentation(rotation=0.05, shift=0.05, zoom=0.05, erase=0)
    return make_cnn(
        image_size=32, filters=(32, 64, 128), dropout=0.2, augment=gentle, epochs=20,
        random_state=0,
    )  # fmt: skip


@pytest.mark.parametrize(
    "make", [make_hog_svm, pytest.param(make_gentle_cnn, marks=pytest.mark.slow)]
)
def test_a_good_model_passes_95_percent(make, default_faces, split):
    train, test = split
    images, target = default_faces.images, default_faces.target
    model = make().fit(images[train], target[train])
    assert model.score(images[test], target[test]) > 0.95


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"classes": ["happy", "bored"]}, r"unknown classes \['bored'\]"),
        ({"n_samples": 0}, "n_samples=0"),
        ({"classes": []}, "number of classes=0"),
        ({"n_subjects": 0}, "n_subjects=0"),
        ({"image_size": 8}, "image_size=8; it needs at least 16"),
        ({"noise": -1}, "noise=-1"),
    ],
)
def test_wrong_options_are_explained(options, message):
    with pytest.raises(ValueError, match=message):
        make_faces(**options)


def test_planted_copies_labels_and_order():
    faces = make_faces(
        80, n_copies=6, n_thumbnails=5, label_noise=0.1, sort=True, random_state=1
    )
    copies = np.flatnonzero(faces.copy_of != np.arange(80))
    assert len(copies) == 11
    assert (faces.copy_of[faces.copy_of] == faces.copy_of).all()
    assert (faces.groups == faces.groups[faces.copy_of]).all()
    small = [row for row in copies if faces.images[row].shape == (24, 24)]
    assert len(small) == 5
    for row in set(copies) - set(small):
        assert (faces.images[row] == faces.images[faces.copy_of[row]]).all()
    assert faces.is_mislabelled.sum() == 8
    assert faces.target.tolist() == sorted(faces.target)
    assert faces.data is None


def test_wrong_labels_are_wrong():
    options = {"n_samples": 70, "random_state": 0}
    right, wrong = make_faces(**options), make_faces(**options, label_noise=0.2)
    differ = right.target != wrong.target
    assert differ.sum() == 14
    assert (differ == wrong.is_mislabelled).all()
    assert (right.images == wrong.images).all()


@pytest.mark.parametrize(
    "options", [{"n_copies": 6}, {"n_thumbnails": -1}, {"label_noise": 1.5}]
)
def test_impossible_plants_are_refused(options):
    with pytest.raises(ValueError, match="make_faces got"):
        make_faces(10, **options)

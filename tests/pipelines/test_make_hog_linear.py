import pickle

import numpy as np
import pytest
from PIL import Image

from skfer import make_hog_linear
from skfer.datasets import load_image_folder, make_faces
from skfer.persistence import load_model, save_model
from skfer.preprocessing import CachedArray

FACES = make_faces(200, classes=["happy", "sad"], image_size=24, random_state=0)


def test_it_learns_and_gives_shares():
    model = make_hog_linear(image_size=24).fit(FACES.images[:140], FACES.target[:140])
    assert model.score(FACES.images[140:], FACES.target[140:]) > 0.9
    shares = model.predict_proba(FACES.images[140:])
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    again = pickle.loads(pickle.dumps(model))
    assert np.array_equal(again.predict_proba(FACES.images[140:]), shares)


def test_a_cache_changes_nothing(tmp_path):
    for number, (image, label) in enumerate(
        zip(FACES.images, FACES.target, strict=True)
    ):
        path = tmp_path / "faces" / label / f"{number:03}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(path)
    table = load_image_folder(tmp_path / "faces")
    plain = make_hog_linear(image_size=24).fit(table.X, table.target)
    cached = make_hog_linear(image_size=24, cache_dir=tmp_path / "cache")
    cached.fit(table.X, table.target)
    assert isinstance(cached[:-1].transform(table.X), CachedArray)
    assert np.array_equal(cached.predict_proba(table.X), plain.predict_proba(table.X))


@pytest.mark.parametrize(
    "loss", ["log_loss", "hinge", "squared_hinge", "modified_huber"]
)
def test_it_is_saved_without_its_cache(loss, tmp_path):
    model = make_hog_linear(image_size=24, cache_dir=tmp_path / "cache")
    model.set_params(classifier__estimator__loss=loss)
    model.fit(FACES.images, FACES.target)
    save_model(model, tmp_path / "model.skfer")
    again = load_model(tmp_path / "model.skfer")
    assert again["features"].cache_dir is None
    assert again["classifier"].estimator_.average is True
    assert np.array_equal(again.predict(FACES.images), model.predict(FACES.images))

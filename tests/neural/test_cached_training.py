"""Images on disk train a network as those in memory do."""

import keras
import numpy as np
import pytest

from skfer import CNNClassifier, HOGTransformer, LBPTransformer, NetworkFeatures
from skfer._cached_array import CachedArray
from skfer.datasets import make_faces
from skfer.preprocessing import GrayscaleResizer, ImageResizer
from tests.conftest import TINY_NETWORK


@pytest.fixture(scope="module")
def faces():
    return make_faces(60, image_size=24, classes=["happy", "sad"], random_state=0)


@pytest.fixture
def cached(faces, tmp_path):
    path = tmp_path / "rows.bin"
    path.write_bytes(faces.images.tobytes())
    return CachedArray(path, np.arange(60), (24, 24))


@pytest.mark.parametrize("make", [HOGTransformer, LBPTransformer])
def test_features_are_those_of_images_in_memory(faces, cached, make):
    features = make().fit(cached)
    assert features.n_features_in_ == 24 * 24
    assert features.image_shape_in_ == (24, 24, 1)
    expected = make().fit_transform(faces.images)
    np.testing.assert_array_equal(features.transform(cached), expected)
    np.testing.assert_array_equal(features.transform(cached[[7, 3]]), expected[[7, 3]])
    with pytest.raises(ValueError, match="was fitted on integer images"):
        features.transform(faces.images / 255)
    with pytest.raises(
        ValueError, match=r"was fitted on images of shape \(24, 24, 1\)"
    ):
        features.transform(CachedArray(cached._path, [0, 1], (24, 12)))


def test_resizers_change_only_what_does_not_fit(faces, cached):
    assert GrayscaleResizer((24, 24)).fit(cached).transform(cached) is cached
    for resizer in (GrayscaleResizer(12), ImageResizer(24), ImageResizer(12)):
        expected = resizer.fit_transform(faces.images)
        np.testing.assert_array_equal(resizer.fit_transform(cached), expected)


@pytest.mark.slow
@pytest.mark.backends
@pytest.mark.parametrize(
    "params", [{}, {"image_sizes": (12, 18, 24), "epochs": 4}, {"early_stopping": True}]
)
def test_a_network_learns_the_same(faces, cached, params):
    params = TINY_NETWORK | params
    in_memory = CNNClassifier(**params).fit(faces.images, faces.target)
    weights = in_memory.model_.get_weights()
    on_disk = CNNClassifier(**params).fit(cached, faces.target)
    for before, now in zip(weights, on_disk.model_.get_weights(), strict=True):
        np.testing.assert_array_equal(before, now)
    assert in_memory.history_ == on_disk.history_
    np.testing.assert_array_equal(
        in_memory.predict_proba(faces.images), on_disk.predict_proba(cached)
    )
    shown = NetworkFeatures(on_disk).fit_transform(cached)
    np.testing.assert_array_equal(
        shown, NetworkFeatures(on_disk).fit_transform(faces.images)
    )


@pytest.mark.slow
def test_validation_images_on_disk(faces, cached):
    losses = []
    for X, held in ((faces.images[:40], faces.images[40:]), (cached[:40], cached[40:])):
        network = CNNClassifier(**TINY_NETWORK)
        network.fit(X, faces.target[:40], X_val=held, y_val=faces.target[40:])
        losses.append(network.history_["val_loss"])
    assert losses[0] == losses[1]


@pytest.mark.slow
def test_a_training_is_resumed_from_memory_or_disk(faces, cached, tmp_path):
    params = TINY_NETWORK | {"epochs": 3}
    expected = CNNClassifier(**params).fit(faces.images, faces.target).history_
    network = CNNClassifier(**params, checkpoint_dir=tmp_path / "run")

    class StopAfterOne(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 1:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        network.set_params(callbacks=[StopAfterOne()]).fit(cached, faces.target)
    network.set_params(callbacks=None).fit(faces.images, faces.target)
    assert network.history_ == expected

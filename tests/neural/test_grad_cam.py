"""Grad-CAM equals its formula, and class activation maps where it has to."""

import keras
import numpy as np
import pytest

from skfer import CNNClassifier, NetworkClassifier
from skfer.neural import grad_cam
from tests.conftest import TINY_NETWORK


@pytest.mark.backends
def test_with_an_average_and_one_layer_it_is_a_class_activation_map(two_classes):
    """There the derivative is the layer's weight, over the number of pixels."""
    cnn = CNNClassifier(**{**TINY_NETWORK, "attention": False, "residual": False})
    cnn.fit(two_classes.images, two_classes.target)
    image, label = two_classes.images[0], cnn.classes_[1]
    model = cnn.model_
    spatial = [layer for layer in model.layers if len(layer.output.shape) == 4]
    maps_of = keras.Model(model.inputs[0], spatial[-1].output)
    pixels = image.reshape(1, *image.shape[:2], 1)
    maps = keras.ops.convert_to_numpy(maps_of.predict_on_batch(pixels))[0]
    dense = next(
        layer for layer in model.layers if isinstance(layer, keras.layers.Dense)
    )
    weights = dense.get_weights()[0]
    centred = weights[:, 1] - weights.mean(axis=1)
    expected = np.maximum(maps @ centred / np.prod(maps.shape[:2]), 0)
    heat = grad_cam(cnn, image, label)
    assert heat.max() > 0
    np.testing.assert_allclose(heat, expected, rtol=0.02, atol=expected.max() * 0.01)


def test_unknown_labels_and_other_images(tiny_cnn, two_classes):
    with pytest.raises(ValueError, match="label='bored'. The classes are"):
        grad_cam(tiny_cnn, two_classes.images[0], "bored")
    with pytest.raises(ValueError, match="was fitted on images of shape"):
        grad_cam(tiny_cnn, two_classes.images[0][:8], tiny_cnn.classes_[0])


@pytest.mark.slow
def test_a_confident_network_keeps_its_map(two_classes):
    """Probabilities of 1 hold no differences; logits do."""
    cnn = CNNClassifier(**TINY_NETWORK).fit(two_classes.images, two_classes.target)
    image, label = two_classes.images[0], cnn.classes_[0]
    unsure = grad_cam(cnn, image, label)
    kernel, bias = cnn.model_.layers[-1].get_weights()
    cnn.model_.layers[-1].set_weights([kernel * 1000, bias * 1000])
    assert cnn.predict_proba(image[np.newaxis]).max() == 1
    sure = grad_cam(cnn, image, label)
    assert np.corrcoef(sure.ravel(), unsure.ravel())[0, 1] > 0.99


def test_a_network_of_the_users(two_classes):
    def build(image_shape, n_classes, **options):
        return keras.Sequential(
            [
                keras.Input(image_shape),
                *layers,
                keras.layers.Dense(n_classes, "softmax"),
            ]
        )

    def fit():
        params = {"augment": None, "epochs": 1, "precision": "float32"}
        return NetworkClassifier(build, **params).fit(
            two_classes.images, two_classes.target
        )

    image, label = two_classes.images[0], two_classes.target[0]
    layers = [keras.layers.Conv2D(2, 3), keras.layers.GlobalAveragePooling2D()]
    assert grad_cam(fit(), image, label).shape == (14, 14)
    layers = [keras.layers.Flatten()]
    with pytest.raises(ValueError, match="needs a network of convolutions"):
        grad_cam(fit(), image, label)

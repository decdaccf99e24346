"""Grad-CAM: heat maps from the last convolution of a network."""

from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skfer._validation import check_images

_STEP = 1e-2


def grad_cam(classifier: Any, image: Any, label: Any) -> np.ndarray:
    """Return Grad-CAM of a network, on any backend of Keras.

    The weight of a map is the mean derivative of the score of the class with respect to
    its pixels [1]_. The sum of these is the derivative along a shift of the whole map,
    which is measured by shifting each map up and down a little, so that no automatic
    differentiation is needed. The score is the logit minus the mean of all logits.

    Parameters
    ----------
    classifier : CNNClassifier or NetworkClassifier
        Fitted, with convolutions and a dense layer at its end.
    image : array-like of shape (height, width) or (height, width, channels)
        Of the same shape and kind as at fit.
    label : object
        One of ``classes_``.

    Returns
    -------
    ndarray of float of shape (rows, columns)
        At the size of the last maps, 3 by 3 for the default network and images of 48
        pixels; at least 0, larger values support the class more.

    Raises
    ------
    ValueError
        If the image differs in shape or kind from those at fit, there is no such class,
        or the network has no convolutions.

    References
    ----------
    .. [1] R. R. Selvaraju et al., "Grad-CAM: visual explanations from deep networks via
       gradient-based localization", ICCV 2017.

    Examples
    --------
    >>> from skfer import CNNClassifier
    >>> from skfer.datasets import make_faces
    >>> from skfer.neural import grad_cam
    >>> faces = make_faces(70, random_state=0)
    >>> cnn = CNNClassifier(filters=(4, 8), epochs=1).fit(faces.images, faces.target)
    >>> grad_cam(cnn, faces.images[0], "happy").shape
    (12, 12)
    """
    import keras

    check_is_fitted(classifier)
    images = check_images(classifier, np.asarray(image)[np.newaxis], reset=False)
    if images.dtype != np.uint8:
        images = images.astype(np.float32, copy=False)
    classes = classifier.classes_.tolist()
    if label not in classes:
        raise ValueError(f"grad_cam got label={label!r}. The classes are {classes}.")
    model = classifier.model_
    spatial = [
        layer
        for layer in model.layers
        if isinstance(layer.output, keras.KerasTensor) and layer.output.ndim == 4
    ]
    convolutions = [one for one in spatial if hasattr(one, "kernel_size")]
    if not convolutions or not isinstance(model.layers[-1], keras.layers.Dense):
        raise ValueError(
            "grad_cam needs a network of convolutions that ends with a dense layer; "
            f"the layers of this one are {[layer.name for layer in model.layers]}."
        )
    maps_of = keras.Model(model.inputs[0], spatial[-1].output)
    # Probabilities near 0 and 1 have no digits left for differences: use the logits.
    before_softmax = keras.Model(spatial[-1].output, model.layers[-1].input)
    kernel, *bias = model.layers[-1].get_weights()
    maps = np.asarray(keras.ops.convert_to_numpy(maps_of.predict_on_batch(images)))
    n = maps.shape[-1]
    steps = _STEP * (maps.std(axis=(0, 1, 2)) + _STEP)
    shifts = np.diag(steps)[:, np.newaxis, np.newaxis]
    both = np.concatenate([maps + shifts, maps - shifts]).astype(np.float32)
    features = keras.ops.convert_to_numpy(before_softmax.predict_on_batch(both))
    logits = np.asarray(features, dtype=np.float64) @ kernel + sum(bias)
    score = logits[:, classes.index(label)] - logits.mean(axis=1)
    weights = (score[:n] - score[n:]) / (2 * steps) / np.prod(maps.shape[1:3])
    return np.maximum(maps[0] @ weights, 0)

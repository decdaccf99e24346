"""Which parts of a face a classifier relies on."""

from typing import Any, Literal, NamedTuple

import numpy as np
from PIL import Image

from skfer._steps import best_of, last_step, transform_before_last
from skfer.inspection._weights import draw_weights
from skfer.model_selection._confidence import predict_shares
from skfer.neural import NetworkClassifier, grad_cam

_BATCH = 256


class Explained(NamedTuple):
    """Evidence for a class."""

    heat: np.ndarray  # (height, width)
    label: Any
    share: float
    cells: tuple[int, int] | None = None  # The heat map before it was enlarged.


def explain(
    estimator: Any,
    image: Any,
    method: Literal["occlusion", "gradcam", "weights"] = "occlusion",
    *,
    label: Any = None,
    patch: float = 0.2,
    step: float = 0.06,
) -> np.ndarray:
    """Return how much each part of an image contributes to a class.

    Parameters
    ----------
    estimator : classifier or Pipeline
        Fitted.
    image : array-like of shape (height, width) or (height, width, 3)
        The image to explain; uint8 in 0..255 or float in 0..1.
    method : {"occlusion", "gradcam", "weights"}, default="occlusion"
        "occlusion" [1]_ covers one square of the image after another with the mean
        shade and measures how much the share of the class drops; it works with any
        classifier. "gradcam" [2]_ uses the last feature maps of a `CNNClassifier`,
        which are small (3 by 3 cells by default) and enlarged: it shows which part of
        the face counts, no details.
        "weights" maps the weights of a linear classifier on HOG or LBP features back to
        the cells of the image.
    label : object, default=None
        The class to explain. None means the predicted one.
    patch : float, default=0.2
        Side of the square that is covered, as a share of the shorter side of the image.
    step : float, default=0.06
        Distance between covered squares, as a share of the same side.

    Returns
    -------
    ndarray of float of shape (height, width)
        How much each pixel contributes to the class: with "occlusion" the drop in the
        share of the class when the pixel is covered, negative where the share rises;
        with "gradcam" at least 0, without a unit; with "weights" in units of the
        decision function: the pixels add up to its difference from an image without any
        features. `ExplanationDisplay` draws it.

    Raises
    ------
    ValueError
        If the image has another number of axes, the class or method is unknown,
        "gradcam" is used with another classifier, or "weights" with a Pipeline that has
        no linear classifier on HOG or LBP.

    References
    ----------
    .. [1] M. D. Zeiler and R. Fergus, "Visualizing and understanding convolutional
       networks", ECCV 2014.
    .. [2] R. R. Selvaraju et al., "Grad-CAM: visual explanations from deep networks via
       gradient-based localization", ICCV 2017.

    Examples
    --------
    >>> from skfer import make_hog_svm
    >>> from skfer.datasets import make_faces
    >>> from skfer.inspection import explain
    >>> faces = make_faces(140, random_state=0)
    >>> model = make_hog_svm().fit(faces.images, faces.target)
    >>> explain(model, faces.images[0]).shape
    (48, 48)
    """
    return explain_label(estimator, image, method, label, patch, step).heat


def explain_label(
    estimator: Any,
    image: Any,
    method: str,
    label: Any,
    patch: float = 0.2,
    step: float = 0.06,
) -> Explained:
    """Explain a class, and return it with its share.

    Raises
    ------
    ValueError
        As `explain`.
    """
    image = np.asarray(image)
    if image.ndim not in (2, 3):
        raise ValueError(
            "explain needs one image of two or three axes, got an array of shape "
            f"{image.shape}. Read a file first, for instance with ImageLoader."
        )
    if method not in ("occlusion", "gradcam", "weights"):
        raise ValueError(
            f"explain got method={method!r}. It must be 'occlusion', 'gradcam' or "
            "'weights'."
        )
    classes = np.asarray(estimator.classes_).tolist()
    if label is not None and label not in classes:
        raise ValueError(f"explain got label={label!r}. The classes are {classes}.")
    (shares,) = predict_shares(estimator, image[np.newaxis])
    if label is None and hasattr(estimator, "predict_proba"):
        label = classes[int(shares.argmax())]
    elif label is None:  # Uncalibrated shares may rank differently.
        label = estimator.predict(image[np.newaxis])[0]
    column = classes.index(label)
    share = float(shares[column])
    if method == "occlusion":
        heat = _occlude(estimator, image, column, share, patch, step)
    elif method == "weights":
        heat = draw_weights(best_of(estimator), image, column)
    else:
        cells = _grad_cam(best_of(estimator), image, label)
        size = (image.shape[1], image.shape[0])
        heat = np.asarray(
            Image.fromarray(cells).resize(size, Image.Resampling.BICUBIC)
        ).clip(0)
        return Explained(heat, label, share, cells.shape)
    return Explained(heat, label, share)


def _occlude(
    estimator: Any,
    image: np.ndarray,
    column: int,
    whole: float,
    patch: float,
    step: float,
) -> np.ndarray:
    height, width = image.shape[:2]
    side = max(1, round(patch * min(height, width)))
    stride = max(1, round(step * min(height, width)))
    shade = image.mean(axis=(0, 1)).astype(image.dtype)
    places = [
        (max(0, y), min(height, y + side), max(0, x), min(width, x + side))
        for y in range(stride - side, height, stride)
        for x in range(stride - side, width, stride)
    ]
    loss, covered = np.zeros((height, width)), np.zeros((height, width))
    for start in range(0, len(places), _BATCH):
        part = places[start : start + _BATCH]
        images = np.repeat(image[np.newaxis], len(part), axis=0)
        for one, (top, bottom, left, right) in zip(images, part, strict=True):
            one[top:bottom, left:right] = shade
        shares = predict_shares(estimator, images)[:, column]
        for share, (top, bottom, left, right) in zip(shares, part, strict=True):
            loss[top:bottom, left:right] += whole - share
            covered[top:bottom, left:right] += 1
    return loss / np.maximum(covered, 1)


def _grad_cam(estimator: Any, image: np.ndarray, label: Any) -> np.ndarray:
    network = last_step(estimator)
    if not isinstance(network, NetworkClassifier):
        raise ValueError(
            f"Grad-CAM needs a network, got a {type(network).__name__}. Pass "
            "method='occlusion', which works with any classifier."
        )
    images = transform_before_last(estimator, image[np.newaxis])
    return grad_cam(network, images[0], label).astype(np.float32)

"""Random changes of the images that a network is trained on."""

from numbers import Real
from typing import Any

from sklearn.base import BaseEstimator

from skfer._documentation import DocumentationLink
from skfer._sklearn import Interval


class FaceAugmentation(DocumentationLink, BaseEstimator):
    """Flip, shift, rotate, zoom and partly erase faces at random, only in training.

    Pass it as ``CNNClassifier(augment=FaceAugmentation(...))``; ``augment="faces"``
    means its defaults. It is not a step of a Pipeline, because it must never
    touch images at prediction.

    Parameters
    ----------
    flip : bool, default=True
        Mirror left and right.
    shift : float, default=0.1
        Largest shift as a share of height and width, 0 to 1.
    rotation : float, default=0.2
        Largest rotation in radians, in either direction.
    zoom : float, default=0.15
        Largest relative change of size, 0 to below 1.
    erase : float, default=0.5
        Largest height and width, as a share of the image's, of a rectangle anywhere
        that is filled with the mean of the image, as if a hand hid it; 0 to 1.

    See Also
    --------
    CNNClassifier : Takes it as ``augment``.

    Notes
    -----
    The first four are one bilinear projective transform per batch, with reflected
    borders, which costs less than four Keras layers and blurs only once.

    References
    ----------
    Zhong, Z., Zheng, L., Kang, G., Li, S. and Yang, Y. (2020). Random erasing data
    augmentation. AAAI. arXiv:1708.04896.

    Examples
    --------
    >>> from skfer import CNNClassifier, FaceAugmentation
    >>> classifier = CNNClassifier(augment=FaceAugmentation(flip=False))
    >>> classifier.get_params()["augment__rotation"]
    0.2
    """

    _parameter_constraints: dict = {
        "flip": ["boolean"],
        "shift": [Interval(Real, 0, 1, closed="both")],
        "rotation": [Interval(Real, 0, None, closed="left")],
        "zoom": [Interval(Real, 0, 1, closed="left")],
        "erase": [Interval(Real, 0, 1, closed="both")],
    }

    def __init__(
        self,
        *,
        flip: bool = True,
        shift: float = 0.1,
        rotation: float = 0.2,
        zoom: float = 0.15,
        erase: float = 0.5,
    ) -> None:
        self.flip = flip
        self.shift = shift
        self.rotation = rotation
        self.zoom = zoom
        self.erase = erase

    def make_layer(self, seed: int) -> Any:
        """Return the Keras layer that applies it.

        Parameters
        ----------
        seed : int
            Seed of the random numbers.

        Returns
        -------
        keras.layers.Layer
            Takes and returns float images of shape (n, height, width, channels);
            without ``training=True`` it changes nothing.
        """
        self._validate_params()
        from skfer.neural._augmentation_layer import RandomFaceTransform

        return RandomFaceTransform(
            self.flip, self.shift, self.rotation, self.zoom, self.erase, seed
        )

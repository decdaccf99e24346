"""What a network has learnt to see, as features for other classifiers."""

from collections.abc import Sequence
from numbers import Real
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.callback import CallbackSupportMixin
from sklearn.utils.validation import check_is_fitted

from skfer._documentation import DocumentationLink
from skfer._sklearn import HasMethods, StrOptions, fit_context
from skfer._validation import (
    IMAGE_SHAPE_CONSTRAINT,
    check_images,
    holds_counts,
    keeps_last_fit,
)
from skfer.neural._backend import load_keras
from skfer.neural._network import build_network
from skfer.neural._network_classifier import COUNT
from skfer.neural._persistence import check_number_of_weights, set_weights
from skfer.neural._predictor import VIEWS, Predictor
from skfer.neural._trained_network import find_trained_network
from skfer.neural._weights import read_weights

_BYTES = (0.0, 255.0)
# Parameters that decide on the layers.
_LAYER_PARAMETERS = ("network", "layer", "grid", "pixel_range")


class NetworkFeatures(
    DocumentationLink,
    CallbackSupportMixin,
    TransformerMixin,
    BaseEstimator,
):
    """Features of images from a layer of a trained network.

    A network that was trained on many faces knows eyes and mouths, so that a simple
    classifier of its features needs few images. The network itself is not trained.

    Parameters
    ----------
    network : "faces", CNNClassifier, NetworkClassifier, FrozenEstimator or \
            keras.Model, default="faces"
        The trained network. "faces" is the one that skfer ships, for grey images of
        any size; it was trained on 48 by 48 pixels. Wrap a fitted classifier in
        `sklearn.frozen.FrozenEstimator` where the transformer is cloned, as in
        cross-validation and searches, because a clone is not fitted.
    layer : str, sequence of str or None, default=None
        Name of the layer whose output is taken, or of several, side by side. In
        networks of `build_network`, "block1" and so on are edges, then parts of faces.
        None means what the last layer of a classifier gets, and the output of a
        `keras.Model`, which should end before its own classes.
    grid : (int, int), default=(1, 1)
        Rows and columns of the cells over which maps are averaged, each map in each
        cell. More than one tells where in the face something is. It is for layers
        before the head, which have maps.
    pixel_range : (float, float) or None, default=None
        Smallest and largest pixel value that a `keras.Model` expects; None means 0 and
        255. Classifiers know theirs. Images are scaled to it.
    test_time_augmentation : {None, "flip", "ten-crop"}, default=None
        Average the features of several views of each image, as in `CNNClassifier`.
    image_shape : tuple of int or None, default=None
        How rows of flattened pixels are to be read: (height, width) or
        (height, width, channels). None means square where the number of pixels
        is a square number, else one row of pixels. Ignored for images.
    n_threads : int or None, default=None
        Threads of one operation, as in `CNNClassifier`.

    Attributes
    ----------
    network_ : keras.Model
        From images to features.
    image_shape_in_ : tuple of int
        Height, width and channels of the images at fit.
    pixel_min_in_, pixel_max_in_ : float
        Range of the pixels at fit: 0 and 255 for integers, usually 0 and 1 for floats.
    n_features_in_ : int
        Number of values in an image.
    feature_names_in_ : ndarray of str of shape (n_features,)
        Column names, if it was fitted on a data frame of pixels.

    See Also
    --------
    HOGTransformer, LBPTransformer : Features that nobody had to learn.

    References
    ----------
    Donahue, J. et al. (2014). DeCAF: a deep convolutional activation feature for
    generic visual recognition. ICML. arXiv:1310.1531.

    Examples
    --------
    >>> from skfer import CNNClassifier, NetworkFeatures
    >>> from skfer.datasets import make_faces
    >>> faces = make_faces(140, random_state=0)
    >>> cnn = CNNClassifier(filters=(4, 8), epochs=1).fit(faces.images, faces.target)
    >>> others = make_faces(20, classes=["happy", "sad"], random_state=1)
    >>> NetworkFeatures(cnn).fit_transform(others.images).shape
    (20, 8)
    """

    _parameter_constraints: dict = {
        "network": [StrOptions({"faces"}), HasMethods(["predict"])],
        "layer": [str, list, tuple, None],
        "grid": [tuple, list],
        "pixel_range": [tuple, list, None],
        "test_time_augmentation": [None, StrOptions(set(VIEWS))],
        "image_shape": IMAGE_SHAPE_CONSTRAINT,
        "n_threads": [COUNT, None],
    }

    def __init__(
        self,
        network: Any = "faces",
        *,
        layer: str | Sequence[str] | None = None,
        grid: tuple[int, int] = (1, 1),
        pixel_range: tuple[float, float] | None = None,
        test_time_augmentation: str | None = None,
        image_shape: tuple[int, ...] | None = None,
        n_threads: int | None = None,
    ) -> None:
        self.network = network
        self.layer = layer
        self.grid = grid
        self.pixel_range = pixel_range
        self.test_time_augmentation = test_time_augmentation
        self.image_shape = image_shape
        self.n_threads = n_threads

    image_shape_in_: tuple[int, int, int]
    network_: Any

    @fit_context(prefer_skip_nested_validation=True)
    @keeps_last_fit
    def fit(self, X: Any, y: Any = None) -> Self:
        """Check that the network takes these images; nothing is learnt.

        Parameters
        ----------
        X : array-like of shape (n, height, width), (n, height, width, channels) \
                or (n, n_features)
            Images of the shape that the network takes. Integers mean 0..255, floats
            0..1.
        y : ignored
            Only for compatibility with Pipelines.

        Returns
        -------
        self
            Itself.

        Raises
        ------
        TypeError
            If ``network`` is neither a classifier of skfer nor a Keras model.
        ValueError
            If the network is not fitted, takes other images, has no such layer or
            several inputs, or ``grid`` or ``pixel_range`` is not valid.
        """
        context = self._init_callback_context()
        context.call_on_fit_task_begin(estimator=self, X=X, y=y)
        self._check_pairs()
        check_images(self, X, reset=True, image_shape=self.image_shape)
        network, self._range = self._find_network()
        self._check_shape(network)
        cut = self._cut(network)
        self._built_with = {name: getattr(self, name) for name in _LAYER_PARAMETERS}
        self._take_over(network, cut)
        context.call_on_fit_task_end(estimator=self, X=X, y=y)
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Compute the features.

        Parameters
        ----------
        X : array-like of shape (n, height, width), (n, height, width, channels) \
                or (n, n_features)
            Images of the same shape and kind as at fit.

        Returns
        -------
        ndarray of shape (n, n_features_out)
            float32, or the container chosen by ``set_output``.

        Raises
        ------
        ValueError
            If the images differ in shape or kind from those at fit.
        """
        check_is_fitted(self)
        self._validate_params()
        images = check_images(self, X, reset=False)
        low, high = self._range
        start, end = self.pixel_min_in_, self.pixel_max_in_
        if (start, end) != (low, high):
            share = (images.astype(np.float32) - start) / ((end - start) or 1.0)
            images = share * (high - low) + low
        return self._predictor.predict(images, self.test_time_augmentation)

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Say which layer a feature comes from, and where in the image.

        Parameters
        ----------
        input_features : ignored
            Only for compatibility with Pipelines.

        Returns
        -------
        ndarray of str of shape (n_features_out,)
            Such as "block3_row0_col1_17", the mean of a map in a cell of the grid.
        """
        check_is_fitted(self)
        return np.asarray(self._names, dtype=object)

    def _check_pairs(self) -> None:
        name = type(self).__name__
        grid, pixel_range = self.grid, self.pixel_range
        if not holds_counts(grid, 2):
            raise ValueError(
                f"{name} got grid={grid!r}. Pass the numbers of rows and columns, "
                "integers of at least 1."
            )
        if pixel_range is not None and not (
            len(pixel_range) == 2
            and all(isinstance(one, Real) for one in pixel_range)
            and pixel_range[0] < pixel_range[1]
        ):
            raise ValueError(
                f"{name} got pixel_range={pixel_range!r}. Pass the smallest and the "
                "largest pixel value that the network expects, two numbers."
            )

    def _find_network(self) -> tuple[Any, tuple[float, float]]:
        """Return the Keras model, and the range of the pixels that it takes."""
        keras = load_keras(self.n_threads)
        name, network = type(self).__name__, self.network
        if isinstance(network, keras.Model):
            low, high = _BYTES if self.pixel_range is None else self.pixel_range
            return network, (float(low), float(high))
        if self.pixel_range is not None:
            raise ValueError(
                f"{name} got pixel_range={self.pixel_range!r} with a network that "
                "knows its own. Leave it out, or pass a keras.Model."
            )
        if isinstance(network, str):
            trained = read_weights(
                image_size=self.image_shape_in_[:2], n_threads=self.n_threads
            )
            # Another version of skfer may ship another network.
            self._shipped = {"n_classes": len(trained.classes), **trained.layers}
            return trained.network, _BYTES
        classifier = find_trained_network(name, "network", network)
        return classifier.model_, (classifier.pixel_min_in_, classifier.pixel_max_in_)

    def _check_shape(self, network: Any) -> None:
        if len(getattr(network, "inputs", None) or ()) != 1:
            raise ValueError(
                f"{type(self).__name__} needs a functional or sequential keras.Model "
                "with one input of known shape. Begin it with keras.Input(shape)."
            )
        taken = network.inputs[0].shape[1:]
        if len(taken) != 3 or any(
            side not in (None, there)
            for side, there in zip(taken, self.image_shape_in_, strict=True)
        ):
            raise ValueError(
                f"{type(self).__name__} has a network that takes images of shape "
                f"{tuple(taken)} (height, width, channels), got images of shape "
                f"{self.image_shape_in_}. Put GrayscaleResizer(size) before it for a "
                'network of grey images, or ImageLoader(mode="RGB", size=size) for one '
                "of colour."
            )

    def _cut(self, network: Any) -> Any:
        """Return the network up to the outputs of the layers, averaged."""
        import keras

        name = type(self).__name__
        wanted = [self.layer] if isinstance(self.layer, str) else self.layer
        names = [layer.name for layer in network.layers]
        is_known = wanted is None or all(one in names for one in wanted)
        if wanted == [] or wanted == () or not is_known:
            strange = next((one for one in wanted or () if one not in names), None)
            # Keras numbers layers without a name anew for each network.
            kept = [one for one in names if not one.rpartition("_")[2].isdigit()]
            raise ValueError(
                f"{name} got layer={self.layer!r}, and the network has no layer "
                f"{strange!r}. It has {len(names)} layers; of these, layers without a "
                f"number in their name are {kept}."
            )
        if wanted is not None:
            outputs = {one: network.get_layer(one).output for one in wanted}
        elif network is self.network:
            outputs = {"output": network.outputs[0]}
        else:
            outputs = {"features": network.layers[-1].input}
        if tuple(self.grid) != (1, 1) and all(
            one.ndim != 4 for one in outputs.values()
        ):
            raise ValueError(
                f"{name} got grid={self.grid!r}, but no layer={self.layer!r} has maps "
                "to average in cells. Name a layer before the head, or leave grid out."
            )
        means = {
            layer + cell: mean
            for layer, output in outputs.items()
            for cell, mean in self._average(output).items()
        }
        self._names = [
            f"{n}_{i}" for n, one in means.items() for i in range(one.shape[1])
        ]
        features = list(means.values())
        joined = keras.layers.Concatenate()(features) if features[1:] else features[0]
        return keras.Model(network.inputs[0], joined)

    def _average(self, output: Any) -> dict[str, Any]:
        """Return the mean of each map in each cell of the grid, by its place."""
        from keras import layers

        if output.ndim == 2:
            return {"": output}
        if output.ndim == 3:
            return {"": layers.GlobalAveragePooling1D()(output)}
        sides, grid = output.shape[1:3], tuple(self.grid)
        if grid == (1, 1):
            return {"": layers.GlobalAveragePooling2D()(output)}
        if None in sides:
            raise ValueError(
                f"{type(self).__name__} got grid={self.grid!r} for a network that "
                "takes images of any size. Build it for one size, or leave grid out."
            )
        # The first and the last pixel of each row and each column of cells, which
        # share pixels where the sides can't be divided.
        rows, columns = (
            [(i * side // n, -(-(i + 1) * side // n)) for i in range(n)]
            for n, side in zip(grid, sides, strict=True)
        )
        cells = {
            f"_row{row}_col{column}": (
                (top, sides[0] - bottom),
                (left, sides[1] - right),
            )
            for row, (top, bottom) in enumerate(rows)
            for column, (left, right) in enumerate(columns)
        }
        return {
            name: layers.GlobalAveragePooling2D()(layers.Cropping2D(cell)(output))
            for name, cell in cells.items()
        }

    def _take_over(self, network: Any, cut: Any) -> None:
        self._network = network
        self.network_ = cut
        self._predictor = Predictor(cut)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.transformer_tags.preserves_dtype = []
        return tags

    def __getstate__(self) -> dict[str, Any]:
        state = dict(super().__getstate__())
        for name in ("_predictor", "network_"):
            state.pop(name, None)
        if "_network" in state:
            state["_network"] = self._network.get_weights()
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        if "_network" not in state:
            return
        weights = state["_network"]
        # The parameters may have changed after `fit`.
        builder = object.__new__(type(self))
        builder.__dict__.update({**self.__dict__, **self._built_with})
        if isinstance(builder.network, str):
            layers = dict(self._shipped)
            n_classes = layers.pop("n_classes")
            check_number_of_weights(layers, weights, self.image_shape_in_, n_classes)
            network = build_network(
                self.image_shape_in_, n_classes, **layers, n_threads=self.n_threads
            )
        else:
            network, _ = builder._find_network()
            if network is not builder.network:
                # The classifier may have been fitted again.
                network = load_keras(self.n_threads).models.clone_model(network)
        set_weights(type(self).__name__, network, weights)
        self._take_over(network, builder._cut(network))

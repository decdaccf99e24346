"""Training and predicting with a Keras network as a scikit-learn classifier."""

from collections.abc import Callable
from numbers import Integral, Real
from os import PathLike
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.callback import CallbackSupportMixin
from sklearn.utils.multiclass import unique_labels
from sklearn.utils.validation import check_is_fitted

from skfer._documentation import DocumentationLink
from skfer._sklearn import HasMethods, Interval, StrOptions, fit_context
from skfer._validation import IMAGE_SHAPE_CONSTRAINT, check_images, keeps_last_fit
from skfer.neural._backend import load_keras, seeded_layers
from skfer.neural._compiling import OPTIMIZER_NAMES, SCHEDULE_NAMES
from skfer.neural._network import build_network, check_network
from skfer.neural._persistence import get_optimizer_values, rebuild_network
from skfer.neural._precision import PRECISIONS
from skfer.neural._predictor import VIEWS, Predictor
from skfer.neural._samples import check_labels, make_samples, make_validation
from skfer.neural._training import continue_training, start_training

COUNT = Interval(Integral, 1, None, closed="left")
SHARE = Interval(Real, 0, 1, closed="left")
AUTO = StrOptions({"auto"})


class NetworkClassifier(
    DocumentationLink, CallbackSupportMixin, ClassifierMixin, BaseEstimator
):
    """Any Keras network as a classifier of images.

    A function builds the layers; this class trains them and predicts. `CNNClassifier`
    is the same with layers of its own. Tune ``learning_rate`` and ``epochs`` first.

    Parameters
    ----------
    build : callable, default=build_network
        ``build(image_shape, n_classes, *, pixel_range, random_state)`` returns a new
        `keras.Model`, not compiled, from float images of shape (n, height, width,
        channels) with values in ``pixel_range`` to probabilities of shape
        (n, n_classes). ``image_shape`` is (height, width, channels), ``random_state``
        an int; layers without a seed get one that follows from it. To be pickled or
        saved, it must be a function of a module: it is called again at loading.
    augment : None, "faces", FaceAugmentation or keras.layers.Layer, default="faces"
        Random changes of the training images.
    optimizer, learning_rate, learning_rate_schedule, weight_decay, label_smoothing
        As in `CNNClassifier`, with the same defaults.
    precision, image_sizes, average_weights, batch_size, epochs, early_stopping
        As in `CNNClassifier`, with the same defaults.
    validation_fraction, n_iter_no_change, class_weight, warm_start, callbacks
        As in `CNNClassifier`, with the same defaults.
    checkpoint_dir, test_time_augmentation, image_shape, n_threads
        As in `CNNClassifier`, with the same defaults.
    random_state, verbose
        As in `CNNClassifier`, with the same defaults.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted.
    model_ : keras.Model
        The network that ``build`` returned, trained.
    history_, n_iter_, best_iter_, optimizer_, precision_, image_shape_in_
        As in `CNNClassifier`.
    pixel_min_in_, pixel_max_in_, n_features_in_, feature_names_in_
        As in `CNNClassifier`.

    See Also
    --------
    CNNClassifier : With layers that a grid search can tune.

    Examples
    --------
    >>> import keras
    >>> from skfer import NetworkClassifier
    >>> from skfer.datasets import make_faces
    >>> def build(image_shape, n_classes, *, pixel_range, random_state):
    ...     return keras.Sequential([
    ...         keras.Input(image_shape),
    ...         keras.layers.Rescaling(1 / pixel_range[1]),
    ...         keras.layers.Flatten(),
    ...         keras.layers.Dense(n_classes, "softmax"),
    ...     ])
    >>> faces = make_faces(70, classes=["happy", "surprise"], random_state=0)
    >>> classifier = NetworkClassifier(build, augment=None, image_sizes=None, epochs=2)
    >>> classifier.fit(faces.images, faces.target).n_iter_
    2
    """

    _parameter_constraints: dict = {
        "build": [callable],
        "augment": [
            None,
            StrOptions({"faces"}),
            HasMethods(["make_layer"]),
            HasMethods(["get_config", "from_config", "call"]),
        ],
        "optimizer": [StrOptions(set(OPTIMIZER_NAMES))],
        "learning_rate": [Interval(Real, 0, None, closed="neither"), AUTO],
        "learning_rate_schedule": [StrOptions(set(SCHEDULE_NAMES))],
        "weight_decay": [Interval(Real, 0, None, closed="left"), AUTO],
        "label_smoothing": [SHARE],
        "precision": [StrOptions(set(PRECISIONS))],
        "image_sizes": [None, StrOptions({"progressive"}), list, tuple],
        "average_weights": ["boolean"],
        "batch_size": [COUNT, AUTO],
        "epochs": [COUNT],
        "early_stopping": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
        "n_iter_no_change": [COUNT],
        "class_weight": [dict, StrOptions({"balanced"}), None],
        "warm_start": ["boolean"],
        "callbacks": [list, None],
        "checkpoint_dir": [str, PathLike, None],
        "test_time_augmentation": [None, StrOptions(set(VIEWS))],
        "image_shape": IMAGE_SHAPE_CONSTRAINT,
        "n_threads": [COUNT, None],
        "random_state": ["random_state"],
        "verbose": [Interval(Integral, 0, 2, closed="both"), "boolean"],
    }

    def __init__(
        self,
        build: Callable[..., Any] = build_network,
        *,
        augment: Any = "faces",
        optimizer: str = "auto",
        learning_rate: Any = "auto",
        learning_rate_schedule: str = "cosine",
        weight_decay: Any = "auto",
        label_smoothing: float = 0.1,
        precision: str = "auto",
        image_sizes: Any = "progressive",
        average_weights: bool = True,
        batch_size: Any = "auto",
        epochs: int = 60,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 10,
        class_weight: Any = None,
        warm_start: bool = False,
        callbacks: list | None = None,
        checkpoint_dir: Any = None,
        test_time_augmentation: str | None = None,
        image_shape: tuple[int, ...] | None = None,
        n_threads: int | None = None,
        random_state: Any = None,
        verbose: int = 0,
    ) -> None:
        self.build = build
        self.augment = augment
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.learning_rate_schedule = learning_rate_schedule
        self.weight_decay = weight_decay
        self.label_smoothing = label_smoothing
        self.precision = precision
        self.image_sizes = image_sizes
        self.average_weights = average_weights
        self.batch_size = batch_size
        self.epochs = epochs
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.class_weight = class_weight
        self.warm_start = warm_start
        self.callbacks = callbacks
        self.checkpoint_dir = checkpoint_dir
        self.test_time_augmentation = test_time_augmentation
        self.image_shape = image_shape
        self.n_threads = n_threads
        self.random_state = random_state
        self.verbose = verbose

    classes_: np.ndarray
    model_: Any
    # Parameters that decide on the layers.
    _LAYERS: tuple[str, ...] = ("build",)

    def _check_architecture(self) -> None:
        """Raise if the parameters of the layers contradict one another."""

    def _build_network(self, n_classes: int, seed: int) -> Any:
        """Return a Keras model for ``image_shape_in_``."""
        # An operation starts the threads of TensorFlow, before ``build`` can.
        load_keras(self.n_threads).ops.zeros(1)
        with seeded_layers(seed):
            network = self.build(
                self.image_shape_in_,
                n_classes,
                pixel_range=(self.pixel_min_in_, self.pixel_max_in_),
                random_state=seed,
            )
            check_network(self, network, n_classes)
        return network

    @fit_context(prefer_skip_nested_validation=True)
    @keeps_last_fit
    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        groups: Any = None,
        X_val: Any = None,
        y_val: Any = None,
        soft_labels: Any = None,
    ) -> Self:
        """Train the network.

        Parameters
        ----------
        X : array-like of shape (n, height, width), (n, height, width, channels) \
                or (n, n_features)
            Images. Integers mean 0..255, floats 0..1.
        y : array-like of shape (n,)
            Labels, strings or numbers.
        sample_weight : array-like of shape (n,), default=None
            Weight of each image.
        groups : array-like of shape (n,), default=None
            Who or what each image shows; early stopping sets whole groups aside.
        X_val : array-like of shape (n_val, ...), default=None
            Images of the same shape to evaluate after each epoch.
        y_val : array-like of shape (n_val,), default=None
            Their labels.
        soft_labels : array-like of shape (n, n_classes), default=None
            Probability of each class for each image, such as shares of votes; columns
            in the order of ``numpy.unique(y)``. The network learns these instead of
            ``y``, which still says what the classes are and how to stratify.

        Returns
        -------
        self
            Itself.

        Raises
        ------
        ValueError
            If parameters contradict one another, the images are too small, there
            is only one class, a validation part can't be made, ``checkpoint_dir``
            can't be used, or the training diverges. A refused fit changes nothing.
        """
        self._check_architecture()
        goes_on = self.warm_start and hasattr(self, "model_")
        images = check_images(self, X, reset=not goes_on, image_shape=self.image_shape)
        labels = check_labels(self, images, y)
        classes = unique_labels(labels)
        if goes_on and not np.array_equal(classes, self.classes_):
            raise ValueError(
                f"{type(self).__name__} with warm_start=True was fitted on the classes "
                f"{self.classes_.tolist()}, got {classes.tolist()}. Fit it without "
                "warm_start, or use partial_fit with all classes."
            )
        training = make_samples(
            self, images, labels, classes, sample_weight, self.class_weight
        ).with_soft_labels(self, soft_labels)
        validation = make_validation(self, X_val, y_val, classes)
        start_training(
            self,
            training,
            validation,
            classes,
            groups,
            goes_on=goes_on,
            fit_data=(X, y),
        )
        return self

    @fit_context(prefer_skip_nested_validation=True)
    @keeps_last_fit
    def partial_fit(
        self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None
    ) -> Self:
        """Train for one epoch on these images, continuing from the current state.

        The learning rate stays at ``learning_rate``; "auto" is that of the schedule
        "constant".

        Parameters
        ----------
        X : array-like of shape (n, height, width), (n, height, width, channels) \
                or (n, n_features)
            Images. Integers mean 0..255, floats 0..1.
        y : array-like of shape (n,)
            Labels.
        classes : array-like of shape (n_classes,), default=None
            All labels that may occur. Needed only at the first call.
        sample_weight : array-like of shape (n,), default=None
            Weight of each image.

        Returns
        -------
        self
            Itself.

        Raises
        ------
        ValueError
            If ``classes`` is missing at the first call or differs later, y holds a
            label that is not in it, or the first call has ``initial_weights``.
        """
        first = not hasattr(self, "model_")
        if first and classes is None:
            raise ValueError(
                f"{type(self).__name__}.partial_fit needs classes at the first call, "
                "because later images may bring labels that these don't have. Pass "
                "classes=numpy.unique(all_labels)."
            )
        known = self.classes_ if classes is None else unique_labels(classes)
        if not first and not np.array_equal(known, self.classes_):
            raise ValueError(
                f"{type(self).__name__}.partial_fit began with the classes "
                f"{self.classes_.tolist()}, got {known.tolist()}. Pass the same "
                "classes, or leave them out."
            )
        self._check_architecture()
        images = check_images(self, X, reset=first, image_shape=self.image_shape)
        labels = check_labels(self, images, y)
        training = make_samples(
            self, images, labels, known, sample_weight, self.class_weight
        ).with_weight()
        continue_training(self, training, known, first=first, fit_data=(X, y))
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """Estimate the probability of each class.

        Parameters
        ----------
        X : array-like of shape (n, height, width), (n, height, width, channels) \
                or (n, n_features)
            Images of the same shape and kind as at fit.

        Returns
        -------
        ndarray of shape (n, n_classes), float32
            Probabilities from 0 to 1; columns in the order of ``classes_``.

        Raises
        ------
        ValueError
            If the images differ in shape or kind from those at fit.
        """
        check_is_fitted(self)
        images = check_images(self, X, reset=False)
        return self._predictor.predict(images, self.test_time_augmentation)

    def predict(self, X: Any) -> np.ndarray:
        """Predict the most probable class.

        Parameters
        ----------
        X : array-like of shape (n, height, width), (n, height, width, channels) \
                or (n, n_features)
            Images of the same shape and kind as at fit.

        Returns
        -------
        ndarray of shape (n,)
            Labels.

        Raises
        ------
        ValueError
            If the images differ in shape or kind from those at fit.
        """
        numbers = self.predict_proba(X).argmax(axis=1)
        return self.classes_[numbers]

    def _take_over(self, network: Any) -> None:
        self._built_with = {name: getattr(self, name) for name in self._LAYERS}
        self.model_ = network
        self._predictor = Predictor(network)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "model_")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        return tags

    def __getstate__(self) -> dict[str, Any]:
        state = dict(super().__getstate__())
        state.pop("_predictor", None)
        if "model_" in state:
            state["model_"] = self.model_.get_weights()
            if state.pop("_partial_model", None) is not None:
                state["_optimizer_values"] = get_optimizer_values(self._partial_model)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        if "model_" in state:
            self.model_ = rebuild_network(self, state["model_"])
            self._predictor = Predictor(self.model_)

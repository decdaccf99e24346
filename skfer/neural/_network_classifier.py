"""Training and predicting with a Keras network as a scikit-learn classifier."""

from abc import ABCMeta, abstractmethod
from contextlib import nullcontext
from numbers import Integral, Real
from os import PathLike
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.callback import CallbackSupportMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import unique_labels
from sklearn.utils.validation import check_is_fitted

from skfer._documentation import DocumentationLink
from skfer._sklearn import HasMethods, Interval, StrOptions, fit_context
from skfer._validation import IMAGE_SHAPE_CONSTRAINT, check_images
from skfer.neural._checkpoint import Checkpoint
from skfer.neural._fitting import (
    OPTIMIZER_NAMES,
    SCHEDULE_NAMES,
    count_steps,
    make_training_model,
    train_network,
)
from skfer.neural._persistence import (
    get_optimizer_values,
    pack_network,
    set_optimizer_values,
    unpack_network,
)
from skfer.neural._predictor import Predictor
from skfer.neural._samples import (
    check_labels,
    make_samples,
    make_validation,
    split_off_validation,
)

COUNT = Interval(Integral, 1, None, closed="left")
SHARE = Interval(Real, 0, 1, closed="left")


class NetworkClassifier(
    DocumentationLink,
    CallbackSupportMixin,
    ClassifierMixin,
    BaseEstimator,
    metaclass=ABCMeta,
):
    """Base class of classifiers that train a Keras network, whatever its layers.

    It has the parameters of the training, which `CNNClassifier` documents. A subclass
    adds those of its layers, passes these on, and builds the network.
    """

    _parameter_constraints: dict = {
        "augment": [
            None,
            StrOptions({"faces"}),
            HasMethods(["make_layer"]),
            HasMethods(["get_config", "from_config", "call"]),
        ],
        "optimizer": [StrOptions(set(OPTIMIZER_NAMES))],
        "learning_rate": [Interval(Real, 0, None, closed="neither")],
        "learning_rate_schedule": [StrOptions(set(SCHEDULE_NAMES))],
        "weight_decay": [Interval(Real, 0, None, closed="left")],
        "label_smoothing": [SHARE],
        "batch_size": [COUNT, StrOptions({"auto"})],
        "epochs": [COUNT],
        "early_stopping": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
        "n_iter_no_change": [COUNT],
        "class_weight": [dict, StrOptions({"balanced"}), None],
        "warm_start": ["boolean"],
        "callbacks": [list, None],
        "checkpoint_dir": [str, PathLike, None],
        "predict_flips": ["boolean"],
        "image_shape": IMAGE_SHAPE_CONSTRAINT,
        "n_threads": [COUNT, None],
        "random_state": ["random_state"],
        "verbose": [Interval(Integral, 0, 2, closed="both"), "boolean"],
    }

    def __init__(
        self,
        *,
        augment: Any,
        optimizer: str,
        learning_rate: float,
        learning_rate_schedule: str,
        weight_decay: float,
        label_smoothing: float,
        batch_size: Any,
        epochs: int,
        early_stopping: bool,
        validation_fraction: float,
        n_iter_no_change: int,
        class_weight: Any,
        warm_start: bool,
        callbacks: list | None,
        checkpoint_dir: Any,
        predict_flips: bool,
        image_shape: tuple[int, ...] | None,
        n_threads: int | None,
        random_state: Any,
        verbose: int,
    ) -> None:
        self.augment = augment
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.learning_rate_schedule = learning_rate_schedule
        self.weight_decay = weight_decay
        self.label_smoothing = label_smoothing
        self.batch_size = batch_size
        self.epochs = epochs
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.class_weight = class_weight
        self.warm_start = warm_start
        self.callbacks = callbacks
        self.checkpoint_dir = checkpoint_dir
        self.predict_flips = predict_flips
        self.image_shape = image_shape
        self.n_threads = n_threads
        self.random_state = random_state
        self.verbose = verbose

    classes_: np.ndarray
    model_: Any

    @abstractmethod
    def _check_architecture(self) -> None:
        """Raise if the parameters of the layers contradict one another."""

    @abstractmethod
    def _build_network(self, seed: int) -> Any:
        """Return a Keras model for ``image_shape_in_`` and ``classes_``."""

    @fit_context(prefer_skip_nested_validation=True)
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
            Who or what each image shows; the part that early stopping sets aside
            keeps groups together.
        X_val : array-like of shape (n_val, ...), default=None
            Images of the same shape to evaluate after each epoch.
        y_val : array-like of shape (n_val,), default=None
            Their labels.
        soft_labels : array-like of shape (n, n_classes), default=None
            Probability of each class for each image, such as the shares of several
            people's votes; columns in the order of ``numpy.unique(y)``. The network
            learns these instead of ``y``, which still says what the classes are and
            how to stratify.

        Returns
        -------
        self
            Itself.

        Raises
        ------
        ValueError
            If parameters contradict one another, the images are too small, there
            is only one class, a validation part can't be made, ``checkpoint_dir``
            can't be used, or the training diverges.
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
        seeds = self._draw_seeds()
        start = self.model_.get_weights() if goes_on else None
        if goes_on:
            # The next fit must not train on what the previous one held out.
            seeds = seeds[0], getattr(self, "_split_seed", seeds[1])
        data = [*training, *(validation or ()), groups]
        opened = (
            Checkpoint(self, data, start, seeds)
            if self.checkpoint_dir
            else nullcontext()
        )
        with opened as checkpoint:
            seed, self._split_seed = checkpoint.seeds if checkpoint else seeds
            if self.early_stopping and validation is None:
                training, validation = split_off_validation(
                    training, groups, self.validation_fraction, self._split_seed
                )
            else:
                training = training.with_weight()
            self.classes_ = classes
            if not goes_on:
                self._take_over(self._build_network(seed))
            self.history_: dict[str, list[float]] = {}
            self.n_iter_ = 0
            self._partial_model = self._optimizer_values = None
            n_steps = self.epochs * count_steps(self, training)
            model = self._compile(self.learning_rate_schedule, n_steps, seed)
            context = self._init_callback_context(max_subtasks=self.epochs)
            context.call_on_fit_task_begin(estimator=self, X=X, y=y)
            train_network(
                self, model, training, validation, self.epochs, seed, context,
                checkpoint,
            )  # fmt: skip
            context.call_on_fit_task_end(estimator=self, X=X, y=y)
        return self

    @fit_context(prefer_skip_nested_validation=True)
    def partial_fit(
        self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None
    ) -> Self:
        """Train for one epoch on these images, continuing from the current state.

        The learning rate stays at ``learning_rate``.

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
            If ``classes`` is missing at the first call or differs later, or y
            holds a label that is not in it.
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
        seed, _ = self._draw_seeds()
        if first:
            self.classes_ = known
            self._take_over(self._build_network(seed))
            self.history_, self.n_iter_ = {}, 0
            # One of before, whose training diverged, trains another network.
            self._partial_model = self._optimizer_values = None
        if getattr(self, "_partial_model", None) is None:
            self._partial_model = self._compile("constant", 1, seed)
            set_optimizer_values(
                self._partial_model, getattr(self, "_optimizer_values", None)
            )
        context = self._init_callback_context(max_subtasks=1)
        context.call_on_fit_task_begin(estimator=self, X=X, y=y)
        # A different order in each call.
        seed = (seed + self.n_iter_) % 2**31
        train_network(self, self._partial_model, training, None, 1, seed, context)
        context.call_on_fit_task_end(estimator=self, X=X, y=y)
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
        return self._predictor.predict(images, flips=self.predict_flips)

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
        probabilities = self.predict_proba(X)
        return self.classes_[probabilities.argmax(axis=1)]

    def _draw_seeds(self) -> tuple[int, int]:
        seeds = check_random_state(self.random_state).randint(2**31 - 1, size=2)
        return int(seeds[0]), int(seeds[1])

    def _take_over(self, network: Any) -> None:
        self.model_ = network
        self._predictor = Predictor(network)

    def _compile(self, schedule: str, n_steps: int, seed: int) -> Any:
        return make_training_model(
            self.model_,
            augment=self.augment,
            optimizer=self.optimizer,
            learning_rate=self.learning_rate,
            schedule=schedule,
            weight_decay=self.weight_decay,
            label_smoothing=self.label_smoothing,
            n_steps=n_steps,
            seed=seed,
        )

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
            state["model_"] = pack_network(self.model_)
            if state.pop("_partial_model", None) is not None:
                state["_optimizer_values"] = get_optimizer_values(self._partial_model)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        if "model_" in state:
            self._take_over(unpack_network(state["model_"], self.n_threads))

"""Any Keras network as a scikit-learn classifier: training and prediction."""

from abc import ABCMeta, abstractmethod
from copy import copy
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.callback import CallbackSupportMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import unique_labels
from sklearn.utils.validation import check_is_fitted

from skfer._documentation import DocumentationLink
from skfer._sklearn import fit_context
from skfer._validation import check_images
from skfer.neural._backend import make_runner
from skfer.neural._checkpoint import Checkpoint
from skfer.neural._fitting import make_training_model, run_training
from skfer.neural._persistence import (
    get_optimizer_values,
    pack_network,
    set_optimizer_values,
    unpack_network,
)
from skfer.neural._samples import (
    Samples,
    check_labels,
    make_samples,
    make_validation,
    split_off_validation,
)

# Predictions run in batches of these sizes only, filled up with black images,
# because the backend compiles the network anew for every size it meets.
_PREDICT_SIZES = (1, 8, 64, 256)


class NetworkClassifier(
    DocumentationLink,
    CallbackSupportMixin,
    ClassifierMixin,
    BaseEstimator,
    metaclass=ABCMeta,
):
    """Base of `CNNClassifier`: everything that is not about the layers.

    Subclasses have the parameters of the training that `CNNClassifier` documents,
    and say how the network is built.
    """

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
        CNNClassifier
            Itself.

        Raises
        ------
        ValueError
            If parameters contradict one another, the images are too small, there
            is only one class, or a validation part can't be made.
        """
        self._check_architecture()
        goes_on = self.warm_start and hasattr(self, "model_")
        images = check_images(self, X, reset=not goes_on, image_shape=self.image_shape)
        labels = check_labels(self, images, y)
        classes = unique_labels(labels)
        if goes_on and not np.array_equal(classes, self.classes_):
            raise ValueError(
                "CNNClassifier with warm_start=True was fitted on the classes "
                f"{self.classes_.tolist()}, got {classes.tolist()}. Fit it without "
                "warm_start, or use partial_fit, which takes all classes at first."
            )
        training = make_samples(
            self, images, labels, classes, sample_weight, self.class_weight
        ).with_soft_labels(self, soft_labels)
        validation = make_validation(self, X_val, y_val, classes)
        seeds = self._draw_seeds()
        start = self.model_.get_weights() if goes_on else None
        if goes_on:
            # What one fit set aside, the next must not train on.
            seeds = seeds[0], getattr(self, "_split_seed", seeds[1])
        data = [*training, *(validation or ()), groups]
        checkpoint = (
            Checkpoint(self, data, start, seeds) if self.checkpoint_dir else None
        )
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
        model = self._compile(
            self.learning_rate_schedule, self.epochs * self._count_steps(training), seed
        )
        context = self._init_callback_context(max_subtasks=self.epochs)
        context.call_on_fit_task_begin(estimator=self, X=X, y=y)
        self._train(model, training, validation, self.epochs, seed, context, checkpoint)
        context.call_on_fit_task_end(estimator=self, X=X, y=y)
        return self

    @fit_context(prefer_skip_nested_validation=True)
    def partial_fit(
        self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None
    ) -> Self:
        """Train for one epoch on these images, going on from where it was.

        The learning rate stays at ``learning_rate``.

        Parameters
        ----------
        X : array-like of shape (n, height, width), (n, height, width, channels) \
                or (n, n_features)
            Images. Integers mean 0..255, floats 0..1.
        y : array-like of shape (n,)
            Labels.
        classes : array-like of shape (n_classes,), default=None
            All the labels there will be. Needed at the first call only.
        sample_weight : array-like of shape (n,), default=None
            Weight of each image.

        Returns
        -------
        CNNClassifier
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
                "CNNClassifier.partial_fit needs classes at the first call, because "
                "later images may bring labels that these don't have. Pass "
                "classes=numpy.unique(all_labels)."
            )
        known = self.classes_ if classes is None else unique_labels(classes)
        if not first and not np.array_equal(known, self.classes_):
            raise ValueError(
                "CNNClassifier.partial_fit began with the classes "
                f"{self.classes_.tolist()}, got {known.tolist()}. Pass the same or "
                "none."
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
        if getattr(self, "_partial_model", None) is None:
            self._partial_model = self._compile("constant", 1, seed)
            set_optimizer_values(
                self._partial_model, getattr(self, "_optimizer_values", None)
            )
        context = self._init_callback_context(max_subtasks=1)
        context.call_on_fit_task_begin(estimator=self, X=X, y=y)
        # Each call in another order.
        seed = (seed + self.n_iter_) % 2**31
        self._train(self._partial_model, training, None, 1, seed, context)
        context.call_on_fit_task_end(estimator=self, X=X, y=y)
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """Estimate the probability of each class.

        Parameters
        ----------
        X : array-like of shape (n, height, width), (n, height, width, channels) \
                or (n, n_features)
            Images of the shape and kind as at fit.

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
        largest = _PREDICT_SIZES[-1]
        batches = [images[i : i + largest] for i in range(0, len(images), largest)]
        results = [self._predict_batch(batch) for batch in batches]
        if self.predict_flips:
            mirrored = [self._predict_batch(batch[:, :, ::-1]) for batch in batches]
            results = [(a + b) / 2 for a, b in zip(results, mirrored, strict=True)]
        return np.concatenate(results)

    def predict(self, X: Any) -> np.ndarray:
        """Name the most probable class.

        Parameters
        ----------
        X : array-like of shape (n, height, width), (n, height, width, channels) \
                or (n, n_features)
            Images of the shape and kind as at fit.

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

    def _predict_batch(self, images: np.ndarray) -> np.ndarray:
        # Not `Model.predict`: it takes a tenth of a second for a single image.
        n = len(images)
        if images.dtype != np.uint8:
            images = images.astype(np.float32, copy=False)
        size = next(size for size in _PREDICT_SIZES if size >= n)
        if size > n:
            images = np.pad(images, [(0, size - n), (0, 0), (0, 0), (0, 0)])
        return self._run_network(images)[:n]

    def _draw_seeds(self) -> tuple[int, int]:
        seeds = check_random_state(self.random_state).randint(2**31 - 1, size=2)
        return int(seeds[0]), int(seeds[1])

    def _take_over(self, network: Any) -> None:
        self.model_ = network
        self._run_network = make_runner(network)

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

    def _train(
        self,
        model: Any,
        training: Samples,
        validation: Samples | None,
        epochs: int,
        seed: int,
        context: Any,
        checkpoint: Checkpoint | None = None,
    ) -> None:
        """Train a compiled model and record what happened."""
        if checkpoint:
            checkpoint.restore(model)
            self.history_, self.n_iter_ = checkpoint.history, checkpoint.epochs_done
        running: list[Any] = []
        seen = {
            "X": training.images,
            "y": training.labels,
            "metadata": None
            if training.weights is None
            else {"sample_weight": training.weights},
        }

        def begin() -> None:
            running.append(context.subcontext("epoch"))
            running[-1].call_on_fit_task_begin(estimator=self, **seen)

        def end(logs: dict[str, float]) -> bool:
            self.n_iter_ += 1
            for name, value in logs.items():
                self.history_.setdefault(name, []).append(float(value))
            # A copy of the estimator is all that a callback needs to predict.
            return running[-1].call_on_fit_task_end(
                estimator=self, reconstruction_attributes=dict, **seen
            )

        best = run_training(
            model,
            training,
            validation,
            patience=self.n_iter_no_change if self.early_stopping else None,
            plateau=max(1, self.n_iter_no_change // 2)
            if self.learning_rate_schedule == "plateau"
            else None,
            on_epoch_begin=begin,
            on_epoch_end=end,
            # Keras writes into them, which would be in the way of clone and pickle.
            callbacks=[copy(callback) for callback in self.callbacks or ()],
            checkpoint=checkpoint,
            batch_size=self._count_batch(training),
            epochs=epochs,
            seed=seed,
            deterministic=self.random_state is not None,
            verbose=int(self.verbose),
        )
        self.best_iter_ = best or self.n_iter_
        if checkpoint:
            checkpoint.remove()

    def _count_batch(self, training: Samples) -> int:
        n = len(training.images)
        return (
            min(128, max(16, n // 20)) if self.batch_size == "auto" else self.batch_size
        )

    def _count_steps(self, training: Samples) -> int:
        return -(-len(training.images) // self._count_batch(training))

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "model_")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        return tags

    def __getstate__(self) -> dict[str, Any]:
        state = dict(super().__getstate__())
        state.pop("_run_network", None)
        if "model_" in state:
            state["model_"] = pack_network(self.model_)
            if state.pop("_partial_model", None) is not None:
                state["_optimizer_values"] = get_optimizer_values(self._partial_model)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        if "model_" in state:
            self._take_over(unpack_network(state["model_"], self.n_threads))

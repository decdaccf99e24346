"""How a network is trained: optimizer, schedule, callbacks, one call to train."""

import warnings
from collections.abc import Callable
from copy import copy
from typing import Any

import numpy as np

from skfer.neural._augmentation import FaceAugmentation
from skfer.neural._backend import keep_from_leaking, restore_allocation
from skfer.neural._samples import Samples

_OPTIMIZERS = {
    "adamw": ("AdamW", {}),
    "adam": ("Adam", {}),
    "nadam": ("Nadam", {}),
    "rmsprop": ("RMSprop", {}),
    "sgd": ("SGD", {"momentum": 0.9, "nesterov": True}),
}
OPTIMIZER_NAMES = frozenset(_OPTIMIZERS)
SCHEDULE_NAMES = frozenset({"constant", "cosine", "exponential", "plateau"})

# The learning rate rises during a tenth of the training, then falls.
_WARMUP_SHARE = 0.1
# What is left of the learning rate at the end of an exponential schedule.
_EXPONENTIAL_END = 0.01


def make_training_model(
    network: Any,
    *,
    augment: Any,
    optimizer: str,
    learning_rate: float,
    schedule: str,
    weight_decay: float,
    label_smoothing: float,
    n_steps: int,
    seed: int,
) -> Any:
    """Compile a model that augments images and then runs the network.

    The network shares its weights with this model but does not contain the
    augmentation, so it can never be active in a prediction.
    """
    import keras

    from skfer.neural._training_model import TrainingModel

    inputs = keras.Input(network.input_shape[1:])
    layer = _augmentation_layer(augment, seed)
    outputs = network(inputs if layer is None else layer(inputs))
    model = TrainingModel(inputs, outputs)
    class_name, options = _OPTIMIZERS[optimizer]
    keras_optimizer = getattr(keras.optimizers, class_name)(
        learning_rate=_schedule(keras, learning_rate, schedule, n_steps),
        weight_decay=weight_decay or None,
        **options,
    )
    if weight_decay:
        # Decay of biases and batch normalisation does not regularise.
        keras_optimizer.exclude_from_weight_decay(var_names=["bias", "beta", "gamma"])
    model.compile(
        optimizer=keras_optimizer,
        loss=keras.losses.CategoricalCrossentropy(label_smoothing=label_smoothing),
        weighted_metrics=[keras.metrics.CategoricalAccuracy(name="accuracy")],
    )
    keep_from_leaking(model)
    return model


def _augmentation_layer(augment: Any, seed: int) -> Any:
    if augment is None:
        return None
    augmentation = FaceAugmentation() if isinstance(augment, str) else augment
    if hasattr(augmentation, "make_layer"):
        return augmentation.make_layer(seed)
    # A Keras layer: a copy, because layers keep state from one fit to the next.
    return type(augmentation).from_config(augmentation.get_config())


def _schedule(keras: Any, learning_rate: float, schedule: str, n_steps: int) -> Any:
    schedules = keras.optimizers.schedules
    if schedule == "cosine":
        warmup = max(1, round(_WARMUP_SHARE * n_steps))
        return schedules.CosineDecay(
            initial_learning_rate=learning_rate / warmup,
            decay_steps=max(1, n_steps - warmup),
            warmup_target=learning_rate,
            warmup_steps=warmup,
        )
    if schedule == "exponential":
        return schedules.ExponentialDecay(learning_rate, n_steps, _EXPONENTIAL_END)
    return learning_rate


def run_training(
    model: Any,
    training: Samples,
    validation: Samples | None,
    *,
    patience: int | None,
    plateau: int | None,
    on_epoch_begin: Callable[[], None],
    on_epoch_end: Callable[[dict[str, float]], bool],
    callbacks: list[Any],
    checkpoint: Any,
    batch_size: int,
    epochs: int,
    seed: int,
    deterministic: bool,
    verbose: int,
) -> int | None:
    """Train, and return the best epoch if its weights were restored.

    ``on_epoch_end`` may return True to ask for a stop. With ``patience`` the
    training stops when the validation loss hasn't fallen for that many epochs, and
    the weights of the best epoch are restored. With ``plateau`` the learning rate is
    halved after that many. With a `Checkpoint`, the training starts where it ended.
    The order of the images always follows ``seed``; TensorFlow's operations are only
    reproducible if ``deterministic``.
    """
    import keras

    from skfer.neural import _scikeras

    def end(epoch: int, logs: dict[str, float] | None = None) -> None:
        if on_epoch_end(logs or {}):
            model.stop_training = True

    bridge = keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs=None: on_epoch_begin(), on_epoch_end=end
    )
    own: list[Any] = []
    if plateau is not None:
        watched = "loss" if validation is None else "val_loss"
        own.append(keras.callbacks.ReduceLROnPlateau(watched, 0.5, plateau))
    stopper = None
    if patience is not None and validation is not None:
        stopper = keras.callbacks.EarlyStopping(
            "val_loss", patience=patience, restore_best_weights=True
        )
        own.append(stopper)
    first_epoch = 0
    model.order_seed = seed
    if checkpoint is not None:
        own.append(checkpoint.make_callback(tuple(own)))
        first_epoch = epochs if checkpoint.has_stopped else checkpoint.epochs_done
    try:
        with warnings.catch_warnings():
            # Keras reads TensorFlow's learning rate in a way that NumPy 2 warns about.
            warnings.filterwarnings(
                "ignore", "__array__ implementation", DeprecationWarning
            )
            _scikeras.train(
                model,
                training.images,
                training.targets,
                sample_weight=training.weights,
                validation_data=validation.for_validation() if validation else None,
                batch_size=batch_size,
                first_epoch=first_epoch,
                epochs=epochs,
                # The user's callbacks last, so that they see restored weights.
                callbacks=[bridge, *own, *callbacks],
                seed=seed if deterministic else None,
                verbose=verbose,
            )
    finally:
        # Also after an interrupted training.
        restore_allocation()
    return None if stopper is None else stopper.best_epoch + 1


def train_network(
    estimator: Any,
    model: Any,
    training: Samples,
    validation: Samples | None,
    epochs: int,
    seed: int,
    context: Any,
    checkpoint: Any = None,
) -> None:
    """Train the compiled model of a `NetworkClassifier`, and record what happened.

    Sets ``history_``, ``n_iter_`` and ``best_iter_``, and reports every epoch to
    scikit-learn's callbacks.

    Raises
    ------
    ValueError
        If the loss is no longer a finite number; ``model_`` is gone then.
    """
    if checkpoint:
        checkpoint.restore(model)
        estimator.history_ = checkpoint.history
        estimator.n_iter_ = checkpoint.epochs_done
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
        running[-1].call_on_fit_task_begin(estimator=estimator, **seen)

    def end(logs: dict[str, float]) -> bool:
        estimator.n_iter_ += 1
        if not np.isfinite(logs["loss"]):
            # What is left of the network would answer, but with nothing.
            del estimator.model_
            raise ValueError(
                f"{type(estimator).__name__}'s training diverged in epoch "
                f"{estimator.n_iter_}: the loss became {logs['loss']}. Lower "
                f"learning_rate={estimator.learning_rate:g}, and check that no weight "
                "is huge."
            )
        for name, value in logs.items():
            estimator.history_.setdefault(name, []).append(float(value))
        # A copy of the estimator is all that a callback needs to predict.
        return running[-1].call_on_fit_task_end(
            estimator=estimator, reconstruction_attributes=dict, **seen
        )

    patience = estimator.n_iter_no_change
    best = run_training(
        model,
        training,
        validation,
        patience=patience if estimator.early_stopping else None,
        plateau=max(1, patience // 2)
        if estimator.learning_rate_schedule == "plateau"
        else None,
        on_epoch_begin=begin,
        on_epoch_end=end,
        # Keras sets attributes on them, which would break clone and pickle.
        callbacks=[copy(callback) for callback in estimator.callbacks or ()],
        checkpoint=checkpoint,
        batch_size=count_batch(estimator, training),
        epochs=epochs,
        seed=seed,
        deterministic=estimator.random_state is not None,
        verbose=int(estimator.verbose),
    )
    estimator.best_iter_ = best or estimator.n_iter_
    if checkpoint:
        checkpoint.remove()


def count_steps(estimator: Any, training: Samples) -> int:
    """Return the number of steps in an epoch."""
    return -(-len(training.images) // count_batch(estimator, training))


def count_batch(estimator: Any, training: Samples) -> int:
    n = len(training.images)
    automatic = min(128, max(16, n // 20))
    return automatic if estimator.batch_size == "auto" else estimator.batch_size

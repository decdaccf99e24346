"""How a network is trained: from the samples to the weights, epoch by epoch."""

import warnings
from collections.abc import Callable
from contextlib import nullcontext
from copy import copy
from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from skfer._holdout import check_groups
from skfer.neural._backend import restore_allocation
from skfer.neural._batch_norm import recalibrate_batch_norm
from skfer.neural._checkpoint import Checkpoint, describe
from skfer.neural._compiling import (
    LARGEST_BATCH,
    choose_optimizer,
    compile_for_training,
    resolve_rates,
)
from skfer.neural._fine_tuning import find_initial_network, start_from
from skfer.neural._image_sizes import check_sizes, plan_sizes
from skfer.neural._persistence import set_optimizer_values
from skfer.neural._precision import choose_precision
from skfer.neural._samples import Samples, split_off_validation

_SMALLEST_BATCH = 16
# Of a batch. What the layers make of 128 images of 112 by 112 is 2 GB in float32.
_MOST_PIXELS = 128 * 64 * 64


def start_training(
    estimator: Any,
    training: Samples,
    validation: Samples | None,
    classes: np.ndarray,
    groups: Any,
    *,
    goes_on: bool,
    fit_data: tuple[Any, Any],
) -> None:
    """Train a `NetworkClassifier` for all its epochs, from its checkpoint if any.

    With ``goes_on`` the weights of the previous fit are where it starts. ``fit_data``
    are X and y as `fit` got them, for the callbacks.
    """
    name = type(estimator).__name__
    check_groups(groups, name, len(training.images))
    if goes_on:
        _check_same_layers(estimator, name)
    seeds = _draw_seeds(estimator)
    # A function that builds a network can load weights itself.
    source = getattr(estimator, "initial_weights", None)
    if source is not None and not goes_on:
        source = find_initial_network(estimator, source)
    begun = estimator.model_ if goes_on else source
    start = None if begun is None else begun.get_weights()
    if goes_on:
        # The next fit must not train on what the previous one held out.
        seeds = seeds[0], getattr(estimator, "_split_seed", seeds[1])
    check_sizes(estimator)
    precision = choose_precision(estimator)
    data = [*training, *(validation or ()), groups]
    opened = (
        Checkpoint(estimator, data, start, seeds, precision)
        if estimator.checkpoint_dir
        else nullcontext()
    )
    with opened as checkpoint:
        if checkpoint:
            seeds, precision = checkpoint.seeds, checkpoint.precision
        seed = seeds[0]
        if estimator.early_stopping and validation is None:
            training, validation = split_off_validation(
                training, groups, estimator.validation_fraction, seeds[1]
            )
        else:
            training = training.with_weight()
        # Whatever is wrong with it, the network of a previous fit remains.
        network = (
            estimator.model_
            if goes_on
            else estimator._build_network(len(classes), seed)
        )
        if source is not None and not goes_on:
            start_from(estimator, network, source, training)
        batch_size = choose_batch_size(estimator, training)
        n_steps = -(-len(training.images) // batch_size)
        average = estimator.average_weights and not estimator.early_stopping
        optimizer = choose_optimizer(estimator, estimator.epochs * n_steps)
        model = compile_for_training(
            estimator,
            network,
            optimizer=optimizer,
            schedule=estimator.learning_rate_schedule,
            precision=precision,
            # TensorFlow needs two batches to learn that their sizes differ.
            sizes=plan_sizes(estimator, network) if n_steps > 1 else None,
            average=average,
            batch_size=batch_size,
            n_steps=estimator.epochs * n_steps,
            seed=seed,
        )
        estimator.classes_, estimator.precision_ = classes, precision
        estimator.optimizer_ = optimizer
        estimator._split_seed = seeds[1]
        if not goes_on:
            estimator._take_over(network)
        estimator.history_, estimator.n_iter_ = {}, 0
        estimator._partial_model = estimator._optimizer_values = None
        _train(
            estimator, model, training, validation, estimator.epochs, seed,
            estimator.learning_rate_schedule, fit_data, checkpoint,
            recalibrate=average,
        )  # fmt: skip


def continue_training(
    estimator: Any,
    training: Samples,
    classes: np.ndarray,
    *,
    first: bool,
    fit_data: tuple[Any, Any],
) -> None:
    """Train for one more epoch, the ``first`` with a new network."""
    seed, _ = _draw_seeds(estimator)
    if first and getattr(estimator, "initial_weights", None) is not None:
        raise ValueError(
            f"{type(estimator).__name__}.partial_fit can't begin with initial_weights, "
            "because a few images may lack classes of the last layer. Call fit first, "
            "then partial_fit."
        )
    if first:
        precision = choose_precision(estimator)
        network = estimator._build_network(len(classes), seed)
        estimator.classes_, estimator.precision_ = classes, precision
        estimator._take_over(network)
        estimator.history_, estimator.n_iter_ = {}, 0
        # One of before, whose training diverged, trains another network.
        estimator._partial_model = estimator._optimizer_values = None
    estimator.optimizer_ = choose_optimizer(estimator, n_steps=1)
    if getattr(estimator, "_partial_model", None) is None:
        estimator._partial_model = compile_for_training(
            estimator, estimator.model_, optimizer=estimator.optimizer_,
            schedule="constant", precision=estimator.precision_, sizes=None,
            average=False, batch_size=choose_batch_size(estimator, training), n_steps=1,
            seed=seed,
        )  # fmt: skip
        set_optimizer_values(
            estimator._partial_model, getattr(estimator, "_optimizer_values", None)
        )
    # A different order in each call.
    seed = (seed + estimator.n_iter_) % 2**31
    _train(
        estimator, estimator._partial_model, training, None, 1, seed, "constant",
        fit_data,
    )  # fmt: skip


def _check_same_layers(estimator: Any, name: str) -> None:
    """Raise an error if a training is to go on with other layers."""
    for layer, before in estimator._built_with.items():
        now = getattr(estimator, layer)
        if describe(now) != describe(before):
            raise ValueError(
                f"{name} with warm_start=True was fitted with {layer}={before!r}, got "
                f"{now!r}. Set it back to go on with that network, or fit without "
                "warm_start."
            )


def _draw_seeds(estimator: Any) -> tuple[int, int]:
    """Return a seed of the training and one of the part that is held out."""
    seeds = check_random_state(estimator.random_state).randint(2**31 - 1, size=2)
    return int(seeds[0]), int(seeds[1])


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


def _train(
    estimator: Any,
    model: Any,
    training: Samples,
    validation: Samples | None,
    epochs: int,
    seed: int,
    schedule: str,
    fit_data: tuple[Any, Any],
    checkpoint: Any = None,
    *,
    recalibrate: bool = False,
) -> None:
    """Train the compiled model of a `NetworkClassifier`, and record what happened.

    Sets ``history_``, ``n_iter_`` and ``best_iter_``, and reports every epoch to
    scikit-learn's callbacks. With ``recalibrate``, batch normalisation gets the
    statistics of the training images at the end.

    Raises
    ------
    ValueError
        If loss or weights are no longer finite numbers; ``model_`` is gone then.
    """
    batch_size = choose_batch_size(estimator, training)
    X, y = fit_data
    context = estimator._init_callback_context(max_subtasks=epochs)
    context.call_on_fit_task_begin(estimator=estimator, X=X, y=y)
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
            diverge(f"the loss became {logs['loss']}")
        for name, value in logs.items():
            estimator.history_.setdefault(name, []).append(float(value))
        take_over_weights()
        # A copy of the estimator is all that a callback needs to predict.
        return running[-1].call_on_fit_task_end(
            estimator=estimator, reconstruction_attributes=dict, **seen
        )

    def diverge(what: str) -> None:
        # What is left of the network would answer, but with nothing.
        del estimator.model_
        rate, _ = resolve_rates(estimator, estimator.optimizer_, schedule, batch_size)
        raise ValueError(
            f"{type(estimator).__name__}'s training diverged in epoch "
            f"{estimator.n_iter_}: {what}. Lower learning_rate={rate:g}, and check "
            "that no weight is huge."
        )

    def take_over_weights() -> None:
        """Give the network what its copy has learnt, where there is one."""
        trained = model.layers[-1]
        if trained is not estimator.model_:
            estimator.model_.set_weights(trained.get_weights())

    patience = estimator.n_iter_no_change
    try:
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
            batch_size=batch_size,
            epochs=epochs,
            seed=seed,
            deterministic=estimator.random_state is not None,
            verbose=int(estimator.verbose),
        )
    finally:
        # Also after an interrupted training, but not after one that diverged.
        if hasattr(estimator, "model_"):
            take_over_weights()
    if recalibrate:
        with np.errstate(over="ignore", invalid="ignore"):
            recalibrate_batch_norm(estimator.model_, training.images, seed)
    # The last step comes after the last loss.
    if not all(np.isfinite(part).all() for part in estimator.model_.get_weights()):
        diverge("weights are no longer finite numbers")
    if not np.isfinite(_answer(estimator.model_, training.images[:2])).all():
        diverge("the probabilities are no longer finite numbers")
    estimator.best_iter_ = best or estimator.n_iter_
    if checkpoint:
        checkpoint.remove()
    context.call_on_fit_task_end(estimator=estimator, X=X, y=y)


def _answer(network: Any, images: Any) -> np.ndarray:
    """Return the probabilities of a few images."""
    import keras

    given = keras.ops.convert_to_tensor(np.asarray(images, dtype=np.float32))
    return keras.ops.convert_to_numpy(network(given, training=False))


def choose_batch_size(estimator: Any, training: Samples) -> int:
    if estimator.batch_size != "auto":
        return estimator.batch_size
    n, height, width = training.images.shape[:3]
    # Of others than multiples of eight a step can take twice as long.
    most = min(LARGEST_BATCH, _MOST_PIXELS // (height * width) // 8 * 8)
    return max(_SMALLEST_BATCH, min(most, n // 20))

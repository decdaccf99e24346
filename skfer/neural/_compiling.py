"""The Keras model that is trained: augmentation, then the network; loss, optimizer."""

from collections.abc import Sequence
from typing import Any

from skfer.neural._augmentation import FaceAugmentation
from skfer.neural._backend import keep_from_leaking, seeded_layers
from skfer.neural._training_copy import copy_for_training

# Keras's class and its options, and what "auto" means for these parameters.
_ADAPTIVE = {"learning_rate": 3e-3, "weight_decay": 0.05}
_OPTIMIZERS: dict[str, tuple[str, dict[str, Any], dict[str, float]]] = {
    "sgd": (
        "SGD",
        {"momentum": 0.9, "nesterov": True},
        {"learning_rate": 0.15, "weight_decay": 0.01},
    ),
    "adamw": ("AdamW", {}, _ADAPTIVE),
    "adam": ("Adam", {}, _ADAPTIVE),
    "nadam": ("Nadam", {}, _ADAPTIVE),
    "rmsprop": ("RMSprop", {}, _ADAPTIVE),
}
OPTIMIZER_NAMES = frozenset({"auto", *_OPTIMIZERS})
SCHEDULE_NAMES = frozenset({"constant", "cosine", "exponential", "plateau"})

# The learning rate rises during a tenth of the training, then falls.
_WARMUP_SHARE = 0.1
# What is left of the learning rate at the end of an exponential schedule.
_EXPONENTIAL_END = 0.01
#: The largest automatic batch. The rate of SGD is meant for it, and goes with the
#: number of images whose gradients are averaged (Goyal et al., 2017).
LARGEST_BATCH = 128
# Of the automatic learning rate of SGD, what is taken without a schedule.
_CONSTANT_SHARE = 0.1
# And where the weights are good already.
_FINE_TUNING_SHARE = 0.1
# From so many steps on, SGD finds weights that are better for new images; in fewer,
# AdamW comes further (`python -m benchmarks ablation`).
_MANY_STEPS = 5000
# How far an average of the weights reaches back: a share of the steps, at most so many.
_AVERAGED_SHARE, _MOST_AVERAGED = 0.1, 1000


def choose_optimizer(estimator: Any, n_steps: int) -> str:
    """Return the name of the optimizer, whatever "auto" means."""
    if estimator.optimizer != "auto":
        return estimator.optimizer
    # The usual numbers for a learning rate are meant for those that adapt it.
    is_free = estimator.learning_rate == "auto"
    return "sgd" if is_free and n_steps >= _MANY_STEPS else "adamw"


def resolve_rates(
    estimator: Any, optimizer: str, schedule: str, batch_size: int
) -> tuple[float, float]:
    """Return learning rate and weight decay, whatever "auto" means."""
    automatic = _OPTIMIZERS[optimizer][2]
    learning_rate, weight_decay = estimator.learning_rate, estimator.weight_decay
    if learning_rate == "auto":
        learning_rate = automatic["learning_rate"]
        if optimizer == "sgd":
            # A rate that never falls must be smaller.
            share = _CONSTANT_SHARE if schedule == "constant" else 1
            learning_rate *= share * batch_size / LARGEST_BATCH
        if getattr(estimator, "initial_weights", None) is not None:
            learning_rate *= _FINE_TUNING_SHARE
    if weight_decay == "auto":
        weight_decay = automatic["weight_decay"]
    return learning_rate, weight_decay


def compile_for_training(
    estimator: Any,
    network: Any,
    *,
    optimizer: str,
    schedule: str,
    precision: str,
    sizes: Sequence[tuple[int, int]] | None,
    average: bool,
    batch_size: int,
    n_steps: int,
    seed: int,
) -> Any:
    """Compile a model that augments images and then runs the network.

    The network does not contain the augmentation, so it can never be active in a
    prediction. It shares its weights with this model, or a copy of it does, which
    computes with another precision or takes images of these ``sizes``, one for each
    epoch. With ``average``, the weights at the end are a moving average.
    """
    import keras

    from skfer.neural._training_model import TrainingModel

    with seeded_layers(seed):
        if precision != "float32" or sizes is not None:
            network = copy_for_training(network, precision=precision, sizes=sizes)
        layer = make_augmentation_layer(estimator.augment, seed)
    inputs = keras.Input(network.input_shape[1:])
    outputs = network(inputs if layer is None else layer(inputs))
    model = TrainingModel(inputs, outputs)
    model.sizes = sizes
    class_name, options, _ = _OPTIMIZERS[optimizer]
    learning_rate, weight_decay = resolve_rates(
        estimator, optimizer, schedule, batch_size
    )
    keras_optimizer = getattr(keras.optimizers, class_name)(
        learning_rate=_schedule(keras, learning_rate, schedule, n_steps),
        weight_decay=weight_decay or None,
        use_ema=average,
        ema_momentum=1 - 1 / min(max(_AVERAGED_SHARE * n_steps, 1), _MOST_AVERAGED),
        **options,
    )
    if weight_decay:
        # Decay of biases and batch normalisation does not regularise.
        keras_optimizer.exclude_from_weight_decay(var_names=["bias", "beta", "gamma"])
    model.compile(
        optimizer=keras_optimizer,
        loss=keras.losses.CategoricalCrossentropy(
            label_smoothing=estimator.label_smoothing
        ),
        weighted_metrics=[keras.metrics.CategoricalAccuracy(name="accuracy")],
    )
    keep_from_leaking(model)
    return model


def make_augmentation_layer(augment: Any, seed: int) -> Any:
    """Return the Keras layer that changes training images, if there is one."""
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

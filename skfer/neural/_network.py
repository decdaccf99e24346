"""The layers of the network."""

import inspect
from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any, Literal

import numpy as np

from skfer.neural._backend import load_keras

# How far probabilities may be from adding up to 1.
_TOLERANCE = 1e-2
# Reduction ratio of squeeze-and-excitation.
_SQUEEZE = 8


def build_network(
    image_shape: tuple[int, ...],
    n_classes: int,
    *,
    filters: Sequence[int] = (32, 64, 128, 256),
    kernel_size: int | Sequence[int] = 3,
    convs_per_block: int | Sequence[int] = 2,
    conv_dropout: float | Sequence[float] = 0.0,
    padding: Literal["same", "valid"] = "same",
    batch_norm: bool = True,
    residual: bool = True,
    attention: bool = True,
    head: Literal["gap", "flatten"] = "gap",
    dense_units: Sequence[int] = (),
    dense_batch_norm: bool = False,
    dropout: float = 0.5,
    pixel_range: tuple[float, float] = (0.0, 255.0),
    random_state: int | None = None,
    n_threads: int | None = None,
) -> Any:
    """Build the Keras model of `CNNClassifier`, not compiled.

    Each block is convolution, max pooling by two, batch normalisation and ReLU,
    in this order: max pooling commutes with increasing functions, and pooling
    first leaves a quarter of the pixels to normalise. The output of further
    convolutions is added, and the channels are reweighted. The model scales pixels
    itself. The outputs of the blocks are layers of the names "block1", "block2" and so
    on, that of the head is "gap" or "flatten".

    Parameters
    ----------
    image_shape : (height, width) or (height, width, channels)
        Shape of one image in pixels.
    n_classes : int
        Number of outputs, at least 2.
    filters : sequence of int, default=(32, 64, 128, 256)
        Number of filters of each block.
    kernel_size : int or sequence of int, default=3
        Side of the square kernels in pixels, one value or one per block.
    convs_per_block : int or sequence of int, default=2
        Number of convolutions, one value or one per block.
    conv_dropout : float or sequence of float, default=0.0
        Share of values dropped after each block in training, one value or one
        per block.
    padding : {"same", "valid"}, default="same"
        Whether convolutions keep the size of the image or leave its border out.
    batch_norm : bool, default=True
        Batch normalisation after each convolution.
    residual : bool, default=True
        Pool after the first convolution of a block instead of the last, and add
        the output of the others to it (He et al., 2016).
    attention : bool, default=True
        Reweight the channels of each block by squeeze-and-excitation (Hu et al.,
        2018).
    head : {"gap", "flatten"}, default="gap"
        Global average pooling of the last block, or flattening.
    dense_units : sequence of int, default=()
        Number of units of each dense layer between head and output.
    dense_batch_norm : bool, default=False
        Batch normalisation after each dense layer.
    dropout : float, default=0.5
        Share of values dropped after the head and after each dense layer in
        training.
    pixel_range : (float, float), default=(0.0, 255.0)
        Smallest and largest pixel value: 0 and 255 for integer images, 0 and 1 for
        floats.
    random_state : int or None, default=None
        Seed of the initial weights and of dropout.
    n_threads : int or None, default=None
        Threads of one operation, as in `CNNClassifier`.

    Returns
    -------
    keras.Model
        From images of shape (n, height, width, channels) to class probabilities
        of shape (n, n_classes).

    Raises
    ------
    ValueError
        If the parameters contradict one another or the images are too small.

    References
    ----------
    He, K., Zhang, X., Ren, S. and Sun, J. (2016). Deep residual learning for image
    recognition. CVPR. arXiv:1512.03385.

    Hu, J., Shen, L. and Sun, G. (2018). Squeeze-and-excitation networks. CVPR.
    arXiv:1709.01507.

    Examples
    --------
    >>> from skfer import build_network
    >>> network = build_network((48, 48), n_classes=7)
    >>> network.count_params()
    1199619
    """
    blocks = check_architecture(
        filters,
        kernel_size,
        convs_per_block,
        conv_dropout,
        dense_units,
        residual=residual,
        padding=padding,
    )
    shape = tuple(image_shape) if len(image_shape) == 3 else (*image_shape, 1)
    _check_image_size(shape, blocks, padding)
    keras = load_keras(n_threads)
    layers = keras.layers
    # Every layer gets a seed of its own, so that no global state matters.
    seeds = iter(np.random.SeedSequence(random_state).generate_state(1000) >> 1)

    def initializer() -> Any:
        return keras.initializers.HeNormal(seed=int(next(seeds)))

    def drop(x: Any, rate: float) -> Any:
        return layers.Dropout(rate, seed=int(next(seeds)))(x) if rate else x

    def normalize(x: Any, wanted: bool) -> Any:
        # Keras's momentum of 0.99 needs hundreds of steps before predictions
        # can be trusted; small folders of faces have tens.
        return layers.BatchNormalization(momentum=0.9)(x) if wanted else x

    inputs = keras.Input(shape, name="images")
    low, high = pixel_range
    span = (high - low) or 1.0
    x = layers.Rescaling(2.0 / span, offset=-(high + low) / span)(inputs)

    def convolve(x: Any, n_filters: int, size: int, *, pool: bool) -> Any:
        x = layers.Conv2D(
            n_filters, size, padding=padding, kernel_initializer=initializer()
        )(x)
        if pool:
            x = layers.MaxPooling2D(_pool_size(x.shape[1:3]))(x)
        return layers.ReLU()(normalize(x, batch_norm))

    def attend(x: Any) -> Any:
        n_filters = x.shape[-1]
        weights = layers.GlobalAveragePooling2D(keepdims=True)(x)
        for units, activation in (
            (max(1, n_filters // _SQUEEZE), "relu"),
            (n_filters, "sigmoid"),
        ):
            weights = layers.Dense(units, activation, kernel_initializer=initializer())(
                weights
            )
        return layers.Multiply()([x, weights])

    for number, (n_filters, size, n_convs, rate) in enumerate(blocks, start=1):
        if residual:
            x = convolve(x, n_filters, size, pool=True)
            branch = x
            for _ in range(n_convs - 1):
                branch = convolve(branch, n_filters, size, pool=False)
            x = layers.Add()([x, branch]) if n_convs > 1 else x
        else:
            for conv in range(n_convs):
                x = convolve(x, n_filters, size, pool=conv == n_convs - 1)
        if attention:
            x = attend(x)
        # A name for `NetworkFeatures`.
        x = drop(layers.Identity(name=f"block{number}")(x), rate)
    flat = layers.GlobalAveragePooling2D if head == "gap" else layers.Flatten
    x = drop(flat(name=head)(x), dropout)
    for units in dense_units:
        x = layers.Dense(units, kernel_initializer=initializer())(x)
        x = drop(layers.ReLU()(normalize(x, dense_batch_norm)), dropout)
    outputs = layers.Dense(
        n_classes,
        activation="softmax",
        kernel_initializer=keras.initializers.GlorotUniform(seed=int(next(seeds))),
        name="probabilities",
    )(x)
    return keras.Model(inputs, outputs, name="network")


#: Parameters of `build_network` that describe layers, as `CNNClassifier` has them.
LAYER_PARAMETERS = tuple(
    name
    for name in inspect.signature(build_network).parameters
    if name
    not in ("image_shape", "n_classes", "pixel_range", "random_state", "n_threads")
)


def check_network(estimator: Any, network: Any, n_classes: int) -> None:
    """Raise if what a function of the user's returned can't be trained or kept.

    Raises
    ------
    TypeError
        If it is not a Keras model.
    ValueError
        If Keras can't copy it, it takes other images, or it gives something else than
        one probability for each class.
    """
    keras = load_keras(estimator.n_threads)
    name = type(estimator).__name__
    if not isinstance(network, keras.Model):
        raise TypeError(
            f"{name}'s build must return a keras.Model, got "
            f"{type(network).__name__}. Return the model itself, not compiled."
        )
    if isinstance(network, keras.Sequential) and not network.built:
        raise ValueError(
            f"{name}'s build must return a network that knows the shape of its images. "
            "Begin it with keras.Input(image_shape)."
        )
    try:
        keras.models.clone_model(network)
        taken, given = network.input_shape, network.output_shape
    except (AttributeError, NotImplementedError, TypeError, ValueError) as error:
        raise ValueError(
            f"{name}'s build must return a network that Keras can copy, a functional "
            f"or sequential one whose layers have configurations: {error}"
        ) from error
    if given != (None, n_classes):
        raise ValueError(
            f"{name}'s build must return a network with one output for each of the "
            f"{n_classes} classes, shape (None, {n_classes}), got {given}. End it with "
            "keras.layers.Dense(n_classes, 'softmax')."
        )
    wanted = (None, *estimator.image_shape_in_)
    if len(taken) != 4 or any(
        side not in (None, there) for side, there in zip(taken, wanted, strict=True)
    ):
        raise ValueError(
            f"{name}'s build must return a network that takes images of shape "
            f"{wanted}, got {taken}. Begin it with keras.Input(image_shape)."
        )
    black = np.zeros((1, *estimator.image_shape_in_), np.float32)
    given = np.asarray(keras.ops.convert_to_numpy(network(black)))[0]
    if given.min() < 0 or abs(given.sum() - 1) > _TOLERANCE:
        raise ValueError(
            f"{name}'s build must return a network that gives probabilities, which add "
            f"up to 1, got values from {given.min():.3g} that add up to "
            f"{given.sum():.3g}. End it with keras.layers.Dense(n_classes, 'softmax')."
        )


def _pool_size(sides: Sequence[int]) -> tuple[int, ...]:
    # A side of one pixel has nothing left to pool.
    return tuple(2 if side >= 2 else 1 for side in sides)


def check_architecture(
    filters: Sequence[int],
    kernel_size: int | Sequence[int],
    convs_per_block: int | Sequence[int],
    conv_dropout: float | Sequence[float],
    dense_units: Sequence[int],
    *,
    residual: bool,
    padding: str,
) -> list[tuple[int, int, int, float]]:
    """Return (filters, kernel size, convolutions, dropout) of each block.

    Raises
    ------
    ValueError
        Listing all problems, if a value is out of range, a sequence does not have one
        value per block, or a residual block would change its size.
    """
    problems = []
    n_blocks = len(filters)
    if n_blocks == 0:
        problems.append(f"filters={filters!r} must name at least one block")
    columns: list[Sequence[Any]] = []
    for name, value, kind, low, high in (
        ("filters", filters, Integral, 1, np.inf),
        ("kernel_size", kernel_size, Integral, 1, np.inf),
        ("convs_per_block", convs_per_block, Integral, 1, np.inf),
        ("conv_dropout", conv_dropout, Real, 0, 1),
        ("dense_units", dense_units, Integral, 1, np.inf),
    ):
        values: list[Any]
        values = list(value) if isinstance(value, Sequence) else [value] * n_blocks
        if name != "dense_units":
            columns.append(values)
            if len(values) != n_blocks:
                problems.append(
                    f"{name}={value!r} has {len(values)} values for the {n_blocks} "
                    f"blocks of filters={tuple(filters)!r}; give one value or "
                    f"{n_blocks}"
                )
        if not all(isinstance(v, kind) and low <= float(v) < high for v in values):
            what = "integers" if kind is Integral else "numbers"
            span = f"of at least {low}" if high == np.inf else f"from {low} to below 1"
            problems.append(f"{name}={value!r} must hold {what} {span}")
    if not problems and residual and padding == "valid" and max(columns[2]) > 1:
        problems.append(
            'residual=True needs padding="same", because a residual branch must keep '
            "the size of its input; choose that padding, or set residual=False"
        )
    if problems:
        raise ValueError("build_network can't build a network: " + "; ".join(problems))
    return list(zip(*columns, strict=True))


def _check_image_size(
    shape: tuple[int, ...], blocks: Sequence[tuple[int, int, int, float]], padding: str
) -> None:
    if padding == "same":
        return

    def left_after(side: int) -> int:
        for _, size, n_convs, _ in blocks:
            side -= n_convs * (size - 1)
            if side < 1:
                return 0
            side //= _pool_size([side])[0]
        return side

    if min(left_after(side) for side in shape[:2]) < 1:
        smallest = next(side for side in range(1, 10**6) if left_after(side) >= 1)
        raise ValueError(
            f"The network got images of {shape[0]} by {shape[1]} pixels. With "
            f'padding="valid" and these blocks the smallest that works is {smallest} '
            f'by {smallest} pixels. Use larger images, fewer blocks or padding="same".'
        )

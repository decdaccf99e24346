"""The convolutional network as a scikit-learn classifier."""

from collections.abc import Sequence
from os import PathLike
from typing import Any, Literal, Self

import numpy as np

from skfer._sklearn import HasMethods, StrOptions
from skfer.neural._network import (
    LAYER_PARAMETERS,
    build_network,
    check_architecture,
)
from skfer.neural._network_classifier import COUNT, SHARE, NetworkClassifier
from skfer.neural._presets import get_preset

_ONE_OR_MORE = [tuple, list]


# Its function is not a parameter here.
_TRAINING_CONSTRAINTS = dict(NetworkClassifier._parameter_constraints)
del _TRAINING_CONSTRAINTS["build"]


class CNNClassifier(NetworkClassifier):
    """Convolutional network that classifies images.

    A network of blocks (convolution, max pooling, batch normalisation, ReLU, a
    residual convolution, attention), built by `build_network` and trained by Keras
    through SciKeras. It scales pixels itself. Tune ``filters``, ``dropout``,
    ``learning_rate`` and ``epochs`` first; the others have defaults that suit.

    Parameters
    ----------
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
    initial_weights : "faces", CNNClassifier, FrozenEstimator or None, default=None
        The network that skfer ships, or a fitted classifier of the same layers, to be
        trained further on these images (fine-tuning): all layers but the last are taken
        over, the last is fitted to them by logistic regression (Kumar et al., 2022),
        then all are trained. Classes and sizes may differ, channels not. Wrap a fitted
        one in `sklearn.frozen.FrozenEstimator` where this classifier is cloned.
    augment : None, "faces", FaceAugmentation or keras.layers.Layer, default="faces"
        Random augmentation of the training images. "faces" means
        ``FaceAugmentation()``; an object with ``make_layer(seed)`` or a Keras
        layer gets float images of shape (n, height, width, channels) in the range
        of the data. It is part of the training only, never of ``model_``.
    optimizer : {"auto", "adamw", "adam", "nadam", "rmsprop", "sgd"}, default="auto"
        Algorithm that updates the weights. "sgd" has Nesterov momentum of 0.9. "auto"
        is "sgd" for trainings of at least 5,000 steps whose ``learning_rate`` is
        "auto" too, because its weights are better for new images (Wilson et al., 2017),
        else "adamw", which comes further in few steps.
    learning_rate : float or "auto", default="auto"
        Largest learning rate. "auto" is 0.003; for "sgd" it is 0.15 with batches of
        128, less in proportion with smaller ones (Goyal et al., 2017), and a tenth of
        that with the schedule "constant" and in `partial_fit`. With ``initial_weights``
        it is a tenth.
    learning_rate_schedule : {"cosine", "exponential", "plateau", "constant"}, \
            default="cosine"
        "cosine" rises during a tenth of the steps, then falls to zero,
        "exponential" falls to a hundredth, "plateau" halves the rate when the loss
        of the validation part (of the training images without one) hasn't fallen
        for half of ``n_iter_no_change`` epochs.
    weight_decay : float or "auto", default="auto"
        Share of each weight, times the learning rate, subtracted at each step.
        Biases and batch normalisation are left out. "auto" is 0.05, or 0.01
        for "sgd".
    label_smoothing : float, default=0.1
        Probability spread evenly over the classes in training.
    precision : {"auto", "float32", "bfloat16"}, default="auto"
        What the layers compute with in training. "bfloat16" takes about half the time
        on processors that have it (AVX-512 BF16, AMX). "auto" measures a layer once per
        process and takes it where it is faster; name one of the others where two
        machines, or two processes on a busy one, must train alike. Weights, loss and
        predictions are float32 in any case.
    image_sizes : None, "progressive" or sequence of int, default="progressive"
        Heights in pixels of the training images, rising to their own: small ones are
        cheaper, so they come first (Howard, 2018). The first is taken for 40% of the
        epochs, the others share the rest. "progressive" means two thirds, five sixths
        and all of the height, those of at least 24 pixels; and one size where the
        network takes no other (``head="flatten"``), with ``early_stopping`` and with
        the schedule "plateau". An epoch of a single batch has one size, too.
    average_weights : bool, default=True
        Take a moving average of the weights, over about the last tenth of the steps, at
        most 1,000 (Polyak and Juditsky, 1992), and then take the statistics of batch
        normalisation anew, from up to 10,000 training images as they are (Izmailov et
        al., 2018; Wu and Johnson, 2021). Not with ``early_stopping``, which takes the
        weights of one epoch. ``history_`` describes the network before that.
    batch_size : int or "auto", default="auto"
        Images per step. "auto" is a twentieth of them, at most 128, fewer of images
        above 64 by 64 pixels, which take more memory, and at least 16.
    epochs : int, default=60
        Number of passes over the images.
    early_stopping : bool, default=False
        Stop when the validation loss hasn't fallen for ``n_iter_no_change``
        epochs, and take the weights of the best epoch. Without ``X_val`` a part
        of the training images is set aside for it.
    validation_fraction : float, default=0.1
        Share of the training images that early stopping sets aside, at random
        and stratified, whole groups where ``groups`` are given.
    n_iter_no_change : int, default=10
        Patience of early stopping in epochs, and twice that of "plateau".
    class_weight : dict, "balanced" or None, default=None
        Weight of each class, ``{label: weight}``. "balanced" gives every class
        the same total.
    warm_start : bool, default=False
        Start `fit` from the weights of the previous one.
    callbacks : list of keras.callbacks.Callback or None, default=None
        Called by Keras during the training. `fit` makes shallow copies: attributes that
        Keras sets don't change these objects, but lists that they fill are shared.
    checkpoint_dir : str, Path or None, default=None
        Folder to save the state of the training to after each epoch. If `fit` was
        interrupted and is called again on the same data, it resumes after the last
        finished epoch, with the same result as without a break (``callbacks`` that
        remember earlier epochs start again). The file is deleted at the end. A folder
        is for one training at a time, so not for the candidates of a search.
    test_time_augmentation : {None, "flip", "ten-crop"}, default=None
        Average the probabilities of several views of each image: "flip" adds its mirror
        image, which takes twice the time, "ten-crop" also shifts both by a 24th of
        their sides in four directions, which takes ten times. Not for classes that
        distinguish left from right.
    image_shape : tuple of int or None, default=None
        How rows of flattened pixels are to be read: (height, width) or
        (height, width, channels). None means square where the number of pixels
        is a square number, else one row of pixels. Ignored for images.
    n_threads : int or None, default=None
        Threads per operation. None means the share of this process: all cores, or those
        of a joblib worker. TensorFlow applies it only at the first fit of a process.
    random_state : int, RandomState instance or None, default=None
        Pass an int for the same network every time on the same machine, if
        ``precision_`` is the same. On the CPU this costs no time beyond the noise of
        the measurement (``make benchmark``).
    verbose : {0, 1, 2}, default=0
        What Keras prints: nothing, a progress bar, or a line per epoch.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted; columns of `predict_proba` are in this order.
    model_ : keras.Model
        The network: pixels in, probabilities out.
    history_ : dict of str to list of float
        Loss and accuracy after each epoch, with the prefix ``val_`` those of the
        validation part.
    n_iter_ : int
        Number of epochs trained.
    best_iter_ : int
        Epoch whose weights are in ``model_``, counted from 1; with averaged weights,
        the last.
    optimizer_ : str
        Name of the optimizer that it was trained with.
    precision_ : {"float32", "bfloat16"}
        What it was trained with.
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
    build_network : The network alone.
    skfer.pipelines.make_cnn : The same from paths to labels.

    References
    ----------
    Goyal, P. et al. (2017). Accurate, large minibatch SGD: training ImageNet in 1 hour.
    arXiv:1706.02677.

    He, K., Zhang, X., Ren, S. and Sun, J. (2016). Deep residual learning for image
    recognition. CVPR. arXiv:1512.03385.

    Howard, J. (2018). Training Imagenet in 3 hours for USD 25; and CIFAR10 for USD
    0.26. fast.ai.

    Hu, J., Shen, L. and Sun, G. (2018). Squeeze-and-excitation networks. CVPR.
    arXiv:1709.01507.

    Ioffe, S. and Szegedy, C. (2015). Batch normalization. arXiv:1502.03167.

    Izmailov, P., Podoprikhin, D., Garipov, T., Vetrov, D. and Wilson, A. G. (2018).
    Averaging weights leads to wider optima and better generalization. UAI.
    arXiv:1803.05407.

    Kumar, A., Raghunathan, A., Jones, R., Ma, T. and Liang, P. (2022). Fine-tuning can
    distort pretrained features and underperform out-of-distribution. ICLR.
    arXiv:2202.10054.

    Loshchilov, I. and Hutter, F. (2019). Decoupled weight decay regularization.
    arXiv:1711.05101.

    Polyak, B. T. and Juditsky, A. B. (1992). Acceleration of stochastic approximation
    by averaging. SIAM Journal on Control and Optimization 30(4).

    Wilson, A. C., Roelofs, R., Stern, M., Srebro, N. and Recht, B. (2017). The marginal
    value of adaptive gradient methods in machine learning. NeurIPS. arXiv:1705.08292.

    Wu, Y. and Johnson, J. (2021). Rethinking "batch" in BatchNorm. arXiv:2105.07576.

    Examples
    --------
    >>> from skfer import CNNClassifier
    >>> from skfer.datasets import make_faces
    >>> faces = make_faces(70, classes=["happy", "surprise"], random_state=0)
    >>> classifier = CNNClassifier(filters=(8, 16), epochs=8, random_state=0)
    >>> classifier.fit(faces.images, faces.target).predict(faces.images[:3]).shape
    (3,)
    >>> classifier.n_iter_
    8
    """

    _parameter_constraints: dict = {
        **_TRAINING_CONSTRAINTS,
        "filters": _ONE_OR_MORE,
        "kernel_size": [COUNT, *_ONE_OR_MORE],
        "convs_per_block": [COUNT, *_ONE_OR_MORE],
        "conv_dropout": [SHARE, *_ONE_OR_MORE],
        "padding": [StrOptions({"same", "valid"})],
        "batch_norm": ["boolean"],
        "residual": ["boolean"],
        "attention": ["boolean"],
        "head": [StrOptions({"gap", "flatten"})],
        "dense_units": _ONE_OR_MORE,
        "dense_batch_norm": ["boolean"],
        "dropout": [SHARE],
        "initial_weights": [None, StrOptions({"faces"}), HasMethods(["predict"])],
    }

    def __init__(
        self,
        filters: Sequence[int] = (32, 64, 128, 256),
        *,
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
        initial_weights: Any = None,
        augment: Any = "faces",
        optimizer: str = "auto",
        learning_rate: float | Literal["auto"] = "auto",
        learning_rate_schedule: str = "cosine",
        weight_decay: float | Literal["auto"] = "auto",
        label_smoothing: float = 0.1,
        precision: Literal["auto", "float32", "bfloat16"] = "auto",
        image_sizes: Literal["progressive"] | Sequence[int] | None = "progressive",
        average_weights: bool = True,
        batch_size: int | Literal["auto"] = "auto",
        epochs: int = 60,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 10,
        class_weight: dict | Literal["balanced"] | None = None,
        warm_start: bool = False,
        callbacks: list | None = None,
        checkpoint_dir: str | PathLike[str] | None = None,
        test_time_augmentation: Literal["flip", "ten-crop"] | None = None,
        image_shape: tuple[int, ...] | None = None,
        n_threads: int | None = None,
        random_state: int | np.random.RandomState | None = None,
        verbose: int = 0,
    ) -> None:
        self.filters = filters
        self.kernel_size = kernel_size
        self.convs_per_block = convs_per_block
        self.conv_dropout = conv_dropout
        self.padding = padding
        self.batch_norm = batch_norm
        self.residual = residual
        self.attention = attention
        self.head = head
        self.dense_units = dense_units
        self.dense_batch_norm = dense_batch_norm
        self.dropout = dropout
        self.initial_weights = initial_weights
        super().__init__(
            build_network,
            augment=augment,
            optimizer=optimizer,
            learning_rate=learning_rate,
            learning_rate_schedule=learning_rate_schedule,
            weight_decay=weight_decay,
            label_smoothing=label_smoothing,
            precision=precision,
            image_sizes=image_sizes,
            average_weights=average_weights,
            batch_size=batch_size,
            epochs=epochs,
            early_stopping=early_stopping,
            validation_fraction=validation_fraction,
            n_iter_no_change=n_iter_no_change,
            class_weight=class_weight,
            warm_start=warm_start,
            callbacks=callbacks,
            checkpoint_dir=checkpoint_dir,
            test_time_augmentation=test_time_augmentation,
            image_shape=image_shape,
            n_threads=n_threads,
            random_state=random_state,
            verbose=verbose,
        )

    @classmethod
    def from_preset(cls, name: str, **overrides: Any) -> Self:
        """Create a classifier with the parameters of a preset.

        The result is a plain `CNNClassifier` with these parameters, so `clone` and
        `GridSearchCV` work as usual.

        Parameters
        ----------
        name : str
            "default" is ``CNNClassifier()``. "fast" has half its filters, less
            dropout, and two thirds of its epochs. "long" has half as many filters
            again, stronger augmentation and 150 epochs. The others are
            networks of published student reports, named after their filters and dense
            units, trained as there, without augmentation:
            "conv64-128-512-512_dense256-512", "conv128-256-128_dense128" and
            "conv32-64" for 48x48 grey images, "conv16-32-64-32_dense256" and
            "conv16-32-16_dense256" for 256x256 colour, "conv32-64_dense128" for 64x64
            colour and "conv64-64-128-256_dense1024" for 112x112 colour.
        **overrides : dict
            Parameters of `CNNClassifier` that replace the preset's.

        Returns
        -------
        CNNClassifier
            Not fitted.

        Raises
        ------
        ValueError
            If there is no preset of that name.

        Examples
        --------
        >>> from skfer import CNNClassifier
        >>> CNNClassifier.from_preset("fast", epochs=20).filters
        (16, 32, 64, 128)
        """
        return cls(**{**get_preset(name), **overrides})

    _LAYERS = LAYER_PARAMETERS

    def _check_architecture(self) -> None:
        check_architecture(
            self.filters,
            self.kernel_size,
            self.convs_per_block,
            self.conv_dropout,
            self.dense_units,
            residual=self.residual,
            padding=self.padding,
        )

    def _build_network(self, n_classes: int, seed: int) -> Any:
        return build_network(
            self.image_shape_in_,
            n_classes,
            pixel_range=(self.pixel_min_in_, self.pixel_max_in_),
            random_state=seed,
            n_threads=self.n_threads,
            **{name: getattr(self, name) for name in self._LAYERS},
        )

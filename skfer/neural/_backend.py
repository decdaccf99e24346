"""Loading Keras lazily, and limiting the threads of its backend."""

import ctypes
import logging
import os
import random
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from importlib import util
from types import ModuleType
from typing import Any

import numpy as np

from skfer._stderr import silent_stderr
from skfer._threads import fair_share

_BACKENDS = ("tensorflow", "jax", "torch")
# Of malloc.h.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3

# Whether this process was forked from one that had loaded Keras, with its threads.
_is_forked = False


def _note_fork() -> None:
    global _is_forked
    _is_forked = "keras" in sys.modules


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_note_fork)


def load_keras(n_threads: int | None = None) -> ModuleType:
    """Import Keras, and limit the threads of its backend.

    Parameters
    ----------
    n_threads : int, default=None
        Number of threads for one operation. None means the share of this
        process: all cores, or those of a joblib worker.

    Returns
    -------
    module
        `keras`.

    Raises
    ------
    ImportError
        If the backend that Keras is set to is not installed.
    RuntimeError
        If the process was forked from one that had loaded Keras.
    """
    refuse_fork()
    backend = os.environ.get("KERAS_BACKEND", "tensorflow")
    if backend in _BACKENDS and util.find_spec(backend) is None:
        raise ImportError(
            f"skfer needs {backend} to train networks, but it is not installed. "
            f"Install it with `pip install {backend}`, or choose another "
            f"backend of Keras with the environment variable KERAS_BACKEND (one of "
            f"{', '.join(_BACKENDS)})."
        )
    # Otherwise JAX allocates three quarters of the GPU memory at once.
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    # Every fitted network is a function of its own, which TensorFlow mistakes for
    # one function that is retraced too often.
    logging.getLogger("tensorflow").addFilter(_is_not_about_retracing)
    with nullcontext() if "tensorflow" in sys.modules else silent_stderr():
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        import keras

        backend = keras.backend.backend()
        _bound_threads(backend, n_threads)
        if backend == "tensorflow":
            # The first query for GPUs, which prints errors if there are none.
            _let_memory_grow(_find_gpus())
    return keras


def refuse_fork() -> None:
    """Raise an error in a forked process, where networks would compute for ever.

    A fork copies the memory of a process, but not the threads of the backend, for
    which every operation would wait.
    """
    if _is_forked:
        raise RuntimeError(
            "This process was forked from one that had loaded Keras, whose threads a "
            "fork does not copy: a network would never answer here. Start processes "
            "with multiprocessing.get_context('spawn'), or use joblib, which does."
        )


@contextmanager
def seeded_layers(seed: int) -> Iterator[None]:
    """Give layers without a seed one that follows from this.

    Keras draws theirs from Python's random numbers, whose state is put back.
    """
    state = random.getstate()
    random.seed(seed)
    try:
        yield
    finally:
        random.setstate(state)


def _find_gpus() -> list[Any]:
    import tensorflow

    return tensorflow.config.list_physical_devices("GPU")


def _let_memory_grow(gpus: list[Any]) -> None:
    """Keep TensorFlow from taking all the memory of a GPU at once."""
    if "TF_FORCE_GPU_ALLOW_GROWTH" in os.environ:
        return
    import tensorflow

    for gpu in gpus:
        # Too late if the GPU is already in use, or partitioned.
        with suppress(RuntimeError, ValueError):
            tensorflow.config.experimental.set_memory_growth(gpu, True)


def _is_not_about_retracing(record: logging.LogRecord) -> bool:
    return "triggered tf.function retracing" not in str(record.msg)


def _bound_threads(backend: str, n_threads: int | None) -> None:
    wanted = n_threads or fair_share()
    if backend == "tensorflow":
        from tensorflow.config import threading

        try:
            threading.set_intra_op_parallelism_threads(wanted)
            threading.set_inter_op_parallelism_threads(min(2, wanted))
        except RuntimeError:
            # TensorFlow starts its threads once, with the first operation.
            if n_threads and threading.get_intra_op_parallelism_threads() != wanted:
                warnings.warn(
                    f"A network got n_threads={n_threads}, but TensorFlow already "
                    "runs in this process and can't change its number of threads. "
                    "Set n_threads before the first fit of the process.",
                    UserWarning,
                    stacklevel=4,
                )
    elif backend == "torch":
        import torch

        torch.set_num_threads(wanted)
    elif backend == "jax":
        # Read when JAX starts its threads; later it changes nothing.
        os.environ.setdefault("NPROC", str(wanted))


def keep_from_leaking(model: Any) -> None:
    """Let a compiled model free its memory when it is deleted.

    With TensorFlow every trained Keras model leaks megabytes: the graph that creates
    the optimizer's variables, and a gradient function that summing over devices
    registers permanently. So the variables are created beforehand, and with a single
    device the sum is skipped.
    """
    import keras

    model.optimizer.build(model.trainable_variables)
    if keras.backend.backend() == "tensorflow":
        import tensorflow

        strategy = tensorflow.distribute.get_strategy()
        if strategy.num_replicas_in_sync == 1:
            model.optimizer._all_reduce_sum_gradients = list


def normalize_by_batch(
    images: Any, scale: Any, offset: Any, epsilon: float
) -> tuple[Any, Any, Any]:
    """Return normalised images, and means and variances, in one step of TensorFlow."""
    import tensorflow

    outputs, mean, variance, *_ = tensorflow.raw_ops.FusedBatchNormV3(
        x=images,
        scale=tensorflow.convert_to_tensor(scale),
        offset=tensorflow.convert_to_tensor(offset),
        mean=tensorflow.zeros(0),
        variance=tensorflow.zeros(0),
        epsilon=epsilon,
        is_training=True,
    )
    return outputs, mean, variance


def restore_allocation() -> None:
    """Undo what TensorFlow's training does to the memory allocator of the process.

    Its data sets set a threshold of glibc, after which every array above 128 kB comes
    from the kernel again, page by page, and all of NumPy is half as fast for good. The
    largest values that glibc would choose itself bring the speed back. What is free by
    then goes back to the system, or it would add up from one training to the next.
    """
    if sys.platform != "linux" or "tensorflow" not in sys.modules:
        return
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):  # Only glibc has both.
        library.mallopt(_M_MMAP_THRESHOLD, 32 << 20)
        library.mallopt(_M_TRIM_THRESHOLD, 64 << 20)
        library.malloc_trim(0)


def make_runner(network: Any) -> Callable[[np.ndarray], np.ndarray]:
    """Return a fast function from a batch of images to the output of a network.

    With TensorFlow, a dedicated function takes a quarter less time for one image than
    ``predict_on_batch``, which is more general. It is compiled once for every shape.
    """
    import keras

    if keras.backend.backend() == "tensorflow":
        import tensorflow

        function = tensorflow.function(
            lambda images: network(images, training=False),
            autograph=False,
            jit_compile=network.jit_compile,
        )
    else:
        function = network.predict_on_batch

    def run(images: np.ndarray) -> np.ndarray:
        refuse_fork()
        return np.asarray(function(images))

    return run

"""Resuming a training that was interrupted."""

import json
import warnings
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from inspect import isfunction
from pathlib import Path
from typing import Any, Self
from zipfile import BadZipFile

import joblib
import numpy as np
from filelock import FileLock, Timeout

from skfer._writing import check_folder, written_aside

# Parameters that don't affect what is learnt.
_INDIFFERENT = (
    "callbacks",
    "checkpoint_dir",
    "n_threads",
    "test_time_augmentation",
    "verbose",
)
# Descriptions of what can't be shown as a value.
_IN_WORDS = {
    "data": "the images, labels, weights or groups",
    "start": "the initial weights (warm_start; a new estimator draws its own)",
}
_BLOCK = 4096
# What reading a damaged file raises.
_UNREADABLE = (BadZipFile, EOFError, LookupError, OSError, TypeError, ValueError)
# The state that Keras's own callbacks keep between epochs.
_REMEMBERED = ("wait", "best", "best_epoch", "stopped_epoch", "cooldown_counter")


class Checkpoint:
    """State of one training on disk, rewritten after each epoch.

    As long as its ``with`` block runs, no other training can use the folder, of this
    process or another; the system ends that when a process ends, however it ends.

    Parameters
    ----------
    estimator : NetworkClassifier
        The estimator that is trained.
    data : list of array-like or None
        Everything besides the parameters that the result depends on.
    start : list of ndarray or None
        Initial weights, unless they are drawn at random.
    seeds : (int, int)
        Seeds to train with, unless the folder holds a training to resume.
    precision : {"float32", "bfloat16"}
        What to compute with, unless the folder holds a training to resume.

    Attributes
    ----------
    seeds : tuple of int
        Seeds to train with.
    precision : {"float32", "bfloat16"}
        What to compute with.
    epochs_done : int
        Number of finished epochs.
    has_stopped : bool
        Whether early stopping ended the training.
    history : dict of str to list of float
        As in ``history_``.

    Raises
    ------
    ValueError
        If the folder can't be written to, belongs to a training that is running, or
        holds the checkpoint of a training with other data or parameters, or one that
        can't be read.
    """

    def __init__(
        self,
        estimator: Any,
        data: list[Any],
        start: list[np.ndarray] | None,
        seeds: tuple[int, int],
        precision: str,
    ) -> None:
        import keras

        self.path = Path(estimator.checkpoint_dir) / "training.npz"
        self._identity = {
            name: describe(value)
            for name, value in estimator.get_params(deep=False).items()
            if name not in _INDIFFERENT
        }
        self._identity["backend"] = keras.backend.backend()
        self._identity["data"] = joblib.hash([_hash_rows(x) for x in data])
        self._identity["start"] = joblib.hash(start)
        self._callback_states: list[dict[str, Any]] = []
        self._arrays: dict[str, np.ndarray] = {}
        self.seeds, self.precision = seeds, precision
        self.epochs_done, self.has_stopped = 0, False
        self.history: dict[str, list[float]] = {}
        name = type(estimator).__name__
        check_folder(self.path.parent, "checkpoint_dir")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = FileLock(self.path.with_suffix(".lock"), timeout=0)
        try:
            self._lock.acquire()
        except Timeout:
            raise ValueError(
                f"{name} can't use checkpoint_dir={str(self.path.parent)!r}, because "
                "another training uses it now. Give each training a folder of its own; "
                "a search can't have one for all its candidates."
            ) from None
        try:
            if self.path.exists():
                self._read(name)
        except BaseException:
            self.__exit__()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        # Deleted while it is held: whoever opened the old file notices, and starts
        # over. Windows deletes it with the last handle.
        with suppress(OSError):
            Path(self._lock.lock_file).unlink(missing_ok=True)
        self._lock.release()

    def _read(self, name: str) -> None:
        try:
            with self.path.open("rb") as file, np.load(file) as saved:
                arrays = dict(saved)
            state = json.loads(str(arrays.pop("state")))
            there = dict(state["identity"])
            self.seeds, self.precision = tuple(state["seeds"]), state["precision"]
            self.epochs_done = int(state["epochs_done"])
            self.has_stopped = bool(state["has_stopped"])
            self.history = dict(state["history"])
            self._callback_states = list(state["callbacks"])
        except _UNREADABLE as error:
            raise ValueError(
                f"{name} can't read the checkpoint {self.path} ({error}). Delete the "
                "file to start again, or choose another checkpoint_dir."
            ) from error
        differences = [
            _IN_WORDS.get(key, f"{key}={there.get(key)} in the file, {here} now")
            for key, here in self._identity.items()
            if there.get(key) != here
        ]
        if differences:
            raise ValueError(
                f"{name} found the checkpoint of another training in {self.path}; what "
                f"differs: {'; '.join(differences)}. Fit with the same data and "
                "parameters to resume it, choose another checkpoint_dir, or delete "
                "the file."
            )
        self._arrays = arrays

    def restore(self, model: Any) -> None:
        """Give a freshly compiled model the weights and the optimizer's state."""
        if not self.epochs_done:
            return
        variables = _variables(model)
        names = [f"variable_{i}" for i in range(len(variables))]
        shapes = {name: values.shape for name, values in self._arrays.items()}
        wanted = [tuple(variable.shape) for variable in variables]
        if [shapes.get(name) for name in names] != wanted:
            raise ValueError(
                f"The checkpoint {self.path} is damaged: it lacks values of the "
                "network. Delete the file to start again."
            )
        for name, variable in zip(names, variables, strict=True):
            variable.assign(self._arrays[name])

    def make_callback(self, watched: Sequence[Any]) -> Any:
        """Return a Keras callback that restores the others, and writes checkpoints."""
        import keras

        def begin(logs: Any = None) -> None:
            for i, state in enumerate(self._callback_states):
                vars(watched[i]).update(state)
                best = [k for k in self._arrays if k.startswith(f"best_{i}_")]
                if best:
                    watched[i].best_weights = [
                        self._arrays[f"best_{i}_{j}"] for j in range(len(best))
                    ]

        def end(epoch: int, logs: Any = None) -> None:
            self._write(callback.model, epoch + 1, watched)

        callback = keras.callbacks.LambdaCallback(
            on_train_begin=begin, on_epoch_end=end
        )
        return callback

    def _write(self, model: Any, epochs_done: int, watched: Sequence[Any]) -> None:
        state = {
            "identity": self._identity,
            "seeds": self.seeds,
            "precision": self.precision,
            "epochs_done": epochs_done,
            "has_stopped": bool(model.stop_training),
            "history": self.history,
            "callbacks": [
                {key: vars(one)[key] for key in _REMEMBERED if key in vars(one)}
                for one in watched
            ],
        }
        arrays: dict[str, Any] = {
            f"variable_{i}": np.asarray(variable)
            for i, variable in enumerate(_variables(model))
        }
        for i, one in enumerate(watched):
            for j, weights in enumerate(getattr(one, "best_weights", None) or []):
                arrays[f"best_{i}_{j}"] = weights
        arrays["state"] = np.array(json.dumps(state, default=float))
        try:
            with written_aside(self.path) as aside, aside.open("wb") as file:
                np.savez(file, **arrays)
        except OSError as error:
            # A training of hours is worth more than its last epoch on disk.
            warnings.warn(
                f"The training goes on without a checkpoint of epoch {epochs_done}: "
                f"{error}.",
                UserWarning,
                stacklevel=2,
            )

    def remove(self) -> None:
        """Delete the file, because the training is finished."""
        self.path.unlink(missing_ok=True)


def _hash_rows(rows: Any) -> list[str]:
    """Hash an array, or images on disk, in blocks that fit in memory."""
    if rows is None:
        return []
    # Contiguous, because the hash depends on the memory layout.
    blocks = (
        np.ascontiguousarray(rows[start : start + _BLOCK])
        for start in range(0, len(rows), _BLOCK)
    )
    return [joblib.hash(block) for block in blocks]


def describe(value: Any) -> str:
    """Describe a parameter in the same way in every process."""
    if isinstance(value, np.random.RandomState):
        return "RandomState"
    if isinstance(value, np.generic):
        return repr(value.item())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"({', '.join(map(describe, value))})"
    if hasattr(value, "get_config"):
        # A Keras layer, whose name includes a counter of the process.
        config = {k: v for k, v in value.get_config().items() if k != "name"}
        return f"{type(value).__name__}({config})"
    if isinstance(value, partial):
        parts = (value.func, value.args, sorted(value.keywords.items()))
        return f"partial{describe(parts)}"
    if isfunction(value):
        # Not its address, which differs from process to process.
        return f"{value.__module__}.{value.__qualname__}"
    if hasattr(value, "make_layer") and not hasattr(value, "get_params"):
        return f"{type(value).__name__}({joblib.hash(vars(value))})"
    return repr(value)


def _variables(model: Any) -> list[Any]:
    return [*model.variables, *model.optimizer.variables]

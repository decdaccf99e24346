"""Training that goes on where it was killed."""

import json
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import joblib
import numpy as np

# Parameters that change nothing about what is learnt.
_INDIFFERENT = ("callbacks", "checkpoint_dir", "n_threads", "predict_flips", "verbose")
# What Keras's own callbacks remember from epoch to epoch.
_REMEMBERED = ("wait", "best", "best_epoch", "stopped_epoch", "cooldown_counter")


class Checkpoint:
    """State of one training on disk, written anew after each epoch.

    Parameters
    ----------
    estimator : CNNClassifier
        Whose training it is.
    data : list
        All that the result depends on besides the parameters.
    seeds : (int, int)
        Seeds to train with, unless the folder holds a training to go on with.

    Attributes
    ----------
    seeds : tuple of int
        Seeds to train with.
    epochs_done : int
        Number of finished epochs.
    has_stopped : bool
        Whether early stopping ended the training.
    history : dict of str to list of float
        As in ``history_``.

    Raises
    ------
    ValueError
        If the folder holds the checkpoint of a training with other data or
        parameters.
    """

    def __init__(self, estimator: Any, data: list[Any], seeds: tuple[int, int]) -> None:
        self.path = Path(estimator.checkpoint_dir) / "training.npz"
        parameters = estimator.get_params(deep=False)
        if isinstance(parameters["random_state"], np.random.RandomState):
            parameters["random_state"] = np.random.RandomState
        self._identity = {
            name: repr(value)
            for name, value in parameters.items()
            if name not in _INDIFFERENT
        }
        self._identity["data"] = joblib.hash(data)
        self._callback_states: list[dict[str, Any]] = []
        self._arrays: dict[str, np.ndarray] = {}
        self.seeds, self.epochs_done, self.has_stopped = seeds, 0, False
        self.history: dict[str, list[float]] = {}
        if self.path.exists():
            self._read(type(estimator).__name__)

    def _read(self, name: str) -> None:
        with np.load(self.path, allow_pickle=False) as file:
            arrays = dict(file)
        state = json.loads(str(arrays.pop("state")))
        there = state["identity"]
        differences = [
            "the images, labels, weights or groups"
            if key == "data"
            else f"{key}={there.get(key)} there, {here} here"
            for key, here in self._identity.items()
            if there.get(key) != here
        ]
        if differences:
            raise ValueError(
                f"{name} found the checkpoint of another training in {self.path}; what "
                f"differs: {'; '.join(differences)}. Fit with the same data and "
                "parameters to go on with it, choose another checkpoint_dir, or delete "
                "the file."
            )
        self.seeds = tuple(state["seeds"])
        self.epochs_done, self.has_stopped = state["epochs_done"], state["has_stopped"]
        self.history, self._callback_states = state["history"], state["callbacks"]
        self._arrays = arrays

    def restore(self, model: Any) -> None:
        """Give a freshly compiled model the weights and the optimizer's state."""
        if self.epochs_done:
            for i, variable in enumerate(_variables(model)):
                variable.assign(self._arrays[f"variable_{i}"])

    def make_callback(self, watched: Sequence[Any]) -> Any:
        """Return a Keras callback that restores the others, and writes checkpoints."""
        keras = import_module("keras")

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
        self.path.parent.mkdir(parents=True, exist_ok=True)
        aside = self.path.with_suffix(".part")
        with aside.open("wb") as file:
            np.savez(file, allow_pickle=False, **arrays)
        aside.replace(self.path)

    def remove(self) -> None:
        """Forget the training, because it is finished."""
        self.path.unlink(missing_ok=True)


def open_checkpoint(
    estimator: Any, data: list[Any], seeds: tuple[int, int]
) -> Checkpoint | None:
    """Return the checkpoint of an estimator with ``checkpoint_dir``, else None."""
    if estimator.checkpoint_dir is None:
        return None
    return Checkpoint(estimator, data, seeds)


def _variables(model: Any) -> list[Any]:
    return [*model.variables, *model.optimizer.variables]

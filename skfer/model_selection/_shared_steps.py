"""Leading steps that several pipelines share, run once per fold."""

import copy
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import joblib
import numpy as np
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from skfer.model_selection._loaded_images import LoadedImages


@dataclass(frozen=True)
class Prepared:
    """What came of the first steps of a pipeline on one fold."""

    X_train: Any  # What the other steps are trained on,
    X_test: Any  # and what they predict.
    steps: tuple[tuple[str, Any], ...] = ()  # Those that ran, fitted.
    fit_seconds: float = 0.0  # What they took.
    predict_seconds: float = 0.0


class SharedSteps:
    """The first steps of pipelines on one fold; equal ones are fitted once.

    Parameters
    ----------
    pipelines : mapping of str to estimator
        All pipelines that will be prepared. Steps are equal if their parameters are.
    X_train, X_test : array-like
        The two parts of the fold.
    y_train : array-like
        Labels of the first.
    loaded : LoadedImages, default=None
        Files that were decoded for all folds.
    rows : (ndarray, ndarray), default=None
        Which of them the two parts are.
    """

    def __init__(
        self,
        pipelines: Mapping[str, Any],
        X_train: Any,
        y_train: Any,
        X_test: Any,
        *,
        loaded: LoadedImages | None = None,
        rows: tuple[np.ndarray, np.ndarray] | None = None,
    ) -> None:
        self._loaded, self._rows = loaded, rows
        self._keys = {name: _make_keys(one) for name, one in pipelines.items()}
        counts = Counter(key for keys in self._keys.values() for key in keys)
        self._shared = {key for key, n in counts.items() if n > 1 or self._knows(key)}
        self._start = Prepared(X_train, X_test)
        self._y_train = y_train
        self._done: dict[str, Prepared] = {}

    def prepare(self, name: str, pipeline: Any) -> Prepared:
        """Run the shared steps of a pipeline, unless they already ran for another one.

        Parameters
        ----------
        name : str
            Name of the pipeline.
        pipeline : estimator
            Not fitted; its steps are cloned.

        Returns
        -------
        Prepared
            Without steps if none is shared.
        """
        outcome = self._start
        for key, (step_name, step) in zip(
            self._keys[name], getattr(pipeline, "steps", ()), strict=False
        ):
            if key not in self._shared:
                break
            if key not in self._done:
                self._done[key] = (
                    self._load(key, step_name, step)
                    if self._knows(key)
                    else self._run(step_name, step, outcome, {})
                )
            # Pipelines may name their steps differently.
            steps = (*outcome.steps, (step_name, self._done[key].steps[-1][1]))
            outcome = replace(self._done[key], steps=steps)
        return outcome

    def _knows(self, key: str) -> bool:
        return self._loaded is not None and key in self._loaded

    def _load(self, key: str, name: str, step: Any) -> Prepared:
        assert self._loaded is not None
        assert self._rows is not None
        train, test = self._rows
        X_train, fit_seconds = self._loaded.take(key, train)
        X_test, predict_seconds = self._loaded.take(key, test)
        step = clone(step).fit(self._start.X_train)
        return Prepared(X_train, X_test, ((name, step),), fit_seconds, predict_seconds)

    def prepare_all(self, pipeline: Pipeline, params: Mapping[str, Any]) -> Prepared:
        """Run all steps of a pipeline but the last, with what their fits are given.

        Parameters
        ----------
        pipeline : Pipeline
            Not fitted; its steps are cloned.
        params : mapping of str to object
            Parameters of fits, named ``step__parameter``.

        Returns
        -------
        Prepared
            With all steps but the last.
        """
        outcome = self._start
        for name, step in pipeline.steps[:-1]:
            prefix = f"{name}__"
            given = {k.removeprefix(prefix): v for k, v in params.items()
                     if k.startswith(prefix)}  # fmt: skip
            outcome = self._run(name, step, outcome, given)
        return outcome

    def _run(
        self, name: str, step: Any, before: Prepared, params: Mapping[str, Any]
    ) -> Prepared:
        if step is None or step == "passthrough":
            return replace(before, steps=(*before.steps, (name, step)))
        step = clone(step)
        start = time.perf_counter()
        if hasattr(step, "fit_transform"):
            X_train = step.fit_transform(before.X_train, self._y_train, **params)
        else:
            step.fit(before.X_train, self._y_train, **params)
            X_train = step.transform(before.X_train)
        fitted = time.perf_counter()
        X_test = step.transform(before.X_test)
        end = time.perf_counter()
        return Prepared(
            X_train,
            X_test,
            (*before.steps, (name, step)),
            before.fit_seconds + fitted - start,
            before.predict_seconds + end - fitted,
        )


def rest_of(pipeline: Any, prepared: Prepared) -> Any:
    """Return the steps that have not run, as an estimator of its own."""
    if not prepared.steps:
        return clone(pipeline)
    steps = pipeline.steps[len(prepared.steps) :]
    options = {"memory": pipeline.memory, "verbose": pipeline.verbose}
    return clone(Pipeline(steps, **options))


def join_steps(pipeline: Any, prepared: Prepared, rest: Any) -> Any:
    """Return the whole fitted pipeline, once the rest of it is fitted."""
    if not prepared.steps:
        return rest
    whole = clone(pipeline)
    # Copies, because a later fit of one pipeline must not change the others.
    whole.steps = [*copy.deepcopy(list(prepared.steps)), *rest.steps]
    return whole


def _make_keys(pipeline: Any) -> list[str]:
    """Return a key for the first step, the first two steps, and so on."""
    # Pipelines of other libraries may change the number of rows.
    if type(pipeline) is not Pipeline:
        return []
    steps = [step for _, step in pipeline.steps[:-1]]
    try:
        return [joblib.hash(steps[:n]) for n in range(1, len(steps) + 1)]
    except Exception:  # Functions without a name have no hash, and are not shared.
        return []

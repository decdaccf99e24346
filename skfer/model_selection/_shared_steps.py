"""Steps that several pipelines begin with, run once a fold."""

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import joblib
from sklearn.base import clone
from sklearn.pipeline import Pipeline


@dataclass(frozen=True)
class Prepared:
    """What is left to do for a pipeline after the shared steps."""

    steps: list[tuple[str, Any]]  # Those that ran, fitted.
    rest: Any  # The estimator of the others, not fitted.
    X_train: Any  # What it is trained on,
    X_test: Any  # and what it predicts.
    fit_seconds: float = 0.0  # What the shared steps took.
    predict_seconds: float = 0.0


@dataclass(frozen=True)
class _Outcome:
    steps: list[Any]
    X_train: Any
    X_test: Any
    fit_seconds: float = 0.0
    predict_seconds: float = 0.0


class SharedSteps:
    """The first steps of pipelines on one fold; equal ones are fitted once.

    Parameters
    ----------
    pipelines : iterable of estimator
        All that will be asked for. Steps are equal if their parameters are.
    X_train, X_test : array-like
        The two parts of the fold.
    y_train : array-like
        Labels of the first.
    """

    def __init__(
        self, pipelines: Iterable[Any], X_train: Any, y_train: Any, X_test: Any
    ) -> None:
        counts = Counter(key for pipeline in pipelines for key in _keys(pipeline))
        self._shared = {key for key, n in counts.items() if n > 1}
        self._start = _Outcome([], X_train, X_test)
        self._y_train = y_train
        self._done: dict[str, _Outcome] = {}

    def prepare(self, pipeline: Any, *, all_steps: bool = False) -> Prepared:
        """Run the shared steps of a pipeline, unless another one had them run.

        Parameters
        ----------
        pipeline : estimator
            Not fitted; it is cloned.
        all_steps : bool, default=False
            Whether to run all steps but the last, shared or not.

        Returns
        -------
        Prepared
            Without steps for what is no Pipeline.
        """
        keys = _keys(pipeline)
        if all_steps:
            n_run = len(keys)
        else:
            n_run = sum(1 for key in keys if key in self._shared)
        if n_run == 0:
            start = self._start
            return Prepared([], clone(pipeline), start.X_train, start.X_test)
        outcome = self._run(pipeline, keys[:n_run])
        rest = clone(Pipeline(pipeline.steps[n_run:], memory=pipeline.memory))
        names = [name for name, _ in pipeline.steps[:n_run]]
        return Prepared(
            list(zip(names, outcome.steps, strict=True)),
            rest,
            outcome.X_train,
            outcome.X_test,
            outcome.fit_seconds,
            outcome.predict_seconds,
        )

    def _run(self, pipeline: Any, keys: list[str]) -> _Outcome:
        known = [n for n, key in enumerate(keys, start=1) if key in self._done]
        n_done = known[-1] if known else 0
        outcome = self._done[keys[n_done - 1]] if n_done else self._start
        for _, step in pipeline.steps[n_done : len(keys)]:
            outcome = self._run_step(step, outcome)
        if keys[-1] in self._shared:
            self._done[keys[-1]] = outcome
        return outcome

    def _run_step(self, step: Any, before: _Outcome) -> _Outcome:
        if step is None or step == "passthrough":
            return _Outcome(
                [*before.steps, step],
                before.X_train,
                before.X_test,
                before.fit_seconds,
                before.predict_seconds,
            )
        step = clone(step)
        start = time.perf_counter()
        X_train = step.fit_transform(before.X_train, self._y_train)
        fitted = time.perf_counter()
        X_test = step.transform(before.X_test)
        end = time.perf_counter()
        return _Outcome(
            [*before.steps, step],
            X_train,
            X_test,
            before.fit_seconds + fitted - start,
            before.predict_seconds + end - fitted,
        )


def join_steps(pipeline: Any, prepared: Prepared) -> Any:
    """Return the whole fitted pipeline, once the rest of it is fitted."""
    if not prepared.steps:
        return prepared.rest
    whole = clone(pipeline)
    whole.steps = [*prepared.steps, *prepared.rest.steps]
    return whole


def _keys(pipeline: Any) -> list[str]:
    """Return a key for the first step, the first two steps, and so on."""
    # Pipelines of other libraries may change the number of rows.
    if type(pipeline) is not Pipeline:
        return []
    steps = [step for _, step in pipeline.steps[:-1]]
    return [joblib.hash(steps[:n]) for n in range(1, len(steps) + 1)]

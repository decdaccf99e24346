"""Training and testing pipelines on one fold."""

import io
import time
import warnings
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol

import joblib
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.metrics import get_scorer
from sklearn.pipeline import Pipeline

from skfer._steps import last_step, transform, transform_before_last
from skfer.model_selection._confidence import find_confidence
from skfer.model_selection._fit_params import (
    find_validation,
    keep_last,
    params_reach_steps,
)
from skfer.model_selection._fold_fit import FoldFit
from skfer.model_selection._intervals import find_macro_f1
from skfer.model_selection._loaded_images import LoadedImages
from skfer.model_selection._shared_steps import (
    Prepared,
    SharedSteps,
    join_steps,
    rest_of,
)
from skfer.model_selection._wording import MAJORITY


class Progress(Protocol):
    """Receives the progress of `compare_pipelines`."""

    def watch(self, name: str, estimator: Any) -> AbstractContextManager[Any]:
        """Follow the fit and the prediction of one pipeline."""

    def preparing(self, name: str) -> None:
        """Take note that the first steps of a pipeline begin."""

    def predicting(self) -> None:
        """Take note that the fit is over and the prediction begins."""


class FoldRun:
    """All pipelines of a comparison on one fold.

    Parameters
    ----------
    models : mapping of str to estimator
        Pipelines and the majority, not fitted.
    X_train, y_train, X_test, y_test : array-like
        The two parts of the fold.
    scoring : str
        Name of a scorer.
    return_estimator : bool
        Whether to keep fitted pipelines.
    progress : Progress or None
        Notified of every fit.
    loaded : LoadedImages, default=None
        Files that were decoded for all folds.
    rows : (ndarray, ndarray), default=None
        Which of them the two parts are.
    """

    def __init__(
        self,
        models: Mapping[str, Any],
        X_train: Any,
        y_train: np.ndarray,
        X_test: Any,
        y_test: np.ndarray,
        *,
        scoring: str,
        return_estimator: bool,
        progress: Progress | None,
        loaded: LoadedImages | None = None,
        rows: tuple[np.ndarray, np.ndarray] | None = None,
    ) -> None:
        self._models = models
        self._y_train, self._y_test = y_train, y_test
        self._shared = SharedSteps(
            models, X_train, y_train, X_test, loaded=loaded, rows=rows
        )
        self._X_train, self._X_test = X_train, X_test
        self._scoring = scoring
        self._scorer = get_scorer(scoring)
        self._return_estimator = return_estimator
        self._progress = progress

    def fit(self, name: str, params: Mapping[str, Any]) -> FoldFit:
        """Train a pipeline, test it, and measure both.

        Parameters
        ----------
        name : str
            Which pipeline.
        params : mapping of str to object
            For its ``fit``, cut to the fold.

        Returns
        -------
        FoldFit
            The results.
        """
        pipeline = self._models[name]
        progress = None if name == MAJORITY else self._progress
        validation = find_validation(params)
        with warnings.catch_warnings():
            # TruncatedSVD and SVC don't report progress in scikit-learn 1.9.
            warnings.filterwarnings("ignore", "The estimator .* does not support call")
            if progress is not None:
                progress.preparing(name)
            if validation is not None and isinstance(pipeline, Pipeline):
                ready = self._shared.prepare_all(pipeline, params)
                X_val = transform(list(ready.steps), params[validation])
                params = keep_last(pipeline, {**params, validation: X_val})
            elif params_reach_steps(pipeline, params):
                ready = Prepared(self._X_train, self._X_test)
            else:
                ready = self._shared.prepare(name, pipeline)
            rest = rest_of(pipeline, ready)
            watching = nullcontext() if progress is None else progress.watch(name, rest)
            with watching:
                start = time.perf_counter()
                rest.fit(ready.X_train, self._y_train, **params)
                fitted = time.perf_counter()
                if progress is not None:
                    progress.predicting()
                X = transform_before_last(rest, ready.X_test)
                responses = _Responses(last_step(rest), X)
                predicted = responses.predict(X)
                end = time.perf_counter()
        has_shares = hasattr(responses.estimator, "predict_proba")
        asked = responses if has_shares else responses.estimator
        confidence = find_confidence(asked, X, predicted)
        if self._scoring == "f1_macro":
            # scikit-learn's would take "unknown" for a class.
            classes = np.union1d(self._y_train, self._y_test)
            score = find_macro_f1(self._y_test, predicted, classes)
        else:
            score = float(self._scorer(responses, X, self._y_test))
        whole = join_steps(pipeline, ready, rest)
        return FoldFit(
            predicted=predicted,
            score=score,
            confidence=confidence,
            is_probability=has_shares,
            fit_seconds=ready.fit_seconds + fitted - start,
            predict_seconds=ready.predict_seconds + end - fitted,
            n_bytes=_count_bytes(whole),
            estimator=whole if self._return_estimator else None,
        )


class _Responses(ClassifierMixin, BaseEstimator):
    """A fitted classifier that caches its predictions for the same images."""

    def __init__(self, estimator: Any, X: Any) -> None:
        self.estimator = estimator
        self.X = X
        self._known: dict[str, Any] = {}

    @property
    def classes_(self) -> np.ndarray:
        return self.estimator.classes_

    def __getattr__(self, name: str) -> Any:
        if name not in ("predict", "predict_proba", "decision_function"):
            raise AttributeError(name)
        method = getattr(self.estimator, name)

        def ask(X: Any) -> Any:
            if name not in self._known:
                self._known[name] = method(self.X)
            return self._known[name]

        ask.__name__ = name  # scikit-learn reads it.
        return ask

    def __sklearn_is_fitted__(self) -> bool:
        return True


class _Counter(io.RawIOBase):
    """A file that keeps nothing but its size."""

    size = 0

    def write(self, content: Any) -> int:
        n = memoryview(content).nbytes
        self.size += n
        return n

    def writable(self) -> bool:
        return True


def _count_bytes(estimator: Any) -> float:
    counter = _Counter()
    try:
        joblib.dump(estimator, counter)
    except Exception:  # What can't be pickled can still be compared.
        return float("nan")
    return counter.size

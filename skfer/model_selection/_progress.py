"""A live display of what a comparison is doing."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from skfer._steps import last_step

_SECONDS = 30  # Between the lines of epochs, where there is no terminal.


class ProgressDisplay:
    """One line per classifier: its current step, its progress and the elapsed time.

    It listens to scikit-learn's callbacks, to which Pipelines report their steps
    and `CNNClassifier` its epochs. On a terminal the lines are redrawn; elsewhere
    each training is printed, and an epoch every half a minute.

    Parameters
    ----------
    names : list of str
        Names of the classifiers to show.
    console : rich.console.Console or None, default=None
        Where to draw. None means the standard output.
    n_folds : int, default=1
        How often each classifier is trained; shown if more than once.

    Examples
    --------
    >>> from rich.console import Console
    >>> from skfer.model_selection import ProgressDisplay
    >>> with ProgressDisplay(["hog"], Console(quiet=True)) as progress:
    ...     pass  # compare_pipelines(..., progress=progress)
    """

    def __init__(
        self, names: list[str], console: Console | None = None, n_folds: int = 1
    ) -> None:
        self._console = console or Console()
        self._n_folds = n_folds
        self._n_begun: Counter[str] = Counter()
        self._bars = Progress(
            SpinnerColumn(finished_text="[green]✓"),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[doing]}", markup=False),
            TimeElapsedColumn(),
            console=self._console,
            disable=not self._console.is_terminal,
        )
        self._rows = {
            name: self._bars.add_task(name, start=False, total=None, doing="waiting")
            for name in names
        }
        self._name = ""
        self._printed = 0.0

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._bars.stop()

    def preparing(self, name: str) -> None:
        """Show that the first steps of a classifier begin.

        Parameters
        ----------
        name : str
            One of the names; a new name gets a line of its own.
        """
        self._name = name
        if name not in self._rows:
            self._rows[name] = self._bars.add_task(
                name, start=False, total=None, doing="waiting"
            )
        self._n_begun[name] += 1
        self._bars.start_task(self._rows[name])
        self.say("preparing images", is_new=True)

    @contextmanager
    def watch(self, name: str, estimator: Any) -> Iterator[None]:
        """Follow the fit and the prediction of one classifier.

        Parameters
        ----------
        name : str
            The classifier that `preparing` named.
        estimator : estimator
            Its steps and epochs are shown if it supports scikit-learn's callbacks, as
            Pipelines do.
        """
        self._name = name
        reports = hasattr(estimator, "set_callbacks")
        if reports:
            estimator.set_callbacks(_Listener(self))
        try:
            yield
        finally:
            if reports:
                estimator.set_callbacks()
        self.say("done", 1, 1)

    def predicting(self) -> None:
        """Show that the fit is over and the prediction begins."""
        self.say("predicting")

    def say(
        self, doing: str, step: int = 0, of: int | None = None, *, is_new: bool = False
    ) -> None:
        """Show what the current classifier is doing, and how far it is.

        Parameters
        ----------
        doing : str
            A few words.
        step : int, default=0
            How many steps are done.
        of : int, default=None
            How many there are; None if unknown.
        is_new : bool, default=False
            Whether it is a training or an epoch. Where there is no terminal, trainings
            are printed, and epochs if half a minute has gone by.
        """
        if self._n_folds > 1:
            doing = f"fold {self._n_begun[self._name]} of {self._n_folds}, {doing}"
        self._bars.update(self._rows[self._name], doing=doing, total=of, completed=step)
        now = time.monotonic()
        is_due = not step or now - self._printed >= _SECONDS
        if is_new and is_due and not self._console.is_terminal:
            self._console.print(f"{self._name}: {doing}", markup=False)
            self._printed = now


class _Listener:
    """Turns scikit-learn's callbacks into status messages."""

    max_propagation_depth = None

    def __init__(self, display: ProgressDisplay) -> None:
        self._display = display

    def setup(self, estimator: Any, context: Any) -> None:
        """Do nothing; the protocol requires it."""

    def teardown(self, estimator: Any, context: Any) -> None:
        """Do nothing; the protocol requires it."""

    def on_fit_task_begin(self, estimator: Any, context: Any) -> None:
        """Show which step of a Pipeline begins."""
        name = context.source_task_name or context.task_name
        if name.startswith("fit-transform-"):
            self._display.say(name.removeprefix("fit-transform-"))
        elif name == "fit-final-estimator":
            self._display.say(f"training {type(last_step(estimator)).__name__}")

    def on_fit_task_end(self, estimator: Any, context: Any) -> None:
        """Show how far a network is."""
        if context.task_name != "epoch":
            return
        done, of = context.task_id + 1, context.parent.max_subtasks
        accuracy = estimator.history_["accuracy"][-1]
        self._display.say(
            f"epoch {done} of {of}, training accuracy {accuracy:.1%}",
            done,
            of,
            is_new=True,
        )

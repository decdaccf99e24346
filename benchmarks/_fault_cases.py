"""One hostile case, and whether what happened is what should."""

import contextlib
import io
import signal
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

# Whose errors are written for people.
_OURS = ("/skfer/", "/sklearn/")
_SHORTEST = 20  # Letters of an error that says what to do.


class SilentError(Exception):
    """Something went wrong, and nobody was told."""


class _Endless(BaseException):
    pass


@dataclass(frozen=True)
class Case:
    """Something hostile.

    Attributes
    ----------
    group, name : str
        What is tried.
    run : callable
        Gets an empty folder. Raises `SilentError` if the result is wrong, and any other
        error where skfer refuses.
    may_fail_elsewhere : bool
        Whether errors of the operating system may come as they are.
    seconds : int
        What takes longer counts as endless.
    """

    group: str
    name: str
    run: Callable[[Path], None]
    may_fail_elsewhere: bool = False
    seconds: int = 60


#: Takes a generator of random numbers, and yields cases without end.
CaseMaker = Callable[[np.random.Generator], Iterator[Case]]


def judge(case: Case, folder: Path) -> tuple[str, str]:
    """Run a case, and say how it ended.

    Returns
    -------
    outcome, detail : str
        "answered", "refused", or "unhandled" with the reason.
    """

    def stop(number: int, frame: object) -> None:
        raise _Endless

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(case.seconds)
    quiet = io.StringIO()
    try:
        with (
            warnings.catch_warnings(),
            contextlib.redirect_stdout(quiet),
            contextlib.redirect_stderr(quiet),
        ):
            warnings.simplefilter("ignore")
            case.run(folder)
    except SilentError as error:
        return "unhandled", f"silent: {error}"
    except _Endless:
        return "unhandled", f"not over after {case.seconds} s"
    except (ValueError, TypeError, OSError, ImportError, RuntimeError) as error:
        return _judge_error(case, error)
    except Exception as error:
        return "unhandled", _describe(error)
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
    return "answered", ""


def _judge_error(case: Case, error: Exception) -> tuple[str, str]:
    if isinstance(error, OSError) and case.may_fail_elsewhere:
        return "refused", str(error)
    place = traceback.extract_tb(error.__traceback__)[-1].filename
    if not any(part in place for part in _OURS) or len(str(error)) < _SHORTEST:
        return "unhandled", _describe(error)
    return "refused", str(error)


def _describe(error: Exception) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return (
        f"{type(error).__name__}: {error} ({Path(frame.filename).name}, line "
        f"{frame.lineno})"
    )

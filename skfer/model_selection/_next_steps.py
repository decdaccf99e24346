"""What to do after a comparison, and how."""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from skfer._steps import find_part, last_step
from skfer._text import count_of
from skfer.datasets import propose_groups
from skfer.datasets._names import name_folder
from skfer.faces import FaceCropper

if TYPE_CHECKING:
    from skfer.model_selection._comparison import Comparison

_MOST = 3
_TO_CLEAN = (
    "blank",
    "copies with different labels",
    "exact copies",
    "near copies",
    "unreadable",
)
# Sides of pictures, in pixels, from which they may show more than a face.
_LIKE_PHOTOGRAPHS = 128
_FEW_EPOCHS = 15
# Nobody collects more than this many times the pictures that there are.
_FAR = 20


@dataclass(frozen=True)
class NextStep:
    """Something to do next.

    Attributes
    ----------
    reason : str
        What to do and why, in a sentence or two.
    command : str
        The command that does it; empty if none does. Without the command of the
        comparison, what to add to that.
    code : str
        The same in Python; empty if no code helps.

    Examples
    --------
    >>> from skfer.model_selection._next_steps import NextStep
    >>> NextStep("Train longer.", "--epochs 30", "make_cnn(epochs=30)").command
    '--epochs 30'
    """

    reason: str
    command: str = ""
    code: str = ""


def find_next_steps(comparison: "Comparison", command: str = "") -> list[NextStep]:
    """Say what would help most, at most three things, the most important first.

    Parameters
    ----------
    comparison : Comparison
        What was found.
    command : str, default=""
        The command that it comes from.

    Returns
    -------
    list of NextStep
        At least one.
    """
    steps = list(islice(_steps(comparison, "--save" in command), _MOST))
    if command and steps[0].command.startswith("skfer clean"):
        # What comes after the cleaning is about the clean images.
        # Also of faces that are cut out: --faces stays, since the model will be asked
        # about photographs.
        _, _, folder, clean, *_ = shlex.split(steps[0].command)
        command = shlex.join(
            clean if Path(word).resolve() == Path(folder).resolve() else word
            for word in shlex.split(command)
        )
    return [
        replace(step, command=f"{command} {step.command}")
        if command and step.command.startswith("--")
        else step
        for step in steps
    ]


def _steps(comparison: "Comparison", is_saved: bool) -> Iterator[NextStep]:
    audit = comparison.audit
    kinds = [] if audit is None else [f.kind for f in audit.findings]
    if audit is not None and any(
        f.serious and f.kind == "no face" for f in audit.findings
    ):
        yield NextStep(
            "Leave out pictures in which no face is found, and cut out the faces of "
            "the others: a model may learn what else they show. That leaves out copies "
            "too.",
            name_folder("skfer clean FOLDER FOLDER-faces --faces", comparison.table),
            "table = table[table['face'] == 'found']",
        )
    elif found := [kind for kind in kinds if kind in _TO_CLEAN]:
        yield NextStep(
            f"Clean the images. The audit found: {', '.join(found)}.",
            name_folder("skfer clean FOLDER FOLDER-clean", comparison.table),
            "table = table[audit_images(table).keep()]",
        )
    if _may_show_more_than_faces(comparison):
        yield NextStep(
            "Cut the faces out. The pictures are large enough to show more than a "
            "face, and a model may learn what else they show.",
            "--faces",
            "make_transfer(faces=True)",
        )
    if comparison.table.groups is None:
        proposals = propose_groups(comparison.table)
        guess = (
            f" File names suggest {proposals[0]}."
            if proposals
            else " PATTERN is a regular expression for the part of a file name that "
            "says who; leave it out if names don't say it."
        )
        yield NextStep(
            f"Say who is shown, so that nobody is both trained and tested on.{guess}",
            "--groups auto" if proposals else "--groups PATTERN",
            "table['groups'] = who_is_shown",
        )
    if comparison.n_train and (n_epochs := _find_few_epochs(comparison)):
        yield NextStep(
            f"Train longer. The network was trained for "
            f"{count_of(n_epochs, 'epoch')} only.",
            "--epochs 30",
            "make_cnn(epochs=30)",
        )
    n, rival = _count_needed(comparison)
    if n:
        yield NextStep(
            f"Collect more pictures, if you need to know whether "
            f"{comparison.best_name} is better than {rival}: about {n:,} test pictures "
            f"would show it; there are {comparison.n_images:,}."
        )
    if not comparison.n_train:
        yield NextStep(
            "Look at the most confident errors: they show what the model does not know."
        )
        return
    if is_saved:
        yield NextStep(
            "Try the model on pictures of your own.", "skfer predict MODEL PICTURES"
        )
        return
    yield NextStep(
        "Keep the best model, trained on all pictures, in a file; then try it on "
        "pictures of your own: skfer predict model.skfer PICTURES.",
        "--save model.skfer",
        "save_model(comparison, 'model.skfer')",
    )


def _may_show_more_than_faces(comparison: "Comparison") -> bool:
    table = comparison.table
    if not table.shows_pictures or "face" in table.columns:
        return False
    if any(find_part(p, FaceCropper) for p in comparison.pipelines.values()):
        return False
    prints = table.fingerprints
    return bool(np.median(np.minimum(prints.width, prints.height)) >= _LIKE_PHOTOGRAPHS)


def _find_few_epochs(comparison: "Comparison") -> int:
    """Return how many epochs a network was to be trained, if they are few, else 0."""
    wanted = [getattr(last_step(p), "epochs", 0) for p in comparison.pipelines.values()]
    return min((n for n in wanted if 0 < n < _FEW_EPOCHS), default=0)


def _count_needed(comparison: "Comparison") -> tuple[int, str]:
    """Return how many test pictures would show the largest difference that is open.

    That is the one to guessing, or to another model, which is named. 0 if unknown, or
    far away.
    """
    best, guessing = comparison.best_name, comparison.against_majority
    if guessing is None or guessing.difference <= 0:
        return 0, ""
    closest, rival = guessing, "guessing"
    if guessing.is_significant:
        rivals = [p for p in comparison.pairs if best in (p.first, p.second)]
        rivals = [p for p in rivals if not p.is_significant]
        if not rivals:
            return 0, ""
        closest = max(rivals, key=lambda pair: abs(pair.difference))
        rival = closest.second if closest.first == best else closest.first
    ratio = closest.smallest_difference / max(abs(closest.difference), 1e-9)
    if not np.isfinite(ratio) or not 1 < ratio**2 <= _FAR:
        return 0, ""
    # Two digits: it is a rough figure.
    n = comparison.n_images * ratio**2
    digits = 10 ** max(0, len(str(int(n))) - 2)
    return int(-(-n // digits) * digits), rival

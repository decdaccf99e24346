"""What a comparison found, for those who have one minute."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from skfer._text import count_of
from skfer.datasets._summary import describe_people
from skfer.model_selection._next_steps import NextStep, find_next_steps
from skfer.model_selection._people import FEW_PEOPLE
from skfer.model_selection._verdict import is_worth_taking
from skfer.model_selection._wording import MAJORITY, show_count

if TYPE_CHECKING:
    from skfer.model_selection._comparison import Comparison

_FEW_IMAGES = 200  # Test pictures, below which the share of right ones is rough.
_MOST_CLASSES = 8  # That are named one by one.


class _Tile(NamedTuple):
    heading: str
    fact: str
    detail: str
    is_bad: bool = False  # A reason not to trust the result.


@dataclass(frozen=True)
class Overview:
    """Facts, two sentences, and what to do next.

    Attributes
    ----------
    tiles : list of tuple (heading, fact, detail, is_bad)
        The facts, each with a line that explains it; bad ones are reasons not to trust
        the result.
    take : str
        Which model to take, and why.
    limit : str
        What limits this result most.
    next_steps : list of NextStep
        At least one, at most three.

    Examples
    --------
    >>> from skfer import make_hog_svm
    >>> from skfer.datasets import make_faces
    >>> from skfer.model_selection import compare_pipelines
    >>> from skfer.model_selection._overview import Overview
    >>> faces = make_faces(140, classes=["happy", "sad"], random_state=0)
    >>> pipelines = {"hog": make_hog_svm(image_size=24)}
    >>> comparison = compare_pipelines(pipelines, faces, cv=2)
    >>> overview = Overview.from_comparison(comparison)
    >>> [tile.heading for tile in overview.tiles]
    ['Pictures', 'Classes', 'Best model', 'Better than guessing', 'Audit']
    """

    tiles: list[_Tile]
    take: str
    limit: str
    next_steps: list[NextStep]

    @classmethod
    def from_comparison(cls, comparison: "Comparison", command: str = "") -> "Overview":
        """Sum a comparison up.

        Parameters
        ----------
        comparison : Comparison
            What was found.
        command : str, default=""
            The command that it comes from, to say what to do next as a command.

        Returns
        -------
        Overview
            In plain words.
        """
        return cls(
            _make_tiles(comparison),
            _say_which(comparison),
            _say_what_limits(comparison),
            find_next_steps(comparison, command),
        )


def _make_tiles(comparison: "Comparison") -> list[_Tile]:
    audit = comparison.audit
    best = comparison.scores[comparison.best_name]
    guess = comparison.scores[MAJORITY]
    recall = [str(name) for name in best.recall]
    named = ", ".join(recall[:_MOST_CLASSES])
    if len(recall) > _MOST_CLASSES:
        named += f" and {len(recall) - _MOST_CLASSES} more"
    hardest = min(best.recall, key=lambda name: best.recall[name])
    if len(set(best.recall.values())) > 1:
        named += f"; hardest: {hardest}, {best.recall[hardest]:.0%} found"
    # By accuracy, the interval of the table, which allows for people and folds.
    is_ranked = comparison.scoring == "accuracy"
    low = best.score_low if is_ranked else best.accuracy_low
    high = best.score_high if is_ranked else best.accuracy_high
    n_tests = len(comparison.test_rows) // comparison.n_images
    mean = f", the mean of {n_tests} tests of each" * (n_tests > 1)
    pictures = describe_people(comparison.table)
    if comparison.n_copies:
        pictures += f"; {count_of(comparison.n_copies, 'copy')} not tested on"
    tiles = [
        _Tile("Pictures", f"{len(comparison.table):,}", pictures),
        _Tile(
            "Classes",
            f"{len(recall)}",
            named,
        ),
        _Tile(
            "Best model",
            f"{show_count(best.n_correct)} of {comparison.n_images:,}",
            f"{best.model}: {best.accuracy:.0%} of the test pictures right{mean} "
            f"(95% interval {low:.0%} to {high:.0%})",
        ),
    ]
    if comparison.against_majority is not None:
        is_better = is_worth_taking(comparison)
        tiles.append(
            _Tile(
                "Better than guessing",
                "yes" if is_better else "not shown",
                f"always answering the largest class: {guess.accuracy:.0%} right",
                not is_better,
            )
        )
    if audit is not None:
        n = len(audit.findings)
        serious = [finding.kind for finding in audit.findings if finding.serious]
        what = ", ".join(serious) or (
            count_of(n, "smaller finding") if n else "nothing found"
        )
        tiles.append(
            _Tile("Audit", "serious" if serious else "sound", what, bool(serious))
        )
    return tiles


def _say_which(comparison: "Comparison") -> str:
    best, is_alone = comparison.best_name, len(comparison.pipelines) == 1
    if not is_worth_taking(comparison):
        which = "it" if is_alone else f"the best, {best},"
        return (
            f"Take none yet: {which} is not shown to be better than always guessing "
            "the largest class."
        )
    if is_alone:
        return f"{best} has learnt something: it is better than guessing."
    pairs = [p for p in comparison.pairs if best in (p.first, p.second)]
    if not pairs:
        return f"Take {best}: its score ({comparison.scoring}) is the highest."
    alike = [
        pair.second if pair.first == best else pair.first
        for pair in pairs
        if not pair.is_significant
    ]
    if alike:
        return (
            f"Take {best}: its score ({comparison.scoring}) is the highest. "
            f"The data do not show that it is better than {' or '.join(alike)}."
        )
    return (
        f"Take {best}: its score ({comparison.scoring}) is the highest, and the lead "
        "is larger than chance explains."
    )


def _say_what_limits(comparison: "Comparison") -> str:
    audit = comparison.audit
    if audit is not None and not audit.is_sound:
        serious = [f for f in audit.findings if f.serious]
        kinds = (f.message if f.kind == "no face" else f.kind for f in serious)
        return f"The images limit this result: {'; '.join(kinds)}."
    people = comparison.people
    if people is None or comparison.table.groups_are_videos:
        return (
            "Nobody said who is shown. If people have several pictures, the result may "
            "be worse for new people."
        )
    if _shares_people(comparison):
        return (
            "The same people are trained and tested on. The result will be worse for "
            "new people."
        )
    n_people = len(set(people.tolist()))
    if n_people < FEW_PEOPLE:
        shown = "1 person" if n_people == 1 else f"{n_people} people"
        return f"The test pictures show {shown} only, which says little about others."
    if comparison.n_images < _FEW_IMAGES:
        best = comparison.scores[comparison.best_name]
        return (
            f"There are {comparison.n_images:,} test pictures only. Of new pictures, "
            f"{best.accuracy_low:.0%} to {best.accuracy_high:.0%} may be right."
        )
    if not comparison.n_train:
        return (
            "It holds for pictures like these. With other cameras, light, ages or ways "
            "to show a feeling it may be worse."
        )
    return (
        "It was tested on people that it had not seen in training, in pictures of the "
        "same kind. With other cameras, light, ages or ways to show a feeling it may "
        "be worse."
    )


def _shares_people(comparison: "Comparison") -> bool:
    """Whether somebody is trained and tested on in one fold."""
    groups = comparison.table.groups
    return any(
        bool(np.isin(groups[test], groups[train]).any())
        for train, test in comparison.folds
    )

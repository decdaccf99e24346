"""What a comparison found, in plain sentences."""

from typing import TYPE_CHECKING

import numpy as np

from skfer._text import count_of
from skfer.model_selection._pair import Pair
from skfer.model_selection._people import FEW_PEOPLE
from skfer.model_selection._score import Score
from skfer.model_selection._scores import is_tested
from skfer.model_selection._wording import MAJORITY, is_share, show_count, show_p_value

if TYPE_CHECKING:
    from skfer.model_selection._comparison import Comparison

_FEW_IN_CLASS = 20  # Test images, below which the score of a class says little.


def write_verdict(comparison: "Comparison") -> str:
    """Say which model to take, how good it is, and what that rests on.

    Parameters
    ----------
    comparison : Comparison
        What was found.

    Returns
    -------
    str
        A few sentences.
    """
    best = comparison.scores[comparison.best_name]
    sentences = [
        _say_how_good(comparison, best),
        _say_whether_learnt(comparison),
        *_say_how_others_differ(comparison, best),
        _say_what_was_tested(comparison),
        _say_for_whom(comparison),
        *_say_what_is_small(comparison),
    ]
    return " ".join(filter(None, sentences))


def _say_how_good(comparison: "Comparison", best: Score) -> str:
    n = comparison.n_images
    who = "" if comparison.people is None else f" of {_count_people(comparison)}"
    right = f"{show_count(best.n_correct)} of {n:,} test pictures{who} right"
    take = f"Take {best.model}"
    is_alone = len(comparison.pipelines) == 1
    if not is_worth_taking(comparison):
        none = f"Don't take {best.model} yet" if is_alone else "Take none of them yet"
        take = none if is_alone else f"{none}; the best is {best.model}"
    elif is_alone:
        take = best.model
    if comparison.scoring == "accuracy":
        bounds = f"95% interval {_show_bounds(comparison, best)}"
        return f"{take}: {right} ({_show(comparison, best.score)}, {bounds})."
    score = f"{comparison.scoring} {_show(comparison, best.score)}"
    if not np.isnan(best.score_low):
        score += f" (95% interval {_show_bounds(comparison, best)})"
    return f"{take}: {score}, {right}."


def _say_whether_learnt(comparison: "Comparison") -> str:
    guess = comparison.scores[MAJORITY]
    always = "always guessing the largest class"
    reached = f"{show_count(guess.n_correct)} right, {_show(comparison, guess.score)}"
    chance = comparison.against_majority
    if chance is None:
        return f"{always.capitalize()} reaches {_show(comparison, guess.score)}."
    p_value = show_p_value(chance.p_value)
    if is_worth_taking(comparison):
        return f"This is better than {always} ({reached}; {p_value})."
    return (
        f"It is not shown that this is better than {always} ({reached}; {p_value}): "
        "nothing may have been learnt."
    )


def is_worth_taking(comparison: "Comparison") -> bool:
    """Whether the best model is shown to be better than guessing.

    Where there is no test, a better score is enough.
    """
    chance = comparison.against_majority
    if chance is None:
        scores = comparison.scores
        return scores[comparison.best_name].score > scores[MAJORITY].score
    return chance.is_significant and chance.difference > 0


def _say_how_others_differ(comparison: "Comparison", best: Score) -> list[str]:
    names = [name for name in comparison.scores if name not in (best.model, MAJORITY)]
    if not names:
        return []
    if not is_tested(comparison):
        ranked = ", ".join(
            f"{name} {_show(comparison, comparison.scores[name].score)}"
            for name in names
        )
        return [
            f"The others: {ranked}. A single test part can't show whether these differ "
            "by more than chance; compare by accuracy or f1_macro, or over folds."
        ]
    pairs = {}
    for pair in comparison.pairs:
        if best.model in (pair.first, pair.second):
            pairs[pair.second if pair.first == best.model else pair.first] = pair
    better = [name for name in names if pairs[name].is_significant]
    equal = [name for name in names if not pairs[name].is_significant]
    sentences = []
    if better:
        shown = " and ".join(_show_rival(comparison, n, pairs[n]) for n in better)
        sentences.append(f"It is better than {shown}.")
    if equal:
        shown = " and ".join(_show_rival(comparison, n, pairs[n]) for n in equal)
        sentences.append(f"The data do not show that it is better than {shown}.")
        smallest = [pairs[name].smallest_difference for name in equal]
        if np.isinf(smallest).any():
            sentences.append(
                f"Pictures of {_count_people(comparison)} could not have shown any "
                "difference between these models."
            )
        elif is_share(comparison.scoring) and np.nanmin([np.inf, *smallest]) >= 1:
            what = count_of(comparison.n_folds, "fold")
            sentences.append(f"With only {what}, no difference could have been shown.")
        elif is_share(comparison.scoring) and not np.isnan(smallest).all():
            sentences.append(
                f"With these pictures, a true difference below about "
                f"{100 * np.nanmax(smallest):.1f} points would mostly go unnoticed."
            )
    return sentences


def _show_rival(comparison: "Comparison", name: str, pair: Pair) -> str:
    score = _show(comparison, comparison.scores[name].score)
    return f"{name} ({score}; {show_p_value(pair.corrected_p_value)})"


def _say_what_was_tested(comparison: "Comparison") -> str:
    if not is_tested(comparison):
        return ""
    test = "McNemar's exact test"
    unit = "video" if comparison.table.groups_are_videos else "person"
    if comparison.n_folds > 1:
        test = "corrected resampled t test"
    elif comparison.scoring == "f1_macro":
        test = "paired bootstrap"
        if comparison.people is not None:
            test += f" by {unit}"
    if comparison.people is not None and comparison.scoring == "accuracy":
        test += f" and sign-flip test by {unit}, the larger p"
    elif comparison.people is not None and comparison.n_folds > 1:
        test += f" and paired bootstrap by {unit}, the larger p"
    if len(comparison.pipelines) > 2:
        test += ", Holm-corrected"
    if comparison.n_folds > 1:
        return (
            f"Each model was trained {comparison.n_folds} times, and tested each time "
            f"on pictures that it had not seen ({test})."
        )
    if not comparison.n_train:
        return f"The p-value is that of {test}."
    if len(comparison.pipelines) == 1:
        return (
            "It was trained once, on one split; another split may give another result "
            f"({test})."
        )
    return (
        "This compares models that were trained once, on one split; another split may "
        f"rank them differently ({test})."
    )


def _say_for_whom(comparison: "Comparison") -> str:
    if comparison.people is None:
        return (
            "People unknown: if people have several pictures, the results for new "
            "people are worse and less certain; pass groups."
        )
    if comparison.table.groups_are_videos:
        return (
            "People unknown: if several videos show one person, the results for new "
            "people are worse and less certain; pass groups."
        )
    n = len(set(comparison.people.tolist()))
    if n < FEW_PEOPLE:
        return (
            f"The test pictures show {n} people only: too few to say how good it is "
            "for new people."
            if n != 1
            else "The test pictures show one person only, which says nothing about "
            "others."
        )
    if n == comparison.n_images:
        return (
            "According to groups, each test picture shows someone else. If that is not "
            "so, pass groups that say who is shown."
        )
    return ""


def _say_what_is_small(comparison: "Comparison") -> list[str]:
    sentences = []
    if comparison.n_copies:
        sentences.append(
            "Each picture counts once: left out of the test parts: "
            f"{count_of(comparison.n_copies, 'copy')}."
        )
    y_test = comparison.table["target"][np.unique(comparison.test_rows)]
    names, counts = np.unique(y_test, return_counts=True)
    small = [
        f"{name} ({count})"
        for name, count in zip(names.tolist(), counts.tolist(), strict=True)
        if count < _FEW_IN_CLASS
    ]
    if small:
        sentences.append(
            f"Fewer than {_FEW_IN_CLASS} test pictures: {', '.join(small)}; the "
            "interval of macro F1 is too narrow."
        )
    return sentences


def _count_people(comparison: "Comparison") -> str:
    assert comparison.people is not None
    n = len(set(comparison.people.tolist()))
    if comparison.table.groups_are_videos:
        return count_of(n, "video")
    return "1 person" if n == 1 else f"{n:,} people"


def _show(comparison: "Comparison", score: float) -> str:
    return f"{score:.1%}" if is_share(comparison.scoring) else f"{score:.3f}"


def _show_bounds(comparison: "Comparison", score: Score) -> str:
    low, high = score.score_low, score.score_high
    if is_share(comparison.scoring):
        return f"{100 * low:.1f} to {100 * high:.1f}"
    return f"{low:.3f} to {high:.3f}"

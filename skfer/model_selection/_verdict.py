"""What a comparison found, in plain sentences."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from skfer.model_selection._scores import Pair, compare_pairs, is_tested
from skfer.model_selection._wording import MAJORITY, is_share, show_p_value

if TYPE_CHECKING:
    from skfer.model_selection._comparison import Comparison


def write_verdict(comparison: "Comparison") -> str:
    """Say which models differ, and whether the best one beats guessing.

    Parameters
    ----------
    comparison : Comparison
        What was found.

    Returns
    -------
    str
        A few sentences.
    """
    models = {
        name: score.score
        for name, score in comparison.scores.items()
        if name != MAJORITY
    }
    best, top = next(iter(models.items()))
    where = f"on {len(np.unique(comparison.test_rows)):,} images"
    if comparison.n_folds > 1:
        where += f" in {comparison.n_folds} folds"

    def show(score: float) -> str:
        return f"{score:.1%}" if is_share(comparison.scoring) else f"{score:.3f}"

    sentences = []
    if not is_tested(comparison) and len(models) > 1:
        ranked = ", ".join(f"{name} {show(score)}" for name, score in models.items())
        sentences.append(
            f"{comparison.scoring} {where}: {ranked}. A single test part can't show "
            "whether these differ by more than chance; compare by accuracy, or "
            "over folds."
        )
    for is_better in (True, False):
        pairs = [
            pair
            for pair in comparison.pairs
            if best in (pair.first, pair.second) and pair.is_significant == is_better
        ]
        if not pairs:
            continue
        others = [p.second if p.first == best else p.first for p in pairs]
        names = " and ".join(filter(None, [", ".join(others[:-1]), others[-1]]))
        claim = (
            f"{best} is better than {names} {where}"
            if is_better
            else f"{best} and {names} do not differ significantly {where}"
        )
        shares = ", ".join(show(models[name]) for name in others)
        scores = f"{show(top)} against {shares} {comparison.scoring}"
        sentences.append(f"{claim}: {scores} ({_name_test(comparison, pairs)}).")
    if len(models) == 1:
        sentences.append(f"{best} reaches {show(top)} {comparison.scoring} {where}.")
    majority = show(comparison.scores[MAJORITY].score)
    guess = f"Always guessing the largest class would reach {majority}"
    return " ".join([*sentences, f"{guess}{_doubt(comparison, best)}."])


def _doubt(comparison: "Comparison", best: str) -> str:
    """Say so where the best model is not shown to beat guessing."""
    if not is_tested(comparison):
        return ""
    (chance,) = compare_pairs(comparison, [(best, MAJORITY)])
    if chance.is_significant and chance.difference > 0:
        return ""
    test = _name_test(comparison, [chance], corrected=False)
    return f", and {best} is not shown to be better ({test})"


def _name_test(
    comparison: "Comparison", pairs: Sequence[Pair], *, corrected: bool = True
) -> str:
    texts = [show_p_value(pair.corrected_p_value) for pair in pairs]
    test = "McNemar's exact test"
    if comparison.n_folds > 1:
        test = "corrected resampled t test"
    holm = ", Holm-corrected" if corrected and len(comparison.scores) > 3 else ""
    return f"{test}, {', '.join(texts)}{holm}"

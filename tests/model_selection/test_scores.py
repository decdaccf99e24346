"""Statistics agree with statsmodels, and are computed once."""

import pytest
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

from tests.model_selection.made_up import make


def test_one_test_part_is_judged_by_mcnemar():
    comparison = make({"cnn": 0.95, "hog": 0.7, "lbp": 0.93})
    names = [(pair.first, pair.second) for pair in comparison.pairs]
    assert names == [("cnn", "lbp"), ("cnn", "hog"), ("lbp", "hog")]
    p_values = []
    for pair in comparison.pairs:
        a, b = (
            comparison.predictions[name] == comparison.y_test
            for name in (pair.first, pair.second)
        )
        table = [[(a & b).sum(), (a & ~b).sum()], [(~a & b).sum(), (~a & ~b).sum()]]
        p_values.append(mcnemar(table, exact=True).pvalue)
        assert pair.p_value == pytest.approx(p_values[-1])
        assert pair.difference == pytest.approx(a.mean() - b.mean())
    corrected = multipletests(p_values, method="holm")[1]
    assert [p.corrected_p_value for p in comparison.pairs] == pytest.approx(corrected)
    verdict = comparison.verdict
    assert verdict.startswith(
        "cnn is better than hog on 120 images: 95.0% against 70.0% accuracy (McNemar's "
        "exact test, p < 0.001, Holm-corrected)."
    )
    assert "cnn and lbp do not differ significantly on 120 images: 95.0% ag" in verdict
    assert verdict.endswith("Always guessing the largest class would reach 50.0%.")


def test_statistics_are_computed_once(monkeypatch):
    from skfer.model_selection import _scores

    asked = []
    test = _scores.mcnemar_p_value

    def count(*arguments):
        asked.append(arguments)
        return test(*arguments)

    monkeypatch.setattr(_scores, "mcnemar_p_value", count)
    comparison = make({"cnn": 0.95, "hog": 0.7, "lbp": 0.6})
    for _ in range(3):
        assert comparison.verdict
        assert comparison.pairs
        assert comparison.summary
    # Three pairs, and the best one against guessing.
    assert len(asked) == 4

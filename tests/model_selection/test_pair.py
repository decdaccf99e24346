"""Two models differ if the corrected p-value says so."""

import pytest

from skfer.model_selection import Pair
from tests.model_selection.made_up import make


@pytest.mark.parametrize(
    "corrected, expected", [(0.0499, True), (0.05, False), (0.06, False)]
)
def test_only_the_corrected_p_value_counts(corrected, expected):
    pair = Pair("hog", "lbp", 0.1, p_value=0.001, corrected_p_value=corrected)
    assert pair.is_significant is expected


def test_the_better_model_is_the_first():
    (pair,) = make({"lbp": 0.7, "hog": 0.9}).pairs
    assert (pair.first, pair.second) == ("hog", "lbp")
    assert pair.difference > 0

"""The test of two models against each other."""

from dataclasses import dataclass

SIGNIFICANT = 0.05  # P-values below it.


@dataclass(frozen=True)
class Pair:
    """The test of two models against each other.

    Attributes
    ----------
    first, second : str
        Names of the models, the better one first.
    difference : float
        Mean score of the first minus that of the second.
    p_value : float
        The larger one of two tests. By picture: McNemar's exact test on one test part,
        else the corrected resampled t test over folds. By person, if groups are known:
        a sign-flip permutation test. For macro F1 on one test part a paired bootstrap.
    corrected_p_value : float
        The same, with Holm's correction for the number of pairs.
    smallest_difference : float
        A true difference that would have been found in four of five experiments like
        this one, by the strictest step of Holm's correction; nan if unknown, infinite
        if so few people are shown that no difference would have been.

    Examples
    --------
    >>> from skfer.model_selection import Pair
    >>> Pair("hog", "lbp", 0.1, p_value=0.02, corrected_p_value=0.06).is_significant
    False
    """

    first: str
    second: str
    difference: float
    p_value: float
    corrected_p_value: float
    smallest_difference: float = float("nan")

    @property
    def is_significant(self) -> bool:
        """Whether the corrected p-value is below 0.05."""
        return self.corrected_p_value < SIGNIFICANT

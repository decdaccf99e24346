"""Comparison on the same images, with intervals, tests and leak-free splits."""

from skfer.model_selection._comparison import Comparison, Score, compare_classifiers
from skfer.model_selection._intervals import (
    accuracy_interval,
    macro_f1_interval,
    mcnemar_p_value,
)
from skfer.model_selection._progress import ProgressDisplay
from skfer.model_selection._splits import split_train_test

__all__ = [
    "Comparison",
    "ProgressDisplay",
    "Score",
    "accuracy_interval",
    "compare_classifiers",
    "macro_f1_interval",
    "mcnemar_p_value",
    "split_train_test",
]

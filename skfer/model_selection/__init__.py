"""Comparison on the same images, with intervals, tests and leak-free splits."""

from skfer.model_selection._comparison import Comparison, Score, compare_classifiers
from skfer.model_selection._intervals import (
    accuracy_interval,
    macro_f1_interval,
    mcnemar_p_value,
)
from skfer.model_selection._leak_free_k_fold import LeakFreeKFold
from skfer.model_selection._progress import ProgressDisplay
from skfer.model_selection._split_images import train_test_split_images

__all__ = [
    "Comparison",
    "LeakFreeKFold",
    "ProgressDisplay",
    "Score",
    "accuracy_interval",
    "compare_classifiers",
    "macro_f1_interval",
    "mcnemar_p_value",
    "train_test_split_images",
]

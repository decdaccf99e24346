"""Comparison on the same images, with intervals, tests and leak-free splits."""

from skfer.model_selection._compare_pipelines import compare_pipelines
from skfer.model_selection._comparison import Comparison
from skfer.model_selection._find_confidence_threshold import find_confidence_threshold
from skfer.model_selection._fold_fit import FoldFit
from skfer.model_selection._intervals import (
    accuracy_interval,
    macro_f1_interval,
    mcnemar_p_value,
)
from skfer.model_selection._label_issues import LabelIssues, find_label_issues
from skfer.model_selection._leak_free_k_fold import LeakFreeKFold
from skfer.model_selection._leak_free_shuffle_split import LeakFreeShuffleSplit
from skfer.model_selection._learning_curve import (
    LearningCurve,
    learning_curve_images,
)
from skfer.model_selection._make_calibrated import make_calibrated
from skfer.model_selection._make_ensemble import make_ensemble
from skfer.model_selection._pair import Pair
from skfer.model_selection._paired_tests import (
    corrected_t_test,
    five_by_two_p_value,
    holm_correction,
)
from skfer.model_selection._people import (
    clustered_accuracy_interval,
    sign_flip_p_value,
)
from skfer.model_selection._progress import ProgressDisplay
from skfer.model_selection._score import Score
from skfer.model_selection._search_space import search_space
from skfer.model_selection._selective_classifier import SelectiveClassifier
from skfer.model_selection._slices import Slice, score_slices
from skfer.model_selection._train_test_split_images import train_test_split_images

__all__ = [
    "Comparison",
    "FoldFit",
    "LabelIssues",
    "LeakFreeKFold",
    "LeakFreeShuffleSplit",
    "LearningCurve",
    "Pair",
    "ProgressDisplay",
    "Score",
    "SelectiveClassifier",
    "Slice",
    "accuracy_interval",
    "clustered_accuracy_interval",
    "compare_pipelines",
    "corrected_t_test",
    "find_confidence_threshold",
    "find_label_issues",
    "five_by_two_p_value",
    "holm_correction",
    "learning_curve_images",
    "macro_f1_interval",
    "make_calibrated",
    "make_ensemble",
    "mcnemar_p_value",
    "score_slices",
    "search_space",
    "sign_flip_p_value",
    "train_test_split_images",
]

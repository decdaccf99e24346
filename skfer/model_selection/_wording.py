"""How results are named, and how scores and p-values are formatted."""

import numpy as np

MAJORITY = "majority"  # The baseline that every comparison has.

_SHARES = ("accuracy", "balanced_accuracy", "f1", "precision", "recall", "jaccard",
           "roc_auc", "average_precision", "top_k_accuracy")  # fmt: skip


def show_p_value(p_value: float) -> str:
    """Format a p-value; tiny ones are given as an upper bound."""
    return "p < 0.001" if p_value < 0.001 else f"p = {p_value:.3f}"


def show_count(count: float) -> str:
    """Write how many pictures are right: a mean of several tests may be no integer."""
    about = "" if float(count).is_integer() else "about "
    return f"{about}{count:,.0f}"


def is_share(scoring: str) -> bool:
    """Whether a scorer of scikit-learn gives numbers of 0..1."""
    return scoring.startswith(_SHARES)


def show_interval(
    value: float, low: float, high: float, scoring: str = "accuracy"
) -> str:
    """Write a score with its interval in brackets, if it has one."""
    if not is_share(scoring):
        bounds = "" if np.isnan(low) else f" ({low:.3f} to {high:.3f})"
        return f"{value:.3f}{bounds}"
    bounds = "" if np.isnan(low) else f" ({low * 100:.1f} to {high * 100:.1f})"
    return f"{value:.1%}{bounds}"

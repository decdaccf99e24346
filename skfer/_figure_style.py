"""How figures look, everywhere the same."""

from typing import Any

#: Safe for colour-blind readers, after Okabe and Ito.
COLORS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442")
#: What was measured on training images, and on others.
TRAINING, TEST = COLORS[0], COLORS[5]


def show_percent(axis: Any) -> None:
    """Label an axis of shares, 0..1, in per cent, as the tables are."""
    from matplotlib.ticker import PercentFormatter

    axis.set_major_formatter(PercentFormatter(1))

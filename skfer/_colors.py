"""Colours of figures, safe for colour-blind readers, after Okabe and Ito."""

COLORS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442")
#: What was measured on training images, and on others.
TRAINING, TEST = COLORS[0], COLORS[5]

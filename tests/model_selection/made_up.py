"""Comparisons of models that are right as often as a test wants."""

import numpy as np
from sklearn.naive_bayes import GaussianNB

from skfer.datasets import ImageTable
from skfer.model_selection import Comparison, FoldFit

ROWS = np.arange(120)


def make(shares, n_folds=1, seed=0, scoring="accuracy", groups=None, n_copies=0):
    """A comparison of models that are right for these shares of 120 images."""
    rng = np.random.default_rng(seed)
    truth = np.repeat(["happy", "sad"], [60, 60])
    wrong = np.where(truth == "sad", "happy", "sad")
    predictions = {
        name: np.where(rng.permutation(120) < share * 120, truth, wrong)
        for name, share in shares.items()
    }
    predictions["majority"] = np.full(120, "happy")
    folds = {
        name: np.array([part.mean() for part in np.split(p == truth, n_folds)])
        for name, p in predictions.items()
    }
    fits = {
        name: [
            FoldFit(predicted=part, score=score, fit_seconds=2.0, n_bytes=1_500_000)
            for part, score in zip(np.split(p, n_folds), folds[name], strict=True)
        ]
        for name, p in predictions.items()
    }
    pipelines = {name: GaussianNB() for name in shares}
    table = ImageTable(np.zeros((120, 4, 4), np.uint8), truth, groups=groups)
    tested = np.split(ROWS, n_folds)
    splits = [(np.setdiff1d(ROWS, rows) if n_folds > 1 else ROWS[:1], rows)
              for rows in tested]  # fmt: skip
    return Comparison(table, pipelines, splits, fits, scoring, n_copies)

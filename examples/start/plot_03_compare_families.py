"""
LBP+SVM, HOG+SVM and a network on the same folds
================================================

Two accuracies that differ in the third decimal, each from its own random split: that is
how models are compared in most reports. Here all train and test on the same folds, and
a test says whether the difference is more than chance.
"""

from skfer import FaceAugmentation, make_cnn, make_hog_svm, make_lbp_svm
from skfer.datasets import make_faces
from skfer.inspection import ComparisonDisplay
from skfer.model_selection import (
    Comparison,
    FoldFit,
    Pair,
    Score,
    compare_pipelines,
    corrected_t_test,
    holm_correction,
    mcnemar_p_value,
)

faces = make_faces(350, n_subjects=25, random_state=0)
pipelines = {
    "lbp-svm": make_lbp_svm(image_size=32),
    "hog-svm": make_hog_svm(image_size=32),
    "cnn": make_cnn(
        image_size=32,
        filters=(16, 32, 64),
        dropout=0.2,
        augment=FaceAugmentation(rotation=0.05, shift=0.05, zoom=0.05, erase=0),
        epochs=20,
        random_state=0,
    ),
}

# %%
# Folds are stratified and keep people and copies together (`LeakFreeKFold`).

comparison: Comparison = compare_pipelines(pipelines, faces, cv=4)
print(comparison.summary)

# %%
# The tests of all pairs behind the verdict. With three models there are three tests;
# Holm's correction keeps the chance of even one false positive at 5%.

for pair in comparison.pairs:
    # sphinx_gallery_start_ignore
    assert isinstance(pair, Pair)
    # sphinx_gallery_end_ignore
    difference = f"{pair.first} - {pair.second}: {pair.difference:+.3f}"
    print(f"{difference}, p = {pair.corrected_p_value:.3f}")
ComparisonDisplay.from_comparison(comparison)

# %%
# The same by hand
# ----------------
# Folds share training pictures, so a plain t test is overconfident; the corrected one
# widens the interval.

hog, lbp = (comparison.fold_scores[name] for name in ("hog-svm", "lbp-svm"))
p_value, interval = corrected_t_test(hog - lbp, 262, 88)
print(f"HOG - LBP: p = {p_value:.4f}, {interval[0]:+.2f} to {interval[1]:+.2f}")

# %%
# On one test part McNemar's test counts the pictures that only one of the two gets
# right: here those of the first fold.

_, tested = comparison.folds[0]
hog_fold: FoldFit = comparison.fits["hog-svm"][0]
lbp_fold = comparison.fits["lbp-svm"][0]
on_images = mcnemar_p_value(
    faces.target[tested], hog_fold.predicted, lbp_fold.predicted
)
print(f"McNemar: p = {on_images:.2g}")
print(f"three tests at 0.02 count as {holm_correction([0.02, 0.02, 0.02])}")

# %%
# `save_report` puts all of this on one page; `this one <../../example-report.html>`__
# was written when these pages were built.
#
# **Conclusion.** On these drawings edges (HOG) beat texture (LBP) by more than chance;
# every model beats guessing.

# sphinx_gallery_start_ignore
scores: dict[str, Score] = comparison.scores
assert scores["hog-svm"].score > scores["lbp-svm"].score
assert p_value < 0.05
assert min(scores[name].score_low for name in pipelines) > scores["majority"].score
# sphinx_gallery_end_ignore

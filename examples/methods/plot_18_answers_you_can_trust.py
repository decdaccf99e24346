"""
Would more images help, and when should it not answer?
======================================================

A classifier is trained, and two questions are left. Is it worth collecting more images?
And which of its answers can be trusted? scikit-learn has the tools for both; skfer adds
folds without leaks.
"""

from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import cross_val_predict

from skfer import make_hog_svm
from skfer.datasets import make_faces
from skfer.inspection import ReliabilityDisplay, RiskCoverageDisplay
from skfer.model_selection import (
    LeakFreeKFold,
    LearningCurve,
    SelectiveClassifier,
    find_confidence_threshold,
    learning_curve_images,
    make_calibrated,
    train_test_split_images,
)

faces = make_faces(900, image_size=24, n_subjects=150, noise=0.06, random_state=0)
train, test = train_test_split_images(faces)
pipeline = make_hog_svm(image_size=24)

# %%
# Would more images help?
# -----------------------
# The model is trained on an eighth, a quarter and half of the people as well. Where the
# curve still rises at its end, more people are worth their trouble; where it is flat,
# better labels or another model are.

curve: LearningCurve = learning_curve_images(pipeline, train)
print(curve.verdict)
curve.plot()

# %%
# What a probability means
# ------------------------
# A support vector machine has none. `make_calibrated` puts scikit-learn's
# `CalibratedClassifierCV` around it, with folds in which no image has a copy on the
# other side. Of answers with a confidence of 80%, about 80% should be right. Even a
# perfect classifier is off by a few points with so few images: compare both numbers.

calibrated = make_calibrated(pipeline).fit(train.images, train.target)
reliability = ReliabilityDisplay.from_estimator(calibrated, test.images, test.target)

# %%
# Answer only where it is sure
# ----------------------------
# The surer it is, the more of its answers are right. The curve shows what each
# threshold would give: the fewer images are answered, the better the answers.

risk = RiskCoverageDisplay.from_estimator(calibrated, test.images, test.target)

# %%
# How sure must it be, so that nine of ten answers are right? The threshold is chosen on
# predictions for training images that were left out in turn, never on test images, and
# such that chance alone hardly explains their accuracy.

folds = list(LeakFreeKFold(4).split(train))
shares = cross_val_predict(
    make_calibrated(pipeline),
    train.images,
    train.target,
    cv=folds,
    method="predict_proba",
)
threshold = find_confidence_threshold(
    train.target,
    calibrated.classes_[shares.argmax(axis=1)],
    shares.max(axis=1),
    accuracy=0.9,
    groups=train.groups,
)
careful = SelectiveClassifier(FrozenEstimator(calibrated), threshold)
answers = careful.fit(train.images, train.target).predict(test.images)
answered = answers != "unknown"
plain = calibrated.score(test.images, test.target)
selected = (answers == test.target)[answered].mean()
print(f"threshold {threshold:.2f}: {answered.mean():.0%} of the images are answered")
print(f"right: {selected:.0%} of these answers, {plain:.0%} if it answers everything")

# %%
# **Conclusion.** More people still help. The probabilities hold, and a classifier that
# may say "unknown" is right more often where it does answer.

# sphinx_gallery_start_ignore
assert curve.low > 0
assert reliability.error < reliability.expected_error + 0.06
assert risk.accuracy[len(risk.accuracy) // 2] > risk.accuracy[-1]
assert 0.2 < answered.mean() < 1
assert selected > max(plain, 0.87)
# sphinx_gallery_end_ignore

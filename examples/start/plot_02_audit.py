"""
Auditing a data set
===================

In FER-2013, the set that most people train on, more than a fifth of the validation
pictures are also in the training part (``skfer audit fer2013/train --against
fer2013/validation``): some are equal in every pixel, the others are cropped or saved
again. An audit finds such things in a minute or two, before they turn into a good
score. Here a data set is drawn with several of these faults.
"""

import tempfile
from pathlib import Path

import numpy as np

from skfer import make_hog_svm
from skfer.datasets import (
    Finding,
    ImageAudit,
    ImageTable,
    audit_images,
    find_copies,
    make_faces,
)
from skfer.inspection import PredictionsDisplay, save_audit
from skfer.model_selection import LabelIssues, LeakFreeKFold, find_label_issues

faces = make_faces(300, classes=["happy", "sad"], n_copies=90, random_state=0)
images, target = faces.images.copy(), faces.target.copy()
images[7] = 0  # A black picture,
copy = int(np.flatnonzero(faces.copy_of != np.arange(300))[0])
target[copy] = "happy" if target[copy] == "sad" else "sad"  # and a label in doubt.

# %%
# The report
# ----------
# With the part of each picture given, leaks between the parts are reported too.

split = np.where(np.arange(300) % 3 == 0, "test", "train")
table = ImageTable(images, target, split=split)
audit = audit_images(table)
# sphinx_gallery_start_ignore
assert isinstance(audit, ImageAudit)
# sphinx_gallery_end_ignore
print(audit.summary)

# %%
# The figure counts every image concerned: a picture and its copy are two.

audit.plot()

# %%
# Findings are lists of rows, so that a program can act on them; `save_audit` writes
# the pictures side by side into one HTML page.

first: Finding = audit.findings[0]
print(first.kind, first.serious, first.rows[:3])
with tempfile.TemporaryDirectory() as folder:
    print(save_audit(audit, Path(folder, "audit.html")).name)

# %%
# What a leak does to the score
# -----------------------------
# Labels at random can't be learnt. With copies on both sides of a split they seem
# to be: the classifier memorises the label of the copy.

rng = np.random.default_rng(0)
copies = find_copies(table)
nonsense = rng.choice(["happy", "sad"], 300)[np.unique(copies, return_inverse=True)[1]]
model = make_hog_svm(image_size=32).set_params(classifier__C=100)


def score(train, test):
    """Accuracy of the model on one fold of nonsense."""
    model.fit(images[train], nonsense[train])
    return model.score(images[test], nonsense[test])


rows = rng.permutation(300)
leaky = np.mean([score(np.setdiff1d(rows, f), f) for f in np.array_split(rows, 5)])
folds = LeakFreeKFold(5).split(images, nonsense)
honest = np.mean([score(train, test) for train, test in folds])
print(f"random split {leaky:.0%}, leak-free split {honest:.0%}, chance 50%")

# %%
# Which labels look wrong?
# ------------------------
# `find_label_issues` ranks images by how clearly models that have not seen them
# contradict their labels. Here a tenth of the labels is wrong on purpose.

noisy = make_faces(280, classes=["happy", "sad"], label_noise=0.1, random_state=0)
issues: LabelIssues = find_label_issues(noisy, make_hog_svm(image_size=24))
print(issues.to_frame().head())
first = issues.rows[:10]
display = PredictionsDisplay.from_predictions(
    noisy.images[first], issues.label[:10], issues.suggestion[:10]
)
display.figure_.suptitle("true: the label given; predicted: what the models suggest")
found = noisy.is_mislabelled[issues.rows[:20]].mean()
print(f"{found:.0%} of the first 20 are indeed wrong")

# %%
# **Conclusion.** The audit found the copies, the blank picture and the contradiction,
# and only the random split made nonsense look learnable.

kinds = {finding.kind for finding in audit.findings}
print(sorted(kinds))
# sphinx_gallery_start_ignore
assert not audit.is_sound
assert len(audit.keep()) <= 300 - 90
assert leaky > honest + 0.08
assert abs(honest - 0.5) < 0.1
assert found > 0.8
# sphinx_gallery_end_ignore

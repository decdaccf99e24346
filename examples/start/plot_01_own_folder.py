"""
From a folder of photos to a report
===================================

You have pictures in class folders. This page goes all the way: look at the pictures,
check them, hold out a test part, compare three kinds of classifiers, and write a
report. The pictures are drawn here; replace the folder by your own.
"""

import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from skfer import FaceAugmentation, make_cnn, make_hog_svm, make_lbp_svm
from skfer.datasets import audit_images, make_faces, read_images
from skfer.inspection import (
    ClassBalanceDisplay,
    ComparisonDisplay,
    ConfusionFacesDisplay,
    SampleFacesDisplay,
    save_comparison,
    save_report,
)
from skfer.model_selection import LeakFreeShuffleSplit, compare_pipelines

place = tempfile.TemporaryDirectory()
folder = Path(place.name, "photos")
drawn = make_faces(
    420, classes=["happy", "neutral", "sad"], n_subjects=60, noise=0.06, random_state=0
)
for number, (image, label) in enumerate(zip(drawn.images, drawn.target, strict=True)):
    (folder / label).mkdir(parents=True, exist_ok=True)
    person = drawn.groups[number]
    Image.fromarray(image).save(folder / label / f"p{person:02}_{number:03}.png")

# %%
# Load
# ----
# Names of folders become labels. The pattern extracts from a file name who is shown.

faces = read_images(folder, groups=r"^(p\d+)")
print(faces.summary)

# %%

SampleFacesDisplay.from_images(faces, faces.target)

# %%
# Check
# -----
# Copies, people on both sides of a split, broken files and blank pictures are found
# before anything is trained.

print(audit_images(faces).summary)

# %%
# Split
# -----
# No person is in both parts, nor a copy of a picture.

((train, test),) = LeakFreeShuffleSplit().split(faces)
# sphinx_gallery_start_ignore
assert not set(faces.groups[train]) & set(faces.groups[test])
# sphinx_gallery_end_ignore
split = np.where(np.isin(np.arange(len(faces)), test), "test", "train")
ClassBalanceDisplay.from_labels(faces.target, split)

# %%
# Compare
# -------
# A Pipeline goes from paths to labels. All are tested on the same pictures, next to a
# baseline that always predicts the largest class.

pipelines = {
    "lbp-svm": make_lbp_svm(image_size=32),
    "hog-svm": make_hog_svm(image_size=32),
    "cnn": make_cnn(
        image_size=32,
        filters=(16, 32, 64),
        dropout=0.2,
        # Drawings vary less than photographs, for which the defaults are made.
        augment=FaceAugmentation(rotation=0.05, shift=0.05, zoom=0.05, erase=0),
        epochs=20,
        random_state=0,
    ),
}
comparison = compare_pipelines(pipelines, faces, cv=[(train, test)])
print(comparison.summary)
ComparisonDisplay.from_comparison(comparison)

# %%
# The matrix shows which classes are confused with which; each cell has the face with
# the most confident prediction.

(model,) = comparison.estimators[comparison.best_name]
ConfusionFacesDisplay.from_estimator(model, faces.X[test], faces.target[test])

# %%
# Save
# ----
# One HTML file holds the data, the audit, the table, the figures and the parameters;
# `save_comparison` writes the table as CSV and the figures as PNG.

report = save_report(
    comparison, folder.parent / "report.html", title="Happy, neutral or sad"
)
files = save_comparison(comparison, folder.parent / "results")
print(report.name, [file.name for file in files])

# %%
# **Conclusion.** All three classifiers beat guessing by more than chance can explain:
# their intervals lie above the share of the largest class.

# sphinx_gallery_start_ignore
majority = comparison.scores["majority"]
for name in pipelines:
    assert comparison.scores[name].accuracy_low > majority.accuracy
place.cleanup()
# sphinx_gallery_end_ignore

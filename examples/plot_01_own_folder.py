"""
From a folder of photos to a report
===================================

You have pictures in class folders. This page goes all the way: look at the pictures,
check them, set a part aside, compare three kinds of classifiers, and write a page to
hand in. The folder is drawn here; put the path of your own in its place.
"""

import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from skfer import FaceAugmentation, make_cnn, make_hog_svm, make_lbp_svm
from skfer.datasets import audit_images, load_image_folder, make_faces
from skfer.inspection import (
    ClassBalanceDisplay,
    ComparisonDisplay,
    ConfusionFacesDisplay,
    SampleFacesDisplay,
    save_comparison,
    save_report,
)
from skfer.model_selection import compare_pipelines, train_test_split_images

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
# Names of folders become labels. The pattern finds in a file name who is shown.

faces = load_image_folder(folder, groups=r"^(p\d+)")
print(faces.summary)

# %%

SampleFacesDisplay.from_images(faces.paths, faces.target)

# %%
# Check
# -----
# Copies, people on both sides of a split, broken files and blank pictures are found
# before anything is trained.

print(audit_images(faces.paths, faces.target, groups=faces.groups).summary)

# %%
# Split
# -----
# Nobody is in both parts, and no copy of a picture.

train, test = train_test_split_images(faces)
assert not set(train.groups) & set(test.groups)
split = np.where(np.isin(faces.paths, test.paths), "test", "train")
ClassBalanceDisplay.from_labels(faces.target, split)

# %%
# Compare
# -------
# A Pipeline goes from paths to labels. All are tested on the same pictures, and a
# classifier that always says the largest class stands beside them.

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
rows = np.arange(len(faces.paths))
comparison = compare_pipelines(
    pipelines,
    faces.paths,
    faces.target,
    cv=[(rows[split == "train"], rows[split == "test"])],
    return_estimator=True,
)
print(comparison.summary)
print(comparison.verdict)
ComparisonDisplay.from_comparison(comparison)

# %%
# The matrix shows which classes are taken for which, with the face that the
# classifier was most sure of.

best = comparison.scores[0].model
model = comparison.estimators[best][0]
ConfusionFacesDisplay.from_estimator(model, test.paths, test.target)

# %%
# Keep
# ----
# One HTML file holds the data, the audit, the table, the figures and the parameters;
# `save_comparison` writes the table as CSV and the figures as PNG.

audit = audit_images(faces.paths, faces.target, groups=faces.groups, split=split)
report = save_report(
    comparison,
    folder.parent / "report.html",
    X=faces.paths, y=faces.target, pipelines=pipelines, audit=audit,
    title="Happy, neutral or sad",
)  # fmt: skip
files = save_comparison(comparison, folder.parent / "results")
print(report.name, [file.name for file in files])

# %%
# **Conclusion.** All three classifiers beat guessing by more than chance can explain:
# their intervals lie above the share of the largest class.

majority = next(s for s in comparison.scores if s.model == "majority")
for score in comparison.scores:
    if score.model != "majority":
        assert score.accuracy_low > majority.accuracy
place.cleanup()

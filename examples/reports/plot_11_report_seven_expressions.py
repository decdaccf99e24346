"""
Report 1: seven expressions, and a confusion matrix of another model
====================================================================

**What was done.** A network of four blocks (64, 128, 512 and 512 filters) on FER-2013,
48x48 grey, best weights kept, learning rate lowered, curves and a confusion matrix:
64.5% reported.

**What went wrong.** The confusion matrix did not match the accuracy. Predictions came
from a shuffling generator, the labels from the folder's listing: two orders. Here the
same is done with a few drawings, first wrong, then right.
"""

import tempfile
import warnings
from pathlib import Path

import numpy as np
from sklearn.metrics import accuracy_score, confusion_matrix

from skfer import CNNClassifier, FaceAugmentation, build_network, make_transfer
from skfer.datasets import load_fer2013, make_faces
from skfer.inspection import (
    ConfusionFacesDisplay,
    ReliabilityDisplay,
    TrainingHistoryDisplay,
)

# %%
# FER-2013 is published as a table of labels, pixels and parts. `load_fer2013` reads it,
# and folders or archives too; here it reads a table of drawn faces.

NAMES = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]
drawn = make_faces(420, n_subjects=60, random_state=0)
with tempfile.TemporaryDirectory() as folder:
    table = Path(folder, "fer2013.csv")
    lines = ["emotion,pixels,Usage"]
    for image, label, person in zip(
        drawn.images, drawn.target, drawn.groups, strict=True
    ):
        part = person % 5
        usage = {0: "PrivateTest", 1: "PublicTest"}.get(part, "Training")
        pixels = " ".join(map(str, image.ravel()))
        lines.append(f"{NAMES.index(label)},{pixels},{usage}")
    table.write_text("\n".join(lines))
    with warnings.catch_warnings():
        # About the real pictures.
        warnings.filterwarnings("ignore", "FER-2013 has known problems")
        faces = load_fer2013(table)
train, validation, test = (
    faces.split == part for part in ("train", "validation", "test")
)
print(f"{train.sum()} images to train on, {test.sum()} to test on")
print(f"{validation.sum()} to choose the best epoch")

# %%
# The network of the report is a preset, named after its filters and dense units.
# `build_network` returns the Keras model alone, to inspect it.

preset = CNNClassifier.from_preset("conv64-128-512-512_dense256-512")
model = build_network(
    (48, 48, 1),
    7,
    filters=preset.filters,
    kernel_size=preset.kernel_size,
    convs_per_block=1,
    residual=False,
    attention=False,
    head="flatten",
    dense_units=preset.dense_units,
    dense_batch_norm=True,
)
print(f"{model.count_params():,} parameters")

# %%
# For 252 drawings, an eighth to a sixteenth of its filters is enough.
# ``early_stopping`` keeps the best weights, "plateau" lowers the learning rate, both
# by the validation part, ``X_val``. What is chosen on a part can't be evaluated on it,
# hence the third.

classifier = CNNClassifier.from_preset(
    "conv64-128-512-512_dense256-512",
    filters=(8, 16, 32, 32),
    dense_units=(64,),
    augment=FaceAugmentation(rotation=0.05, shift=0.05, zoom=0.05, erase=0),
    learning_rate=3e-3,
    learning_rate_schedule="plateau",
    early_stopping=True,
    epochs=25,
    random_state=0,
)
X, y = faces.images, faces.target
classifier.fit(X[train], y[train], X_val=X[validation], y_val=y[validation])
TrainingHistoryDisplay.from_estimator(classifier)

# %%
# Wrong: two orders
# -----------------
# The accuracy is measured batch by batch, in the generator's order. The matrix takes
# the predictions in that order and the labels in the folder's.

predicted = classifier.predict(X[test])
accuracy = accuracy_score(y[test], predicted)
folder_order = np.sort(y[test])
mismatched = confusion_matrix(folder_order, predicted)
print(f"accuracy {accuracy:.0%}, of the matrix {np.trace(mismatched) / test.sum():.0%}")

# %%
# Right: one table
# ----------------
# Labels stay beside their images, ``classes_`` is sorted, and columns of probabilities
# are in its order. The display makes the predictions itself, so nothing can disagree.

display = ConfusionFacesDisplay.from_estimator(classifier, X[test], y[test])
print(display.labels)

# %%
# Is it right as often as its confidence suggests?

ReliabilityDisplay.from_estimator(classifier, X[test], y[test])

# %%
# **Conclusion.** The matrix that belongs to the predictions has their accuracy on its
# diagonal; with labels in another order it shows chance, however good the network is.

of_matrix = np.trace(display.counts) / display.counts.sum()
# sphinx_gallery_start_ignore
assert np.isclose(of_matrix, accuracy)
assert accuracy > 0.3
assert np.trace(mismatched) / test.sum() < accuracy - 0.1
# sphinx_gallery_end_ignore

# %%
# What skfer does for it today
# ----------------------------
# The report's network starts from nothing. `make_transfer` starts from one that has
# learnt from 26,000 faces, and takes seconds. ``skfer report fer2013`` tests it beside
# the others, and writes the matrix, the reliability and the surest errors to one page;
# `find_label_issues` lists pictures whose label may be wrong: in FER-2013 people agree
# with 63% of them (``python -m benchmarks label_issues``).

transfer = make_transfer().fit(X[train], y[train])
learnt = transfer.score(X[test], y[test])
print(f"right with a trained network {learnt:.0%}, from scratch {accuracy:.0%}")
# sphinx_gallery_start_ignore
assert learnt > accuracy
# sphinx_gallery_end_ignore

"""
Report 4: 100% on a handful of pictures
=======================================

**What was done.** The same task with 137 pictures, a split of batches that the data set
reshuffles in every epoch, TensorBoard: 100% on the test part.

**What went wrong.** The test part was a dozen pictures, and because of the reshuffling
most of them had been trained on. Even an honest 100% of twelve says little: an
interval tells how little.
"""

import pickle
import tempfile
from pathlib import Path

import keras
import numpy as np
from matplotlib import pyplot as plt
from sklearn.model_selection import cross_val_predict

from skfer import CNNClassifier, make_hog_svm
from skfer.datasets import make_faces
from skfer.model_selection import (
    LeakFreeKFold,
    accuracy_interval,
    learning_curve_images,
    macro_f1_interval,
)

faces = make_faces(
    137, classes=["happy", "sad"], n_subjects=40, noise=0.12, random_state=0
)

# %%
# What 12 of 12 says
# ------------------
# Wilson's interval: which accuracies are compatible with a perfect result, for test
# parts of different sizes?

sizes = [6, 12, 24, 50, 137, 500]
lows = [accuracy_interval(n, n)[0] for n in sizes]
figure, ax = plt.subplots(figsize=(6, 3), layout="constrained")
ax.bar([str(n) for n in sizes], np.subtract(1, lows), bottom=lows, color="#0072B2")
ax.set(xlabel="test pictures, all of them right", ylabel="accuracy, 95% interval")
ax.set_ylim(0, 1)
for n, low in zip(sizes, lows, strict=True):
    print(f"{n} of {n} right: {low:.1%} to 100%")

# %%
# The reshuffled split
# --------------------
# With ``shuffle`` drawing a new order in each epoch, ``take`` and ``skip`` select other
# pictures each time. After twenty epochs, hardly any picture is unseen.

rng = np.random.default_rng(0)
seen = set()
for _ in range(20):
    seen |= set(rng.permutation(137)[: int(0.7 * 137)].tolist())
test = rng.permutation(137)[-14:]
trained_on = len(seen & set(test.tolist()))
print(f"{trained_on} of the 14 test pictures were trained on")

# %%
# All pictures as test pictures
# -----------------------------
# With few pictures, cross-validation tests every one of them once, in a fold that has
# neither it, nor a copy, nor its person. All 137 count.

predicted = cross_val_predict(
    make_hog_svm(), faces.images, faces.target, groups=faces.groups, cv=LeakFreeKFold(5)
)
n_right = int((predicted == faces.target).sum())
low, high = accuracy_interval(n_right, 137)
f1_low, f1_high = macro_f1_interval(faces.target, predicted, random_state=0)
print(f"{n_right} of 137 right: {n_right / 137:.1%} ({low:.1%} to {high:.1%})")
print(f"macro F1 {f1_low:.2f} to {f1_high:.2f}")

# %%
# TensorBoard still works
# -----------------------
# Keras callbacks are a parameter. After ``pip install tensorboard`` its callback writes
# as usual, ``tensorboard --logdir FOLDER`` shows it, and the network can be saved.

with tempfile.TemporaryDirectory() as folder:
    network = CNNClassifier.from_preset(
        "conv16-32-16_dense256",
        dense_units=(32,),
        epochs=3,
        callbacks=[keras.callbacks.TensorBoard(folder)],
        random_state=0,
    ).fit(faces.images, faces.target)
    written = list(Path(folder).rglob("events.out.tfevents.*"))
saved = pickle.dumps(network)
print(f"{len(written)} file for TensorBoard, a network of {len(saved):,} bytes")

# %%
# **Conclusion.** Twelve right out of twelve are compatible with an accuracy of 76%.
# The reshuffled split had trained on every test picture. All 137 pictures, each tested
# honestly, give an interval a fifth as wide.

# %%
# What skfer does for it today
# ----------------------------
# An interval says how little is known. A learning curve says whether more pictures
# would help, before anybody collects them. ``skfer report`` has both.

curve = learning_curve_images(make_hog_svm(), faces, cv=LeakFreeKFold(5))
print(curve.verdict)
curve.plot()
# sphinx_gallery_start_ignore
assert len(curve.verdict) > 40
assert round(accuracy_interval(12, 12)[0], 2) == 0.76
assert trained_on == 14
assert high - low < (1 - lows[1]) / 4
assert len(written) == 1
# sphinx_gallery_end_ignore

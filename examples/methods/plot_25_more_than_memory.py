"""
More pictures than memory
=========================

A million faces of 48 by 48 pixels are 2.3 GB. With ``cache_dir``, `ImageLoader` decodes
each file once, keeps the pixels in a file, and returns `CachedArray`: something that
looks like an array, but is read in pieces. This page draws some files, reads them
twice, and trains on them from disk.
"""

import pickle
import tempfile
import time
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image
from sklearn.model_selection import cross_val_score
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skfer import CNNClassifier, ImageLoader, make_hog_linear, make_hog_svm
from skfer.datasets import load_image_folder, make_faces
from skfer.pipelines import IncrementalClassifier
from skfer.preprocessing import CachedArray

drawn = make_faces(600, image_size=96, n_subjects=120, random_state=0)
folder = Path(tempfile.mkdtemp())
for number, (image, label) in enumerate(zip(drawn.images, drawn.target, strict=True)):
    path = folder / "faces" / label / f"{number:04}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(image).save(path)
faces = load_image_folder(folder / "faces")

# %%
# Read once
# ---------
# The first reading decodes. The second one looks up whether a file has changed: its
# path, size and time. A process that is stopped goes on where it was; two of them share
# the work.

loader = ImageLoader("L", 48, cache_dir=folder / "cache", n_jobs=-1)
seconds = []
for _ in range(2):
    begun = time.perf_counter()
    images = loader.fit_transform(faces.X)
    seconds.append(time.perf_counter() - begun)
print(images)

fig, ax = plt.subplots(figsize=(6, 2), layout="constrained")
bars = ax.barh(["first reading", "second reading"], np.multiply(seconds, 1000))
ax.bar_label(bars, fmt="%.0f ms", padding=4)
ax.invert_yaxis()
ax.margins(x=0.15)
ax.set_xlabel("milliseconds")

# %%
# Choose rows without reading them
# --------------------------------
# Rows are chosen as in an array, which reads nothing: a part holds row numbers only.
# So folds cost no memory, and another process gets a few bytes. ``numpy.asarray``
# reads.

part = images[np.flatnonzero(faces.target == "happy")]
print(part.shape, f"{len(pickle.dumps(part)):,} bytes")
fig, axes = plt.subplots(1, 6, figsize=(6, 1.2), layout="constrained")
for ax, image in zip(axes, part[:6], strict=True):
    ax.imshow(image, cmap="gray", vmin=0, vmax=255)
    ax.axis("off")

# %%
# Train on them
# -------------
# Features, ready-made pipelines, networks and scikit-learn's splitters take them as X.
# The results are those of an array, to the last bit.

scores = [
    cross_val_score(make_hog_svm(), X, faces.target, cv=3)
    for X in (images, np.asarray(images))
]
print(scores[0].round(3), scores[1].round(3))
network = CNNClassifier((4, 8), epochs=1, random_state=0).fit(images, faces.target)
print(network.predict(images[:3]))

# %%
# A classifier for any number
# ---------------------------
# `make_hog_linear` keeps the features on disk too, and its classifier reads them in
# batches. `IncrementalClassifier` does so for a Pipeline of your own; here a small
# network of scikit-learn takes the place of the linear classifier.

model = make_hog_linear(cache_dir=folder / "cache").fit(faces.X, faces.target)
features = model[:-1].transform(faces.X)
print(features)
inner = make_pipeline(StandardScaler(), MLPClassifier((32,), random_state=0))
network_of_features = IncrementalClassifier(inner, batch_size=128, random_state=0)
network_of_features.fit(features, faces.target)
print(f"{network_of_features.score(features, faces.target):.2f} of the training images")

# %%
# **Conclusion.** Give `ImageLoader` or a ready-made pipeline a ``cache_dir``: files are
# decoded once, memory stays the same for any number of them, and nothing else changes.
# A support vector machine with a kernel is too slow above about 50,000 pictures;
# `make_hog_linear` and networks are not.

# sphinx_gallery_start_ignore
assert isinstance(part, CachedArray)
assert isinstance(features, CachedArray)
assert model.score(faces.X, faces.target) > 0.5
assert seconds[1] < seconds[0]
assert (scores[0] == scores[1]).all()
assert len(pickle.dumps(part)) < part.shape[0] * 48 * 48 / 20
# sphinx_gallery_end_ignore

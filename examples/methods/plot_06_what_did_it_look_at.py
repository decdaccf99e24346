"""
What did the model look at?
===========================

A classifier can be right for a wrong reason: a watermark, a corner of the frame. Three
questions to a fitted model: which parts reduce its confidence when they are covered
(occlusion), where are its last feature maps active (Grad-CAM), and which weights did a
linear model learn for each cell (weights)? Here the happy pictures carry a mark in a
corner, as pictures from one web site may.
"""

import numpy as np
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skfer import FaceAugmentation, HOGTransformer, LBPTransformer, make_cnn
from skfer.datasets import make_faces
from skfer.inspection import ExplanationDisplay, FeatureDisplay, explain
from skfer.neural import grad_cam

faces = make_faces(
    200, classes=["happy", "sad"], image_size=32, noise=0.12, random_state=0
)
train, test = faces.groups % 5 != 0, faces.groups % 5 == 0  # By person.
marked = faces.images.copy()
marked[faces.target == "happy", 25:31, 25:31] = np.eye(6, dtype=np.uint8) * 255
face = int(np.flatnonzero(faces.target == "happy")[0])

# %%
# HOG and LBP features of a face without noise.

clean = make_faces(1, classes=["happy"], image_size=64, noise=0.01, random_state=5)
FeatureDisplay.from_image(clean.images[0], HOGTransformer())

# %%

FeatureDisplay.from_image(clean.images[0], LBPTransformer(8, 2))

# %%
# A linear model on HOG
# ---------------------
# Its weights can be drawn back on the face. Trained on the marked pictures, it relies
# on the corner; trained on clean ones, on the mouth.

linear = make_pipeline(HOGTransformer(pixels_per_cell=(4, 4)), LogisticRegression())
fooled = clone(linear).fit(marked[train], faces.target[train])
with_mark = fooled.score(marked[test], faces.target[test])
without = fooled.score(faces.images[test], faces.target[test])
print(f"accuracy with the mark {with_mark:.0%}, without {without:.0%}")
by_the_mark = explain(fooled, marked[face], "weights", label="happy")
ExplanationDisplay.from_estimator(fooled, marked[face], "weights", label="happy")

# %%

honest = clone(linear).fit(faces.images[train], faces.target[train])
by_the_mouth = explain(honest, faces.images[face], "weights", label="happy")
ExplanationDisplay.from_estimator(honest, faces.images[face], "weights", label="happy")

# %%
# A network
# ---------
# Occlusion works with any classifier; Grad-CAM with the network, on any backend.

network = make_cnn(
    image_size=32,
    filters=(16, 32),
    augment=FaceAugmentation(flip=False, shift=0.03, rotation=0.03, zoom=0, erase=0),
    epochs=15,
    random_state=0,
).fit(marked[train], faces.target[train])
ExplanationDisplay.from_estimator(network, marked[face], "occlusion", label="happy")

# %%

ExplanationDisplay.from_estimator(network, marked[face], "gradcam", label="happy")

# %%
# `grad_cam` gives the map itself, at the size of the network's last block.

gray = network[:-1].transform(marked[[face]])[0]
print(grad_cam(network[-1], gray, "happy").shape)


# %%
# **Conclusion.** The high score relied on the mark: much of the decision came from the
# corner, and on the same faces without marks the model is worse. A model that was
# trained on clean faces does not use the corner.


def share_of_corner(heat):
    """Share of the evidence for the class that lies in the marked corner."""
    return heat[24:, 24:].clip(0).sum() / heat.clip(0).sum()


before, after = share_of_corner(by_the_mark), share_of_corner(by_the_mouth)
print(f"share of the corner: {before:.0%} with the mark, {after:.0%} without")
# sphinx_gallery_start_ignore
assert before > 0.3 > 2 * after
assert with_mark > without + 0.1
covered = explain(network, marked[face], "occlusion", label="happy")
row, column = np.unravel_index(covered.argmax(), covered.shape)
assert row > 16
assert column > 16
# sphinx_gallery_end_ignore

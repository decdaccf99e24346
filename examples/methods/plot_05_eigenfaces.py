"""
Eigenfaces: what PCA keeps of a face
====================================

Turk and Pentland (1991) wrote a face as a sum of a few pictures, the eigenfaces. With
scikit-learn's `PCA` behind a `GrayscaleResizer` that is a Pipeline of three steps. How
much of a face do the components keep, and how well do they distinguish expressions?
"""

import numpy as np
from matplotlib import pyplot as plt
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skfer import GrayscaleResizer, HOGTransformer
from skfer.datasets import make_faces
from skfer.model_selection import LeakFreeKFold

faces = make_faces(490, n_subjects=35, random_state=0)


def to_rows(images):
    """Flatten each image to a row of pixels in 0..1."""
    return images.reshape(len(images), -1) / 255


resizer = GrayscaleResizer((32, 32)).fit(faces.images)
rows = to_rows(resizer.transform(faces.images))
pca = PCA(60, whiten=True, random_state=0).fit(rows)

# %%
# The mean face and the first eigenfaces: light first, then parts that move.

figure, axes = plt.subplots(2, 5, figsize=(8, 3.6), layout="constrained")
pictures = [pca.mean_, *pca.components_[:9]]
for number, (ax, picture) in enumerate(zip(axes.flat, pictures, strict=True)):
    ax.imshow(picture.reshape(32, 32), cmap="gray")
    ax.set_title("mean" if number == 0 else f"eigenface {number}", fontsize=9)
    ax.set_axis_off()

# %%
# The same face, reconstructed from more and more components.

figure, axes = plt.subplots(1, 5, figsize=(8, 2), layout="constrained")
kept = {}
for ax, n in zip(axes, (5, 15, 30, 60), strict=False):
    part = PCA(n, random_state=0).fit(rows)
    kept[n] = part.explained_variance_ratio_.sum()
    ax.imshow(part.inverse_transform(part.transform(rows[:1])).reshape(32, 32), "gray")
    ax.set_title(f"{n}: {kept[n]:.0%}", fontsize=9)
    ax.set_axis_off()
axes[-1].imshow(rows[0].reshape(32, 32), cmap="gray")
axes[-1].set_title("all pixels", fontsize=9)
axes[-1].set_axis_off()

# %%
# Eigenfaces as features, beside PCA of HOG, on the same folds: no person is in both
# parts.

folds = LeakFreeKFold(4)
scores = {}
for name, features in (
    ("eigenfaces", FunctionTransformer(to_rows)),
    ("HOG", HOGTransformer(pixels_per_cell=(6, 6))),
):
    model = make_pipeline(
        GrayscaleResizer((32, 32)),
        features,
        PCA(60, whiten=True, random_state=0),
        LogisticRegression(max_iter=1000),
    )
    scores[name] = cross_val_score(
        model, faces.images, faces.target, groups=faces.groups, cv=folds
    )
    print(f"{name:10} {scores[name].mean():.2f}")

# %%
# **Conclusion.** Sixty numbers keep most of what varies in 1,024 pixels, but most of
# that is light and identity: the components of HOG distinguish expressions better.

# sphinx_gallery_start_ignore
assert kept[60] > 0.8
assert np.mean(scores["HOG"]) > np.mean(scores["eigenfaces"]) + 0.1
assert np.mean(scores["eigenfaces"]) > 2 / 7
# sphinx_gallery_end_ignore

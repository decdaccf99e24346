"""
I have 200 photographs
======================

Two hundred photographs are too few for a network that starts from scratch. skfer ships
one that has learnt seven expressions from 26,000 faces. There are three ways to use it:
as it is, as features for a linear classifier, and as the start of a training. The
photograph comes with scikit-image.
"""

from matplotlib import pyplot as plt
from skimage import data

from skfer import NetworkFeatures, load_pretrained, make_cnn, make_transfer
from skfer.datasets import make_faces
from skfer.inspection import ComparisonDisplay
from skfer.model_selection import compare_pipelines

photo = data.astronaut()

# %%
# As it is
# --------
# `load_pretrained` is a fitted Pipeline: photographs in, expressions out. Nothing is
# trained, and nothing is downloaded.

model = load_pretrained(faces=True)
shares = model.predict_proba([photo])[0]
figure, (left, right) = plt.subplots(1, 2, figsize=(7, 3), layout="constrained")
left.imshow(photo)
left.set_axis_off()
right.barh(model.classes_, shares)
right.set_xlim(0, 1)
right.set_xlabel("probability")

# %%
# How frequent are the expressions?
# ---------------------------------
# Among the faces that it has learnt from, a third were neutral, and hardly any showed
# disgust. That is part of what it knows, and it may be wrong where you use it. `prior=`
# says how frequent they are there. Here is a game in which people show happy or sad
# faces, and nothing else.

game = load_pretrained(faces=True, prior={"happy": 0.5, "sad": 0.5})
for name, share in zip(game.classes_, game.predict_proba([photo])[0], strict=True):
    print(f"{name}: {share:.1%}")

# %%
# From pictures of your own
# -------------------------
# 200 drawings stand for the photographs. `make_transfer` gives what the
# network sees to a logistic regression, which is fitted in a second. With
# `initial_weights="faces"` the network itself is trained further. A network from
# scratch gets the same pictures and as many epochs.

faces = make_faces(
    200, classes=["happy", "sad", "angry"], n_subjects=100, noise=0.1, random_state=0
)
models = {
    "transfer": make_transfer(),
    "fine-tuned": make_cnn(initial_weights="faces", epochs=8, random_state=0),
    "from scratch": make_cnn(epochs=8, random_state=0),
}
comparison = compare_pipelines(models, faces, cv=2)
print(comparison.verdict)
ComparisonDisplay.from_comparison(comparison)

# %%
# Drawings are not photographs. On real ones, with the faces cut out, tested twice in
# five folds without copies or people on both sides, `make_transfer` is ahead of a
# HOG-SVM on three sets. The table is on the front page; ``python -m benchmarks
# transfer --data FOLDER --tables small`` prints it, and what is right if each image
# counts, copies too.
#
# Any network can be taken for its features. The layers early in it see edges, those in
# the middle parts of faces; `grid=(2, 2)` tells where in the face they are.

features = NetworkFeatures(layer=("block3", "gap"), grid=(2, 2))
print(features.fit_transform(faces.images).shape)

# %%
# **Conclusion.** With a few hundred photographs, take `make_transfer(faces=True)`. Its
# card, in the user guide, says what the network has learnt from, what it gets wrong and
# what it must not be used for: it names what an expression looks like to others, not
# what somebody feels.

# sphinx_gallery_start_ignore
accuracy = {name: one.accuracy for name, one in comparison.scores.items()}
assert model.classes_[shares.argmax()] == "happy"
assert accuracy["transfer"] > accuracy["from scratch"] + 0.1
assert accuracy["fine-tuned"] > accuracy["from scratch"] + 0.1
# sphinx_gallery_end_ignore

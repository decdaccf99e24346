"""
I have 200 photographs
======================

Two hundred photographs are too few for a network that starts from nothing. skfer ships
one that has learnt seven expressions from 26,000 faces. There are three ways to use it:
as it is, as features for a linear classifier, and as the start of a training. The
photograph comes with scikit-image.
"""

from matplotlib import pyplot as plt
from skimage import data

from skfer import load_pretrained, make_cnn, make_hog_svm, make_transfer
from skfer.datasets import make_faces
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
print(dict(zip(game.classes_, game.predict_proba([photo])[0].round(3), strict=True)))

# %%
# From pictures of your own
# -------------------------
# 200 drawings of 100 people stand for the photographs. `make_transfer` gives what the
# network sees to a logistic regression, which is fitted in a second. With
# `initial_weights="faces"` the network itself is trained further. A HOG-SVM and a
# network from nothing get the same pictures.

faces = make_faces(
    200, classes=["happy", "sad", "angry"], n_subjects=100, noise=0.1, random_state=0
)
models = {
    "transfer": make_transfer(),
    "fine-tuned": make_cnn(initial_weights="faces", epochs=5, random_state=0),
    "from nothing": make_cnn(epochs=5, random_state=0),
    "hog-svm": make_hog_svm(),
}
comparison = compare_pipelines(models, faces, cv=3)
print(comparison)
print(comparison.verdict)

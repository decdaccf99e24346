"""
Your own network, and an ensemble
=================================

Three ways to go beyond the ready-made pipelines. A function returns a Keras network of
your own, and `NetworkClassifier` trains it as it trains skfer's. `make_ensemble` lets
several classifiers vote. `NetworkFeatures` gives what a network has learnt to another
classifier.
"""

import keras
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skfer import (
    CNNClassifier,
    NetworkClassifier,
    NetworkFeatures,
    make_hog_svm,
    make_lbp_svm,
)
from skfer.datasets import make_faces
from skfer.inspection import ComparisonDisplay
from skfer.model_selection import compare_pipelines, make_ensemble

faces = make_faces(400, image_size=24, n_subjects=80, noise=0.08, random_state=0)

# %%
# A network of your own
# ---------------------
# The function gets the shape of an image, the number of classes, the range of the
# pixels and a seed. What it returns ends with one probability for each class.
# Augmentation, precision, schedules, early stopping and checkpoints are those of
# `CNNClassifier`.


def build(image_shape, n_classes, *, pixel_range, random_state):
    """Return two separable convolutions and a dense layer."""
    seeds = iter(range(random_state, random_state + 9))

    def initializer():
        return keras.initializers.HeNormal(seed=next(seeds))

    layers = [keras.Input(image_shape), keras.layers.Rescaling(1 / pixel_range[1])]
    for n_filters in (16, 32):
        layers += [
            keras.layers.SeparableConv2D(
                n_filters,
                3,
                padding="same",
                activation="relu",
                depthwise_initializer=initializer(),
                pointwise_initializer=initializer(),
            ),
            keras.layers.BatchNormalization(momentum=0.9),
            keras.layers.MaxPooling2D(),
        ]
    output = keras.layers.Dense(n_classes, "softmax", kernel_initializer=initializer())
    return keras.Sequential([*layers, keras.layers.Flatten(), output])


own = NetworkClassifier(build, augment=None, epochs=15, random_state=0)

# %%
# Two families that vote
# ----------------------
# Edges and texture make different mistakes. Support vector machines have no
# probabilities, so `make_ensemble` calibrates them first, in leak-free folds. Networks
# of several seeds can vote as well. `method="stack"` learns whom to believe.

svms = {"hog": make_hog_svm(image_size=24), "lbp": make_lbp_svm(image_size=24)}
vote = make_ensemble(svms)

# %%
# Is any of it better?
# --------------------
# The comparison says so, on the same images of other people.

comparison = compare_pipelines({"own": own, **svms, "hog and lbp": vote}, faces, cv=3)
print(comparison.verdict)
accuracies = {name: one.accuracy for name, one in comparison.scores.items()}
print({name: f"{value:.1%}" for name, value in accuracies.items()})
ComparisonDisplay.from_comparison(comparison)

# %%
# Features for few images
# -----------------------
# Another question, and only 30 images to learn from: who is happy, and who is not? A
# network has learnt all seven expressions from other people. What its last layer gets
# are features for a linear classifier. Without `FrozenEstimator`, a comparison or a
# search would clone the network, and a clone is not fitted.

known = make_faces(600, image_size=24, n_subjects=120, noise=0.08, random_state=1)
teacher = CNNClassifier((16, 32, 64), epochs=30, random_state=0)
teacher.fit(known.images, known.target)
few = make_faces(
    200,
    classes=["happy", "sad", "neutral"],
    image_size=24,
    n_subjects=40,
    noise=0.08,
    random_state=2,
)
is_happy = few.target == "happy"
features = NetworkFeatures(FrozenEstimator(teacher))
transfer = make_pipeline(features, LogisticRegression(max_iter=1000))
right = {
    name: model.fit(few.images[:30], is_happy[:30]).score(
        few.images[30:], is_happy[30:]
    )
    for name, model in (("network features", transfer), ("HOG", svms["hog"]))
}
print({name: f"{value:.1%}" for name, value in right.items()})

# %%
# **Conclusion.** A network of a few lines is trained and compared like any other model,
# two families that vote are at least as good as either alone, and what a network has
# learnt from many images makes up for few.

# sphinx_gallery_start_ignore
assert accuracies["own"] > 2 * accuracies["majority"]
assert right["network features"] > right["HOG"] + 0.1
assert accuracies["hog and lbp"] >= max(accuracies["hog"], accuracies["lbp"]) - 0.01
# sphinx_gallery_end_ignore

"""
Tuning filters, dropout and learning rate, and HOG and LBP, in one search
=========================================================================

Which is better on these faces: HOG or LBP with a support vector machine, a trained
network's features, or a network from scratch, and with which parameters? One
`GridSearchCV` answers, because all are steps of one Pipeline.
"""

from sklearn.model_selection import GridSearchCV, ParameterGrid
from sklearn.pipeline import Pipeline

from skfer import CNNClassifier, make_lbp_svm
from skfer.datasets import make_faces
from skfer.inspection import SearchDisplay
from skfer.model_selection import LeakFreeKFold, search_space

faces = make_faces(210, classes=["happy", "neutral", "sad"], random_state=0)

# %%
# What to search over
# -------------------
# `search_space` has a space for each family, and one for all of them at once. The
# latter is for a Pipeline with one step, which is replaced by each family in turn.

for space in search_space("all"):
    print({name: len(values) for name, values in space.items() if len(values) > 1})

# %%
# A space is a list of dictionaries and can be written or changed by hand. This network
# is smaller than the default, so that the page runs in a minute.

network = CNNClassifier(
    convs_per_block=1,
    attention=False,
    augment=None,
    epochs=12,
    random_state=0,
)
lbp, hog, transfer, cnn, linear = search_space("all", image_size=24)
lbp["model__classifier__C"] = hog["model__classifier__C"] = [1, 10]
cnn["model"][0].set_params(classifier=network)
cnn |= {
    "model__classifier__filters": [(4, 8), (8, 16, 32)],
    "model__classifier__dropout": [0.1, 0.4],
    "model__classifier__learning_rate": [1e-3, 1e-2],
}
spaces = [lbp, hog, transfer, cnn, linear]
print(len(ParameterGrid(spaces)), "candidates")

# %%
# Search
# ------
# Two folds, with no person on both sides of a split. ``memory`` of `make_lbp_svm`
# would keep the features between candidates.

search = GridSearchCV(
    Pipeline([("model", make_lbp_svm(image_size=24))]),
    spaces,
    cv=LeakFreeKFold(2),
)
search.fit(faces.images, faces.target, groups=faces.groups)
print(f"best: {search.best_score_:.2f}")
search.best_estimator_

# %%
# The boxes link to the pages of scikit-learn and skfer.
#
# One line per candidate, from the choices on the left to the score on the right.

SearchDisplay.from_cv_results(search.cv_results_)

# %%
# **Conclusion.** All families were compared on the same folds. HOG leads LBP on these
# drawings, and the parameters of the network make a difference of more than ten points.

scores = {}
for params, score in zip(
    search.cv_results_["params"], search.cv_results_["mean_test_score"], strict=True
):
    steps = params["model"].named_steps
    kind = type(steps.get("features", steps["classifier"])).__name__
    scores.setdefault(kind, []).append(score)
print({name: [f"{score:.2f}" for score in found] for name, found in scores.items()})
# sphinx_gallery_start_ignore
assert max(scores["FeatureUnion"]) > max(scores["LBPTransformer"])
assert max(scores["CNNClassifier"]) - min(scores["CNNClassifier"]) > 0.1
# sphinx_gallery_end_ignore

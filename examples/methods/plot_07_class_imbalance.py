"""
Class imbalance: when 90% accuracy is worth nothing
===================================================

The training part of FER-2013 has sixteen times as many happy faces as faces of disgust
(``load_fer2013(path).summary`` counts them). A classifier that never predicts disgust
loses hardly any accuracy. Macro F1 and the recall of each class reveal it, and class
weights help.
"""

import numpy as np
from sklearn.metrics import classification_report, recall_score

from skfer import make_hog_svm
from skfer.datasets import make_faces
from skfer.inspection import ClassBalanceDisplay, ConfusionFacesDisplay
from skfer.model_selection import accuracy_interval, macro_f1_interval

classes = ["disgust", "happy", "neutral"]
faces = make_faces(900, classes=classes, n_subjects=60, noise=0.1, random_state=0)
rng = np.random.default_rng(0)
rare = np.flatnonzero(faces.target == "disgust")
dropped = rng.choice(rare, len(rare) - 36, replace=False)
kept = np.setdiff1d(np.arange(900), dropped)
X, y, people = faces.images[kept], faces.target[kept], faces.groups[kept]
test = people % 3 == 0
ClassBalanceDisplay.from_labels(y, np.where(test, "test", "train"))

# %%
# Two models: one that gives every picture the same weight, and one that gives every
# class the same weight.

predicted = {}
for name, weight in (("plain", None), ("balanced", "balanced")):
    model = make_hog_svm(image_size=24)
    model.set_params(
        classifier__class_weight=weight, classifier__C=1, classifier__gamma=0.01
    )
    predicted[name] = model.fit(X[~test], y[~test]).predict(X[test])
    print(name)
    print(classification_report(y[test], predicted[name], zero_division=0))

# %%
# The confusion matrix is normalised by row, so that a rare class is as visible as a
# frequent one.

ConfusionFacesDisplay.from_predictions(y[test], predicted["plain"], X[test])

# %%

ConfusionFacesDisplay.from_predictions(y[test], predicted["balanced"], X[test])

# %%
# With a dozen pictures of the rare class in the test part, its recall is a rough
# estimate. Intervals show how rough; that of macro F1 is a bootstrap interval.

for name, y_pred in predicted.items():
    low, high = accuracy_interval(int((y_pred == y[test]).sum()), test.sum())
    f1_low, f1_high = macro_f1_interval(y[test], y_pred, random_state=0)
    print(
        f"{name:9} accuracy {low:.2f} to {high:.2f}, F1 {f1_low:.2f} to {f1_high:.2f}"
    )


# %%
# **Conclusion.** Both have about the same accuracy. Only the recall of the rare class
# shows that the plain model ignores it, and class weights recover a part of it.
# `CNNClassifier` takes ``class_weight="balanced"`` too.


def recall_of_rare(name):
    """Share of disgust that is found."""
    found = recall_score(y[test], predicted[name], labels=["disgust"], average=None)
    return found[0]


print({name: f"{recall_of_rare(name):.2f}" for name in predicted})
# sphinx_gallery_start_ignore
assert recall_of_rare("balanced") > recall_of_rare("plain") + 0.3
# sphinx_gallery_end_ignore

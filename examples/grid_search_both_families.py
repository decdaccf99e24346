"""
Tune features with an SVM and a network in one search
=====================================================

Which is better on these faces: HOG or LBP features with a support vector machine,
or a convolutional network? One grid search answers, because all of them are steps of
one pipeline. The faces are drawn, and subjects stay on one side of every split.
"""

from sklearn.decomposition import PCA
from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold
from sklearn.pipeline import Pipeline
from sklearn.svm import SVC

from skfer import CNNClassifier, GrayscaleResizer, HOGTransformer, LBPTransformer
from skfer.datasets import make_faces

faces = make_faces(210, n_subjects=10, random_state=0)

# %%
# The steps have names; "passthrough" leaves one out.

pipe = Pipeline(
    [
        ("gray", GrayscaleResizer((32, 32))),
        ("features", HOGTransformer()),
        ("pca", PCA(0.9)),
        ("classifier", SVC()),
    ]
)
grid = [
    {"features": [LBPTransformer(), HOGTransformer()], "classifier__C": [1, 5]},
    {
        "features": ["passthrough"],
        "pca": ["passthrough"],
        "classifier": [CNNClassifier(epochs=12, random_state=0)],
        "classifier__filters": [(16, 32)],
        "classifier__dropout": [0.0, 0.3],
    },
]
search = GridSearchCV(pipe, grid, cv=StratifiedGroupKFold(3))
search.fit(faces.images, faces.target, groups=faces.groups)

# %%
# The winner is a fitted pipeline like any other.

for params, score in zip(
    search.cv_results_["params"], search.cv_results_["mean_test_score"], strict=True
):
    model = params.get("classifier", params["features"])
    print(f"{type(model).__name__:16} {score:.2f}")

# %%
# On these drawings edges tell more than texture.

scores = dict(
    zip(
        [type(p["features"]).__name__ for p in search.cv_results_["params"]],
        search.cv_results_["mean_test_score"],
        strict=True,
    )
)
assert scores["HOGTransformer"] > scores["LBPTransformer"]

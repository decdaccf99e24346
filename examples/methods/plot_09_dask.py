"""
A search on several machines with Dask
======================================

scikit-learn runs its searches through joblib, and joblib can pass the work to a Dask
cluster. Nothing in a Pipeline of skfer changes: its estimators can be pickled, fitted
networks too. Here the cluster is two processes of this machine; replace it by
the address of your scheduler. It needs ``pip install distributed``.
"""

import logging
import os

import numpy as np
from dask.distributed import Client, LocalCluster
from joblib import parallel_config
from matplotlib import pyplot as plt
from sklearn.model_selection import GridSearchCV

from skfer import CNNClassifier, make_hog_svm
from skfer.datasets import make_faces
from skfer.model_selection import LeakFreeKFold

faces = make_faces(120, classes=["happy", "sad"], image_size=24, random_state=0)


def process(estimator, X, y):
    """Return the ID of the process that scores, which shows where it runs."""
    return os.getpid()


def search_on_two_processes():
    """Fit a search on a cluster of two processes."""
    search = GridSearchCV(
        make_hog_svm(image_size=24),
        [
            {"classifier__C": [1, 10]},
            {
                "features": ["passthrough"],
                "svd": ["passthrough"],
                "classifier": [CNNClassifier((8, 16), epochs=4, random_state=0)],
            },
        ],
        cv=LeakFreeKFold(2),
        scoring={"accuracy": "accuracy", "process": process},
        refit="accuracy",
        n_jobs=-1,
        error_score="raise",
    )
    with (
        LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            dashboard_address=None,
            silence_logs=logging.ERROR,  # Processes with TensorFlow end slowly.
        ) as cluster,
        Client(cluster),
        parallel_config("dask"),
    ):
        search.fit(faces.images, faces.target, groups=faces.groups)
    return search


# sphinx_gallery_start_ignore
# The site is built by workers of joblib, whose way to start processes Dask's lack.
import multiprocessing

multiprocessing.set_start_method("spawn", force=True)
# sphinx_gallery_end_ignore

# %%
# Workers are processes that import the script again, which is why it needs the guard.
# One thread each: HOG and the network take the cores that they are given.
#
# **Conclusion.** Candidates of both families were fitted by other processes, and the
# best of them came back, fitted.

if __name__ == "__main__":
    search = search_on_two_processes()
    results = search.cv_results_
    fitted_by = {*results["split0_test_process"], *results["split1_test_process"]}
    print(f"{len(fitted_by)} processes, best score {search.best_score_:.2f}")
    colours = {number: f"C{i}" for i, number in enumerate(sorted(fitted_by))}
    for fold in range(2):
        plt.barh(
            np.arange(3) + 0.4 * fold - 0.2,
            results[f"split{fold}_test_accuracy"],
            height=0.36,
            color=[colours[number] for number in results[f"split{fold}_test_process"]],
        )
    plt.yticks(range(3), ["HOG, C=1", "HOG, C=10", "network"])
    plt.xlabel("accuracy in each of two folds; a colour for each process")
    plt.tight_layout()
    # sphinx_gallery_start_ignore
    assert os.getpid() not in fitted_by
    assert len(results["params"]) == 3
    assert search.predict(faces.images[:5]).shape == (5,)
    # sphinx_gallery_end_ignore

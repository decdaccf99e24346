"""Writes the model files of this format: ``python -m tests.persistence.write_files``.

Every later version has to load them (test_old_files.py), so they are written once for
each format.
"""

from pathlib import Path

import numpy as np
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skfer import CNNClassifier, GrayscaleResizer, NetworkFeatures, make_hog_svm
from skfer.datasets import make_faces
from skfer.model_selection import SelectiveClassifier, make_calibrated
from skfer.persistence import save_model
from skfer.persistence._model_file import FORMAT
from tests.conftest import TINY_NETWORK

FILES = Path(__file__).parent / "files"


def main():
    faces = make_faces(60, classes=["happy", "sad", "surprise"], random_state=0)
    X, y = faces.images, faces.target
    cnn = make_pipeline(GrayscaleResizer(16), CNNClassifier(**TINY_NETWORK)).fit(X, y)
    hog = make_hog_svm(image_size=16).set_params(svd__n_components=4)
    models = {
        "hog": SelectiveClassifier(make_calibrated(hog), threshold=0.5).fit(X, y),
        "cnn": cnn,
        "features": make_pipeline(
            GrayscaleResizer(16),
            NetworkFeatures(FrozenEstimator(cnn[-1]), layer="block2", grid=(2, 2)),
            StandardScaler(),
            LogisticRegression(),
        ).fit(X, y),
    }
    images = make_faces(9, random_state=1).images
    for name, model in models.items():
        path = FILES / f"{name}-{FORMAT}.skfer"
        save_model(model, path, table=faces)
        np.savez_compressed(
            path.with_suffix(".npz"),
            images=images,
            predicted=model.predict(images).astype(str),
            probability=model.predict_proba(images),
        )


if __name__ == "__main__":
    main()

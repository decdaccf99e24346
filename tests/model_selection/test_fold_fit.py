"""What is kept of a fold is what its estimator says."""

import numpy as np

from skfer import make_hog_svm
from skfer.datasets import make_faces
from skfer.model_selection import compare_pipelines


def test_predictions_are_those_of_the_estimator_on_the_test_part():
    faces = make_faces(70, classes=["happy", "sad"], image_size=24, random_state=0)
    comparison = compare_pipelines(
        {"hog": make_hog_svm(image_size=24)}, faces, cv=2, return_estimator=True
    )
    assert len(comparison.fits["hog"]) == 2
    for fit, (_, test) in zip(comparison.fits["hog"], comparison.folds, strict=True):
        predicted = fit.estimator.predict(faces.images[test])
        np.testing.assert_array_equal(fit.predicted, predicted)
        assert fit.score == np.mean(predicted == faces.target[test])
        assert not fit.is_probability  # It has a decision function only.
        assert fit.confidence.shape == predicted.shape
        assert min(fit.fit_seconds, fit.predict_seconds, fit.n_bytes) > 0

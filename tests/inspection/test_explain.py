"""An explanation finds the part that the label depends on."""

import numpy as np
import pytest
from PIL import Image
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer, StandardScaler

from skfer import (
    CNNClassifier,
    GrayscaleResizer,
    HOGTransformer,
    LBPTransformer,
    make_hog_svm,
    make_lbp_svm,
)
from skfer.inspection import explain
from skfer.inspection._draw_explanation import draw_explanation
from skfer.model_selection import make_calibrated, make_ensemble


@pytest.fixture(scope="module")
def corners():
    """Noise with a bright square in one corner, which is the label."""
    rng = np.random.default_rng(0)
    images = rng.integers(60, 100, (160, 32, 32), dtype=np.uint8)
    y = np.array(["top left", "bottom right"])[np.arange(160) % 2]
    images[0::2, 3:11, 3:11] += 120
    images[1::2, 21:29, 21:29] += 120
    return images, y


@pytest.fixture(scope="module")
def network(corners):
    cnn = CNNClassifier(
        filters=(8, 8), residual=False, attention=False, augment=None, epochs=12,
        random_state=0,
    )  # fmt: skip
    return make_pipeline(GrayscaleResizer((32, 32)), cnn).fit(*corners)


@pytest.mark.parametrize("method", ["occlusion", "gradcam"])
def test_the_corner_is_found(corners, network, method):
    images, _ = corners
    assert network.predict(images[:2]).tolist() == ["top left", "bottom right"]
    for image, square in (
        (images[0], np.s_[3:11, 3:11]),
        (images[1], np.s_[21:29, 21:29]),
    ):
        heat = explain(network, image, method)
        assert heat.shape == (32, 32)
        y, x = np.unravel_index(heat.argmax(), heat.shape)
        rows, columns = square
        assert rows.start - 4 <= y < rows.stop + 4
        assert columns.start - 4 <= x < columns.stop + 4


def test_what_speaks_for_one_class_speaks_against_the_other(corners, network):
    image = corners[0][0]
    first, second = (
        explain(network, image, label=label) for label in ("top left", "bottom right")
    )
    np.testing.assert_allclose(first, -second, atol=1e-5)


def test_support_vector_machines_are_explained_too(faces, fitted_hog_svm):
    for model in (fitted_hog_svm, make_lbp_svm().fit(faces.images, faces.target)):
        heat = explain(model, faces.images[0])
        assert heat.shape == (48, 48)
        assert np.abs(heat).max() > 0


def test_colour_and_floats(faces, fitted_hog_svm):
    colour = np.stack([faces.images[0]] * 3, axis=2)
    np.testing.assert_allclose(
        explain(fitted_hog_svm, colour), explain(fitted_hog_svm, faces.images[0]),
        atol=0.05,
    )  # fmt: skip


def test_the_weights_of_a_linear_model_point_at_the_corners(corners):
    images, y = corners
    for features in (HOGTransformer(9, (4, 4)), LBPTransformer(8, 2, grid=(5, 7))):
        model = make_pipeline(features, LogisticRegression()).fit(images, y)
        for image in images[:2]:
            # A square that is missing speaks for the other class as much.
            heat = explain(model, image, "weights")
            corners_sum = heat[:14, :14].sum() + heat[18:, 18:].sum()
            assert 1.2 * heat.sum() > corners_sum > 0.8 * heat.sum() > 0
        decision = model.decision_function(images[:1])[0]
        nothing = np.zeros((1, len(features.get_feature_names_out())))
        # The class at the front of classes_ is the negative one.
        expected = model[-1].decision_function(nothing)[0] - decision
        heat = explain(model, images[0], "weights", label="bottom right")
        np.testing.assert_allclose(heat.sum(), expected, rtol=1e-4)


def test_weights_go_through_steps_that_keep_or_mix_features(faces):
    pipeline = make_hog_svm()[:-1]
    pipeline.steps += [("scale", StandardScaler()), ("classifier", RidgeClassifier())]
    root = make_lbp_svm()[:-1]
    root.steps += [("classifier", RidgeClassifier())]
    for model in (pipeline, root):
        model.fit(faces.images, faces.target)
        image = np.kron(faces.images[0], np.ones((2, 2), dtype=np.uint8))
        heat = explain(model, image, "weights", label="sad")
        assert heat.shape == (96, 96)
        features = model[:3].transform(image[np.newaxis])
        decisions = model[3:].decision_function(np.vstack([features, 0 * features]))
        column = model.classes_.tolist().index("sad")
        expected = decisions[0, column] - decisions[1, column]
        np.testing.assert_allclose(heat.sum(), expected, rtol=1e-3)
        odd = np.asarray(Image.fromarray(faces.images[0]).resize((50, 70)))
        features = model[:3].transform(odd[np.newaxis])
        decisions = model[3:].decision_function(np.vstack([features, 0 * features]))
        heat = explain(model, odd, "weights", label="sad")
        expected = decisions[0, column] - decisions[1, column]
        assert heat.shape == (70, 50)
        np.testing.assert_allclose(heat.sum(), expected, rtol=1e-3)


@pytest.mark.parametrize("features", [HOGTransformer(), LBPTransformer()])
def test_tables_between_the_steps_change_nothing(faces, features):
    model = make_pipeline(
        GrayscaleResizer(), features, StandardScaler(), RidgeClassifier()
    )
    model.fit(faces.images, faces.target)
    expected = explain(model, faces.images[0], "weights")
    drawn = model[1].map_image(faces.images[0])
    model[1:].set_output(transform="pandas")
    model.fit(faces.images, faces.target)
    np.testing.assert_allclose(
        explain(model, faces.images[0], "weights"), expected, atol=1e-6
    )
    np.testing.assert_array_equal(model[1].map_image(faces.images[0]), drawn)


def test_a_fitted_search_is_explained_by_its_best_pipeline(corners):
    model = make_pipeline(HOGTransformer(9, (4, 4)), LogisticRegression())
    search = GridSearchCV(model, {"logisticregression__C": [1, 2]}, cv=2).fit(*corners)
    np.testing.assert_array_equal(
        explain(search, corners[0][0], "weights"),
        explain(search.best_estimator_, corners[0][0], "weights"),
    )


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ([HOGTransformer(), PCA(5), Normalizer(), RidgeClassifier()], "not linear"),
        ([GrayscaleResizer((48, 48)), CNNClassifier(filters=(2,), epochs=1)],
         "needs a Pipeline with a step of HOGTransformer"),
    ],
)  # fmt: skip
def test_models_without_weights(faces, steps, message):
    model = make_pipeline(*steps).fit(faces.images, faces.target)
    with pytest.raises(ValueError, match=message):
        explain(model, faces.images[0], "weights")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "weights"}, "SVC has no weights to draw"),
        ({"method": "lime"}, "method='lime'"),
        ({"label": "bored"}, "label='bored'. The classes are"),
        ({"method": "gradcam"}, "got a SVC. Pass method='occlusion'"),
    ],
)
def test_bad_input(faces, fitted_hog_svm, options, message):
    with pytest.raises(ValueError, match=message):
        explain(fitted_hog_svm, faces.images[0], **options)
    with pytest.raises(ValueError, match="one image of two or three axes"):
        explain(fitted_hog_svm, faces.images[0].ravel())


def test_a_calibrated_pipeline_is_explained_by_the_label(faces):
    """A calibration may fit what is inside it on numbers."""
    model = make_calibrated(make_hog_svm()).fit(faces.images, faces.target)
    drawn = [
        draw_explanation(model, faces.images[0], 48, label=label)
        for label in ("happy", "sad")
    ]
    assert not np.array_equal(*drawn)


def test_an_ensemble_is_not_explained_by_one_of_its_members(faces):
    members = [make_hog_svm(image_size=24), make_hog_svm(image_size=32)]
    ensemble = make_ensemble([make_calibrated(one) for one in members])
    ensemble.fit(faces.images, faces.target)
    with pytest.raises(ValueError, match="explain its members"):
        draw_explanation(ensemble, faces.images[0], 48, label="happy")

"""One row for each picture, with what the model says and why it says nothing."""

import numpy as np
import pytest
from PIL import Image
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVR

from skfer import CNNClassifier, GrayscaleResizer, make_hog_svm
from skfer.datasets import ImageTable, make_faces
from skfer.faces import FaceCropper
from skfer.model_selection import SelectiveClassifier, make_calibrated, make_ensemble
from skfer.prediction import classify_images
from tests.conftest import TINY_NETWORK


@pytest.fixture(scope="module")
def files(faces, tmp_path_factory):
    """Nine pictures and, in the middle, a text."""
    folder = tmp_path_factory.mktemp("pictures")
    paths = [folder / f"{number}.png" for number in range(10)]
    for number, path in enumerate(paths):
        Image.fromarray(faces.images[number]).save(path)
    paths[4].write_text("no picture")
    return [str(path) for path in paths]


def hog():
    return make_hog_svm(image_size=24).set_params(svd__n_components=16)


def make_models():
    cnn = CNNClassifier(**TINY_NETWORK)
    return {
        "pipeline": hog(),
        "calibrated": make_calibrated(hog()),
        "selective": SelectiveClassifier(make_calibrated(hog()), threshold=0.4),
        "pixels only": make_pipeline(GrayscaleResizer(16), cnn),
    }


@pytest.mark.parametrize("name", list(make_models()))
def test_rows_are_those_of_the_model_and_stay_in_order(name, files, faces):
    model = make_models()[name].fit(faces.images, faces.target)
    results = classify_images(model, files, n_jobs=2)
    assert results.paths.tolist() == files
    good = np.array([number for number in range(10) if number != 4])
    images = faces.images[:10][good]
    assert results.predicted[good].tolist() == model.predict(images).tolist()
    assert results.predicted[4] is None
    assert "holds text" in results.status[4]
    assert results.status[good].tolist() == [""] * 9
    assert np.isnan(results.probability[4]).all()
    if hasattr(model, "predict_proba"):
        expected = model.predict_proba(images)
        assert np.allclose(results.probability[good], expected, atol=1e-12)
    assert np.allclose(results.probability[good].sum(axis=1), 1)
    assert "box" not in results.columns


def test_columns_of_a_table_stay(faces, fitted_hog_svm):
    table = faces[:5]
    table["age"] = [1, 2, 3, 4, 5]
    results = classify_images(fitted_hog_svm, table)
    assert results.age.tolist() == [1, 2, 3, 4, 5]
    assert results.groups.tolist() == table.groups.tolist()
    assert "predicted" not in table.columns


def find_in_bright(image):
    return [(2, 3, 22, 33)] if image.max() > 200 else []


@pytest.mark.parametrize("wrap", [lambda model: model, SelectiveClassifier])
@pytest.mark.filterwarnings("ignore:FaceCropper found no face")
def test_boxes_and_missing_faces_are_columns(wrap, faces, tmp_path):
    rng = np.random.default_rng(0)
    bright, dark = (rng.integers(0, top, (40, 60, 3), np.uint8) for top in (255, 90))
    paths = [str(tmp_path / name) for name in ("bright.png", "dark.png", "text.png")]
    for path, image in zip(paths, (bright, dark), strict=False):
        Image.fromarray(image).save(path)
    (tmp_path / "text.png").write_text("no picture")
    cropper = FaceCropper(24, detector=find_in_bright)
    model = make_pipeline(cropper, *make_calibrated(hog()).estimator.estimator[1:])
    model = wrap(make_calibrated(model) if wrap is SelectiveClassifier else model)
    model.fit(faces.images, faces.target)
    results = classify_images(model, paths)
    assert results.face.tolist() == ["found", "missing", "unreadable"]
    assert results.box[0].tolist() == [2, 3, 22, 33]
    assert np.isnan(results.box[1:]).all()
    assert results.predicted[:2].tolist() == model.predict(paths[:2]).tolist()
    assert results.predicted[2] is None and "holds text" in results.status[2]


def test_a_model_that_wants_a_face_answers_nothing_without(faces):
    cropper = FaceCropper(24, detector=lambda image: [], on_missing="raise")
    model = make_pipeline(cropper, *hog()[1:])
    model.steps[1:] = (
        clone(make_pipeline(*hog()[1:]))
        .fit(faces.images[:, ::2, ::2], faces.target)
        .steps
    )
    results = classify_images(model, faces.images[:2])
    assert results.status.tolist() == ["no face is found"] * 2
    assert results.predicted.tolist() == [None, None]


def test_what_is_no_fitted_classifier_is_refused(faces, fitted_hog_svm):
    with pytest.raises(TypeError, match="classify_images needs .* got SVR"):
        classify_images(SVR(), faces.images)
    with pytest.raises(ValueError, match="not fitted"):
        classify_images(make_hog_svm(), faces.images)
    with pytest.raises(ValueError, match="single"):
        classify_images(fitted_hog_svm, "happy.png")
    empty = classify_images(fitted_hog_svm, ImageTable(faces.images[:1]))
    assert len(empty) == 1


def test_an_ensemble_of_several_sizes_sees_the_files_as_they_are(faces, tmp_path):
    large = make_faces(60, image_size=96, n_subjects=20, random_state=0)
    paths = [str(tmp_path / f"{number}.png") for number in range(60)]
    for path, image in zip(paths, large.images, strict=True):
        Image.fromarray(image).save(path)
    members = [make_calibrated(make_hog_svm(image_size=side)) for side in (24, 64)]
    ensemble = make_ensemble(members).fit(paths, large.target)
    results = classify_images(ensemble, paths)
    assert np.allclose(results.probability, ensemble.predict_proba(paths), atol=1e-12)

"""An exported model gives the same answers without skfer."""

import json
import subprocess
import sys

import numpy as np
import onnx
import onnxruntime
import pytest
from PIL import Image
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import RandomForestClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler
from sklearn.svm import SVC

from skfer import (
    CNNClassifier,
    GrayscaleResizer,
    HOGTransformer,
    ImageResizer,
    LBPTransformer,
    load_pretrained,
    make_hog_svm,
    make_lbp_svm,
    make_transfer,
)
from skfer._pixels import to_gray as to_gray_of_skfer
from skfer._resampling import resize as resize_of_skfer
from skfer.datasets import make_faces
from skfer.faces import FaceCropper
from skfer.model_selection import (
    SelectiveClassifier,
    make_calibrated,
    make_ensemble,
)
from skfer.model_selection._confidence import predict_shares
from skfer.persistence import OnnxParity, export_onnx
from skfer.persistence._onnx_features import add_hog, add_lbp
from skfer.persistence._onnx_graph import Graph
from skfer.persistence._onnx_images import resize, to_gray
from tests.conftest import TINY_NETWORK

WANTED = 1e-4  # Of a probability.


def tiny(**options):
    return CNNClassifier(**{**TINY_NETWORK, **options})


MODELS = {
    "hog": make_hog_svm,
    "lbp": make_lbp_svm,
    "transfer": make_transfer,
    "calibrated": lambda: make_calibrated(make_hog_svm(image_size=24)),
    "calibrated logistic": lambda: make_calibrated(
        make_pipeline(GrayscaleResizer(24), HOGTransformer(), LogisticRegression())
    ),
    "network": lambda: make_pipeline(GrayscaleResizer(16), tiny()),
    "mirrored": lambda: make_pipeline(
        GrayscaleResizer((24, 16)), tiny(test_time_augmentation="flip")
    ),
    "colour": lambda: make_pipeline(ImageResizer(16), tiny()),
    "vote": lambda: make_ensemble(
        {"hog": make_hog_svm(image_size=24), "cnn": MODELS["network"]()}
    ),
    "pretrained": lambda: load_pretrained(prior="even"),
}


@pytest.fixture(scope="module")
def pictures():
    """Noisy drawings in grey and colour, of several sizes."""
    drawn = make_faces(24, random_state=5, noise=0.4).images
    images = [np.asarray(Image.fromarray(one)) for one in drawn]
    for place, size in ((1, (30, 20)), (2, (96, 131)), (3, (240, 199))):
        images[place] = np.asarray(Image.fromarray(images[place]).resize(size))
    images[4] = np.stack([images[4], images[5], images[6]], axis=-1)
    return images


# Keras takes seconds to export a large network; a small one shows the same.
SLOW = ("colour", "mirrored", "network", "pretrained", "transfer", "vote")


@pytest.mark.parametrize(
    ("name", "n_classes"),
    [
        pytest.param(name, 7, marks=pytest.mark.slow if name in SLOW else ())
        for name in MODELS
    ]
    + [(name, 2) for name in ("hog", "calibrated", "calibrated logistic")]
    + [pytest.param("network", 2, marks=pytest.mark.slow)],
)
def test_it_agrees_with_the_model(name, n_classes, faces, pictures, tmp_path):
    model = MODELS[name]()
    if name != "pretrained":
        kept = np.isin(faces.target, np.unique(faces.target)[:n_classes])
        model.fit(faces.images[kept], faces.target[kept])
    same_size = [one for one in pictures if one.shape == (48, 48)]
    parity = export_onnx(model, tmp_path / "face.onnx", X=same_size)
    assert parity.n_equal_labels == parity.n_images == len(same_size)
    assert parity.largest_difference < WANTED
    # Resizing differs by a grey level in some pixels.
    parity = export_onnx(model, tmp_path / "any.onnx", X=pictures)
    assert parity.largest_difference < 0.05
    assert parity.n_equal_labels >= len(pictures) - 1


_WITHOUT = """
import json, sys
import numpy as np, onnxruntime
session = onnxruntime.InferenceSession("face.onnx")
facts = session.get_modelmeta().custom_metadata_map
images = np.load("images.npy")
label, probabilities = session.run(["label", "probabilities"], {"images": images})
assert not {"skfer", "sklearn", "keras"} & set(sys.modules)
print(json.dumps([label.tolist(), probabilities.tolist(), facts]))
"""


def test_it_runs_without_skfer(faces, tmp_path):
    model = make_calibrated(make_hog_svm()).fit(faces.images, faces.target)
    export_onnx(model, tmp_path / "face.onnx", X=faces.images[:5])
    images = make_faces(9, random_state=3).images
    np.save(tmp_path / "images.npy", images[..., np.newaxis])
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    label, probabilities, facts = json.loads(done.stdout)
    assert label == model.predict(images).tolist()
    assert np.allclose(probabilities, model.predict_proba(images), atol=WANTED)
    assert json.loads(facts["classes"]) == model.classes_.tolist()
    assert facts["parity"].startswith("equal labels on 5 of 5 pictures")
    assert facts["takes"] == "pictures"


def test_it_does_not_answer_below_the_threshold(faces, tmp_path):
    model = SelectiveClassifier(make_calibrated(make_hog_svm()), threshold=0.7)
    model.fit(faces.images, faces.target)
    images = make_faces(60, noise=0.5, random_state=3).images
    parity = export_onnx(model, tmp_path / "face.onnx", X=images)
    answers = model.predict(images).tolist()
    assert 0 < answers.count("unknown") < 60
    assert parity.n_equal_labels == 60


def run(add, images, **free):
    """Run operators on a stack of images with the axes n, channels, height, width."""
    graph = Graph()
    graph.name_output(add(graph, "images"), "out")
    dtype = np.dtype(free.get("dtype", np.float32))
    content = graph.finish(
        {"images": (np.uint8, ["n", "c", "h", "w"])},
        {"out": (dtype, [None] * free.get("ndim", 2))},
        {},
    )
    session = onnxruntime.InferenceSession(content)
    return session.run(None, {"images": images})[0]


@pytest.mark.parametrize("size", [(1, 1), (30, 20), (48, 500), (97, 131), (350, 350)])
def test_resizing_is_that_of_pillow_to_a_grey_level(size):
    image = np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)
    ours = np.asarray(resize_of_skfer(Image.fromarray(image), (48, 40)))
    stack = image.transpose(2, 0, 1)[np.newaxis]

    def add(graph, images):
        return resize(graph, images, (48, 40))

    theirs = run(add, stack, dtype=np.uint8, ndim=4)[0].transpose(1, 2, 0)
    assert theirs.shape == ours.shape
    assert np.abs(theirs.astype(int) - ours).max() <= 1


@pytest.mark.parametrize("wanted", [48, 64, 224])
def test_no_side_loses_a_row(wanted):
    graph = Graph()

    def add(graph, images):
        return resize(graph, images, (wanted, 8))

    graph.name_output(add(graph, "images"), "out")
    shapes = {"images": (np.uint8, ["n", 1, "h", "w"])}
    content = graph.finish(shapes, {"out": (np.uint8, ["n", 1, None, None])}, {})
    session = onnxruntime.InferenceSession(content)
    for side in range(1, 1200):
        image = np.zeros((1, 1, side, 9), np.uint8)
        (out,) = session.run(None, {"images": image})
        assert out.shape == (1, 1, wanted, 8), side


def test_grey_is_exact():
    image = np.random.default_rng(0).integers(0, 256, (5, 60, 50, 3), np.uint8)
    stack = image.transpose(0, 3, 1, 2)
    theirs = run(to_gray, stack, dtype=np.uint8, ndim=4)[:, 0]
    assert np.array_equal(theirs, to_gray_of_skfer(image))


def images_with_ties():
    """Random pixels, and few values, whose gradients often lie between two bins."""
    rng = np.random.default_rng(0)
    few = rng.choice(np.array([0, 3, 4, 10, 12, 27, 30, 48, 90], np.uint8), (4, 40, 33))
    return np.concatenate([rng.integers(0, 256, (4, 40, 33), np.uint8), few])


@pytest.mark.parametrize("transform_sqrt", [False, True])
@pytest.mark.parametrize("orientations", [8, 9, 12])
@pytest.mark.parametrize("block_norm", ["L2", "L2-Hys"])
def test_hog_is_that_of_skfer(transform_sqrt, orientations, block_norm):
    images = images_with_ties()
    hog = HOGTransformer(
        orientations,
        (7, 5),
        (2, 3),
        block_norm,
        transform_sqrt=transform_sqrt,
    ).fit(images)
    theirs = run(lambda graph, value: add_hog(graph, hog, value), images[:, np.newaxis])
    assert np.allclose(theirs, hog.transform(images), atol=1e-6)


@pytest.mark.parametrize(
    ("n_points", "radius", "method", "grid"),
    [
        (8, 1, "uniform", (4, 3)),
        (8, 2, "nri_uniform", (4, 4)),
        (6, 1.5, "default", (1, 1)),
        (8, 1, "ror", (3, 2)),
    ],
)
def test_lbp_is_that_of_skfer(n_points, radius, method, grid):
    images = images_with_ties()
    lbp = LBPTransformer(n_points, radius, method, grid).fit(images)
    theirs = run(lambda graph, value: add_lbp(graph, lbp, value), images[:, np.newaxis])
    assert np.allclose(theirs, lbp.transform(images), atol=1e-6)


def find_all(image):
    return [(5, 5, 35, 40)]


def test_faces_are_cut_out_before_both_are_compared(faces, pictures, tmp_path):
    photos = [one for one in pictures if one.ndim == 3 or one.shape != (48, 48)]
    cropper = FaceCropper(24, detector=find_all, padding=0)
    model = make_pipeline(cropper, *make_hog_svm(image_size=24)[1:])
    model.fit(faces.images, faces.target)
    parity = export_onnx(model, tmp_path / "face.onnx", X=photos)
    assert parity.largest_difference < WANTED
    wrapped = SelectiveClassifier(make_calibrated(model)).fit(
        faces.images, faces.target
    )
    with pytest.raises(ValueError, match="can't compare a model that looks for faces"):
        export_onnx(wrapped, tmp_path / "other.onnx", X=photos)


def test_the_file_is_checked_and_small(fitted_hog_svm, tmp_path):
    path = tmp_path / "face.onnx"
    assert export_onnx(fitted_hog_svm, path) is None
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    assert [one.name for one in model.graph.input] == ["images"]
    assert [one.name for one in model.graph.output] == ["label", "probabilities"]
    with pytest.raises(FileExistsError, match="overwrite=True"):
        export_onnx(fitted_hog_svm, path)
    export_onnx(fitted_hog_svm, path, overwrite=True)


def small(*steps):
    return make_pipeline(GrayscaleResizer(24), *steps)


@pytest.mark.parametrize(
    ("model", "match"),
    [
        (small(HOGTransformer(), RandomForestClassifier(2)), "RandomForest"),
        (small(HOGTransformer(), MinMaxScaler(), LogisticRegression()), "MinMaxScaler"),
        (small(HOGTransformer(block_norm="L1"), LogisticRegression()), "L1"),
        (small(HOGTransformer(), SVC(kernel="linear")), "kernel='linear'"),
        (small(HOGTransformer(), FunctionTransformer(np.exp), SVC()), "exp"),
        (
            small(
                FeatureUnion([("a", HOGTransformer())], transformer_weights={"a": 2}),
                SVC(),
            ),
            "transformer_weights",
        ),
        (
            make_pipeline(
                GrayscaleResizer(24, resample="box"), HOGTransformer(), SVC()
            ),
            "resample='box'",
        ),
        (
            CalibratedClassifierCV(small(HOGTransformer(), LogisticRegression())),
            "method='sigmoid'",
        ),
        (
            VotingClassifier([("a", small(HOGTransformer(), SVC()))], voting="hard"),
            "voting='hard'",
        ),
        (small(tiny(test_time_augmentation="ten-crop")), "ten-crop"),
        (
            CalibratedClassifierCV(
                small(HOGTransformer(), SVC()), method="temperature"
            ),
            "CalibratedClassifierCV of an SVC itself",
        ),
        (make_pipeline(ImageResizer(24), HOGTransformer(), SVC()), "colour images"),
        (make_pipeline(ImageResizer(24), LBPTransformer(), SVC()), "colour images"),
    ],
)
def test_what_can_not_be_converted_is_named(model, match, faces, tmp_path):
    kept = np.isin(faces.target, ["happy", "sad"])
    model.fit(faces.images[kept], faces.target[kept])
    with pytest.raises(ValueError, match=f"export_onnx can't convert.*{match}"):
        export_onnx(model, tmp_path / "face.onnx")
    assert not list(tmp_path.iterdir())


def test_what_is_no_fitted_classifier_is_refused(tmp_path, two_classes):
    with pytest.raises(TypeError, match="export_onnx needs .* got HOG"):
        export_onnx(HOGTransformer(), tmp_path / "a.onnx")
    with pytest.raises(ValueError, match="not fitted"):
        export_onnx(make_hog_svm(), tmp_path / "a.onnx")
    floats = tiny().fit(two_classes.images / 255, two_classes.target)
    with pytest.raises(ValueError, match="fitted on floats. Fit it on uint8"):
        export_onnx(floats, tmp_path / "a.onnx")


def test_an_export_that_disagrees_is_not_written(fitted_hog_svm, monkeypatch, tmp_path):
    monkeypatch.setattr(
        "skfer.persistence._export_onnx.predict_shares",
        lambda model, X: predict_shares(model, X) + 0.06,
    )
    images = make_faces(5, random_state=1).images
    with pytest.raises(ValueError, match="wrote nothing: ONNX Runtime and skfer disa"):
        export_onnx(fitted_hog_svm, tmp_path / "face.onnx", X=images)
    assert not list(tmp_path.iterdir())


def test_parity_reads_as_a_sentence():
    assert str(OnnxParity(1000, 2e-7, 999)) == (
        "equal labels on 999 of 1,000 pictures, probabilities differ by at most 2.0e-07"
    )

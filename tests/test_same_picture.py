"""A picture means the same as a file, as an array, in a list, and as floats."""

from functools import cache

import numpy as np
import pytest
from PIL import Image

from skfer import (
    CNNClassifier,
    FaceCropper,
    FaceDetector,
    GrayscaleResizer,
    HOGTransformer,
    ImageLoader,
    ImageResizer,
    LBPTransformer,
    NetworkFeatures,
    make_cnn,
    make_hog_svm,
    make_lbp_svm,
)
from skfer.datasets import (
    ImageTable,
    audit_images,
    find_copies,
    find_look_alikes,
    make_faces,
)
from skfer.inspection import (
    ConfusionFacesDisplay,
    FeatureDisplay,
    PredictionsDisplay,
    SampleFacesDisplay,
    explain,
)
from skfer.inspection._pictures import read_pictures
from skfer.model_selection import (
    LeakFreeKFold,
    LeakFreeShuffleSplit,
    compare_pipelines,
    train_test_split_images,
)
from tests.conftest import TINY_NETWORK

FACES = make_faces(
    40,
    classes=["happy", "sad"],
    n_subjects=20,
    image_size=48,
    n_copies=4,
    random_state=0,
)
FORMS = ["file", "array", "list", "table", "float"]
# What floats of 0..1 may differ by; the other forms give the very same. HOG divides by
# the strength of a block plus a constant, which counts more for small numbers. LBP
# decides ties of pixels, which rounding may turn: a pixel or two of a cell of 64.
FLOAT_TOLERANCE = {"hog": 1e-3, "lbp": 2 / 64, "network": 1e-3}


@pytest.fixture(scope="module")
def forms(tmp_path_factory):
    """The same pictures in every form."""
    root = tmp_path_factory.mktemp("pictures")
    paths = [str(root / f"{number:02}.png") for number in range(len(FACES))]
    for path, image in zip(paths, FACES.images, strict=True):
        Image.fromarray(image).save(path)
    return {
        "file": paths,
        "array": FACES.images,
        "list": list(FACES.images),
        "table": ImageTable(paths, FACES.target),
        "float": FACES.images / 255,
    }


def transform(step):
    return lambda X: step.fit(X, FACES.target).transform(X)


def decide(pipeline):
    def run(X):
        fitted = pipeline.fit(X, FACES.target)
        method = getattr(fitted, "predict_proba", None) or fitted.decision_function
        return method(X)

    return run


@cache
def train_network():
    return CNNClassifier(**TINY_NETWORK).fit(FACES.images, FACES.target)


def network(X):
    return CNNClassifier(**TINY_NETWORK).fit(X, FACES.target).predict_proba(X)


def network_features(X):
    return NetworkFeatures(train_network()).fit_transform(X)


def folds(splitter):
    return lambda X: np.concatenate(
        [[-1, *test] for _, test in splitter.split(X, FACES.target)]
    )


def compare(X):
    y = None if isinstance(X, ImageTable) else FACES.target
    pipelines = {"hog": make_hog_svm(image_size=24)}
    cv = LeakFreeShuffleSplit(test_size=0.4)
    return compare_pipelines(pipelines, X, y, cv=cv).confidences["hog"]


def pixels_of(axes):
    return [image.get_array().tolist() for ax in np.ravel(axes) for image in ax.images]


TINY_CNN = make_cnn(image_size=16, **TINY_NETWORK)
# Those that need no loader before them take no files.
ARRAYS_ONLY = {
    "hog": transform(HOGTransformer()),
    "lbp": transform(LBPTransformer()),
    "network": network,
    "network features": network_features,
    "grey resizer": transform(GrayscaleResizer(20)),
    "resizer": transform(ImageResizer(20)),
}
ALL_FORMS = {
    "loader": transform(ImageLoader(mode="L", size=20)),
    "cropper": transform(FaceCropper(20, min_score=0.1)),
    "detector": lambda X: FaceDetector(min_score=0.1).detect(X).box,
    "hog-svm": decide(make_hog_svm(image_size=24)),
    "lbp-svm": decide(make_lbp_svm(image_size=24)),
    "cnn": decide(TINY_CNN),
}
WITH_TABLES = {
    "find_copies": find_copies,
    "find_look_alikes": find_look_alikes,
    "audit_images": lambda X: audit_images(X).keep(),
    "folds": folds(LeakFreeKFold(3)),
    "split": folds(LeakFreeShuffleSplit()),
    "parts": lambda X: (
        train_test_split_images(
            X if isinstance(X, ImageTable) else ImageTable(X, FACES.target)
        )[1].target
        == "sad"
    ),
    "compare_pipelines": compare,
    "pictures": lambda X: [p.tolist() for p in read_pictures(X, [0, 3])],
    "samples": lambda X: pixels_of(SampleFacesDisplay.from_images(X, FACES.target).ax_),
    "predictions": lambda X: pixels_of(
        PredictionsDisplay.from_predictions(X, FACES.target, FACES.target[::-1]).ax_
    ),
    "confusion": lambda X: pixels_of(
        ConfusionFacesDisplay.from_predictions(FACES.target, FACES.target, X).ax_
    )[1:],
}


NETWORKS = ("network", "network features", "cnn")


def cases():
    for group, taken in (
        (ARRAYS_ONLY, ("list", "float")),
        (ALL_FORMS, ("file", "list", "float")),
        (WITH_TABLES, ("file", "list", "table", "float")),
    ):
        for name, ask in group.items():
            for form in taken:
                is_slow = name in NETWORKS
                marks = pytest.mark.slow if is_slow else ()
                yield pytest.param(name, ask, form, id=f"{name}-{form}", marks=marks)


@pytest.fixture(scope="module")
def answers(forms):
    """Answers for uint8 arrays, each asked for once."""
    known = {}

    def look_up(name, ask):
        if name not in known:
            known[name] = ask(forms["array"])
        return known[name]

    return look_up


@pytest.mark.parametrize(("name", "ask", "form"), list(cases()))
def test_every_form_gives_the_same(name, ask, form, forms, answers):
    expected = np.asarray(answers(name, ask))
    tolerance = FLOAT_TOLERANCE.get(name, 0) if form == "float" else 0
    np.testing.assert_allclose(np.asarray(ask(forms[form])), expected, atol=tolerance)


@pytest.mark.parametrize("form", ["list", "float"])
def test_single_pictures_are_explained_and_drawn_alike(form, forms):
    model = make_hog_svm(image_size=24).fit(FACES.images, FACES.target)
    image, other = FACES.images[0], forms[form][0]
    np.testing.assert_allclose(explain(model, other), explain(model, image), atol=0.02)
    one, two = (FeatureDisplay.from_image(x, HOGTransformer()) for x in (image, other))
    np.testing.assert_array_equal(one.features, two.features)


def test_the_list_of_functions_is_complete():
    """Every public name that takes X is asked above."""
    import inspect

    import skfer.datasets
    import skfer.inspection
    import skfer.model_selection

    taking = {
        name
        for module in (skfer.datasets, skfer.inspection, skfer.model_selection)
        for name in module.__all__
        if inspect.isfunction(thing := getattr(module, name))
        and {"X", "table"} & set(inspect.signature(thing).parameters)
    }
    asked = set(WITH_TABLES) | {"train_test_split_images"}
    # The first reads names only, the others hand the images to a pipeline.
    asked |= {"propose_groups", "find_label_issues", "learning_curve_images"}
    assert taking <= asked


PALETTE = Image.fromarray(
    np.kron(np.arange(48, dtype=np.uint8).reshape(4, 4, 3) * 5, np.ones((8, 8, 1)))
    .astype(np.uint8)
)  # fmt: skip


def rotated(image):
    image.getexif()[0x0112] = 6
    return image


@pytest.mark.parametrize(
    "picture",
    [
        PALETTE.convert("P"), PALETTE.convert("1"), PALETTE.convert("CMYK"),
        Image.merge("RGBA", [*PALETTE.split(), PALETTE.convert("L")]),
        Image.merge("LA", [PALETTE.convert("L"), PALETTE.convert("L")]),
        Image.fromarray(np.full((9, 8), 30000, np.uint16)), rotated(PALETTE.copy()),
    ],
    ids=["palette", "black and white", "CMYK", "RGBA", "LA", "16 bits", "rotated"],
)  # fmt: skip
def test_pictures_of_pillow_are_read_as_their_files_are(picture, tmp_path):
    path = tmp_path / "picture.tiff"
    picture.save(path, exif=picture.getexif())
    loader = ImageLoader(mode="RGB", size=(20, 24))
    with Image.open(path) as opened:
        pillow = [opened]
        expected = loader.fit_transform([path])
        np.testing.assert_array_equal(loader.fit_transform(pillow), expected)
        for step in (GrayscaleResizer(20), HOGTransformer(pixels_per_cell=(4, 4))):
            np.testing.assert_array_equal(
                step.fit_transform(pillow),
                step.fit_transform(ImageLoader().fit_transform([path])),
            )
        assert find_copies([opened, expected[0] * 0, opened]).tolist() == [0, 1, 0]


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_arrays_with_opacity_are_flattened_as_files_are(mode, tmp_path):
    opacity = PALETTE.convert("L")
    colours = PALETTE.split() if mode == "RGBA" else [opacity]
    picture = Image.merge(mode, [*colours, opacity])
    picture.save(tmp_path / "picture.png")
    for loader in (ImageLoader(), ImageLoader(mode="L", size=20)):
        np.testing.assert_array_equal(
            loader.fit_transform([np.asarray(picture)]),
            loader.fit_transform([tmp_path / "picture.png"]),
        )


@pytest.mark.parametrize(
    "ask",
    [
        ALL_FORMS["loader"], ALL_FORMS["cropper"], ALL_FORMS["hog-svm"],
        WITH_TABLES["find_copies"], WITH_TABLES["folds"], WITH_TABLES["audit_images"],
        ARRAYS_ONLY["hog"], ARRAYS_ONLY["network"], ARRAYS_ONLY["resizer"],
    ],
)  # fmt: skip
def test_paths_mixed_with_images_are_refused(ask, forms):
    half = len(FACES) // 2
    for first, other in (("file", "array"), ("array", "file")):
        mixed = [*forms[first][:half], *forms[other][half:]]
        # What takes no paths says so if there is one at the start.
        with pytest.raises(ValueError, match=f"row {half} a|needs images, got file pa"):
            ask(mixed)

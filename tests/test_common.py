"""scikit-learn's own checks on every public estimator."""

import numpy as np
import pytest
from sklearn.base import is_classifier
from sklearn.linear_model import SGDClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import estimator_checks as checks
from sklearn.utils.estimator_checks import parametrize_with_checks

from skfer import (
    CNNClassifier,
    FaceCropper,
    FaceDetector,
    GrayscaleResizer,
    HOGTransformer,
    ImageLoader,
    LBPTransformer,
    NetworkClassifier,
    build_network,
)
from skfer.pipelines import IncrementalClassifier
from tests.fake_training import REAL_TRAINING

# scikit-learn's data are rows of a few features: images of very few pixels, with
# values beyond 0..1, of which skfer warns.
pytestmark = [
    pytest.mark.filterwarnings(
        "ignore:X (does not have valid feature names|has feature names), but",
        "ignore:.*expects integers in 0..255 and floats in 0..1",
    ),
    pytest.mark.usefixtures("fake_training"),
]


_TRAINING = {
    "epochs": 40 if REAL_TRAINING else 10, "batch_size": 32, "augment": None,
    "label_smoothing": 0.0, "precision": "float32", "random_state": 0,
}  # fmt: skip


def network():
    return CNNClassifier(
        (16,), convs_per_block=1, attention=False, dropout=0.0, **_TRAINING
    )


class Build:
    """A function whose name is the same in every process, unlike an address."""

    def __call__(self, image_shape, n_classes, **options):
        layers = {"filters": (16,), "convs_per_block": 1, "dropout": 0.0}
        return build_network(image_shape, n_classes, **layers, **options)

    def __repr__(self):
        return "Build()"


def network_of_function():
    return NetworkClassifier(Build(), **_TRAINING)


def incremental():
    return IncrementalClassifier(
        make_pipeline(StandardScaler(), SGDClassifier(random_state=0)), random_state=0
    )


TRANSFORMERS = [
    GrayscaleResizer(size=(8, 8)),
    HOGTransformer(pixels_per_cell=(1, 1), cells_per_block=(1, 1)),
    LBPTransformer(grid=(1, 1)),
]
# The fake of a network is trained on all of so few images at once, and passes.
EXPECTED_FAILURES = (
    {}
    if not REAL_TRAINING
    else {
        name: {
            "check_sample_weight_equivalence_on_dense_data": "training runs in "
            "mini-batches, as in scikit-learn's own networks; replaced by "
            "tests/neural/test_network_classifier.py::test_sample_weights_count"
        }
        for name in ("CNNClassifier", "NetworkClassifier")
    }
)


def expected_failures(estimator):
    return EXPECTED_FAILURES.get(type(estimator).__name__, {})


@parametrize_with_checks(
    [*TRANSFORMERS, network(), network_of_function(), incremental()],
    expected_failed_checks=expected_failures,
    xfail_strict=True,
)
def test_scikit_learn_checks(estimator, check):
    check(estimator)


def test_the_full_battery_applies():
    """A tag that is too narrow would leave hardly any check to run."""
    for estimator in [*TRANSFORMERS, network(), network_of_function()]:
        names = [
            checks._check_name(check)
            for _, check in checks.estimator_checks_generator(estimator, legacy=True)
        ]
        assert len(names) >= 46, type(estimator).__name__


def test_expected_failures_name_existing_checks():
    for failures in EXPECTED_FAILURES.values():
        for name in failures:
            assert hasattr(checks, name)


@pytest.mark.parametrize(
    "estimator",
    [*TRANSFORMERS, network(), network_of_function()],
    ids=lambda e: type(e).__name__,
)
@pytest.mark.parametrize(
    "check",
    [
        checks.check_param_validation,
        checks.check_dataframe_column_names_consistency,
        checks.check_readonly_memmap_input,
    ],
    ids=lambda check: check.__name__,
)
def test_checks_by_hand(estimator, check):
    check(type(estimator).__name__, estimator)


@pytest.mark.parametrize(
    "check",
    [
        checks.check_param_validation,
        checks.check_parameters_default_constructible,
        checks.check_no_attributes_set_in_init,
        checks.check_estimator_cloneable,
        checks.check_estimator_repr,
        checks.check_estimator_tags_renamed,
        checks.check_valid_tag_types,
        checks.check_mixin_order,
        checks.check_get_params_invariance,
        checks.check_set_params,
    ],
    ids=lambda check: check.__name__,
)
@pytest.mark.parametrize(
    "estimator",
    [ImageLoader(), FaceCropper(), FaceDetector()],
    ids=lambda estimator: type(estimator).__name__,
)
def test_checks_without_data(estimator, check):
    """They take paths: their twins of the others are in their own tests."""
    check(type(estimator).__name__, estimator)


@pytest.mark.parametrize("estimator", TRANSFORMERS[1:], ids=lambda e: type(e).__name__)
@pytest.mark.parametrize(
    "check",
    [
        checks.check_transformer_get_feature_names_out,
        checks.check_transformer_get_feature_names_out_pandas,
        checks.check_get_feature_names_out_error,
        checks.check_set_output_transform,
        checks.check_set_output_transform_pandas,
        checks.check_global_output_transform_pandas,
    ],
    ids=lambda check: check.__name__,
)
def test_feature_name_checks_by_hand(estimator, check):
    check(type(estimator).__name__, estimator)


def test_the_network_is_a_classifier():
    assert is_classifier(network())


@pytest.mark.parametrize("estimator", [GrayscaleResizer(), ImageLoader()])
def test_image_steps_opt_out_of_data_frames(estimator):
    assert not hasattr(estimator, "set_output")


@pytest.mark.parametrize(
    "estimator",
    [*TRANSFORMERS, network(), ImageLoader()],
    ids=lambda e: type(e).__name__,
)
def test_every_estimator_supports_callbacks(estimator, odd_images):
    seen = []

    class Recorder:
        max_propagation_depth = None

        def setup(self, estimator, context):
            seen.append("setup")

        def teardown(self, estimator, context):
            seen.append("teardown")

        def on_fit_task_begin(self, estimator, context):
            seen.append(f"begin {context.task_name}")

        def on_fit_task_end(self, estimator, context):
            seen.append(f"end {context.task_name}")

    estimator.set_callbacks(Recorder())
    try:
        if isinstance(estimator, CNNClassifier):
            estimator = estimator.set_params(epochs=2)
        estimator.fit(odd_images, np.arange(7) % 2)
    finally:
        estimator.set_callbacks()
    assert seen[:2] == ["setup", "begin fit"]
    assert seen[-2:] == ["end fit", "teardown"]
    epochs = seen.count("begin epoch"), seen.count("end epoch")
    assert epochs == ((2, 2) if isinstance(estimator, CNNClassifier) else (0, 0))

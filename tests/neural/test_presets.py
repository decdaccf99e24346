import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from skfer import CNNClassifier, build_network
from skfer.neural._presets import PRESETS

# Image shape of each report and its parameters without the output layer; those of
# the first two are their published 4,478,727 and 856,711 less seven outputs.
REPORTS = {
    "conv64-128-512-512_dense256-512": ((48, 48, 1), 4_478_727 - 7 * 513),
    "conv128-256-128_dense128": ((48, 48, 1), 856_711 - 7 * 129),
    "conv32-64": ((48, 48, 1), 18_816),
    "conv16-32-64-32_dense256": ((256, 256, 3), 1_647_936),
    "conv16-32-16_dense256": ((256, 256, 3), 3_696_368),
    "conv32-64_dense128": ((64, 64, 3), 1_625_152),
    "conv64-64-128-256_dense1024": ((112, 112, 3), 6_962_368),
}
LAYERS = [
    "filters", "kernel_size", "convs_per_block", "padding", "batch_norm", "residual",
    "attention", "head", "dense_units", "dense_batch_norm",
]  # fmt: skip


def build(name, shape):
    params = CNNClassifier.from_preset(name).get_params(deep=False)
    return build_network(shape, 7, **{key: params[key] for key in LAYERS})


@pytest.mark.parametrize("name", REPORTS)
def test_parameter_counts_of_the_reports(name):
    shape, expected = REPORTS[name]
    network = build(name, shape)
    assert network.count_params() - network.layers[-1].count_params() == expected


def test_every_preset_of_a_report_is_counted():
    assert set(PRESETS) == {*REPORTS, "default", "fast", "long"}


def test_sizes_of_our_own():
    sizes = {
        name: build(name, (48, 48, 1)).count_params()
        for name in ("fast", "default", "long")
    }
    assert sizes["fast"] < sizes["default"] / 3
    assert sizes["long"] > 2 * sizes["default"]


def test_default_is_the_default():
    ours = CNNClassifier.from_preset("default").get_params()
    assert ours == CNNClassifier().get_params()


def test_overrides_win_and_the_preset_stays_as_it_is():
    first = CNNClassifier.from_preset("long", epochs=3, filters=(8, 8))
    assert (first.epochs, first.filters, first.residual) == (3, (8, 8), True)
    first.set_params(augment__zoom=0.0)
    again = CNNClassifier.from_preset("long")
    assert (again.filters, again.augment.zoom) == ((48, 96, 192, 384), 0.25)


def test_unknown_presets_are_explained():
    with pytest.raises(ValueError, match="'best', which is not a preset.*'default'"):
        CNNClassifier.from_preset("best")


@pytest.mark.slow
def test_clone_and_search_work(two_classes):
    preset = CNNClassifier.from_preset("long", filters=(4, 8), epochs=1, random_state=0)
    assert repr(clone(preset)) == repr(preset)
    search = GridSearchCV(preset, {"attention": [False, True]}, cv=2)
    search.fit(two_classes.images, two_classes.target)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()

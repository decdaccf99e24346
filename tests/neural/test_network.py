import keras
import numpy as np
import pytest

from skfer import build_network

PLAIN = {"convs_per_block": 1, "residual": False, "attention": False}
# Parameter counts of networks from student reports; only biases as Keras has them
# and batch normalisation with its moving averages give these numbers.
REPORTS = {
    "three blocks, valid": (
        {**PLAIN, "filters": (128, 256, 128), "padding": "valid", "head": "flatten",
         "dense_units": (128,), "dropout": 0.5},
        856_711,
    ),
    "four blocks, two dense": (
        {**PLAIN, "filters": (64, 128, 512, 512), "kernel_size": (3, 5, 3, 3),
         "padding": "same", "head": "flatten", "dense_units": (256, 512),
         "dense_batch_norm": True},
        4_478_727,
    ),
    "default": ({}, 1_199_619),
    "plain": (PLAIN, 391_559),
    "one block without normalisation": (
        {**PLAIN, "filters": (8,), "batch_norm": False},
        8 * 9 + 8 + 8 * 7 + 7,
    ),
    "two convolutions in the second block": (
        {**PLAIN, "filters": (4, 8), "convs_per_block": (1, 2), "batch_norm": False},
        (4 * 9 + 4) + (8 * 4 * 9 + 8) + (8 * 8 * 9 + 8) + (8 * 7 + 7),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REPORTS)
def test_parameter_counts(name):
    params, expected = REPORTS[name]
    assert build_network((48, 48, 1), 7, **params).count_params() == expected


def test_output_is_a_probability_per_class():
    network = build_network((20, 13, 3), 5, filters=(4, 8), random_state=0)
    images = np.random.default_rng(0).integers(0, 256, (3, 20, 13, 3), dtype=np.uint8)
    out = network.predict_on_batch(images)
    assert out.shape == (3, 5)
    np.testing.assert_allclose(out.sum(axis=1), 1, atol=1e-6)


def test_pixels_are_scaled_once_inside():
    """The same picture as integers and as floats gives the same answer."""
    images = np.random.default_rng(0).integers(0, 256, (2, 12, 9, 1), dtype=np.uint8)
    of_integers = build_network((12, 9), 3, filters=(4,), random_state=0)
    of_floats = build_network(
        (12, 9), 3, filters=(4,), pixel_range=(0, 1), random_state=0
    )
    np.testing.assert_allclose(
        of_integers.predict_on_batch(images),
        of_floats.predict_on_batch((images / 255).astype(np.float32)),
        atol=1e-6,
    )


def test_the_seed_decides_the_weights():
    first, same, other = (
        build_network((12, 9), 3, filters=(4,), random_state=seed).get_weights()[0]
        for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, same)
    assert (first != other).all()


def test_the_order_of_layers():
    network = build_network((16, 16), 2, filters=(4,), conv_dropout=0.2, **PLAIN)
    names = [type(layer).__name__ for layer in network.layers]
    assert names == [
        "InputLayer", "Rescaling", "Conv2D", "MaxPooling2D", "BatchNormalization",
        "ReLU", "Identity", "Dropout", "GlobalAveragePooling2D", "Dropout", "Dense",
    ]  # fmt: skip


def test_residual_blocks_pool_first_and_add_the_rest():
    network = build_network(
        (16, 16), 2, filters=(4,), convs_per_block=3, attention=False, dropout=0
    )
    names = [type(layer).__name__ for layer in network.layers]
    one = ["BatchNormalization", "ReLU"]
    assert names == [
        "InputLayer", "Rescaling", "Conv2D", "MaxPooling2D", *one,
        "Conv2D", *one, "Conv2D", *one, "Add", "Identity", "GlobalAveragePooling2D",
        "Dense",
    ]  # fmt: skip
    pooled, added = network.layers[5], network.layers[12]
    assert added.input[0] is pooled.output


def test_residual_blocks_of_one_convolution_are_plain():
    plain, residual = (
        build_network(
            (16, 16), 2, filters=(4, 8), convs_per_block=1, residual=residual,
            random_state=0,
        )
        for residual in (False, True)
    )  # fmt: skip
    images = np.random.default_rng(0).integers(0, 256, (2, 16, 16, 1), dtype=np.uint8)
    np.testing.assert_array_equal(
        plain.predict_on_batch(images), residual.predict_on_batch(images)
    )


def test_attention_weighs_channels_between_zero_and_one():
    network = build_network((8, 8), 3, filters=(16,), random_state=1)
    multiply = next(
        layer for layer in network.layers if type(layer).__name__ == "Multiply"
    )
    before, weights = multiply.input
    assert weights.shape == (None, 1, 1, 16)
    assert before.shape == (None, 4, 4, 16)
    watch = keras.Model(network.input, weights)
    images = np.random.default_rng(0).integers(0, 256, (9, 8, 8, 1), dtype=np.uint8)
    values = watch.predict_on_batch(images)
    assert 0 < values.min() < values.max() < 1
    # Squeezed to an eighth of the channels, and back.
    counts = [layer.count_params() for layer in network.layers]
    assert counts.count(16 * 2 + 2) == counts.count(2 * 16 + 16) == 1


def test_residual_blocks_need_same_padding():
    with pytest.raises(ValueError, match='padding="same".*or set residual=False'):
        build_network((48, 48), 2, padding="valid")
    build_network((48, 48), 2, padding="valid", convs_per_block=1)


def test_tiny_images_work_with_same_padding():
    network = build_network((1, 3), 2)
    assert network.predict_on_batch(np.zeros((1, 1, 3, 1))).shape == (1, 2)


def test_images_too_small_for_valid_padding_are_told_the_smallest_size():
    params = {**PLAIN, "filters": (8, 8), "padding": "valid"}
    with pytest.raises(
        ValueError, match="7 by 30 pixels.* smallest that works is 8 by 8"
    ):
        build_network((7, 30), 2, **params)
    build_network((8, 8), 2, **params)


def test_all_problems_are_reported_at_once():
    with pytest.raises(ValueError, match="can't build a network") as caught:
        build_network(
            (9, 9), 2, filters=(8, 0), kernel_size=(3, 3, 3), conv_dropout=1.0,
            dense_units=(2.5,),
        )  # fmt: skip
    for name in ("filters", "kernel_size", "conv_dropout", "dense_units"):
        assert f"{name}=" in str(caught.value)
    with pytest.raises(ValueError, match="at least one block"):
        build_network((9, 9), 2, filters=())

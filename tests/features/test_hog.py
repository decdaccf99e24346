from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.feature import hog

from skfer import HOGTransformer

DTYPES = (np.uint8, np.float32, np.float64)


def random_images(seed, shape, dtype):
    rng = np.random.default_rng(seed)
    if dtype == np.uint8:
        # Few grey levels give many equal gradients, which shows wrong bin edges.
        return (rng.integers(0, 9, shape) * 31).astype(np.uint8)
    return rng.random(shape).astype(dtype)


@given(
    seed=st.integers(0, 2**32 - 1),
    sides=st.tuples(st.integers(6, 26), st.integers(6, 26)),
    channels=st.sampled_from([None, 2, 3, 4]),
    dtype=st.sampled_from(DTYPES),
    orientations=st.integers(1, 12),
    cell=st.tuples(st.integers(1, 6), st.integers(1, 6)),
    block=st.tuples(st.integers(1, 2), st.integers(1, 2)),
    norm=st.sampled_from(["L1", "L1-sqrt", "L2", "L2-Hys"]),
    transform_sqrt=st.booleans(),
)
@settings(max_examples=150)
def test_equals_scikit_image(
    seed, sides, channels, dtype, orientations, cell, block, norm, transform_sqrt
):
    smallest = [c * b for c, b in zip(cell, block, strict=True)]
    sides = [max(pair) for pair in zip(sides, smallest, strict=True)]
    shape = (3, *sides) if channels is None else (3, *sides, channels)
    images = random_images(seed, shape, dtype)
    ours = HOGTransformer(
        orientations, cell, block, norm, transform_sqrt=transform_sqrt
    ).fit_transform(images)
    theirs = [
        hog(
            image, orientations, cell, block, norm,
            transform_sqrt=transform_sqrt,
            channel_axis=None if channels is None else -1,
        )
        for image in images
    ]  # fmt: skip
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, theirs, atol=1e-6)
    with mock.patch("skfer.features._hog.load_kernels", lambda: None):
        plain = HOGTransformer(
            orientations, cell, block, norm, transform_sqrt=transform_sqrt
        ).fit_transform(images)
    np.testing.assert_array_equal(ours, plain)


@given(st.integers(0, 2**32 - 1), st.sampled_from(DTYPES))
@settings(max_examples=20)
def test_batch_equals_one_by_one_and_follows_permutations(seed, dtype):
    images = random_images(seed, (5, 18, 11), dtype)
    transformer = HOGTransformer(pixels_per_cell=(4, 3)).fit(images)
    batch = transformer.transform(images)
    single = [transformer.transform(image[np.newaxis])[0] for image in images]
    np.testing.assert_array_equal(batch, single)
    order = np.random.default_rng(seed).permutation(5)
    np.testing.assert_array_equal(transformer.transform(images[order]), batch[order])


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=20)
def test_half_a_turn_turns_the_cells_around(seed):
    """Turned by 180 degrees, unsigned gradients stay what they are."""
    images = random_images(seed, (2, 24, 16), np.uint8)
    transformer = HOGTransformer(cells_per_block=(1, 1), block_norm="L2").fit(images)
    cells = transformer.transform(images).reshape(2, 3, 2, 9)
    turned = transformer.transform(images[:, ::-1, ::-1]).reshape(2, 3, 2, 9)
    np.testing.assert_allclose(turned, cells[:, ::-1, ::-1], atol=1e-6)


@given(st.integers(0, 2**32 - 1), st.integers(1, 40))
@settings(max_examples=20)
def test_brighter_light_changes_nothing(seed, shift):
    images = np.random.default_rng(seed).integers(0, 200, (2, 16, 24), dtype=np.uint8)
    transformer = HOGTransformer().fit(images)
    np.testing.assert_array_equal(
        transformer.transform(images + np.uint8(shift)), transformer.transform(images)
    )


def test_constant_images_have_no_edges():
    assert not HOGTransformer().fit_transform(np.full((2, 16, 16), 90, np.uint8)).any()


def test_gray_as_three_equal_channels_changes_nothing(odd_images):
    transformer = HOGTransformer(pixels_per_cell=(4, 4))
    colour = np.repeat(odd_images[..., np.newaxis], 3, axis=3)
    np.testing.assert_array_equal(
        transformer.fit_transform(odd_images), transformer.fit_transform(colour)
    )


def test_feature_names_say_where(odd_images):
    transformer = HOGTransformer(2, pixels_per_cell=(5, 5), cells_per_block=(2, 1)).fit(
        odd_images
    )
    names = transformer.get_feature_names_out()
    assert names[0] == "block_row0_col0_cell_row0_col0_orientation45deg"
    assert names[-1] == "block_row2_col1_cell_row3_col1_orientation135deg"
    assert len(set(names)) == len(names) == transformer.transform(odd_images).shape[1]


def test_a_name_points_at_its_cell():
    """A horizontal edge in one place lights up the names of that place only."""
    image = np.zeros((1, 16, 24), np.uint8)
    image[0, 8:, 16:] = 255
    transformer = HOGTransformer(cells_per_block=(1, 1), pixels_per_cell=(4, 8))
    row = transformer.fit(image).set_output(transform="pandas").transform(image).iloc[0]
    flat = row[[name for name in row.index if "orientation90deg" in name]]
    lit = flat[flat > 0.5].index
    assert {name.split("_orientation")[0].split("cell_")[1] for name in lit} == {
        "row1_col2", "row2_col2"
    }  # fmt: skip


def test_too_small_images_are_told_the_smallest_size():
    transformer = HOGTransformer(pixels_per_cell=(8, 6), cells_per_block=(2, 3))
    with pytest.raises(
        ValueError, match=r"HOGTransformer got images of 10 by 20 .* 16 by 18 pixels"
    ):
        transformer.fit(np.zeros((2, 10, 20), np.uint8))
    transformer.fit(np.zeros((2, 16, 18), np.uint8))


@pytest.mark.parametrize("name", ["pixels_per_cell", "cells_per_block"])
@pytest.mark.parametrize("pair", [(0, 8), (8,), (8.0, 8), (8, 8, 8)])
def test_wrong_pairs_are_explained(name, pair, odd_images):
    with pytest.raises(ValueError, match=rf"HOGTransformer got {name}=.*two integers"):
        HOGTransformer(**{name: pair}).fit(odd_images)


@pytest.mark.filterwarnings("ignore:.*expects integers in 0..255 and floats")
def test_square_root_of_negative_pixels_is_explained():
    X = np.full((2, 16, 16), -0.5)
    with pytest.raises(ValueError, match="negative pixels with transform_sqrt=True"):
        HOGTransformer(transform_sqrt=True).fit_transform(X)


@pytest.mark.parametrize("shape", [(40, 33), (24, 24, 3)])
@pytest.mark.parametrize("orientations", [1, 2, 4, 6, 8, 9, 12])
@pytest.mark.parametrize("transform_sqrt", [False, True])
def test_gradients_on_the_edge_of_a_bin(shape, orientations, transform_sqrt):
    """Pictures of few shades, where many angles are multiples of 45 degrees."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 4, (4, *shape), dtype=np.uint8) * 64
    images[1] = np.add.outer(np.arange(shape[0]), np.arange(shape[1])).reshape(
        *shape[:2], *[1] * (len(shape) - 2)
    )
    transformer = HOGTransformer(
        orientations, (6, 5), (2, 2), transform_sqrt=transform_sqrt
    )
    axis = -1 if len(shape) == 3 else None
    expected = [
        hog(
            image, orientations, (6, 5), (2, 2), transform_sqrt=transform_sqrt,
            channel_axis=axis,
        )
        for image in images
    ]  # fmt: skip
    np.testing.assert_allclose(transformer.fit_transform(images), expected, atol=1e-6)

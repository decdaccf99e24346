import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.feature import local_binary_pattern

from skfer import LBPTransformer
from skfer.features._lbp import code_table, local_patterns


def few_levels(seed, shape, n_levels):
    """Few grey levels give many ties, which the last rounding decides."""
    rng = np.random.default_rng(seed)
    levels = rng.integers(0, 256, n_levels, dtype=np.uint8)
    return levels[rng.integers(n_levels, size=shape)]


METHODS = ("default", "ror", "uniform", "nri_uniform")


@given(
    seed=st.integers(0, 2**32 - 1),
    sides=st.tuples(st.integers(1, 22), st.integers(1, 22)),
    n_points=st.integers(1, 16),
    radius=st.sampled_from([0.25, 0.5, 1, 1.5, 2, 2.7, 3, 6, 40]),
    method=st.sampled_from(METHODS),
    levels=st.sampled_from([1, 2, 4, 256]),
)
@settings(max_examples=150)
def test_codes_equal_scikit_image(seed, sides, n_points, radius, method, levels):
    images = few_levels(seed, (2, *sides), levels)
    theirs = [local_binary_pattern(image, n_points, radius, method) for image in images]
    patterns = local_patterns(images, n_points, radius)
    np.testing.assert_array_equal(code_table(n_points, method)[patterns], theirs)


@given(
    seed=st.integers(0, 2**32 - 1),
    sides=st.tuples(st.integers(1, 16), st.integers(1, 16)),
    n_points=st.integers(1, 24),
    radius=st.sampled_from([0.25, 0.5, 1, 1.5, 2, 2.7, 3, 6, 40]),
    method=st.sampled_from(METHODS),
    levels=st.sampled_from([1, 2, 4, 256]),
)
@settings(max_examples=150)
def test_compiled_codes_equal_scikit_image(
    seed, sides, n_points, radius, method, levels
):
    images = few_levels(seed, (2, *sides), levels)
    n_points = n_points % 8 + 1 if method in ("default", "ror") else n_points
    # With a cell for every pixel a histogram is the pixel's code.
    transformer = LBPTransformer(n_points, radius, method, grid=sides)
    columns = transformer.fit_transform(images).reshape(*images.shape, -1).argmax(-1)
    theirs = [local_binary_pattern(image, n_points, radius, method) for image in images]
    if method == "ror":
        columns = np.unique(code_table(n_points, method))[columns]
    np.testing.assert_array_equal(columns, theirs)


@given(st.integers(0, 2**32 - 1), st.sampled_from([np.float32, np.float64]))
@settings(max_examples=20)
@pytest.mark.filterwarnings("ignore:Applying `local_binary_pattern` to floating")
def test_codes_of_floats_equal_scikit_image(seed, dtype):
    images = np.random.default_rng(seed).random((2, 9, 14)).astype(dtype)
    theirs = [local_binary_pattern(image, 8, 1.5, "uniform") for image in images]
    patterns = local_patterns(images, 8, 1.5)
    np.testing.assert_array_equal(code_table(8, "uniform")[patterns], theirs)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("n_points", [3, 8])
def test_histograms_count_the_codes_of_each_cell(method, n_points):
    images = np.random.default_rng(0).integers(0, 256, (2, 12, 20), dtype=np.uint8)
    transformer = LBPTransformer(n_points, 1, method, grid=(3, 4)).fit(images)
    names = transformer.get_feature_names_out()
    ours = transformer.transform(images).reshape(2, 3, 4, -1)
    values = np.unique(code_table(n_points, method))
    if method in ("uniform", "nri_uniform"):
        values = np.arange(ours.shape[-1])
    for image, table in zip(images, ours, strict=True):
        codes = local_binary_pattern(image, n_points, 1, method)
        for row in range(3):
            for col in range(4):
                cell = codes[row * 4 : row * 4 + 4, col * 5 : col * 5 + 5]
                expected = [(cell == value).mean() for value in values]
                np.testing.assert_allclose(table[row, col], expected, atol=1e-7)
    assert len(names) == len(set(names)) == ours[0].size


@given(
    seed=st.integers(0, 2**32 - 1),
    sides=st.tuples(st.integers(5, 20), st.integers(5, 20)),
    grid=st.tuples(st.integers(1, 5), st.integers(1, 5)),
)
@settings(max_examples=40)
def test_every_histogram_adds_up_to_one(seed, sides, grid):
    images = np.random.default_rng(seed).integers(0, 256, (3, *sides), dtype=np.uint8)
    out = LBPTransformer(grid=grid).fit_transform(images)
    assert out.dtype == np.float32
    sums = out.reshape(3, grid[0] * grid[1], -1).sum(axis=2)
    np.testing.assert_allclose(sums, 1, atol=1e-6)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=20)
def test_batch_equals_one_by_one_and_follows_permutations(seed):
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (5, 18, 13), dtype=np.uint8)
    transformer = LBPTransformer(grid=(2, 3)).fit(images)
    batch = transformer.transform(images)
    single = [transformer.transform(image[np.newaxis])[0] for image in images]
    np.testing.assert_array_equal(batch, single)
    order = rng.permutation(5)
    np.testing.assert_array_equal(transformer.transform(images[order]), batch[order])


@given(st.integers(0, 2**32 - 1), st.integers(1, 50))
@settings(max_examples=20)
def test_brighter_light_changes_nothing_inside(seed, shift):
    # Patterns on the border see the black beyond it, so they are cut away.
    images = np.random.default_rng(seed).integers(0, 200, (2, 12, 15))
    before = local_patterns(images.astype(float), 4, 1)
    after = local_patterns((images + shift).astype(float), 4, 1)
    np.testing.assert_array_equal(before[:, 1:-1, 1:-1], after[:, 1:-1, 1:-1])


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=20)
def test_mirroring_mirrors_the_grid(seed):
    images = np.random.default_rng(seed).integers(0, 256, (2, 12, 18), dtype=np.uint8)
    transformer = LBPTransformer(4, 1, grid=(2, 3)).fit(images)
    cells = transformer.transform(images).reshape(2, 2, 3, -1)
    mirrored = transformer.transform(images[:, :, ::-1]).reshape(2, 2, 3, -1)
    np.testing.assert_allclose(mirrored, cells[:, :, ::-1], atol=1e-7)


def test_colour_is_turned_gray(odd_images):
    transformer = LBPTransformer()
    colour = np.repeat(odd_images[..., np.newaxis], 3, axis=3)
    np.testing.assert_array_equal(
        transformer.fit_transform(odd_images), transformer.fit_transform(colour)
    )


def test_feature_names_say_where(odd_images):
    names = LBPTransformer(grid=(2, 1)).fit(odd_images).get_feature_names_out()
    assert names[0] == "grid_row0_col0_pattern_0ones"
    assert names[-1] == "grid_row1_col0_pattern_other"


def test_too_small_images_are_told_the_smallest_size():
    with pytest.raises(ValueError, match=r"images of 5 by 9 .* works is 6 by 6 pixels"):
        LBPTransformer().fit(np.zeros((2, 5, 9), np.uint8))
    LBPTransformer().fit(np.zeros((2, 6, 6), np.uint8))


@pytest.mark.parametrize("grid", [(0, 2), (2,), (2.0, 2)])
def test_wrong_grids_are_explained(grid, odd_images):
    with pytest.raises(ValueError, match=r"LBPTransformer got grid=.*two integers"):
        LBPTransformer(grid=grid).fit(odd_images)


@pytest.mark.parametrize("method", ["default", "ror"])
def test_histograms_that_explode_are_refused(method, odd_images):
    with pytest.raises(ValueError, match=r"2\*\*20 patterns .* at most 16 points"):
        LBPTransformer(20, 3, method).fit(odd_images)


def test_many_points_work_with_uniform_patterns(odd_images):
    out = LBPTransformer(24, 3, grid=(1, 1)).fit_transform(odd_images)
    codes = local_binary_pattern(odd_images[0], 24, 3, "uniform")
    np.testing.assert_allclose(
        out[0], np.bincount(codes.astype(int).ravel(), minlength=26) / codes.size
    )

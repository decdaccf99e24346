"""Features of grey images as operators of ONNX.

Images have the axes n, 1, height, width here, features n, n_features.
"""

from typing import Any

import numpy as np

from skfer.features import HOGTransformer, LBPTransformer
from skfer.features._hog import CLIP, EPSILON, ROOTS
from skfer.features._hog_votes import ON_EDGE, bin_edges, find_votes
from skfer.features._lbp import find_circle, find_grid_places, histogram_columns
from skfer.neural import NetworkFeatures
from skfer.neural._onnx import network_to_onnx
from skfer.persistence._onnx_graph import Graph


def add_hog(graph: Graph, hog: HOGTransformer, images: str) -> str:
    """Histograms of oriented gradients of uint8 images; float32."""
    if hog.block_norm not in ("L2", "L2-Hys"):
        raise ValueError(
            f"export_onnx can't convert HOGTransformer(block_norm={hog.block_norm!r}). "
            'Use "L2-Hys" or "L2".'
        )
    _check_grey(hog)
    bins, magnitude = _find_votes(graph, hog, images)
    numbers = np.arange(hog.orientations).reshape(1, -1, 1, 1)
    is_bin = graph.cast(
        graph.add("Equal", bins, graph.constant(numbers, np.int32)), np.float32
    )
    votes = graph.add("Mul", is_bin, magnitude)
    height, width = hog.image_shape_in_[:2]
    cell = [int(side) for side in hog.pixels_per_cell]
    cells = graph.add("AveragePool", votes, kernel_shape=cell, strides=cell)
    counts = [side // of for side, of in zip((height, width), cell, strict=True)]
    rows, cols = hog.cells_per_block
    n_blocks = [counts[0] - rows + 1, counts[1] - cols + 1]
    parts = []
    for row in range(rows):
        for col in range(cols):
            part = graph.cut(cells, 2, row, row + n_blocks[0])
            part = graph.cut(part, 3, col, col + n_blocks[1])
            parts.append(part)
    # (n, cells of a block and their orientations, block rows, block columns)
    blocks = graph.add("Concat", *parts, axis=1) if parts[1:] else parts[0]
    blocks = graph.add("Transpose", blocks, perm=[0, 2, 3, 1])
    blocks = _normalise(graph, blocks)
    if hog.block_norm == "L2-Hys":
        blocks = _normalise(
            graph, graph.add("Min", blocks, graph.constant(CLIP, np.float32))
        )
    return graph.add("Flatten", blocks)


def _check_grey(step: Any) -> None:
    if step.image_shape_in_[2] != 1:
        raise ValueError(
            f"export_onnx can't convert {type(step).__name__} of colour images. Put "
            "GrayscaleResizer before it."
        )


def _find_votes(graph: Graph, hog: HOGTransformer, images: str) -> tuple[str, str]:
    """Return the bin of each pixel's gradient, int32, and its length, float32."""
    values = ROOTS if hog.transform_sqrt else np.arange(256, dtype=np.float64)
    pixels = graph.add("Gather", graph.constant(values), graph.cast(images, np.int32))
    g_row, g_col = (_difference(graph, pixels, axis) for axis in (2, 3))
    power = graph.add(
        "Add", graph.add("Mul", g_row, g_row), graph.add("Mul", g_col, g_col)
    )
    # Gradients are turned into the upper half plane.
    zero = graph.constant(0.0)
    is_down = graph.add(
        "Or",
        graph.add("Less", g_row, zero),
        graph.add(
            "And", graph.add("Equal", g_row, zero), graph.add("Less", g_col, zero)
        ),
    )
    sign = graph.add("Where", is_down, graph.constant(-1.0), graph.constant(1.0))
    edges = bin_edges(hog.orientations) * (np.pi / 180)
    angles = edges.reshape(1, -1, 1, 1)
    side = graph.add(
        "Sub",
        graph.add("Mul", graph.add("Mul", g_row, sign), graph.constant(np.cos(angles))),
        graph.add("Mul", graph.add("Mul", g_col, sign), graph.constant(np.sin(angles))),
    )
    is_on_edge = graph.add(
        "Less",
        graph.add("Mul", side, side),
        graph.add("Mul", power, graph.constant(ON_EDGE)),
    )
    is_beyond = graph.add("Or", is_on_edge, graph.add("Less", zero, side))
    axis = graph.constant([1], np.int64)
    bins = graph.add("ReduceSum", graph.cast(is_beyond, np.int32), axis, keepdims=1)
    below = _find_below(hog, values)
    if len(below):
        on_any = graph.add(
            "ReduceMax", graph.cast(is_on_edge, np.int32), axis, keepdims=1
        )
        bins = _correct_ties(graph, bins, on_any, (g_row, g_col), below)
    return bins, graph.cast(graph.add("Sqrt", power), np.float32)


def _find_below(hog: HOGTransformer, values: np.ndarray) -> np.ndarray:
    """Return gradients on an edge that rounding puts into the bin below it.

    Where a gradient lies on an edge exactly, as that from square roots of 30 and 10 on
    60 degrees, the last bits of its arc tangent decide, which ONNX does not have in
    double precision. There are some thousands of such gradients: they are listed.
    """
    steps = np.unique(np.abs(values[:, np.newaxis] - values))[1:]
    found = []
    for edge in bin_edges(hog.orientations):
        ratio = abs(np.tan(np.radians(edge)))
        wanted = steps * ratio
        near = np.searchsorted(steps, wanted)
        for offset in (-2, -1, 0, 1, 2):
            other = steps[(near + offset).clip(0, len(steps) - 1)]
            is_tie = np.abs(other - wanted) < 1e-9 * wanted
            pairs = np.stack([other[is_tie], steps[is_tie]], axis=1)
            signs = (1, 1 if edge < 90 else -1)
            found += [pairs * signs, -pairs * signs]
    pairs = np.unique(np.concatenate(found), axis=0)
    bins, _ = find_votes(pairs[:, 0], pairs[:, 1], hog.orientations)
    edges = bin_edges(hog.orientations)
    exact = np.degrees(np.arctan2(pairs[:, 0], pairs[:, 1])) % 180
    return pairs[bins < np.searchsorted(edges, exact + 1e-6, side="right")]


def _correct_ties(
    graph: Graph, bins: str, is_tie: str, gradient: tuple[str, str], below: np.ndarray
) -> str:
    """Move the pixels with a listed gradient to the bin below."""
    places = graph.add("Transpose", graph.add("NonZero", is_tie), perm=[1, 0])
    equal = [
        graph.add(
            "Equal",
            graph.reshape(graph.add("GatherND", part, places), [-1, 1]),
            graph.constant(listed.reshape(1, -1)),
        )
        for part, listed in zip(gradient, below.T, strict=True)
    ]
    is_listed = graph.cast(graph.add("And", *equal), np.int32)
    moved = graph.add("ReduceMax", is_listed, graph.constant([1], np.int64), keepdims=0)
    return graph.add(
        "ScatterND", bins, places, graph.add("Neg", moved), reduction="add"
    )


def _difference(graph: Graph, pixels: str, axis: int) -> str:
    """Central differences along an axis, zero on the border."""
    inner = graph.add(
        "Sub", graph.cut(pixels, axis, 2, 0), graph.cut(pixels, axis, 0, -2)
    )
    pads = np.zeros(8, np.int64)
    pads[[axis, axis + 4]] = 1
    return graph.add("Pad", inner, graph.constant(pads))


def _normalise(graph: Graph, blocks: str) -> str:
    squares = graph.add(
        "ReduceSumSquare", blocks, graph.constant([3], np.int64), keepdims=1
    )
    length = graph.add(
        "Sqrt", graph.add("Add", squares, graph.constant(EPSILON**2, np.float32))
    )
    return graph.add("Div", blocks, length)


def add_lbp(graph: Graph, lbp: LBPTransformer, images: str) -> str:
    """Histograms of local binary patterns of uint8 images; float32."""
    _check_grey(lbp)
    height, width = lbp.image_shape_in_[:2]
    shifts, down, along, pad = find_circle(lbp.n_points, lbp.radius, (height, width))
    exact = graph.cast(images, np.float64)
    pads = np.array([0, 0, pad, pad] * 2, np.int64)
    padded = graph.add("Pad", exact, graph.constant(pads))

    def shifted(row: int, col: int) -> str:
        part = graph.cut(padded, 2, pad + row, pad + row + height)
        return graph.cut(part, 3, pad + col, pad + col + width)

    def between(near: str, far: str, weight: np.ndarray) -> str:
        if not weight.any():
            return near
        return graph.add(
            "Add",
            graph.add("Mul", graph.constant(1 - weight), near),
            graph.add("Mul", graph.constant(weight), far),
        )

    pattern = ""
    for bit, (top, left) in enumerate(shifts.tolist()):
        rows, cols = down[bit].reshape(-1, 1), along[bit].reshape(1, -1)
        upper, lower = (
            between(shifted(top + row, left), shifted(top + row, left + 1), cols)
            for row in (0, 1)
        )
        point = between(upper, lower, rows)
        is_set = graph.cast(graph.add("GreaterOrEqual", point, exact), np.int32)
        part = graph.add("Mul", is_set, graph.constant(1 << bit, np.int32))
        pattern = graph.add("Add", pattern, part) if pattern else part
    columns = histogram_columns(lbp.n_points, lbp.method).astype(np.int32)
    codes = graph.add("Gather", graph.constant(columns), pattern)
    n_codes = lbp._n_features_out // (lbp.grid[0] * lbp.grid[1])
    return _count_by_cell(graph, lbp, codes, n_codes)


def _count_by_cell(graph: Graph, lbp: LBPTransformer, codes: str, n_codes: int) -> str:
    (height, width), grid = lbp.image_shape_in_[:2], lbp.grid
    _, sizes = find_grid_places((height, width), tuple(grid), n_codes)
    numbers = graph.constant(np.arange(n_codes).reshape(1, -1, 1, 1), np.int32)
    is_code = graph.cast(graph.add("Equal", codes, numbers), np.float32)
    in_row, in_col = (
        (np.arange(side) * n // side == np.arange(n)[:, np.newaxis]).astype(np.float32)
        for side, n in zip((height, width), grid, strict=True)
    )
    counts = graph.add("MatMul", graph.constant(in_row), is_code)
    counts = graph.add("MatMul", counts, graph.constant(in_col.T))
    # (n, grid rows, grid columns, codes)
    counts = graph.add("Flatten", graph.add("Transpose", counts, perm=[0, 2, 3, 1]))
    return graph.add("Div", counts, graph.constant(sizes, np.float32))


def add_network_features(graph: Graph, features: NetworkFeatures, images: str) -> str:
    """Add the layers of a network up to its features; float32."""
    low, high = features._range
    pixels = graph.cast(images, np.float32)
    if (low, high) != (0.0, 255.0):
        scale = graph.constant((high - low) / 255, np.float32)
        pixels = graph.add("Mul", pixels, scale)
        pixels = graph.add("Add", pixels, graph.constant(low, np.float32))
    return add_network(
        graph, features.network_, pixels, features.test_time_augmentation
    )


def add_network(graph: Graph, network: Any, images: str, views: str | None) -> str:
    """Add a network, whose output is averaged over views of the images."""
    if views not in (None, "flip"):
        raise ValueError(
            f"export_onnx can't convert test_time_augmentation={views!r}. Set it to "
            '"flip" or None.'
        )
    rows = graph.add("Transpose", images, perm=[0, 2, 3, 1])
    if views is None:
        return graph.embed(network_to_onnx(network), rows)
    bounds = ([-1], [np.iinfo(np.int64).min], [2], [-1])
    mirrored = graph.add("Slice", rows, *(graph.constant(b, np.int64) for b in bounds))
    both = graph.add("Concat", rows, mirrored, axis=0)
    out = graph.embed(network_to_onnx(network), both)
    halves = graph.reshape(out, [2, -1, network.output_shape[-1]])
    return graph.add("ReduceMean", halves, graph.constant([0], np.int64), keepdims=0)

"""Pictures of any size into grey images of one size, as operators of ONNX.

Images have the axes n, channels, height, width here.
"""

import numpy as np

from skfer._pixels import GRAY_WEIGHTS
from skfer._resampling import REDUCING_GAP
from skfer.persistence._onnx_graph import Graph

_AXES = (2, 3)


def resize(graph: Graph, images: str, size: tuple[int, int]) -> str:
    """Bring uint8 images to a size, as `skfer._resampling.resize` does with Pillow.

    Parameters
    ----------
    graph : Graph
        To add to.
    images : str
        uint8, of any size.
    size : (int, int)
        Height and width.

    Returns
    -------
    str
        uint8. Pixels differ from Pillow's by a grey level or two.
    """
    sides = [_side(graph, images, axis) for axis in _AXES]
    factors = [
        _find_factor(graph, side, wanted)
        for side, wanted in zip(sides, size, strict=True)
    ]
    reduced = _average_blocks(graph, images, sides, factors)
    # The size that blocks of equal size would have, which need not be a whole number.
    shrunk = [
        graph.add("Div", graph.cast(side, np.float32), graph.cast(factor, np.float32))
        for side, factor in zip(sides, factors, strict=True)
    ]
    scales = [
        _find_scale(graph, _side(graph, reduced, axis), wanted, one)
        for axis, wanted, one in zip(_AXES, size, shrunk, strict=True)
    ]
    resized = graph.add(
        "Resize",
        reduced,
        "",
        graph.add("Concat", graph.constant([1, 1], np.float32), *scales, axis=0),
        mode="linear",
        antialias=1,
        # As Pillow does at the border.
        exclude_outside=1,
        coordinate_transformation_mode="half_pixel",
    )
    for axis, wanted in zip(_AXES, size, strict=True):
        resized = graph.cut(resized, axis, 0, wanted)
    return resized


def to_gray(graph: Graph, images: str) -> str:
    """Turn uint8 images of one or three channels into grey ones, exactly as skfer."""
    # One channel is repeated, which gives the same grey, because weights add up to 1.
    colour = graph.add(
        "Expand", graph.cast(images, np.int32), graph.constant([1, 3, 1, 1], np.int64)
    )
    weights = np.array(GRAY_WEIGHTS, np.int32).reshape(1, 3, 1, 1)
    total = graph.add(
        "ReduceSum",
        graph.add("Mul", colour, graph.constant(weights)),
        graph.constant([1], np.int64),
        keepdims=1,
    )
    rounded = graph.add("Add", total, graph.constant([1 << 15], np.int32))
    return graph.cast(
        graph.add("Div", rounded, graph.constant([1 << 16], np.int32)), np.uint8
    )


def _side(graph: Graph, images: str, axis: int) -> str:
    """Return the length of a side as an array of one int64."""
    return graph.add("Shape", images, start=axis, end=axis + 1)


def _find_factor(graph: Graph, side: str, wanted: int) -> str:
    """Return by how much Pillow shrinks a side by averaging whole pixels first."""
    factor = graph.add("Div", side, graph.constant([int(wanted * REDUCING_GAP)]))
    return graph.add("Max", factor, graph.constant([1], np.int64))


def _find_scale(graph: Graph, n_rows: str, wanted: int, shrunk: str) -> str:
    """Return what a side is multiplied with; a little more if rounding loses a row."""
    scale = graph.add("Div", graph.constant([wanted], np.float32), shrunk)
    rows = graph.add("Floor", graph.add("Mul", graph.cast(n_rows, np.float32), scale))
    is_short = graph.add("Less", rows, graph.constant([wanted], np.float32))
    more = graph.add("Mul", scale, graph.constant([1 + 1e-6], np.float32))
    return graph.add("Where", is_short, more, scale)


def _average_blocks(
    graph: Graph, images: str, sides: list[str], factors: list[str]
) -> str:
    """Average blocks of whole pixels; those at the border may be smaller."""
    padding, shape = [], []
    for side, factor in zip(sides, factors, strict=True):
        one = graph.constant([1], np.int64)
        n_blocks = graph.add(
            "Div", graph.add("Sub", graph.add("Add", side, factor), one), factor
        )
        padding.append(graph.add("Sub", graph.add("Mul", n_blocks, factor), side))
        shape += [n_blocks, factor]
    nothing = graph.constant([0] * 4, np.int64)
    pads = graph.add(
        "Concat", nothing, graph.constant([0, 0], np.int64), *padding, axis=0
    )
    blocks = graph.add("Concat", graph.constant([0, 0], np.int64), *shape, axis=0)
    sums = [
        graph.add(
            "ReduceSum",
            graph.add("Reshape", graph.add("Pad", one, pads), blocks),
            graph.constant([3, 5], np.int64),
            keepdims=0,
        )
        for one in (
            graph.cast(images, np.float32),
            _ones_like(graph, images),
        )
    ]
    mean = graph.add("Add", graph.add("Div", *sums), graph.constant(0.5, np.float32))
    return graph.cast(graph.add("Floor", mean), np.uint8)


def _ones_like(graph: Graph, images: str) -> str:
    zeros = graph.add(
        "Mul", graph.cast(images, np.float32), graph.constant(0, np.float32)
    )
    return graph.add("Add", zeros, graph.constant(1, np.float32))

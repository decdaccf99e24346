"""Steps before the classifier as operators of ONNX."""

from typing import Any

import numpy as np
from sklearn.decomposition import TruncatedSVD
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from skfer._validation import check_size
from skfer.faces import FaceCropper
from skfer.features import HOGTransformer, LBPTransformer
from skfer.neural import NetworkFeatures
from skfer.persistence._onnx_features import add_hog, add_lbp, add_network_features
from skfer.persistence._onnx_graph import Graph
from skfer.persistence._onnx_images import resize, to_gray
from skfer.preprocessing import GrayscaleResizer, ImageLoader, ImageResizer


def add_step(graph: Graph, step: Any, value: str) -> str:
    """Add the operators of a fitted transformer, and return its output.

    Raises
    ------
    ValueError
        If it can't be converted.
    """
    if step is None or step == "passthrough":
        return value
    for kind, add in _STEPS.items():
        if isinstance(step, kind):
            return add(graph, step, value)
    raise ValueError(
        f"export_onnx can't convert the step {type(step).__name__}. It converts "
        f"{', '.join(kind.__name__ for kind in _STEPS)}."
    )


def _add_reader(graph: Graph, step: Any, images: str) -> str:
    """Resize, and change the mode; faces have to be cut out before."""
    if getattr(step, "resample", "bilinear") != "bilinear":
        raise ValueError(
            f"export_onnx can't convert {type(step).__name__}(resample="
            f'{step.resample!r}). Use "bilinear".'
        )
    if step.size is not None:
        images = resize(graph, images, check_size(step, step.size))
    if step.mode == "L":
        return to_gray(graph, images)
    if step.mode == "RGB":
        return graph.add("Expand", images, graph.constant([1, 3, 1, 1], np.int64))
    return images


def _add_pipeline(graph: Graph, pipeline: Pipeline, value: str) -> str:
    for _, step in pipeline.steps:
        value = add_step(graph, step, value)
    return value


def _add_union(graph: Graph, union: FeatureUnion, value: str) -> str:
    if union.transformer_weights:
        raise ValueError(
            "export_onnx can't convert FeatureUnion(transformer_weights=)."
        )
    parts = [add_step(graph, one, value) for _, one in union.transformer_list]
    return graph.add("Concat", *parts, axis=1)


def _add_function(graph: Graph, step: FunctionTransformer, value: str) -> str:
    if step.func is not np.sqrt:
        raise ValueError(
            f"export_onnx can't convert FunctionTransformer({step.func!r}), only "
            "numpy.sqrt."
        )
    return graph.add("Sqrt", value)


def _add_svd(graph: Graph, svd: TruncatedSVD, value: str) -> str:
    return graph.add("MatMul", value, graph.constant(svd.components_.T, np.float32))


def _add_scaler(graph: Graph, scaler: StandardScaler, value: str) -> str:
    if scaler.mean_ is not None and scaler.with_mean:
        value = graph.add("Sub", value, graph.constant(scaler.mean_, np.float32))
    if scaler.scale_ is not None:
        value = graph.add("Div", value, graph.constant(scaler.scale_, np.float32))
    return value


_STEPS = {
    ImageLoader: _add_reader,
    FaceCropper: _add_reader,
    ImageResizer: _add_reader,
    GrayscaleResizer: _add_reader,
    HOGTransformer: add_hog,
    LBPTransformer: add_lbp,
    NetworkFeatures: add_network_features,
    FeatureUnion: _add_union,
    FunctionTransformer: _add_function,
    TruncatedSVD: _add_svd,
    StandardScaler: _add_scaler,
    Pipeline: _add_pipeline,
}

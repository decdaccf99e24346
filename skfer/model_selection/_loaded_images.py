"""Image files that are decoded once for all folds of a comparison."""

import time
from collections.abc import Mapping
from typing import Any

import joblib
import numpy as np
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from skfer._sklearn import safe_indexing
from skfer.datasets import ImageTable
from skfer.faces import FaceCropper
from skfer.preprocessing import ImageLoader


class LoadedImages:
    """What the loaders of pipelines make of the files that folds need.

    Only loaders with a size are used, because pictures at their own size might not fit
    into memory.

    Parameters
    ----------
    table : ImageTable
        With paths; nothing is loaded of one with images.
    models : mapping of str to estimator
        Those whose first step may be an `ImageLoader` or a `FaceCropper`.
    folds : sequence of (ndarray, ndarray)
        Row numbers of the training and the test part of each fold.
    """

    def __init__(
        self, table: ImageTable, models: Mapping[str, Any], folds: list[Any]
    ) -> None:
        self._images: dict[str, Any] = {}
        self._seconds: dict[str, float] = {}
        self._place = np.zeros(len(table), dtype=np.intp)
        if table.paths is None or len(folds) < 2:
            return
        rows = np.unique(np.concatenate([part for fold in folds for part in fold]))
        self._place[rows] = np.arange(len(rows))
        for pipeline in models.values():
            if type(pipeline) is not Pipeline or len(pipeline.steps) < 2:
                continue
            loader = pipeline.steps[0][1]
            reads_files = isinstance(loader, ImageLoader | FaceCropper)
            if not reads_files or loader.size is None:
                continue
            key = name_step(loader)
            if key not in self._images:
                begun = time.perf_counter()
                self._images[key] = clone(loader).fit_transform(table.paths[rows])
                self._seconds[key] = (time.perf_counter() - begun) / len(rows)

    def __contains__(self, key: str) -> bool:
        return key in self._images

    def take(self, key: str, rows: np.ndarray) -> tuple[Any, float]:
        """Return what a loader makes of some rows, and the seconds that this took."""
        images = safe_indexing(self._images[key], self._place[rows])
        return images, self._seconds[key] * len(rows)

    def skip_loader(self, pipeline: Any, table: ImageTable) -> tuple[Any, Any]:
        """Return a pipeline without its loader, and what that makes of all rows.

        Where nothing was loaded, return the pipeline and the table as they are.
        """
        if type(pipeline) is Pipeline:
            key = name_step(pipeline.steps[0][1])
            if key in self and len(self._images[key]) == len(table):
                return Pipeline(pipeline.steps[1:]), self._images[key]
        return pipeline, table.X


def name_step(step: Any) -> str:
    """Return a key that is the same for steps with equal parameters."""
    return joblib.hash([step])

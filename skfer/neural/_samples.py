"""Labels and weights in the form that a network is trained with."""

from typing import Any, NamedTuple

import numpy as np
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import (
    assert_all_finite,
    check_array,
    check_consistent_length,
    column_or_1d,
)

from skfer._holdout import check_label_values, hold_out
from skfer._sklearn import check_sample_weight
from skfer._validation import check_images


class Samples(NamedTuple):
    """Images (n, h, w, c), class probabilities (n, n_classes), labels, weights."""

    images: np.ndarray
    targets: np.ndarray
    labels: np.ndarray
    weights: np.ndarray | None = None

    def with_weight(self) -> "Samples":
        """Return the samples whose weight is not zero.

        The others must not influence batches or batch normalisation either.
        """
        return self if self.weights is None else self.take(np.flatnonzero(self.weights))

    def with_soft_labels(self, estimator: Any, soft_labels: Any) -> "Samples":
        """Return the samples with these class probabilities, if there are any."""
        if soft_labels is None:
            return self
        name = type(estimator).__name__
        rows = check_array(soft_labels, dtype=np.float32, input_name="soft_labels")
        if rows.shape != self.targets.shape:
            raise ValueError(
                f"{name} needs soft_labels of shape {self.targets.shape} (images, "
                f"classes), got {rows.shape}. Give each image one probability for "
                "each of the classes numpy.unique(y), in that order."
            )
        sums = rows.sum(axis=1)
        if (rows < 0).any() or not np.allclose(sums, 1, atol=1e-3):
            worst = int(np.maximum(np.abs(sums - 1), -rows.min(axis=1)).argmax())
            raise ValueError(
                f"{name} needs soft_labels that are probabilities: none below 0, and 1 "
                f"in each row; row {worst} has values from {rows[worst].min():.4g} and "
                f"adds up to {sums[worst]:.4g}. Divide votes by their sum."
            )
        return self._replace(targets=rows)

    def for_validation(self) -> tuple[np.ndarray, ...]:
        """Return what Keras takes as validation data."""
        known = (self.images, self.targets)
        return known if self.weights is None else (*known, self.weights)

    def take(self, rows: np.ndarray) -> "Samples":
        """Return some of the samples."""
        weights = None if self.weights is None else self.weights[rows]
        return Samples(
            self.images[rows], self.targets[rows], self.labels[rows], weights
        )


def check_labels(estimator: Any, images: np.ndarray, y: Any) -> np.ndarray:
    """Validate labels, one for each image."""
    if y is None:
        raise ValueError(
            f"{type(estimator).__name__} requires y to be passed, but the target y is "
            "None. Pass the label of each image."
        )
    labels = column_or_1d(y, warn=True)
    if labels.dtype == object:
        check_label_values(labels, type(estimator).__name__)
    assert_all_finite(labels, input_name="y", estimator_name=type(estimator).__name__)
    check_consistent_length(images, labels)
    check_classification_targets(labels)
    return labels


def make_samples(
    estimator: Any,
    images: np.ndarray,
    labels: np.ndarray,
    classes: np.ndarray,
    sample_weight: Any = None,
    class_weight: Any = None,
) -> Samples:
    """Encode labels as rows of class probabilities, and join the weights.

    Raises
    ------
    ValueError
        If there are fewer than two classes, a label is not among them, or no
        image has a weight.
    """
    name = type(estimator).__name__
    if len(classes) < 2:
        raise ValueError(
            f"{name} needs images of at least 2 classes, got 1 class: {classes[0]!r}. "
            "Check y, or the folders it was made from."
        )
    if unknown := sorted(set(labels.tolist()) - set(classes.tolist())):
        raise ValueError(
            f"{name} got labels that are not among its classes {classes.tolist()}: "
            f"{unknown}."
        )
    targets = np.eye(len(classes), dtype=np.float32)[np.searchsorted(classes, labels)]
    if images.dtype != np.uint8:
        images = images.astype(np.float32, copy=False)
    samples = Samples(images, targets, labels)
    if sample_weight is None and class_weight is None:
        return samples
    # A copy, because the caller's weights must not change.
    weights = check_sample_weight(
        sample_weight, images, dtype=np.float32, copy=True, ensure_non_negative=True
    )
    of_class = compute_sample_weight(class_weight, labels).astype(np.float32)
    if (of_class < 0).any():
        raise ValueError(
            f"{name} got class_weight={class_weight!r}. No weight may be below 0."
        )
    weights *= of_class
    if not weights.any():
        raise ValueError(
            f"{name} got weights that are all zero (sample_weight times "
            f"class_weight={class_weight!r}). Give at least one image a weight."
        )
    return samples._replace(weights=weights)


def make_validation(
    estimator: Any, X_val: Any, y_val: Any, classes: np.ndarray
) -> Samples | None:
    """Validate the images to evaluate after each epoch, if there are any.

    Raises
    ------
    ValueError
        If there are images without labels or the reverse, or they are unlike the
        training images.
    """
    if X_val is None and y_val is None:
        return None
    name = type(estimator).__name__
    if X_val is None or y_val is None:
        raise ValueError(
            f"{name}.fit needs X_val and y_val together, got only "
            f"{'y_val' if X_val is None else 'X_val'}."
        )
    images = check_images(estimator, X_val, reset=False)
    labels = check_labels(estimator, images, y_val)
    return make_samples(estimator, images, labels, classes)


def split_off_validation(
    samples: Samples, groups: Any, fraction: float, seed: int
) -> tuple[Samples, Samples]:
    """Hold out a stratified, shuffled part; groups stay together."""
    try:
        kept, aside = hold_out(
            samples.labels,
            groups=groups,
            fraction=fraction,
            random_state=seed,
            who="A network with early_stopping=True",
        )
    except ValueError as error:
        raise ValueError(
            f"{error} Or pass X_val and y_val, or set early_stopping=False."
        ) from None
    # Samples without weight count neither in training nor in validation.
    return samples.take(kept).with_weight(), samples.take(aside).with_weight()

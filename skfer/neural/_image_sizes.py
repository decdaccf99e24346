"""The size of the training images in each epoch: small ones first."""

from numbers import Integral
from typing import Any

from skfer.neural._compiling import make_augmentation_layer
from skfer.neural._training_copy import copy_for_training

# Share of the epochs at the first size; the others share the rest evenly.
_FIRST_SHARE = 0.4
# Of the height, for "progressive"; and the smallest height or width of these.
_PROGRESSIVE, _SMALLEST = (2 / 3, 5 / 6, 1), 24


def check_sizes(estimator: Any) -> None:
    """Raise if a list of ``image_sizes`` can't be followed.

    Raises
    ------
    ValueError
        If the sizes are not heights that rise to that of the images, or early stopping
        or the schedule "plateau" would judge small images by whole ones.
    """
    wanted = estimator.image_sizes
    if wanted is None or wanted == "progressive":
        return
    name, height = type(estimator).__name__, estimator.image_shape_in_[0]
    heights = list(wanted)
    if (
        not all(
            isinstance(one, Integral) and not isinstance(one, bool) and int(one) >= 1
            for one in heights
        )
        or heights != sorted(set(heights))
        or heights[-1:] != [height]
    ):
        raise ValueError(
            f"{name} got image_sizes={wanted!r}. They must be heights in pixels that "
            f"rise to that of the images, {height}, for example "
            f"{(round(height * 2 / 3), height)}, or 'progressive', or None."
        )
    if _follows_validation(estimator):
        raise ValueError(
            f"{name} got image_sizes={wanted!r} with early_stopping or the schedule "
            "'plateau', which watch whole images while small ones are trained on. Set "
            "image_sizes=None, or train for a fixed number of epochs."
        )


def plan_sizes(estimator: Any, network: Any) -> list[tuple[int, int]] | None:
    """Return height and width of the training images in each epoch.

    Parameters
    ----------
    estimator : NetworkClassifier
        With sizes that `check_sizes` has checked.
    network : keras.Model
        What will be trained.

    Returns
    -------
    list of (int, int), or None
        One for each epoch; None if all have the size of the images.

    Raises
    ------
    ValueError
        If the network can't take images of the sizes that are listed.
    """
    import keras

    wanted = estimator.image_sizes
    if wanted is None or estimator.epochs < 2 or _follows_validation(estimator):
        return None
    height, width, channels = estimator.image_shape_in_
    if wanted == "progressive":
        heights = sorted({round(height * share) for share in _PROGRESSIVE})
        heights = [h for h in heights if min(h, width * h / height) >= _SMALLEST]
    else:
        heights = list(wanted)
    if len(heights) < 2:
        return None
    sizes = [(one, max(1, round(width * one / height))) for one in heights]
    try:
        copy_for_training(network, precision="float32", sizes=sizes)
        if layer := make_augmentation_layer(estimator.augment, 0):
            layer.compute_output_spec(keras.KerasTensor((None, None, None, channels)))
    except Exception as error:
        # Layers raise errors of their own.
        if wanted == "progressive":
            return None
        raise ValueError(
            f"{type(estimator).__name__}'s network can't take images of all the sizes "
            f"of image_sizes={wanted!r}: {error} Choose larger ones, "
            "or image_sizes=None. A network that flattens its maps takes one size only."
        ) from error
    first = round(_FIRST_SHARE * estimator.epochs)
    later = estimator.epochs - first
    # Counted from the end, so that the images are whole there, however few the epochs.
    return [sizes[0]] * first + [
        sizes[-1 - left * (len(sizes) - 1) // later] for left in reversed(range(later))
    ]


def _follows_validation(estimator: Any) -> bool:
    """Return whether what is learnt decides when to stop or to slow down."""
    return estimator.early_stopping or estimator.learning_rate_schedule == "plateau"

"""The size of the training images in each epoch: small ones first."""

from numbers import Integral
from typing import Any

from skfer.neural._training_copy import copy_for_training

# Share of the epochs at the first size; the others share the rest evenly.
_FIRST_SHARE = 0.4
# Of the height, for "progressive"; and the smallest height or width of these.
_PROGRESSIVE, _SMALLEST = (2 / 3, 5 / 6, 1), 24


def plan_sizes(estimator: Any) -> list[tuple[int, int]] | None:
    """Return height and width of the training images in each epoch.

    Parameters
    ----------
    estimator : NetworkClassifier
        With its network, but not trained yet.

    Returns
    -------
    list of (int, int), or None
        One for each epoch; None if all have the size of the images.

    Raises
    ------
    ValueError
        If the sizes are not heights that rise to that of the images, or the network
        can't take images of these sizes.
    """
    wanted = estimator.image_sizes
    if wanted is None:
        return None
    height, width = estimator.image_shape_in_[:2]
    if wanted == "progressive":
        heights = sorted({round(height * share) for share in _PROGRESSIVE})
        heights = [h for h in heights if min(h, width * h / height) >= _SMALLEST]
    else:
        heights = list(wanted)
        if (
            not all(isinstance(one, Integral) and int(one) >= 1 for one in heights)
            or heights != sorted(set(heights))
            or heights[-1:] != [height]
        ):
            raise ValueError(
                f"{type(estimator).__name__} got image_sizes={wanted!r}. They must be "
                f"heights in pixels that rise to that of the images, {height}, for "
                f"example {(round(height * 2 / 3), height)}, or 'progressive', or None."
            )
    if len(heights) < 2 or estimator.epochs < 2:
        return None
    sizes = [(one, max(1, round(width * one / height))) for one in heights]
    try:
        copy_for_training(estimator.model_, precision="float32", sizes=sizes)
    except ValueError as error:
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

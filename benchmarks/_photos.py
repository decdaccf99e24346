"""The photographs that scikit-image ships."""

import numpy as np
from skimage import data


def load_photos() -> list[np.ndarray]:
    """Four colour photographs of shape (height, width, 3), uint8."""
    return [data.astronaut(), data.coffee(), data.rocket(), data.cat()]

"""Draw the picture of the README: ``python docs/make_picture.py``."""

from pathlib import Path

import numpy as np
from PIL import Image

from skfer.datasets import make_faces


def draw() -> np.ndarray:
    """Return three drawn faces of each of the seven expressions, a column for each."""
    faces = make_faces(140, n_subjects=20, image_size=64, noise=0.01, random_state=4)
    columns = []
    for name in faces.target_names:
        rows = np.flatnonzero(faces.target == name)[:3]
        columns.append(np.vstack(list(faces.images[rows])))
    return np.hstack(columns)


if __name__ == "__main__":
    file = Path(__file__).parent / "_static" / "faces.png"
    Image.fromarray(draw()).save(file, optimize=True)

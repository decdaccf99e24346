"""The record of what a detector found."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from skfer._optional import require

POINTS = ("right_eye", "left_eye", "nose", "mouth", "right_ear", "left_ear")


@dataclass(frozen=True, eq=False)
class DetectedFaces:
    """Faces found in images, the surest first in each image.

    Attributes
    ----------
    n_images : int
        Number of images that were searched.
    row : ndarray of int of shape (n_faces,)
        Which image each face is in.
    box : ndarray of float of shape (n_faces, 4)
        Left, top, right and bottom, in pixels of the image.
    score : ndarray of float of shape (n_faces,)
        How sure the detector is, 0..1.
    points : ndarray of float of shape (n_faces, 6, 2)
        x and y, in pixels, of right eye, left eye, nose, mouth, right ear and left ear
        (of the person; the right eye is on the left side of the image). nan where
        the detector gives none.
    size : ndarray of int of shape (n_images, 2)
        Height and width of each image in pixels; 0 where it can't be read.
    reasons : list of str of length n_images
        Why an image could not be read; empty for the others.
    count : ndarray of int of shape (n_images,)
        Number of faces in each image.
    largest : ndarray of int of shape (n_images,)
        Number of the largest face of each image, -1 where there is none.

    Examples
    --------
    >>> import numpy as np
    >>> from skfer.faces import FaceDetector
    >>> detector = FaceDetector(lambda image: [(10, 10, 30, 30), (0, 0, 40, 40)])
    >>> faces = detector.detect([np.zeros((50, 60, 3), np.uint8)])
    >>> faces.count.tolist(), faces.box[faces.largest[0]].tolist()
    ([2], [0.0, 0.0, 40.0, 40.0])
    """

    n_images: int
    row: np.ndarray
    box: np.ndarray
    score: np.ndarray
    points: np.ndarray
    size: np.ndarray
    reasons: list[str]

    def __len__(self) -> int:
        return len(self.row)

    @property
    def count(self) -> np.ndarray:
        return np.bincount(self.row, minlength=self.n_images)

    @property
    def largest(self) -> np.ndarray:
        sides = self.box[:, 2:] - self.box[:, :2]
        number = np.full(self.n_images, -1)
        # Later ones overwrite: the largest of each image comes last.
        for face in np.argsort(sides.prod(axis=1), kind="stable"):
            number[self.row[face]] = face
        return number

    def to_frame(self) -> Any:
        """Return a pandas DataFrame with a row for each face.

        Returns
        -------
        DataFrame
            With the columns row, left, top, right, bottom, score, and x and y of each
            point, for instance right_eye_x.

        Raises
        ------
        ImportError
            If pandas is missing.
        """
        pandas = require("pandas", "DetectedFaces.to_frame", "use its attributes")
        columns: dict[str, np.ndarray] = {"row": self.row}
        for place, side in enumerate(("left", "top", "right", "bottom")):
            columns[side] = self.box[:, place]
        columns["score"] = self.score
        for place, point in enumerate(POINTS):
            columns[f"{point}_x"] = self.points[:, place, 0]
            columns[f"{point}_y"] = self.points[:, place, 1]
        return pandas.DataFrame(columns)

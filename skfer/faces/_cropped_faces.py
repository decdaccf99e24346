"""What a FaceCropper found, and cut out."""

from dataclasses import dataclass

import numpy as np

from skfer.faces._detected_faces import DetectedFaces


@dataclass(frozen=True, eq=False)
class CroppedFaces:
    """One image for each photograph, and what was found there.

    Attributes
    ----------
    images : ndarray of shape (n_samples, height, width[, 3])
        The faces, uint8 in 0..255; black where a photograph can't be read.
    status : ndarray of str of shape (n_samples,)
        "found"; "missing" where there was no face; "unreadable".
    faces : DetectedFaces
        All faces that were found; ``faces.largest`` numbers those in the images.

    Examples
    --------
    >>> import numpy as np
    >>> from skfer.faces import FaceCropper
    >>> cropper = FaceCropper(8, detector=lambda image: [(10, 10, 30, 30)])
    >>> cropped = cropper.crop([np.zeros((50, 60, 3), np.uint8)])
    >>> cropped.images.shape, cropped.status.tolist()
    ((1, 8, 8, 3), ['found'])
    """

    images: np.ndarray
    status: np.ndarray
    faces: DetectedFaces

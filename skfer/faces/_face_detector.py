"""Finding the faces of photographs."""

from collections.abc import Sequence
from numbers import Real
from typing import Any, Literal

import numpy as np
from sklearn.base import BaseEstimator

from skfer._documentation import DocumentationLink
from skfer._sklearn import Interval, StrOptions
from skfer._validation import N_JOBS_CONSTRAINT, check_collection
from skfer.faces._blaze_face import Faces
from skfer.faces._detected_faces import DetectedFaces
from skfer.faces._find_faces import (
    Detector,
    check_detector,
    find_faces,
    map_photos,
    shrink,
)


class FaceDetector(DocumentationLink, BaseEstimator):
    """Find faces, with eyes, nose, mouth and ears.

    Parameters
    ----------
    detector : {"blazeface"} or callable, default="blazeface"
        "blazeface" [1]_ needs the extra ``skfer[faces]``, and no network connection.
        Or a function that takes an RGB image, uint8 of shape (height, width, 3), and
        returns boxes of shape (n, 4), left, top, right and bottom in pixels, or (n, 5)
        with a score of 0..1; or a tuple of these and points of shape (n, 6, 2).
    min_score : float, default=0.6
        Faces with a lower score are left out, 0..1.
    n_jobs : int or None, default=None
        Number of threads. None means one, -1 all cores.

    See Also
    --------
    FaceCropper : A step of a Pipeline that cuts the largest face out of each image.

    Notes
    -----
    Images with a side of more than 2,048 pixels are shrunk to that before. Results do
    not depend on other images, nor on the number of threads.

    References
    ----------
    .. [1] V. Bazarevsky et al., "BlazeFace: sub-millisecond neural face detection on
       mobile GPUs", CVPR workshop on computer vision for augmented and virtual reality,
       2019.

    Examples
    --------
    >>> import numpy as np
    >>> from skfer.faces import FaceDetector
    >>> detector = FaceDetector(lambda image: [(10, 10, 30, 30)])
    >>> detector.detect([np.zeros((50, 60, 3), np.uint8)]).box.tolist()
    [[10.0, 10.0, 30.0, 30.0]]
    """

    _parameter_constraints: dict = {
        "detector": [StrOptions({"blazeface"}), callable],
        "min_score": [Interval(Real, 0, 1, closed="both")],
        "n_jobs": N_JOBS_CONSTRAINT,
    }

    def __init__(
        self,
        detector: Literal["blazeface"] | Detector = "blazeface",
        min_score: float = 0.6,
        n_jobs: int | None = None,
    ) -> None:
        self.detector = detector
        self.min_score = min_score
        self.n_jobs = n_jobs

    def detect(self, X: Any) -> DetectedFaces:
        """Find the faces of each image.

        Parameters
        ----------
        X : array-like of str or Path of shape (n_samples,), or images
            Files, or images of any sizes, grey or RGB: integers in 0..255, uint16 in
            0..65535 or floats in 0..1.

        Returns
        -------
        DetectedFaces
            With the row of each face. An image that can't be read has a reason there.

        Raises
        ------
        ValueError
            If a parameter is not allowed, X holds neither paths nor images, or the
            detector returns no boxes.
        ImportError
            If "blazeface" is not installed.
        """
        self._validate_params()
        check_detector(self.detector, "FaceDetector")
        items = check_collection(X, "FaceDetector")

        def work(image: np.ndarray) -> tuple[Faces, tuple[int, int]]:
            small, scale = shrink(image)
            faces = find_faces(small, self.detector, self.min_score)
            return faces.enlarged(1 / scale), image.shape[:2]

        results = map_photos(items, self.n_jobs, work, "FaceDetector")
        found = [one if isinstance(one, str) else one[0] for one in results]
        sizes = [(0, 0) if isinstance(one, str) else one[1] for one in results]
        return collect(found, sizes)


def collect(
    found: Sequence[Faces | str], sizes: Sequence[tuple[int, int]]
) -> DetectedFaces:
    """Put what was found in each image, or a reason, into one record."""
    reasons = [one if isinstance(one, str) else "" for one in found]
    faces = [one for one in found if not isinstance(one, str)]
    counts = [0 if isinstance(one, str) else len(one.boxes) for one in found]
    return DetectedFaces(
        len(found),
        np.repeat(np.arange(len(found)), counts),
        np.concatenate([np.empty((0, 4)), *(one.boxes for one in faces)]),
        np.concatenate([np.empty(0), *(one.scores for one in faces)]),
        np.concatenate([np.empty((0, 6, 2)), *(one.points for one in faces)]),
        np.array(sizes, dtype=np.intp),
        reasons,
    )

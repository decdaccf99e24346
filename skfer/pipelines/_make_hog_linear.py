"""The pipeline for more images than a support vector machine can take."""

from pathlib import Path
from typing import Any

from sklearn.linear_model import SGDClassifier
from sklearn.pipeline import Pipeline

from skfer.pipelines._incremental_classifier import IncrementalClassifier
from skfer.pipelines._ready_made import hog_of, images_of


def make_hog_linear(
    *,
    image_size: int | tuple[int, int] = (48, 48),
    faces: bool = False,
    n_jobs: int | None = None,
    cache_dir: str | Path | None = None,
    random_state: int | None = 0,
) -> Pipeline:
    """Make the pipeline of HOG features and a linear classifier, for any number.

    Its time grows with the number of images, not with the square of it as that of
    `make_hog_svm`, and with ``cache_dir`` its memory stays the same: images and
    features are kept on disk, and the classifier reads them in batches.

    Parameters
    ----------
    image_size : int or (int, int), default=(48, 48)
        Height and width in pixels to which images are resized.
    faces : bool, default=False
        Whether to cut the largest face out of each image first, by
        `skfer.faces.FaceCropper`, which takes the place of the step load and is named
        faces. It needs the extra ``skfer[faces]``.
    n_jobs : int or None, default=None
        Number of threads that load images and compute features.
    cache_dir : str, Path or None, default=None
        Folder in which images and their features are kept; see `ImageLoader` and
        `HOGTransformer`. Of 48 by 48 pixels, a million take 2.3 and 7 GB.
    random_state : int or None, default=0
        Decides on the order in which the classifier sees the images.

    Returns
    -------
    sklearn.pipeline.Pipeline
        With the steps load, gray, features and classifier. It takes file paths, or
        uint8 images of any sizes.

    See Also
    --------
    make_hog_svm : More accurate, for up to about 50,000 images.
    IncrementalClassifier : The last step, for pipelines of your own.

    Notes
    -----
    On FER-2013 it gets 46 % right where `make_hog_svm` gets 60 %; a
    `~sklearn.neural_network.MLPClassifier` of 512 units in place of the
    `~sklearn.linear_model.SGDClassifier` gets 51 %, and a network more than either.

    Examples
    --------
    >>> from skfer.datasets import make_faces
    >>> from skfer.pipelines import make_hog_linear
    >>> faces = make_faces(140, classes=["happy", "sad"], random_state=0)
    >>> pipeline = make_hog_linear().fit(faces.images[:100], faces.target[:100])
    >>> bool(pipeline.score(faces.images[100:], faces.target[100:]) > 0.9)
    True
    """
    # Averaged, so that the last images do not count more than the others.
    linear: Any = SGDClassifier("log_loss", average=True, random_state=random_state)
    return Pipeline(
        [
            *images_of(image_size, faces, n_jobs, cache_dir),
            ("features", hog_of(image_size, "fine", n_jobs, cache_dir)),
            ("classifier", IncrementalClassifier(linear, random_state=random_state)),
        ]
    )

"""Ready-made pipelines, from paths or images to labels."""

from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np
from joblib import Memory
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from skfer._validation import check_size
from skfer.faces import FaceCropper
from skfer.features import HOGTransformer, LBPTransformer
from skfer.neural import CNNClassifier, NetworkFeatures
from skfer.pipelines._svc import SVC
from skfer.pipelines._svd import TruncatedSVD
from skfer.preprocessing import GrayscaleResizer, ImageLoader

# Cells of HOG along each side: a mouth's corner, a mouth, half a face.
_HOG_SCALES = {"fine": 8, "middle": 6, "coarse": 4}
# Principal components, but not centred, which no RBF kernel notices; unlike PCA, it
# takes fewer images than components. A share of the variance instead of a number would
# leave ten components of a studio's pictures, because light and identity fill the first
# ones. Multiples of 16 are multiplied fastest.
_HOG_COMPONENTS = 128
_LBP_COMPONENTS = 112
# Blocks of HOG and roots of histograms have unit norm, so one kernel width suits all
# images. Chosen by `python -m benchmarks svm_defaults`: wider kernels are a little
# better for hundreds of images, and worse for thousands.
_HOG_SVM = {"C": 5.0, "gamma": 0.06}
_LBP_SVM = {"C": 5.0, "gamma": 0.22}
# Parts of faces with their place, and all of a face.
_TRANSFER_LAYERS = ("block3", "gap")
# Features are standardised; hundreds of them for hundreds of images want a firm prior.
_TRANSFER_C = 0.01
_CNN_IMAGES = ("image_size", "faces", "memory", "n_jobs", "cache_dir")
# Megabytes for the kernel matrix of the SVM, taken only as needed.
_CACHE = 1000


def make_hog_svm(
    *,
    image_size: int | tuple[int, int] = (48, 48),
    faces: bool = False,
    memory: str | Memory | None = None,
    n_jobs: int | None = None,
    cache_dir: str | Path | None = None,
) -> Pipeline:
    """Make the pipeline of HOG features and a support vector machine.

    Gradients are taken of the square roots of the pixels and counted in cells of
    three sizes, an eighth, a sixth and a quarter of ``image_size``, by a
    FeatureUnion of transformers named fine, middle and coarse. Of these, 128 components
    are kept, fewer if there are fewer images.

    Parameters
    ----------
    image_size : int or (int, int), default=(48, 48)
        Height and width in pixels to which images are resized.
    faces : bool, default=False
        Whether to cut the largest face out of each image first, by
        `skfer.faces.FaceCropper`, which takes the place of the step load and is named
        faces. It needs the extra ``skfer[faces]``.
    memory : str, joblib.Memory or None, default=None
        Where to cache the fitted steps before the classifier, so that a grid
        search computes features once. A str is a folder.
    n_jobs : int or None, default=None
        Number of threads that load images and compute features.
    cache_dir : str, Path or None, default=None
        Folder in which images are kept at ``image_size``, so that memory need not hold
        them all and later runs need not decode them again; see `ImageLoader`.

    Returns
    -------
    sklearn.pipeline.Pipeline
        With the steps load, gray, features, svd and classifier. It takes file
        paths, or uint8 images of any sizes.

    See Also
    --------
    make_lbp_svm : Texture instead of edges.
    make_cnn : A network instead of features.

    Examples
    --------
    >>> from skfer import make_hog_svm
    >>> from skfer.datasets import make_faces
    >>> faces = make_faces(140, classes=["happy", "sad"], random_state=0)
    >>> pipeline = make_hog_svm().fit(faces.images[:100], faces.target[:100])
    >>> bool(pipeline.score(faces.images[100:], faces.target[100:]) > 0.9)
    True
    """
    scales = [(name, hog_of(image_size, name, n_jobs)) for name in _HOG_SCALES]
    return Pipeline(
        [
            *images_of(image_size, faces, n_jobs, cache_dir),
            ("features", FeatureUnion(scales)),
            ("svd", TruncatedSVD(_HOG_COMPONENTS, random_state=0)),
            ("classifier", SVC(**_HOG_SVM, cache_size=_CACHE)),
        ],
        memory=memory,
    )


def make_lbp_svm(
    *,
    image_size: int | tuple[int, int] = (48, 48),
    faces: bool = False,
    memory: str | Memory | None = None,
    n_jobs: int | None = None,
    cache_dir: str | Path | None = None,
) -> Pipeline:
    """Make the pipeline of LBP histograms and a support vector machine.

    Parameters
    ----------
    image_size : int or (int, int), default=(48, 48)
        Height and width in pixels to which images are resized.
    faces : bool, default=False
        Whether to cut the largest face out of each image first, by
        `skfer.faces.FaceCropper`, which takes the place of the step load and is named
        faces. It needs the extra ``skfer[faces]``.
    memory : str, joblib.Memory or None, default=None
        Where to cache the fitted steps before the classifier, so that a grid
        search computes features once. A str is a folder.
    n_jobs : int or None, default=None
        Number of threads that load images and compute features.
    cache_dir : str, Path or None, default=None
        Folder in which images are kept at ``image_size``, so that memory need not hold
        them all and later runs need not decode them again; see `ImageLoader`.

    Returns
    -------
    sklearn.pipeline.Pipeline
        With the steps load, gray, features, root, svd and classifier. It takes
        file paths, or uint8 images of any sizes.

    See Also
    --------
    make_hog_svm : Edges instead of texture.
    make_cnn : A network instead of features.

    Notes
    -----
    Patterns are distinguished by their direction ("nri_uniform"), because a mouth that
    turns up differs from one that turns down. The points lie two pixels away, because
    few faces are sharp enough for one. The square root stabilises the variance of the
    counts, so that rare patterns have an influence too. 112 components are kept, fewer
    if there are fewer images.

    Examples
    --------
    >>> from skfer import make_lbp_svm
    >>> list(make_lbp_svm().named_steps)
    ['load', 'gray', 'features', 'root', 'svd', 'classifier']
    """
    return Pipeline(
        [
            *images_of(image_size, faces, n_jobs, cache_dir),
            (
                "features",
                LBPTransformer(8, 2, "nri_uniform", (4, 4), n_jobs=n_jobs),
            ),
            ("root", FunctionTransformer(np.sqrt, feature_names_out="one-to-one")),
            ("svd", TruncatedSVD(_LBP_COMPONENTS, random_state=0)),
            ("classifier", SVC(**_LBP_SVM, cache_size=_CACHE)),
        ],
        memory=memory,
    )


def make_cnn(
    preset: str = "default",
    *,
    image_size: int | tuple[int, int] = (48, 48),
    faces: bool = False,
    memory: str | Memory | None = None,
    n_jobs: int | None = None,
    cache_dir: str | Path | None = None,
    **classifier_params: Any,
) -> Pipeline:
    """Make the pipeline of a convolutional network.

    Parameters
    ----------
    preset : str, default="default"
        Name of parameters for `CNNClassifier`, for instance "fast"; see
        `CNNClassifier.from_preset`.
    image_size : int or (int, int), default=(48, 48)
        Height and width in pixels to which images are resized.
    faces : bool, default=False
        Whether to cut the largest face out of each image first, by
        `skfer.faces.FaceCropper`, which takes the place of the step load and is named
        faces. It needs the extra ``skfer[faces]``.
    memory : str, joblib.Memory or None, default=None
        Where to cache the fitted steps before the classifier. A str is a folder.
    n_jobs : int or None, default=None
        Number of threads that load images.
    cache_dir : str, Path or None, default=None
        Folder in which images are kept at ``image_size``, so that memory need not hold
        them all and later runs need not decode them again; see `ImageLoader`.
    **classifier_params
        Parameters of `CNNClassifier` that replace those of the preset, for instance
        ``epochs=10``.

    Returns
    -------
    sklearn.pipeline.Pipeline
        With the steps load, gray and classifier. It takes file paths, or uint8
        images of any sizes.

    Raises
    ------
    TypeError
        If there is no parameter of that name.
    ValueError
        If there is no preset of that name.

    See Also
    --------
    make_hog_svm, make_lbp_svm : Features and a support vector machine.

    Examples
    --------
    >>> from skfer import make_cnn
    >>> make_cnn(epochs=10).named_steps["classifier"].epochs
    10
    """
    known = [*CNNClassifier().get_params(deep=False), *_CNN_IMAGES]
    for name in classifier_params:
        if name not in known:
            close = get_close_matches(name, known, cutoff=0.5)
            guess = f" Did you mean {' or '.join(close)}?" if close else ""
            raise TypeError(
                f"make_cnn got {name}=, which neither it nor CNNClassifier has.{guess}"
            )
    return Pipeline(
        [
            *images_of(image_size, faces, n_jobs, cache_dir),
            ("classifier", CNNClassifier.from_preset(preset, **classifier_params)),
        ],
        memory=memory,
    )


def make_transfer(
    *,
    image_size: int | tuple[int, int] = (48, 48),
    faces: bool = False,
    memory: str | Memory | None = None,
    n_jobs: int | None = None,
    cache_dir: str | Path | None = None,
) -> Pipeline:
    """Make the pipeline of a trained network's features and logistic regression.

    The network that skfer ships has learnt faces from FER-2013, so that this needs few
    images: a hundred are a start. It is not trained any further.

    Parameters
    ----------
    image_size : int or (int, int), default=(48, 48)
        Height and width in pixels to which images are resized. The network has learnt
        from images of 48 by 48.
    faces : bool, default=False
        Whether to cut the largest face out of each image first, by
        `skfer.faces.FaceCropper`, which takes the place of the step load and is named
        faces. It needs the extra ``skfer[faces]``.
    memory : str, joblib.Memory or None, default=None
        Where to cache the fitted steps before the classifier, so that a grid
        search computes features once. A str is a folder.
    n_jobs : int or None, default=None
        Number of threads that load images.
    cache_dir : str, Path or None, default=None
        Folder in which images are kept at ``image_size``, so that memory need not hold
        them all and later runs need not decode them again; see `ImageLoader`.

    Returns
    -------
    sklearn.pipeline.Pipeline
        With the steps load, gray, features, scale and classifier. It takes file
        paths, or uint8 images of any sizes.

    See Also
    --------
    load_pretrained : The network as it is, without any training.
    make_cnn : A network that is trained on your images only.

    Examples
    --------
    >>> from skfer import make_transfer
    >>> list(make_transfer().named_steps)
    ['load', 'gray', 'features', 'scale', 'classifier']
    """
    features = NetworkFeatures(
        layer=_TRANSFER_LAYERS, grid=(2, 2), test_time_augmentation="flip"
    )
    classifier = LogisticRegression(C=_TRANSFER_C, max_iter=1000)
    return Pipeline(
        [
            *images_of(image_size, faces, n_jobs, cache_dir),
            ("features", features),
            ("scale", StandardScaler()),
            ("classifier", classifier),
        ],
        memory=memory,
    )


def images_of(
    image_size: Any,
    faces: bool,
    n_jobs: int | None,
    cache_dir: str | Path | None = None,
) -> list[tuple[str, Any]]:
    kept: dict[str, Any] = {"n_jobs": n_jobs, "cache_dir": cache_dir}
    if faces:
        return [
            ("faces", FaceCropper(image_size, **kept)),
            ("gray", GrayscaleResizer(size=image_size, **kept)),
        ]
    # mode=None: grey files stay grey, and colour is converted in one place only. A
    # cache needs to know the mode.
    mode: Any = None if cache_dir is None else "L"
    return [
        ("load", ImageLoader(mode=mode, size=image_size, **kept)),
        ("gray", GrayscaleResizer(size=image_size, n_jobs=n_jobs)),
    ]


def hog_of(
    image_size: Any,
    scale: str,
    n_jobs: int | None,
    cache_dir: str | Path | None = None,
) -> HOGTransformer:
    height, width = check_size(GrayscaleResizer(image_size), image_size)
    cells = _HOG_SCALES[scale]
    return HOGTransformer(
        pixels_per_cell=(max(1, height // cells), max(1, width // cells)),
        transform_sqrt=True,
        n_jobs=n_jobs,
        cache_dir=cache_dir,
    )

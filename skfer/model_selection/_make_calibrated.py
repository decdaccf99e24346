"""Classifiers whose probabilities mean what they say."""

from typing import Any

from sklearn.calibration import CalibratedClassifierCV

from skfer._steps import last_step
from skfer.model_selection._leak_free_k_fold import LeakFreeKFold
from skfer.model_selection._leak_free_shuffle_split import LeakFreeShuffleSplit
from skfer.neural import CNNClassifier

# The share of the images that a network is calibrated on, and not trained on.
_HELD_OUT = 0.1


def make_calibrated(pipeline: Any, *, cv: Any = None) -> CalibratedClassifierCV:
    """Wrap a pipeline into scikit-learn's `CalibratedClassifierCV`, without leaks.

    A pipeline without probabilities, like `make_hog_svm`, gets some; those of a network
    are corrected. Either way they are fitted to images that the pipeline has not seen,
    nor copies of them.

    Parameters
    ----------
    pipeline : classifier
        For instance `make_hog_svm`; not fitted.
    cv : splitter or iterable of (train, test), default=None
        Which images to calibrate on. None means `LeakFreeKFold` with 5 folds, after
        which the pipeline is trained on all images; for a network, which trains long, a
        tenth of the images (`LeakFreeShuffleSplit`), which it is not trained on.

    Returns
    -------
    sklearn.calibration.CalibratedClassifierCV
        Not fitted; with ``predict_proba``.

    See Also
    --------
    skfer.inspection.ReliabilityDisplay : Shows whether it worked.
    find_confidence_threshold, SelectiveClassifier : To answer only where it is sure.

    Notes
    -----
    Classifiers with probabilities are corrected by temperature scaling [1]_, which has
    a single parameter and changes no prediction. To others, which have a decision
    function, a sigmoid is fitted for each class [2]_; there, some predictions change.

    To keep people on one side as well, pass the folds themselves, for the images that
    will be fitted: ``cv=list(LeakFreeKFold(5).split(X, y, groups))``.

    A network that is already fitted needs no new training: wrap it into scikit-learn's
    `FrozenEstimator`, and fit the calibration with validation images.

    References
    ----------
    .. [1] C. Guo, G. Pleiss, Y. Sun and K. Q. Weinberger, "On calibration of modern
       neural networks", ICML 2017.
    .. [2] B. Zadrozny and C. Elkan, "Transforming classifier scores into accurate
       multiclass probability estimates", KDD 2002.

    Examples
    --------
    >>> from skfer import make_hog_svm
    >>> from skfer.datasets import make_faces
    >>> from skfer.model_selection import make_calibrated
    >>> faces = make_faces(140, classes=["happy", "sad"], random_state=0)
    >>> model = make_calibrated(make_hog_svm(image_size=24))
    >>> model.fit(faces.images, faces.target).predict_proba(faces.images[:1]).shape
    (1, 2)
    """
    is_network = isinstance(last_step(pipeline), CNNClassifier)
    if cv is None:
        cv = LeakFreeKFold(5)
        if is_network:
            cv = LeakFreeShuffleSplit(test_size=_HELD_OUT)
    # Measured on FER-2013, CK+48 and KDEF: of a support vector machine with several
    # classes, whose decision function counts won pairs, temperature makes worse
    # probabilities than sigmoids, and isotonic curves need more images.
    method = "temperature" if hasattr(pipeline, "predict_proba") else "sigmoid"
    return CalibratedClassifierCV(pipeline, method=method, cv=cv, ensemble=is_network)

"""The network that skfer ships, ready to predict."""

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from sklearn.pipeline import Pipeline

from skfer.neural._pretrained_classifier import make_fitted
from skfer.neural._weights import read_weights
from skfer.pipelines._ready_made import images_of


def load_pretrained(
    *,
    prior: Literal["trained", "even"] | Mapping[str, float] = "trained",
    faces: bool = False,
    n_jobs: int | None = None,
) -> Pipeline:
    """Load a network that recognises seven expressions, without any training.

    It was trained on the faces of FER-2013, of which people were asked what they see;
    its card says how good it is, and for what it must not be used.

    Parameters
    ----------
    prior : {"trained", "even"} or mapping of str to float, default="trained"
        How frequent the expressions are where it is used: as among the images that it
        was trained on, of which a third are neutral and hardly any show disgust or
        fear, all alike, or their shares; one that is left out does not occur. The
        probabilities are corrected for it (Saerens et al., 2002).
    faces : bool, default=False
        Whether to cut the largest face out of each image first, by
        `skfer.faces.FaceCropper`. It needs the extra ``skfer[faces]``.
    n_jobs : int or None, default=None
        Number of threads that load images.

    Returns
    -------
    sklearn.pipeline.Pipeline
        Fitted, with the steps load (or faces), gray and classifier. It takes file
        paths, or uint8 images of any sizes.

    Raises
    ------
    ValueError
        If ``prior`` names other expressions or is none, or the files of the network
        are damaged.

    See Also
    --------
    make_transfer : The same network, for expressions of your own.

    References
    ----------
    Saerens, M., Latinne, P. and Decaestecker, C. (2002). Adjusting the outputs of a
    classifier to new a priori probabilities: a simple procedure. Neural Computation
    14(1).

    Examples
    --------
    >>> from skfer import load_pretrained
    >>> from skfer.datasets import make_faces
    >>> model = load_pretrained(prior="even")
    >>> model.predict_proba(make_faces(3, random_state=0).images).shape
    (3, 7)
    """
    trained = read_weights()
    classifier = make_fitted(trained, test_time_augmentation="flip")
    correct_for_prior(classifier, trained.card["prior"], prior)
    height, width, _ = trained.image_shape
    steps = images_of((height, width), faces, n_jobs)
    for _, step in steps:
        # They learn nothing, and only see what an image is.
        step.fit([np.zeros((height, width), np.uint8)])
    return Pipeline([*steps, ("classifier", classifier)])


def correct_for_prior(classifier: Any, trained: dict[str, float], prior: Any) -> None:
    """Make the probabilities those of other shares of the classes.

    Parameters
    ----------
    classifier : CNNClassifier
        Fitted; its last layer is changed in place.
    trained : dict of str to float
        The shares that it has learnt.
    prior : {"trained", "even"} or mapping of str to float
        The shares that are wanted.

    Raises
    ------
    ValueError
        If ``prior`` is nothing of that.
    """
    classes = classifier.classes_.tolist()
    if isinstance(prior, Mapping):
        wanted = _check_shares(prior, classes)
    elif prior == "even":
        wanted = np.ones(len(classes))
    elif prior == "trained":
        return
    else:
        raise _make_error(prior, classes)
    last = classifier.model_.layers[-1]
    kernel, bias = last.get_weights()
    learnt = np.array([trained[name] for name in classes])
    with np.errstate(divide="ignore"):
        # Softmax of minus infinity is 0.
        last.set_weights([kernel, bias + np.log(wanted / learnt)])


def _check_shares(prior: Mapping[str, float], classes: list[str]) -> np.ndarray:
    shares = np.array([prior.get(name, 0) for name in classes], dtype=float)
    is_known = set(prior) <= set(classes) and np.isfinite(shares).all()
    if not is_known or (shares < 0).any() or not shares.any():
        raise _make_error(prior, classes)
    return shares


def _make_error(prior: Any, classes: list[str]) -> ValueError:
    return ValueError(
        f"load_pretrained got prior={prior!r}. Pass 'trained', 'even', or shares of at "
        f"least 0 of the classes {classes}, not all of them 0."
    )

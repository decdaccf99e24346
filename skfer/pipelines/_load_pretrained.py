"""The network that skfer ships, ready to predict."""

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline

from skfer.neural._pretrained_classifier import make_fitted
from skfer.neural._weights import read_weights
from skfer.pipelines._ready_made import images_of

# Of a probability; 0 in float32 after the softmax, whatever the other logits are.
_NEVER = 1e-300


def load_pretrained(
    *,
    prior: Literal["trained", "even"] | Mapping[str, float] = "trained",
    faces: bool = False,
    n_jobs: int | None = None,
    n_threads: int | None = None,
) -> Pipeline:
    """Load a network that recognises seven expressions, without any training.

    It was trained on the faces of FER-2013, labelled by the votes of ten people each
    (FER+). Its card says how good it is, and what it must not be used for.

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
    n_threads : int or None, default=None
        Threads of one operation of the network, as in `CNNClassifier`.

    Returns
    -------
    sklearn.pipeline.Pipeline
        Fitted, with the steps load (or faces), gray and classifier. It takes file
        paths, or uint8 images of any sizes. The classifier is frozen: it stays as it is
        when the Pipeline is cloned or fitted.

    Raises
    ------
    ValueError
        If ``prior`` is not one of these or names other expressions, or the files of the
        network are damaged.

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
    trained = read_weights(n_threads=n_threads)
    kernel, bias = trained.network.layers[-1].get_weights()
    bias += np.log(count_factors(prior, trained.card["prior"]))
    trained.network.layers[-1].set_weights([kernel, bias])
    classifier = make_fitted(
        trained,
        initial_weights="faces",
        test_time_augmentation="flip",
        n_threads=n_threads,
    )
    height, width, _ = trained.image_shape
    steps = images_of((height, width), faces, n_jobs)
    for _, step in steps:
        # They learn nothing, and only see what an image is.
        step.fit([np.zeros((height, width), np.uint8)])
    # A clone of it, as in cross-validation, must not begin again with random weights.
    return Pipeline([*steps, ("classifier", FrozenEstimator(classifier))])


def count_factors(prior: Any, learnt: dict[str, float]) -> np.ndarray:
    """Return what probabilities are multiplied with for other shares of the classes.

    Parameters
    ----------
    prior : {"trained", "even"} or mapping of str to float
        The shares that are wanted.
    learnt : dict of str to float
        The shares that the network has learnt, in the order of its outputs.

    Returns
    -------
    ndarray of shape (n_classes,), float64
        Above 0; very small for classes that don't occur, because infinite logits would
        be no numbers in what is computed from them.

    Raises
    ------
    ValueError
        If ``prior`` is none of these.
    """
    if isinstance(prior, str) and prior == "trained":
        return np.ones(len(learnt))
    if isinstance(prior, str) and prior == "even":
        return 1 / np.array(list(learnt.values()))
    try:
        shares = {name: float(share) for name, share in dict(prior).items()}
    except (TypeError, ValueError):
        shares = {}
    wanted = np.array([shares.get(name, 0.0) for name in learnt])
    is_known = set(shares) <= set(learnt) and np.isfinite(wanted).all()
    if not is_known or (wanted < 0).any() or not wanted.any():
        strange = [name for name in shares if name not in learnt]
        which = f", and it does not know {strange[0]!r}" if strange else ""
        raise ValueError(
            f"load_pretrained got prior={prior!r}{which}. Pass 'trained', 'even', or a "
            "dictionary from classes to shares: at least 0, and one of them above 0. "
            f"They need not add up to 1. The classes are {list(learnt)}."
        )
    return np.maximum(wanted / np.array(list(learnt.values())), _NEVER)

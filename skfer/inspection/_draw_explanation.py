"""A face with what speaks for its class."""

from typing import Any

import numpy as np
from PIL import Image
from sklearn.ensemble import VotingClassifier
from sklearn.pipeline import Pipeline

from skfer._pixels import to_mode
from skfer._steps import find_part, last_step
from skfer.faces import FaceCropper
from skfer.inspection._explain import explain
from skfer.neural import NetworkClassifier

_ORANGE = (230, 97, 1)
_STRONGEST = 160  # Of 255: the face stays visible.


def draw_explanation(
    model: Any, image: np.ndarray, side: int, label: Any = None
) -> np.ndarray:
    """Return the face in an image, with what speaks for a class in orange.

    Of what wraps a Pipeline, such as a calibration, that Pipeline is explained.

    Parameters
    ----------
    model : classifier
        Fitted: a Pipeline, or what wraps one.
    image : ndarray of shape (height, width) or (height, width, 3), uint8
        The image, of any size.
    side : int
        Height and width of the result, in pixels.
    label : object, default=None
        The class to explain. None means the predicted one.

    Returns
    -------
    ndarray of shape (side, side, 3), uint8
        The picture.

    Raises
    ------
    ValueError
        If the model can't be explained, or there is no face where one is needed.

    Examples
    --------
    >>> from skfer import make_hog_svm
    >>> from skfer.datasets import make_faces
    >>> from skfer.inspection._draw_explanation import draw_explanation
    >>> faces = make_faces(140, random_state=0)
    >>> model = make_hog_svm().fit(faces.images, faces.target)
    >>> draw_explanation(model, faces.images[0], 96).shape
    (96, 96, 3)
    """
    pipeline = find_part(model, Pipeline)
    if pipeline is None:
        raise ValueError("only pipelines can be explained")
    if find_part(model, VotingClassifier) is not None:
        raise ValueError("an ensemble has several explanations; explain its members")
    if label is not None:
        # A calibration fits the pipeline inside it on numbers instead of labels.
        label = pipeline.classes_[model.classes_.tolist().index(label)]
    first = pipeline.steps[0][1]
    if isinstance(first, FaceCropper):
        # Covering parts of a photograph would move the face that is found.
        image = first.crop([image]).images[0]
        pipeline = Pipeline(pipeline.steps[1:])
    elif max(image.shape[:2]) > side:
        # The squares that cover it are many; a large picture would fill the memory.
        image = np.asarray(Image.fromarray(image).resize((side, side)))
    is_network = isinstance(last_step(pipeline), NetworkClassifier)
    heat = explain(
        pipeline, image, "gradcam" if is_network else "occlusion", label=label
    )
    strength = heat.clip(0) / max(float(heat.max()), 1e-12)
    # Grey, because faces may be orange themselves.
    face = Image.fromarray(to_mode(image, "L")).resize((side, side)).convert("RGB")
    alpha = Image.fromarray((strength * _STRONGEST).astype(np.uint8))
    colour = Image.new("RGB", (side, side), _ORANGE)
    return np.asarray(Image.composite(colour, face, alpha.resize((side, side))))

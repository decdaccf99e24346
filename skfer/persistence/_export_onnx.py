"""Models for programs without skfer and Python."""

import json
import os
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline

from skfer._optional import require
from skfer._steps import check_classifier, find_part
from skfer._writing import check_free, written_aside
from skfer.faces import FaceCropper
from skfer.model_selection import SelectiveClassifier
from skfer.model_selection._confidence import predict_shares
from skfer.persistence._onnx_classifiers import add_classifier
from skfer.persistence._onnx_graph import Graph, add_fact
from skfer.preprocessing import ImageLoader

# Of a probability. Rounding makes 1e-6, a picture that is resized 0.02: a pixel may be
# rounded to the next grey level.
_TOLERANCE = 0.05
_EQUAL = 0.95
_WHY = "keep the model as a file of save_model"


@dataclass(frozen=True)
class OnnxParity:
    """How far an exported model agrees with the one that it was made of.

    Attributes
    ----------
    n_images : int
        Number of pictures that both classified.
    largest_difference : float
        Of a probability, 0..1.
    n_equal_labels : int
        Pictures to which both gave the same label.

    Examples
    --------
    >>> from skfer.persistence import OnnxParity
    >>> print(OnnxParity(1000, 2e-7, 1000))
    equal labels on 1,000 of 1,000 pictures, probabilities differ by at most 2.0e-07
    """

    n_images: int
    largest_difference: float
    n_equal_labels: int

    def __str__(self) -> str:
        return (
            f"equal labels on {self.n_equal_labels:,} of {self.n_images:,} pictures, "
            f"probabilities differ by at most {self.largest_difference:.1e}"
        )


def export_onnx(
    model: Any, path: str | os.PathLike, *, X: Any = None, overwrite: bool = False
) -> OnnxParity | None:
    """Write a model as an ONNX file, from pictures to probabilities.

    It runs wherever ONNX Runtime does, without skfer. Resizing, features and all else
    are inside; only faces have to be cut out before, if the model does so. Needs the
    extra ``skfer[export]``.

    Parameters
    ----------
    model : classifier
        Fitted: a Pipeline of skfer, calibrated or not.
    path : str or Path
        File to write, for instance "face.onnx".
    X : array-like of str or Path of shape (n_samples,), or images, default=None
        Pictures on which both models are compared; the result is kept in the file.
    overwrite : bool, default=False
        Whether a file that exists may be replaced.

    Returns
    -------
    OnnxParity or None
        How far both agree on ``X``; None without.

    Raises
    ------
    FileExistsError
        If the file exists and ``overwrite`` is False.
    ImportError
        If a package is missing.
    TypeError
        If ``model`` is no classifier.
    ValueError
        If the model is not fitted, a part of it can't be converted, or probabilities
        of both models on ``X`` differ by more than 0.05, or more than one label in 20
        does.

    Notes
    -----
    The file has one input, "images": uint8, shape (n, height, width, channels), grey (1
    channel) or RGB (3), of any size. Its outputs are "label", a text for each picture,
    and "probabilities", float32 of shape (n, n_classes) in the order of the metadata
    "classes", a list in JSON; "takes" there says whether faces have to be cut out.
    Pictures are resized as in skfer, to a grey level.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from skfer import make_hog_svm
    >>> from skfer.datasets import make_faces
    >>> from skfer.persistence import export_onnx
    >>> faces = make_faces(140, classes=["happy", "sad"], random_state=0)
    >>> model = make_hog_svm(image_size=24).fit(faces.images, faces.target)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     parity = export_onnx(model, Path(folder) / "face.onnx", X=faces.images[:50])
    >>> parity.n_equal_labels, parity.largest_difference < 1e-4
    (50, True)
    """
    for package in ("onnx", "onnxruntime"):
        require(package, "export_onnx", _WHY)
    check_free(path, "export_onnx's path", overwrite)
    model = check_classifier(model, "export_onnx")
    content, parity = _convert(model), None
    if X is not None:
        parity = _compare(model, content, X)
        agrees = parity.largest_difference <= _TOLERANCE  # Not if it is nan.
        if not agrees or parity.n_equal_labels < _EQUAL * parity.n_images:
            raise ValueError(
                f"export_onnx wrote nothing: ONNX Runtime and skfer disagree ({parity}"
                f"); at most {_TOLERANCE}, and {_EQUAL:.0%} equal labels, are needed. "
                "Please report it, with the model if you can."
            )
        content = add_fact(content, "parity", str(parity))
    with written_aside(path) as aside:
        aside.write_bytes(content)
    return parity


def _convert(model: Any) -> bytes:
    graph = Graph()
    images = graph.add("Transpose", "images", perm=[0, 3, 1, 2])
    answer = add_classifier(graph, model, images)
    winner = answer.winner or graph.add(
        "ArgMax", answer.probability, axis=1, keepdims=0
    )
    names = np.array([str(label) for label in np.asarray(model.classes_).tolist()])
    label = graph.add("Gather", graph.constant(names.astype(object)), winner)
    if answer.is_known:
        unknown = str(find_part(model, SelectiveClassifier).unknown)
        label = graph.add(
            "Where",
            answer.is_known,
            label,
            graph.constant(np.array([unknown], dtype=object)),
        )
    graph.name_output(label, "label")
    graph.name_output(graph.cast(answer.probability, np.float32), "probabilities")
    return graph.finish(
        {"images": (np.uint8, ["n", "height", "width", "channels"])},
        {"label": (str, ["n"]), "probabilities": (np.float32, ["n", len(names)])},
        {
            "classes": json.dumps(names.tolist()),
            "takes": "faces that are cut out, as skfer crop does"
            if find_part(model, FaceCropper)
            else "pictures",
            "skfer": version("skfer"),
        },
    )


def _compare(model: Any, content: bytes, X: Any) -> OnnxParity:
    import onnxruntime

    session = onnxruntime.InferenceSession(content)
    cropper = find_part(model, FaceCropper)
    if cropper is None:
        images = ImageLoader(None, n_jobs=-1).fit_transform(X)
    elif type(model) is Pipeline and model.steps[0][1] is cropper:
        # Faces are cut out before.
        images, model = cropper.crop(X).images, Pipeline(model.steps[1:])
    else:
        raise ValueError(
            "export_onnx can't compare a model that looks for faces inside of "
            f"{type(model).__name__}. Leave X out."
        )
    labels, shares = [], []
    for image in images:
        stack = image.reshape(1, *image.shape[:2], -1)
        label, share = session.run(["label", "probabilities"], {"images": stack})
        labels.append(label[0])
        shares.append(share[0])
    expected = predict_shares(model, images)
    predicted = [str(label) for label in np.asarray(model.predict(images)).tolist()]
    return OnnxParity(
        len(labels),
        float(np.abs(np.array(shares) - expected).max()),
        int(np.sum(np.array(labels) == np.array(predicted))),
    )

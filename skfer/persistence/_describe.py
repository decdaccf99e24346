"""What can be said of a model, and of the images that it was fitted on."""

import hashlib
import math
import platform
from collections import Counter
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline

from skfer._steps import find_parts
from skfer._text import count_of
from skfer.datasets import ImageAudit, ImageTable
from skfer.datasets._face_findings import share_by_class
from skfer.faces import FaceCropper
from skfer.model_selection import Comparison, SelectiveClassifier
from skfer.neural import CNNClassifier, NetworkFeatures
from skfer.preprocessing import ImageLoader

_PACKAGES = ("skfer", "scikit-learn", "numpy", "keras", "skops")
_FACES = (
    'The network "faces" of skfer, BSD-3-Clause, trained on FER-2013 and FER+. Its '
    "card, skfer/neural/weights/faces.md, says what it gets wrong."
)
LIMITS = (
    "Faces of other people, cameras, light or poses than those in the pictures were "
    "not tested.",
    "It knows no other expressions: a face that shows another one gets one of its "
    "classes too, often with a high probability.",
    "It tells what a face shows, not what a person feels. It must not decide about "
    "people, for instance at work, at school or by the police.",
)


def describe_model(model: Any) -> dict[str, Any]:
    """Return the fields of a card that the model itself tells.

    Parameters
    ----------
    model : classifier
        Fitted.

    Returns
    -------
    dict of str to object
        Of a `ModelCard`: classes, takes, image_shape, threshold, steps, weights.
    """
    parts = list(find_parts(model))
    cuts = any(isinstance(part, FaceCropper) for part in parts)
    reads = cuts or any(isinstance(part, ImageLoader) for part in parts)
    takes = "photographs" if cuts else "pictures of one face"
    takes += ", as files or pixels" if reads else ", as pixels"
    shapes = [
        part.image_shape_in_ for part in parts if hasattr(part, "image_shape_in_")
    ]
    thresholds = [p.threshold for p in parts if isinstance(p, SelectiveClassifier)]
    steps = model.steps if isinstance(model, Pipeline) else [("model", model)]
    return {
        "classes": model.classes_.tolist(),
        "takes": f"{takes}, cuts out the largest face" if cuts else takes,
        "image_shape": [int(side) for side in shapes[0]] if shapes else None,
        "threshold": float(thresholds[0]) if thresholds else None,
        "steps": [f"{name}: {' '.join(repr(step).split())}" for name, step in steps],
        "weights": [_FACES] if any(map(_has_shipped_weights, parts)) else [],
    }


def _has_shipped_weights(part: Any) -> bool:
    return (isinstance(part, NetworkFeatures) and part.network == "faces") or (
        isinstance(part, CNNClassifier) and part.initial_weights == "faces"
    )


def describe_training(table: ImageTable) -> tuple[dict[str, Any], np.ndarray]:
    """Return the facts about the images of a fit, and a hash of each.

    Parameters
    ----------
    table : ImageTable
        The images.

    Returns
    -------
    facts : dict of str to object
        ``training`` of a `ModelCard`.
    hashes : ndarray of uint64 of shape (n_images,)
        Of all pixels, sorted; empty where rows are no pictures.
    """
    read = table[table.is_readable]
    hashes = np.sort(hash_rows(read))
    labels = [] if read.target is None else read.target.tolist()
    facts = {
        "images": len(read),
        "people": None if read.groups is None else len(set(read.groups.tolist())),
        "classes": {
            str(label): n for label, n in sorted(Counter(labels).items(), key=str)
        },
        # Not the folders above it, which are nobody else's business.
        "origin": Path(read.origin).name,
        "fingerprint": hashlib.sha256(hashes.tobytes()).hexdigest()
        if len(hashes)
        else "",
    }
    return facts, hashes


def hash_rows(table: ImageTable) -> np.ndarray:
    """Return a hash of the pixels of each image; nothing for rows without images."""
    if not table.shows_pictures:
        return np.empty(0, np.uint64)
    digests = table.fingerprints.digest.tolist()
    return np.array([int(digest[:16], 16) for digest in digests], np.uint64)


def describe_audit(audit: ImageAudit) -> list[str]:
    """Return what an audit found, without the names of files."""
    return [one.message.partition("\n")[0].rstrip(":") for one in audit.findings]


def describe_results(comparison: Comparison, name: str) -> dict[str, Any]:
    """Return the fields of a card that a comparison tells of one of its models.

    Parameters
    ----------
    comparison : Comparison
        Which the model took part in.
    name : str
        Its name there.

    Returns
    -------
    dict of str to object
        Of a `ModelCard`: scores, comparison and limits.
    """
    rows = [_without_nan(row) for row in comparison.to_rows()]
    score = comparison.scores[name]
    # Of the score that models are ranked by, there is a wider interval over folds.
    ranked = {"accuracy": "accuracy", "f1_macro": "macro_f1"}.get(comparison.scoring)
    scores: dict[str, Any] = {
        f"{one}{end}": getattr(score, ("score" if one == ranked else one) + end)
        for one in ("accuracy", "macro_f1")
        for end in ("", "_low", "_high")
    }
    people = comparison.people
    scores["recall"] = {str(label): share for label, share in score.recall.items()}
    scores["n_images"] = comparison.n_images
    scores["n_people"] = None if people is None else len(set(people.tolist()))
    trainings = count_of(comparison.n_folds, "training")
    unknown = (
        "It is not known who is in the pictures. If a person is in several, results "
        "for new people are worse than those above."
    )
    return {
        "scores": _without_nan(scores),
        "comparison": {
            "verdict": comparison.verdict,
            "how": f"{trainings} on {comparison.n_train:,.0f} pictures each.",
            "scoring": comparison.scoring,
            "table": rows,
        },
        "limits": [*([unknown] if people is None else []), *LIMITS],
    }


def describe_faces(table: ImageTable) -> list[str]:
    """Return what it means that no face is found in some images, if that is known."""
    if "face" not in table.columns:
        return []
    missing = table["face"] == "missing"
    if not missing.any():
        return []
    share = share_by_class(missing, table.target)
    return [
        f"No face is found in {missing.sum():,} of {len(table):,} training pictures"
        f"{share}. It may have learnt what else they show."
    ]


def describe_here() -> dict[str, Any]:
    """Return the fields of a card about today and this machine."""
    packages = {name: version(name) for name in _PACKAGES}
    return {
        "created": datetime.now(UTC).date().isoformat(),
        "versions": {"Python": platform.python_version(), **packages},
    }


def _without_nan(row: dict[str, Any]) -> dict[str, Any]:
    """Replace what JSON does not have."""
    return {
        name: None if isinstance(value, float) and math.isnan(value) else value
        for name, value in row.items()
    }

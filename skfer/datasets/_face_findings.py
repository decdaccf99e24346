"""What an audit says of faces in photographs."""

from typing import Any, NamedTuple

import numpy as np
from scipy.stats import chi2_contingency

from skfer._text import count_of
from skfer.datasets._finding import Finding
from skfer.datasets._image_table import ImageTable

# Side of a face, in pixels, below which expressions can hardly be told apart.
_SMALL = 24
# From when on a difference of the classes is a clue to them: so unlikely by chance, and
# so large.
_UNLIKELY, _LARGE = 0.001, 0.1


class _Faces(NamedTuple):
    """What is known of the faces of some pictures."""

    missing: np.ndarray  # (n,) bool.
    several: np.ndarray  # (n,) bool.
    side: np.ndarray  # (n,) of the largest, in pixels; inf if unknown.


def knows_faces(table: ImageTable) -> bool:
    """Return whether a column says in which images a face is found.

    A table of labels may use the name for something else.
    """
    words = {"found", "missing", "unreadable"}
    return "face" in table.columns and set(table["face"].tolist()) <= words


def find_face_problems(
    table: ImageTable, usable: np.ndarray, detector: Any = None
) -> list[Finding]:
    """Return images without a face, with several, and with a small one.

    Parameters
    ----------
    table : ImageTable
        The images.
    usable : ndarray of bool of shape (n_samples,)
        Which of them can be read.
    detector : FaceDetector, default=None
        Finds the faces. None means what the columns face and box of the table say.

    Returns
    -------
    list of Finding
        Serious is only that some classes lack faces far more often than others.
    """
    rows = np.flatnonzero(usable)
    if not len(rows):
        return []
    part = table[rows]
    faces = _recall(part) if detector is None else _look(part, detector)
    missing, target = faces.missing, part.target
    is_clue = tells_classes(missing, target)
    clue = ": that alone says much about the class" * is_clue
    findings = []
    for kind, found, message in (
        (
            "no face",
            missing,
            f"in which no face is found{share_by_class(missing, target)}{clue}",
        ),
        (
            "several faces",
            faces.several,
            "with several faces",
        ),
        (
            "small face",
            faces.side < _SMALL,
            f"whose largest face is smaller than {_SMALL} pixels",
        ),
    ):
        if found.any():
            n = count_of(int(found.sum()), "image")
            share = found.sum() / len(table)
            findings.append(
                Finding(
                    kind,
                    kind == "no face" and is_clue,
                    f"{n} ({share:.0%}) {message}",
                    [[row] for row in rows[found].tolist()],
                )
            )
    return findings


def _look(table: ImageTable, detector: Any) -> _Faces:
    faces = detector.detect(table.X)
    sides = (faces.box[:, 2:] - faces.box[:, :2]).max(axis=1, initial=0)
    # -1, the last one, where there is no face.
    largest = np.append(sides, np.inf)[faces.largest]
    return _Faces(faces.count == 0, faces.count > 1, largest)


def _recall(table: ImageTable) -> _Faces:
    """Return what was found when the faces were cut out."""
    missing = table["face"] == "missing"
    side = np.full(len(table), np.inf)
    box = np.asarray(table.columns.get("box", ()))
    if box.shape == (len(table), 4) and box.dtype.kind == "f":
        side[~missing] = (box[:, 2:] - box[:, :2]).max(axis=1)[~missing]
    return _Faces(missing, np.zeros(len(table), dtype=bool), side)


def share_by_class(found: np.ndarray, target: np.ndarray | None) -> str:
    """Return the share of each class in brackets, where there are several classes."""
    names = [] if target is None else np.unique(target).tolist()
    if len(names) < 2:
        return ""
    shares = [f"{found[target == name].mean():.0%} of {name}" for name in names]
    return f" ({', '.join(shares)})"


def tells_classes(found: np.ndarray, target: np.ndarray | None) -> bool:
    """Whether something is found in some classes far more often than in others."""
    names = [] if target is None else np.unique(target).tolist()
    if len(names) < 2 or found.all() or not found.any():
        return False
    counts = np.array(
        [np.bincount(found[target == name], minlength=2) for name in names]
    )
    shares = counts[:, 1] / counts.sum(axis=1)
    p = chi2_contingency(counts).pvalue
    return bool(p < _UNLIKELY and np.ptp(shares) > _LARGE)

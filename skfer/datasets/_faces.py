"""Drawn faces, so that nothing has to be downloaded to try anything."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image
from sklearn.utils import check_random_state

from skfer.datasets._image_table import ImageTable

#: How the parts of a face move, after the action units of Ekman and Friesen.
#: Lengths are in units of half the image; positive is up (brows), open (lids,
#: mouth), wide (mouth) and smiling (corners).
EXPRESSIONS: dict[str, dict[str, float]] = {
    "angry": {"inner_brow": -0.09, "outer_brow": 0.05, "lids": -0.035, "wide": -0.05},
    "disgust": {"inner_brow": -0.05, "lids": -0.05, "corners": -0.05, "nose": 0.08,
                "wide": -0.02, "open": 0.03},
    "fear": {"inner_brow": 0.09, "outer_brow": 0.02, "lids": 0.05, "wide": 0.07,
             "open": 0.05, "corners": -0.03},
    "happy": {"corners": 0.11, "wide": 0.09, "lids": -0.02, "open": 0.03},
    "neutral": {},
    "sad": {"inner_brow": 0.07, "outer_brow": -0.05, "lids": -0.02, "corners": -0.09},
    "surprise": {"inner_brow": 0.09, "outer_brow": 0.09, "lids": 0.06, "open": 0.14,
                 "wide": -0.07},
}  # fmt: skip
_PARTS = ("inner_brow", "outer_brow", "lids", "corners", "wide", "open", "nose")
_CHUNK = 200


def make_faces(
    n_samples: int = 700,
    *,
    classes: Sequence[str] | None = None,
    n_subjects: int = 35,
    image_size: int = 48,
    noise: float = 0.03,
    n_copies: int = 0,
    n_thumbnails: int = 0,
    label_noise: float = 0.0,
    sort: bool = False,
    random_state: int | np.random.RandomState | None = None,
) -> ImageTable:
    """Draw grey faces that show seven expressions.

    Brows, eyes, nose and mouth move as they do in each expression. Every subject
    has a face of its own (shape, spacing, shades, typical lighting) and every
    picture its own strength of expression, position, turn, light and noise. The
    classes are balanced, and every subject shows every expression in turn.

    Parameters
    ----------
    n_samples : int, default=700
        Number of pictures.
    classes : sequence of str, default=None
        Which expressions of "angry", "disgust", "fear", "happy", "neutral",
        "sad" and "surprise". None means all seven.
    n_subjects : int, default=35
        Number of different faces.
    image_size : int, default=48
        Height and width in pixels, at least 16.
    noise : float, default=0.03
        Standard deviation of the pixel noise, where 1 is the full range.
    n_copies : int, default=0
        How many of the pictures are exact copies of others.
    n_thumbnails : int, default=0
        How many of the pictures are copies of others at half their size. The images
        then have two sizes, and ``images`` is an array of objects.
    label_noise : float, default=0.0
        Share of the pictures that get a wrong label, 0..1.
    sort : bool, default=False
        Whether the images are sorted by class, as when many folders are read.
    random_state : int, RandomState instance or None, default=None
        Pass an int for the same pictures every time.

    Returns
    -------
    ImageTable
        With images of shape (n_samples, image_size, image_size), uint8 in 0..255,
        target, groups (the subject of each picture), and the columns

        copy_of : ndarray of int of shape (n_samples,)
            Number of the picture that each is a copy of; its own for originals.
        is_mislabelled : ndarray of bool of shape (n_samples,)
            Whether the label is wrong on purpose.

    Raises
    ------
    ValueError
        If a class is unknown or a number too small.

    Notes
    -----
    These are drawings to try code and to teach with. Nothing measured on them
    says anything about people.

    Examples
    --------
    >>> from skfer.datasets import make_faces
    >>> faces = make_faces(n_samples=70, random_state=0)
    >>> faces.images.shape, faces.images.dtype
    ((70, 48, 48), dtype('uint8'))
    >>> faces.target_names[:3]
    ['angry', 'disgust', 'fear']
    """
    names = sorted(EXPRESSIONS if classes is None else set(classes))
    if unknown := [name for name in names if name not in EXPRESSIONS]:
        raise ValueError(
            f"make_faces got the unknown classes {unknown}. It can draw "
            f"{sorted(EXPRESSIONS)}."
        )
    for label, value, least in (
        ("n_samples", n_samples, 1),
        ("number of classes", len(names), 1),
        ("n_subjects", n_subjects, 1),
        ("image_size", image_size, 16),
        ("noise", noise, 0),
        ("n_copies", n_copies, 0),
        ("n_thumbnails", n_thumbnails, 0),
        ("label_noise", label_noise, 0),
    ):
        if value < least:
            raise ValueError(
                f"make_faces got {label}={value}; it needs at least {least}."
            )
    if n_copies + n_thumbnails > n_samples // 2 or label_noise > 1:
        raise ValueError(
            f"make_faces got n_copies={n_copies}, n_thumbnails={n_thumbnails} and "
            f"label_noise={label_noise} for n_samples={n_samples}. Copies can be half "
            "of the pictures at most, and label_noise is a share, 0..1."
        )
    rng = check_random_state(random_state)
    target = np.arange(n_samples) % len(names)
    groups = np.arange(n_samples) // len(names) % n_subjects
    order = rng.permutation(n_samples)
    target, groups = target[order], groups[order]
    faces = _pose(_subjects(n_subjects, rng), groups, target, names, rng)
    images = np.empty((n_samples, image_size, image_size), dtype=np.uint8)
    for start in range(0, n_samples, _CHUNK):
        rows = slice(start, start + _CHUNK)
        drawn = _draw({k: v[rows, None, None] for k, v in faces.items()}, image_size)
        drawn += rng.normal(0, noise, drawn.shape)
        images[rows] = np.rint(drawn.clip(0, 1) * 255)
    copy_of = np.arange(n_samples)
    if n_copies or n_thumbnails:
        images, copy_of = _plant_copies(images, n_copies, n_thumbnails, rng)
        target, groups = target[copy_of], groups[copy_of]
    wrong = np.zeros(n_samples, dtype=bool)
    if label_noise and len(names) > 1:
        wrong[rng.permutation(n_samples)[: round(label_noise * n_samples)]] = True
        shift = rng.randint(1, len(names), n_samples)
        target = np.where(wrong, (target + shift) % len(names), target)
    if sort:
        order = np.argsort(target, kind="stable")
        target, groups, wrong = target[order], groups[order], wrong[order]
        images = images[order]
        copy_of = np.argsort(order)[copy_of[order]]
    return ImageTable(
        images,
        np.array(names)[target],
        groups=groups,
        target_names=names,
        origin=f"skfer.datasets.make_faces, drawn, {n_subjects} subjects",
        copy_of=copy_of,
        is_mislabelled=wrong,
    )


def _plant_copies(
    images: np.ndarray, n_copies: int, n_thumbnails: int, rng: np.random.RandomState
) -> tuple[np.ndarray, np.ndarray]:
    """Replace some pictures by copies of others."""
    n = n_copies + n_thumbnails
    copies, originals = np.split(rng.permutation(len(images))[: 2 * n], 2)
    copy_of = np.arange(len(images))
    copy_of[copies] = originals
    if not n_thumbnails:
        return images[copy_of], copy_of
    ragged = np.empty(len(images), dtype=object)
    ragged[:] = list(images[copy_of])
    for row in copies[:n_thumbnails]:
        image = Image.fromarray(ragged[row])
        ragged[row] = np.asarray(image.reduce(2))
    return ragged, copy_of


def _subjects(n: int, rng: np.random.RandomState) -> dict[str, np.ndarray]:
    """Draw what stays the same in all pictures of a subject."""
    return {
        "width": rng.uniform(0.58, 0.78, n),
        "height": rng.uniform(0.78, 0.95, n),
        "eye_gap": rng.uniform(0.24, 0.34, n),
        "eye_y": rng.uniform(-0.22, -0.08, n),
        "eye_size": rng.uniform(0.10, 0.14, n),
        "brow_y": rng.uniform(0.17, 0.27, n),
        "brow_slant": rng.uniform(-0.02, 0.02, n),
        "brow_thick": rng.uniform(0.025, 0.05, n),
        "nose_y": rng.uniform(0.12, 0.24, n),
        "mouth_y": rng.uniform(0.44, 0.58, n),
        "mouth_width": rng.uniform(0.20, 0.32, n),
        "mouth_rest": rng.uniform(-0.015, 0.015, n),
        "lips": rng.uniform(0.025, 0.05, n),
        "skin": rng.uniform(0.45, 0.8, n),
        "hair": rng.uniform(0.05, 0.5, n),
        "hair_line": rng.uniform(-0.8, -0.5, n),
        "light": rng.uniform(0, 2 * np.pi, n),
    }


def _pose(
    subjects: dict[str, np.ndarray],
    groups: np.ndarray,
    target: np.ndarray,
    names: Sequence[str],
    rng: np.random.RandomState,
) -> dict[str, np.ndarray]:
    """Draw what differs between pictures, and add the movements of expressions."""
    n = len(groups)
    face = {name: values[groups] for name, values in subjects.items()}
    strength = rng.uniform(0.7, 1.3, n)
    for part in _PARTS:
        moves = np.array([EXPRESSIONS[name].get(part, 0.0) for name in names])
        face[part] = moves[target] * strength + rng.normal(0, 0.008, n)
    face["turn"] = rng.normal(0, 0.07, n)
    face["scale"] = rng.uniform(0.92, 1.08, n)
    face["shift_x"], face["shift_y"] = rng.normal(0, 0.045, (2, n))
    face["light"] = face["light"] + rng.normal(0, 0.6, n)
    face["shade"] = rng.uniform(0.05, 0.35, n)
    face["bright"] = rng.uniform(0.75, 1.15, n)
    face["ground"] = rng.uniform(0.1, 0.9, n)
    return face


def _draw(face: dict[str, Any], size: int) -> np.ndarray:
    """Paint faces into arrays of shape (n, size, size) with values around 0..1."""
    axis = (np.arange(size) + 0.5) / size * 2 - 1
    y, x = axis[:, np.newaxis], axis[np.newaxis, :]
    x, y = x - face["shift_x"], y - face["shift_y"]
    cos, sin = np.cos(face["turn"]), np.sin(face["turn"])
    x, y = (cos * x + sin * y) / face["scale"], (cos * y - sin * x) / face["scale"]
    soft = 2.0 / size  # One pixel, over which edges fade.

    def paint(canvas: Any, distance: Any, shade: Any) -> np.ndarray:
        cover = (0.5 - distance / soft).clip(0, 1)
        return canvas + cover * (shade - canvas)

    def ellipse(cx: Any, cy: Any, rx: Any, ry: Any) -> np.ndarray:
        rx, ry = np.maximum(rx, 1e-3), np.maximum(ry, 1e-3)
        return (np.hypot((x - cx) / rx, (y - cy) / ry) - 1) * np.minimum(rx, ry)

    def stroke(across: Any, along: Any, half_length: Any, thick: Any) -> np.ndarray:
        beyond = np.maximum(np.abs(along) - half_length, 0)
        return np.hypot(across, beyond) - thick / 2

    canvas = np.broadcast_to(face["ground"], np.broadcast(x, y).shape)
    skin, dark = face["skin"], face["skin"] * 0.25
    oval = ellipse(0, 0, face["width"], face["height"])
    canvas = paint(canvas, oval, skin)
    canvas = paint(canvas, np.maximum(oval, y - face["hair_line"]), face["hair"])
    for side in (-1, 1):
        eye_x, eye_y = side * face["eye_gap"], face["eye_y"]
        open_eye = np.maximum(face["eye_size"] * 0.5 + face["lids"], 0.02)
        lid = ellipse(eye_x, eye_y, face["eye_size"], open_eye)
        canvas = paint(canvas, lid, 0.95)
        iris = ellipse(eye_x, eye_y, face["eye_size"] * 0.45, face["eye_size"] * 0.45)
        canvas = paint(canvas, np.maximum(iris, lid), 0.05)
        canvas = paint(canvas, np.abs(lid) - 0.012, dark)
        # Along the brow: -1 at its inner end, 1 at its outer end.
        along = side * (x - eye_x) / (face["eye_size"] * 1.2)
        raised = (
            face["inner_brow"] * (1 - along) + face["outer_brow"] * (1 + along)
        ) / 2
        brow_y = eye_y - face["brow_y"] - raised - face["brow_slant"] * along
        brow = stroke(y - brow_y, x - eye_x, face["eye_size"] * 1.2, face["brow_thick"])
        canvas = paint(canvas, brow, face["hair"] * 0.5)
        # The fold beside a wrinkled nose.
        fold = stroke(
            (x - side * 0.13) - side * (y - face["nose_y"]) * 0.6,
            y - face["nose_y"], 0.09, face["nose"] * 0.5,
        )  # fmt: skip
        canvas = paint(canvas, fold, dark)
    nose_y = face["nose_y"] - face["nose"] * 0.6
    nose = ellipse(0, nose_y, 0.09, 0.035)
    canvas = paint(canvas, nose, skin * 0.65)
    half = face["mouth_width"] + face["wide"]
    bend = (face["corners"] + face["mouth_rest"]) * (1 - 2 * (x / half) ** 2)
    middle = face["mouth_y"] + bend.clip(-0.2, 0.2)
    lips = stroke(y - middle, x, half, face["lips"] + 2 * face["open"].clip(0))
    canvas = paint(canvas, lips, skin * 0.5)
    inner = lips + face["lips"] / 2
    canvas = paint(canvas, np.where(face["open"] > 0.01, inner, 1.0), 0.08)
    slope = np.cos(face["light"]) * x + np.sin(face["light"]) * y
    return canvas * face["bright"] * (1 + face["shade"] * slope)

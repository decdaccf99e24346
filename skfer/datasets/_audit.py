"""Looking through images for what makes results meaningless."""

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from sklearn.utils.validation import check_consistent_length

from skfer._image_files import list_failures, open_image
from skfer.datasets._fingerprints import (
    Fingerprints,
    check_images,
    fingerprint,
)
from skfer.datasets._image_audit import Finding, ImageAudit
from skfer.datasets._twins import number_twins

# Formats that share their endings with another.
_KIN = {"MPO": "JPEG", "DIB": "BMP"}
_FEW = 10  # Images of a class, below which nothing is learnt or measured.
_MANY = 0.01  # Share of the images from which on copies change a result.


def audit_images(
    paths: Any,
    target: Any = None,
    *,
    groups: Any = None,
    split: Any = None,
    n_jobs: int | None = -1,
) -> ImageAudit:
    """Look for copies, leaks, broken files and odd labels before training.

    Parameters
    ----------
    paths : array-like of str or Path of shape (n_samples,), or images
        The files; arrays or lists of images are audited too, as far as they go.
    target : array-like of shape (n_samples,), default=None
        Class of each image.
    groups : array-like of shape (n_samples,), default=None
        Who or what each image shows.
    split : array-like of shape (n_samples,), default=None
        Part of the data set each image lies in, for instance "train" or "test".
    n_jobs : int, default=-1
        Number of threads that read files.

    Returns
    -------
    ImageAudit
        With ``summary``, ``findings``, ``to_frame()``, ``plot()`` and ``keep()``.

    Raises
    ------
    ValueError
        If there are no images, or the lengths differ.

    Notes
    -----
    What is looked for: files that can't be read, among them pointers of Git LFS, web
    pages and drawings named like pictures; endings that belong to another format;
    blank pictures; exact and near twins (`find_twins`); twins with different labels;
    twins or groups on both sides of a split, and twins that no group keeps together;
    classes that are tiny or lie in one part only; images in the order of their
    classes.

    Examples
    --------
    >>> from skfer.datasets import audit_images, make_faces
    >>> faces = make_faces(40, n_subjects=40, classes=["happy"], n_twins=3)
    >>> audit = audit_images(faces.images)
    >>> audit.is_sound
    False
    >>> audit.findings[0].kind
    'twins without groups'
    """
    images, are_files = check_images(paths)
    check_consistent_length(images, target, groups, split)
    target, groups, split = (
        None if values is None else _column(name, values)
        for name, values in (("target", target), ("groups", groups), ("split", split))
    )
    prints = fingerprint(images, n_jobs)
    exact, twins = number_twins(prints, n_jobs=n_jobs)
    readable = np.array([not reason for reason in prints.reason])
    usable = readable & ~prints.blank
    names = [str(name) for name in (images if are_files else range(len(images)))]
    findings = _broken(names, prints, usable)
    if are_files:
        findings += _wrong_endings(names, prints)
    findings += _copies(exact, twins)
    findings += _leaks(twins, groups, split)
    if target is not None:
        findings += _odd_labels(twins, target, groups, split, usable)
    return ImageAudit(
        names,
        findings,
        twins,
        exact,
        prints.pixels,
        usable,
        split,
        images,
    )


def _column(name: str, values: Any) -> np.ndarray:
    """Return values as an array of one axis, of objects if need be."""
    column = np.empty(len(values), dtype=object)
    column[:] = values.tolist() if hasattr(values, "tolist") else list(values)
    if any(value is None for value in column):
        raise ValueError(
            f"audit_images got {name} with None in it. Every image needs its own, or "
            f"leave {name} out."
        )
    return column


def _broken(
    names: list[str], prints: Fingerprints, usable: np.ndarray
) -> list[Finding]:
    findings = []
    is_most = usable.mean() < 0.5
    bad = [row for row, reason in enumerate(prints.reason) if reason]
    if bad:
        listed = list_failures([(names[row], prints.reason[row]) for row in bad])
        findings.append(
            Finding(
                "unreadable",
                bool(is_most),
                f"{_count(bad, 'file')} can't be read; replace or remove:\n{listed}",
                [[row] for row in bad],
            )
        )
    blank = np.flatnonzero(prints.blank).tolist()
    if blank:
        findings.append(
            Finding(
                "blank",
                bool(is_most),
                f"{_count(blank, 'image')} of one grey level show nothing; keep() "
                "leaves them out",
                [[row] for row in blank],
            )
        )
    return findings


def _wrong_endings(names: list[str], prints: Fingerprints) -> list[Finding]:
    wrong = []
    for row, name in enumerate(names):
        if prints.reason[row]:
            continue
        with open_image(name) as image:
            form = image.format or ""
        ending = Path(name).suffix.lower()
        meant = Image.registered_extensions().get(ending)
        if ending and _KIN.get(meant or "", meant) != _KIN.get(form, form):
            wrong.append((row, f"it is {form}"))
    if not wrong:
        return []
    return [
        Finding(
            "wrong ending",
            False,
            f"{_count(wrong, 'file')} named like another format, which some programs "
            "refuse:\n" + list_failures([(names[row], why) for row, why in wrong]),
            [[row] for row, _ in wrong],
        )
    ]


def _copies(exact: np.ndarray, twins: np.ndarray) -> list[Finding]:
    findings = []
    if groups := _groups_of(exact):
        extra = sum(len(rows) - 1 for rows in groups)
        findings.append(
            Finding(
                "exact twins",
                False,
                f"{len(groups):,} pictures are there more than once, pixel by pixel; "
                f"{extra:,} copies could go",
                groups,
            )
        )
    near = [rows for rows in _groups_of(twins) if len(set(exact[rows])) > 1]
    if near:
        extra = sum(len(set(exact[rows])) - 1 for rows in near)
        findings.append(
            Finding(
                "near twins",
                False,
                f"{len(near):,} pictures are there again, smaller, cropped or saved "
                f"anew; {extra:,} such copies could go",
                near,
            )
        )
    return findings


def _leaks(
    twins: np.ndarray, groups: np.ndarray | None, split: np.ndarray | None
) -> list[Finding]:
    findings = []
    together = _groups_of(twins)
    if split is not None and len(set(split)) > 1:
        for kind, labels, what in (
            ("twins across split", twins, "pictures"),
            ("groups across split", groups, "groups"),
        ):
            if labels is None:
                continue
            across = [rows for rows in _groups_of(labels) if len(set(split[rows])) > 1]
            if across:
                counts = Counter(split[row] for rows in across for row in rows)
                where = ", ".join(f"{n:,} in {p}" for p, n in sorted(counts.items()))
                findings.append(
                    Finding(
                        kind,
                        True,
                        f"{len(across):,} {what} lie in more than one part ({where}), "
                        "so that what is tested was seen in training; keep them on one "
                        "side, or drop the copies with keep()",
                        across,
                    )
                )
    else:
        loose = [rows for rows in together if not _is_one(groups, rows)]
        n_loose = sum(map(len, loose))
        if loose:
            share = n_loose / len(twins)
            nearly = "nearly every image has" if share > 0.9 else f"{share:.1%} have"
            findings.append(
                Finding(
                    "twins without groups",
                    share >= _MANY,
                    f"{n_loose:,} of {len(twins):,} images ({nearly} a twin) would "
                    "come apart in a random split, and be tested on their copies; pass "
                    "groups, split with LeakFreeKFold or train_test_split_images, or "
                    "drop the copies with keep()",
                    loose,
                )
            )
    return findings


def _odd_labels(
    twins: np.ndarray,
    target: np.ndarray,
    groups: np.ndarray | None,
    split: np.ndarray | None,
    usable: np.ndarray,
) -> list[Finding]:
    findings = []
    quarrels = [rows for rows in _groups_of(twins) if len(set(target[rows])) > 1]
    if quarrels:
        n = sum(map(len, quarrels))
        # Within a group it may be a film, from one expression to the other.
        n_loose = sum(len(rows) for rows in quarrels if not _is_one(groups, rows))
        findings.append(
            Finding(
                "twins with different labels",
                n_loose >= _MANY * len(target),
                f"{len(quarrels):,} pictures ({n:,} images) have copies of another "
                "class; decide which is right",
                quarrels,
            )
        )
    # Classes of files that are no images are none; those left without any are tiny.
    counts = Counter(target[usable].tolist())
    if not counts:
        return findings
    if tiny := {name: n for name, n in counts.items() if n < _FEW}:
        findings.append(
            Finding(
                "tiny classes",
                min(tiny.values()) < 2,
                f"nothing can be learnt or measured with so few images: {tiny}",
                [np.flatnonzero(usable & (target == name)).tolist() for name in tiny],
            )
        )
    if split is not None:
        lacks = {
            part: sorted(
                set(counts) - set(target[usable & (split == part)].tolist()), key=str
            )
            for part in sorted(set(split.tolist()), key=str)
        }
        if lacks := {part: names for part, names in lacks.items() if names}:
            findings.append(
                Finding(
                    "classes missing in a part",
                    True,
                    f"there are no images of {lacks}",
                    [],
                )
            )
    order = target[usable]
    changes = int((order[1:] != order[:-1]).sum())
    if len(counts) > 1 and len(order) > 2 * len(counts) and changes < len(counts):
        findings.append(
            Finding(
                "sorted by class",
                False,
                "the images come class by class; shuffle before taking a part from the "
                "end, as Keras's validation_split does (skfer's splitters do)",
                [],
            )
        )
    return findings


def _is_one(groups: np.ndarray | None, rows: list[int]) -> bool:
    return groups is not None and len(set(groups[rows].tolist())) == 1


def _groups_of(labels: np.ndarray) -> list[list[int]]:
    """List the rows of each label that occurs more than once."""
    order = np.argsort(labels, kind="stable")
    ends = np.flatnonzero(np.diff(np.unique(labels, return_inverse=True)[1][order])) + 1
    return [rows.tolist() for rows in np.split(order, ends) if len(rows) > 1]


def _count(items: list[Any], what: str) -> str:
    return f"{len(items):,} {what}" + "s" * (len(items) != 1)

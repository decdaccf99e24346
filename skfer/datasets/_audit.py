"""Checking images for problems that make results meaningless."""

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from skfer._image_files import list_failures
from skfer._text import count_of
from skfer.datasets._copies import Resemblance, find_resemblance
from skfer.datasets._face_findings import find_face_problems, knows_faces
from skfer.datasets._finding import Finding
from skfer.datasets._image_audit import ImageAudit
from skfer.datasets._image_table import ImageTable, as_table
from skfer.datasets._names import name_images
from skfer.datasets._propose_groups import propose_groups

# Formats that share their file extension with another.
_SAME_EXTENSION = {"MPO": "JPEG", "DIB": "BMP"}
_FEW = 10  # Below this number of images, a class can't be learnt or measured.
_MANY = 0.01  # Share of images above which copies change a result.
_FEW_PEOPLE = 0.2  # Share of look-alikes above which few people seem to be shown.


def audit_images(
    X: Any,
    target: Any = None,
    *,
    groups: Any = None,
    split: Any = None,
    mirrored: bool = False,
    detector: Any = None,
) -> ImageAudit:
    """Look for copies, leaks, broken files and odd labels before training.

    Parameters
    ----------
    X : ImageTable, array-like of str or Path of shape (n_samples,), or images
        A table with its target, groups and split; or files, or images.
    target : array-like of shape (n_samples,), default=None
        Class of each image, if X is not a table.
    groups : array-like of shape (n_samples,), default=None
        Who or what each image shows, if X is not a table.
    split : array-like of shape (n_samples,), default=None
        Part of the data set each image lies in, for instance "train" or "test", if X
        is not a table.
    mirrored : bool, default=False
        Whether to look for mirrored copies too, which takes twice as long.
    detector : FaceDetector, default=None
        If given, images without a face, with several, and with a face under 24 pixels
        are listed too.

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
    The audit looks for files that can't be read, such as Git LFS pointers, and web
    pages and drawings named like images; extensions that belong to another format;
    blank images; exact and near copies (`find_copies`); copies with different labels;
    copies, look-alikes (`find_look_alikes`) or groups on both sides of a split, and
    copies that no group keeps together; people who can be told by file names
    (`propose_groups`) where no groups are given; classes that are tiny or lie in one
    part only; images sorted by class; with a ``detector``, or the columns face and box
    of `classify_images`, images without a face and with a small one.

    Examples
    --------
    >>> from skfer.datasets import audit_images, make_faces
    >>> faces = make_faces(40, n_subjects=40, classes=["happy"], n_copies=3)
    >>> audit = audit_images(faces.images)
    >>> audit.is_sound
    False
    >>> audit.findings[0].kind
    'copies without groups'
    """
    table = as_table(X, target, groups=groups, split=split, who="audit_images")
    if len(table) == 0:
        raise ValueError(
            "audit_images needs at least one image, got none. Check the folder or the "
            "selection."
        )
    found = find_resemblance(table, mirrored=mirrored)
    audit = ImageAudit(table, found.copies, found.alike)
    findings = [
        *_broken(audit),
        *_wrong_extensions(audit),
        *_copies(found),
        *_leaks(found, table.groups, table.split),
        *_people(found, table),
    ]
    if table.target is not None:
        findings += _odd_labels(found.copies, table, audit.is_usable)
    if detector is not None or knows_faces(table):
        findings += find_face_problems(table, audit.is_usable, detector)
    audit.findings = sorted(findings, key=lambda finding: not finding.serious)
    return audit


def _broken(audit: ImageAudit) -> list[Finding]:
    findings = []
    reasons, names = audit.reasons, name_images(audit.table)
    is_most = bool(audit.is_usable.mean() < 0.5)
    if bad := np.flatnonzero(reasons != "").tolist():
        listed = list_failures([(names[row], reasons[row]) for row in bad])
        findings.append(
            Finding(
                "unreadable",
                is_most,
                f"{count_of(len(bad), 'file')} can't be read:\n{listed}",
                [[row] for row in bad],
            )
        )
    if blank := np.flatnonzero(audit.table.fingerprints.blank).tolist():
        findings.append(
            Finding(
                "blank",
                is_most,
                f"{count_of(len(blank), 'image')} of a single grey level",
                [[row] for row in blank],
            )
        )
    return findings


def _kind_of(form: str) -> str:
    return _SAME_EXTENSION.get(form, form)


def _wrong_extensions(audit: ImageAudit) -> list[Finding]:
    wrong, names = [], name_images(audit.table)
    Image.init()
    for row, form in enumerate(audit.table.fingerprints.format.tolist()):
        extension = Path(audit.names[row]).suffix.lower() if form else ""
        meant = Image.registered_extensions().get(extension, "")
        if extension and _kind_of(meant) != _kind_of(form):
            wrong.append((row, f"it is {form}"))
    if not wrong:
        return []
    return [
        Finding(
            "wrong extension",
            False,
            f"{count_of(len(wrong), 'file')} with the extension of another format, "
            "which some programs reject:\n"
            + list_failures([(names[row], why) for row, why in wrong]),
            [[row] for row, _ in wrong],
        )
    ]


def _copies(found: Resemblance) -> list[Finding]:
    findings = []
    exact = found.exact
    if groups := _groups_of(exact):
        extra = sum(len(rows) - 1 for rows in groups)
        findings.append(
            Finding(
                "exact copies",
                False,
                f"{count_of(len(groups), 'picture')} with pixel-identical copies; "
                f"{count_of(extra, 'copy')} could be removed",
                groups,
            )
        )
    near = [rows for rows in _groups_of(found.copies) if len(set(exact[rows])) > 1]
    if near:
        extra = sum(len(set(exact[rows])) - 1 for rows in near)
        findings.append(
            Finding(
                "near copies",
                False,
                f"{count_of(len(near), 'picture')} with copies that are smaller, "
                "cropped or saved again, or frames of a video that are all but equal; "
                f"{count_of(extra, 'copy')} could be removed",
                near,
            )
        )
    return findings


def _leaks(
    found: Resemblance, groups: np.ndarray | None, split: np.ndarray | None
) -> list[Finding]:
    if split is None or len(set(split)) < 2:
        return _unprotected(found.copies, groups)
    findings = []
    alone = _without_copies(found)
    for kind, labels, what in (
        ("copies across split", found.copies, "pictures"),
        ("look-alikes across split", alone, "sets of similar pictures"),
        ("groups across split", groups, "groups"),
    ):
        if labels is None:
            continue
        across = [rows for rows in _groups_of(labels) if len(set(split[rows])) > 1]
        if not across:
            continue
        counts = Counter(split[row] for rows in across for row in rows)
        where = ", ".join(f"{n:,} in {p}" for p, n in sorted(counts.items()))
        are_alike = labels is alone
        effect = (
            "which mostly show one person or video: results are too optimistic for "
            "new people"
            if are_alike
            else "so that test images were seen in training"
        )
        share = sum(counts.values()) / len(split)
        findings.append(
            Finding(
                kind,
                not are_alike or share >= _MANY,
                f"{len(across):,} {what} lie in more than one part ({where}), {effect}",
                across,
            )
        )
    return findings


def _without_copies(found: Resemblance) -> np.ndarray:
    """Return the groups of look-alikes, without those that hold one photograph only."""
    labels = found.alike.copy()
    next_label = labels.max() + 1
    for rows in _groups_of(found.alike):
        if len(set(found.copies[rows].tolist())) == 1:
            labels[rows] = next_label + np.arange(len(rows))
            next_label += len(rows)
    return labels


def _unprotected(copies: np.ndarray, groups: np.ndarray | None) -> list[Finding]:
    """Find copies that a random split would separate."""
    loose = [rows for rows in _groups_of(copies) if not _is_one(groups, rows)]
    if not loose:
        return []
    n_loose = sum(map(len, loose))
    share = n_loose / len(copies)
    return [
        Finding(
            "copies without groups",
            share >= _MANY,
            f"{n_loose:,} of {len(copies):,} images ({share:.1%}) have a copy, which a "
            "random split could put on the other side",
            loose,
        )
    ]


def _people(found: Resemblance, table: ImageTable) -> list[Finding]:
    """Say what names and look-alikes tell about people, where no groups are given."""
    if table.groups is not None:
        return []
    findings = []
    alike = _groups_of(_without_copies(found))
    if alike:
        n = sum(map(len, alike))
        share = n / len(table)
        guess = "; this looks like few people or a video" * (share >= _FEW_PEOPLE)
        findings.append(
            Finding(
                "look-alikes",
                False,
                f"{n:,} of {len(table):,} images ({share:.1%}) look like another one "
                "without being its copy, mostly the same person in the same pose"
                f"{guess}",
                alike,
            )
        )
    if proposals := propose_groups(table):
        findings.append(
            Finding(
                "people not given",
                False,
                f"file names suggest {proposals[0]}",
                [],
            )
        )
    return findings


def _odd_labels(
    copies: np.ndarray, table: ImageTable, is_usable: np.ndarray
) -> list[Finding]:
    target, groups, split = table["target"], table.groups, table.split
    findings = []
    contradictions = [rows for rows in _groups_of(copies) if len(set(target[rows])) > 1]
    if contradictions:
        n = sum(map(len, contradictions))
        # Within a group it may be a video, from one expression to another.
        n_loose = sum(len(rows) for rows in contradictions if not _is_one(groups, rows))
        findings.append(
            Finding(
                "copies with different labels",
                n_loose >= _MANY * len(target),
                f"{count_of(len(contradictions), 'picture')} ({n:,} images) with "
                "copies in another class",
                contradictions,
            )
        )
    # Only usable images count: a class of unreadable files is none.
    counts = Counter(target[is_usable].tolist())
    if not counts:
        return findings
    if tiny := {name: n for name, n in counts.items() if n < _FEW}:
        findings.append(
            Finding(
                "tiny classes",
                min(tiny.values()) < 2,
                f"too few images to learn or measure anything: {tiny}",
                [
                    np.flatnonzero(is_usable & (target == name)).tolist()
                    for name in tiny
                ],
            )
        )
    if split is not None:
        lacks = {
            part: sorted(
                set(counts) - set(target[is_usable & (split == part)].tolist()), key=str
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
    order = target[is_usable]
    changes = int((order[1:] != order[:-1]).sum())
    if len(counts) > 1 and len(order) > 2 * len(counts) and changes < len(counts):
        findings.append(
            Finding(
                "sorted by class",
                False,
                "the images are in the order of their classes",
                [],
            )
        )
    return findings


def _is_one(groups: np.ndarray | None, rows: list[int]) -> bool:
    return groups is not None and len(set(groups[rows].tolist())) == 1


def _groups_of(labels: np.ndarray) -> list[list[int]]:
    """List the rows of each label that occurs more than once."""
    _, numbers, counts = np.unique(labels, return_inverse=True, return_counts=True)
    rows = np.flatnonzero(counts[numbers] > 1)
    rows = rows[np.argsort(numbers[rows], kind="stable")]
    ends = np.cumsum(counts[counts > 1])[:-1]
    return [group.tolist() for group in np.split(rows, ends) if len(group)]

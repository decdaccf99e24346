"""The audit of the images of a comparison, which knows its folds."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from skfer.datasets import ImageAudit, audit_images

if TYPE_CHECKING:
    from skfer.model_selection._comparison import Comparison


def audit_comparison(comparison: "Comparison") -> ImageAudit | None:
    """Audit the images that were trained and tested on.

    Parameters
    ----------
    comparison : Comparison
        Of any models.

    Returns
    -------
    ImageAudit or None
        A single test part is audited as the part "test". That a random split would
        separate copies is serious only if these folds did. None if the rows are no
        pictures.
    """
    table = comparison.table
    if not table.shows_pictures:
        return None
    parts = list_parts(comparison)
    if parts is not None:
        table = table[parts != "unused"]
        table["split"] = parts[parts != "unused"]
        return audit_images(table)
    audit = audit_images(table)
    if any(
        np.isin(audit.copies[test], audit.copies[train]).any()
        for train, test in comparison.folds
    ):
        return audit
    findings = [
        replace(f, serious=f.serious and f.kind != "copies without groups")
        for f in audit.findings
    ]
    audit.findings = sorted(findings, key=lambda finding: not finding.serious)
    return audit


def list_parts(comparison: "Comparison") -> np.ndarray | None:
    """Return the part of each image, None if there are several test parts.

    Parameters
    ----------
    comparison : Comparison
        Of any models.

    Returns
    -------
    ndarray of str objects of shape (n_images,) or None
        "train", "test" or "unused".
    """
    if comparison.n_folds > 1:
        return None
    ((train, test),) = comparison.folds
    parts = np.full(len(comparison.table), "unused", dtype=object)
    parts[train] = "train"
    parts[test] = "test"
    return parts

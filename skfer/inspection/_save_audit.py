"""An audit as one HTML file, with the images concerned."""

import os
from pathlib import Path
from typing import Any

from skfer._writing import written_aside
from skfer.datasets import Finding, ImageAudit, ImageTable
from skfer.datasets._summary import describe_people
from skfer.inspection._page import embed_picture, render_page
from skfer.inspection._pictures import read_pictures
from skfer.model_selection import LabelIssues

_SIDE = 96
_MAX_GROUPS = 24
_MAX_IN_GROUP = 6
_MAX_LABELS = 60


def save_audit(
    audit: ImageAudit,
    path: str | os.PathLike,
    *,
    label_issues: LabelIssues | None = None,
) -> Path:
    """Write an audit as one self-contained HTML file.

    Parameters
    ----------
    audit : ImageAudit
        From `audit_images`.
    path : str or Path
        The file; it is replaced only once the new one is complete.
    label_issues : LabelIssues, default=None
        From `find_label_issues`, shown with the label and the suggestion.

    Returns
    -------
    Path
        The file.

    Notes
    -----
    At most 24 groups of images are shown for each finding, at most 6 images of each
    group, and at most 60 labels that look wrong.

    Examples
    --------
    >>> import tempfile
    >>> from skfer.datasets import audit_images, make_faces
    >>> from skfer.inspection import save_audit
    >>> faces = make_faces(40, n_subjects=40, classes=["happy"], n_copies=3)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = save_audit(audit_images(faces.images), f"{folder}/audit.html")
    ...     "Exact copies" in file.read_text()
    True
    """
    text = render_page(
        "audit.html",
        title=f"Audit of {len(audit.names):,} images",
        audit=audit,
        n_kept=len(audit.keep()),
        people=describe_people(audit.table),
        sections=[_section(audit, finding) for finding in audit.findings],
        labels=[] if label_issues is None else _labels(label_issues),
        n_labels=0 if label_issues is None else len(label_issues),
    )
    with written_aside(path) as aside:
        aside.write_text(text, encoding="utf-8")
    return Path(path)


def _labels(issues: LabelIssues) -> list[dict[str, str]]:
    """Return the most suspicious pictures with what they may show."""
    rows = issues.rows[:_MAX_LABELS].tolist()
    pictures = read_pictures(issues.table, rows, _SIDE)
    return [
        {
            "name": _name(issues.table, row),
            "source": embed_picture(picture),
            "label": str(issues.label[place]),
            "suggestion": str(issues.suggestion[place]),
        }
        for place, (row, picture) in enumerate(zip(rows, pictures, strict=True))
    ]


def _section(audit: ImageAudit, finding: Finding) -> dict[str, Any]:
    text, _, details = finding.message.partition("\n")
    return {
        "heading": finding.kind.capitalize() + (": serious" if finding.serious else ""),
        "serious": finding.serious,
        "text": text,
        "details": details,
        "groups": [_group(audit, rows) for rows in finding.rows[:_MAX_GROUPS]],
        "more": len(finding.rows) - _MAX_GROUPS,
    }


def _group(audit: ImageAudit, rows: list[int]) -> dict[str, Any]:
    pictures = [_picture(audit, row) for row in rows[:_MAX_IN_GROUP]]
    return {"pictures": pictures, "more": max(0, len(rows) - _MAX_IN_GROUP)}


def _picture(audit: ImageAudit, row: int) -> dict[str, str]:
    name = _short(audit.names[row])
    if audit.reasons[row]:
        return {"name": name, "source": ""}
    (picture,) = read_pictures(audit.table, [row], _SIDE)
    return {"name": name, "source": embed_picture(picture)}


def _name(table: ImageTable, row: int) -> str:
    return f"row {row}" if table.paths is None else _short(table.paths[row])


def _short(name: str) -> str:
    return "/".join(Path(name).parts[-3:])

"""An audit as one HTML file, with the images concerned."""

import os
from datetime import datetime
from pathlib import Path

from skfer._text import count_of
from skfer._writing import written_aside
from skfer.datasets import ImageAudit
from skfer.datasets._names import name_images
from skfer.datasets._summary import describe_people
from skfer.inspection._finding_cards import make_cards, plan
from skfer.inspection._page import embed_picture, render_page
from skfer.inspection._pictures import read_pictures
from skfer.model_selection import LabelIssues

_SIDE = 96
_MAX_LABELS = 60


def save_audit(
    audit: ImageAudit,
    path: str | os.PathLike,
    *,
    title: str = "Audit of images",
    label_issues: LabelIssues | None = None,
    command: str = "",
) -> Path:
    """Write an audit as one self-contained HTML file.

    Parameters
    ----------
    audit : ImageAudit
        From `audit_images`.
    path : str or Path
        The file; it is replaced only once the new one is complete.
    title : str, default="Audit of images"
        Heading of the page.
    label_issues : LabelIssues, default=None
        From `find_label_issues`, shown with the label and the suggestion.
    command : str, default=""
        The command that the page comes from. What to do is then said as a command, else
        in Python.

    Returns
    -------
    Path
        The file.

    Notes
    -----
    Pictures are shown of at most 24 groups of images for each finding, of at most 6
    images of each group, and of at most 60 labels that look wrong; of the others, the
    names are there. Findings about the same images show them once.

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
        title=title,
        date=datetime.now().astimezone().strftime("%Y-%m-%d, %H:%M %Z"),
        command=command,
        audit=audit,
        n_kept=len(audit.keep()),
        n_findings=count_of(len(audit.findings), "finding"),
        people=describe_people(audit.table),
        cards=make_cards(audit),
        steps=plan(audit),
        labels=[] if label_issues is None else _labels(label_issues),
        more_labels=_describe(label_issues)[_MAX_LABELS:],
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
        {"name": name, "label": label, "suggestion": suggestion,
         "source": embed_picture(picture)}
        for (name, label, suggestion), picture in zip(
            _describe(issues)[:_MAX_LABELS], pictures, strict=True
        )
    ]  # fmt: skip


def _describe(issues: LabelIssues | None) -> list[tuple[str, str, str]]:
    """Return name, label and suggestion of each suspicious picture."""
    if issues is None:
        return []
    names = name_images(issues.table)
    return [
        (names[row], str(label), str(suggestion))
        for row, label, suggestion in zip(
            issues.rows.tolist(), issues.label, issues.suggestion, strict=True
        )
    ]

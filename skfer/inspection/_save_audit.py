"""An audit as one HTML file, with the pictures it is about."""

import os
from html import escape
from io import BytesIO
from pathlib import Path

from PIL import Image

from skfer.datasets import Finding, ImageAudit
from skfer.inspection._html import embed_picture, make_page, write_page
from skfer.inspection._pictures import read_pictures

_SIDE = 96
_MAX_GROUPS = 24
_MAX_IN_GROUP = 6


def save_audit(audit: ImageAudit, path: str | os.PathLike) -> Path:
    """Write an audit as one HTML file that needs nothing else.

    Parameters
    ----------
    audit : ImageAudit
        From `audit_images`.
    path : str or Path
        The file; it is replaced only once the new one is complete.

    Returns
    -------
    Path
        The file.

    Notes
    -----
    Of each finding at most 24 groups of images are shown, and of each group at
    most 6.

    Examples
    --------
    >>> import tempfile
    >>> from skfer.datasets import audit_images, make_faces
    >>> from skfer.inspection import save_audit
    >>> faces = make_faces(40, n_subjects=40, classes=["happy"], n_twins=3)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = save_audit(audit_images(faces.images), f"{folder}/audit.html")
    ...     "Exact twins" in file.read_text()
    True
    """
    verdict = (
        "Nothing serious was found."
        if audit.is_sound
        else '<strong class="serious">Results measured on these images would mean '
        "nothing, for the reasons marked below.</strong>"
    )
    sections = "".join(_section(audit, finding) for finding in audit.findings)
    body = (
        f"<p>{verdict} {len(audit.keep()):,} images are worth keeping: one of each "
        "group of copies, and none that is broken or blank.</p>\n"
        f"{sections or '<p>Nothing was found.</p>'}"
    )
    return write_page(path, make_page(f"Audit of {len(audit.names):,} images", body))


def _section(audit: ImageAudit, finding: Finding) -> str:
    mark = ' class="serious"' if finding.serious else ""
    heading = finding.kind.capitalize() + (": serious" if finding.serious else "")
    groups = "".join(_group(audit, rows) for rows in finding.rows[:_MAX_GROUPS])
    more = len(finding.rows) - _MAX_GROUPS
    first, *lines = finding.message.split("\n")
    return (
        f"<section><h2{mark}>{escape(heading)}</h2>\n<p>{escape(first)}</p>\n"
        + (f"<pre>{escape(chr(10).join(lines))}</pre>\n" if lines else "")
        + f'<div class="groups">{groups}</div>\n'
        + (f"<p>... and {more:,} more</p>\n" if more > 0 else "")
        + "</section>\n"
    )


def _group(audit: ImageAudit, rows: list[int]) -> str:
    figures = "".join(_figure(audit, row) for row in rows[:_MAX_IN_GROUP])
    more = len(rows) - _MAX_IN_GROUP
    rest = f"<span>and {more:,} more</span>" if more > 0 else ""
    return f'<div class="group">{figures}{rest}</div>'


def _figure(audit: ImageAudit, row: int) -> str:
    name = audit.names[row]
    short = "/".join(Path(name).parts[-3:])
    if not audit.pixels[row]:
        return f"<figure><figcaption>{escape(short)}</figcaption></figure>"
    (picture,) = read_pictures(audit.images, [row], _SIDE)
    content = BytesIO()
    Image.fromarray(picture).save(content, format="PNG")
    tag = embed_picture(content.getvalue(), short)
    return f"<figure>{tag}<figcaption>{escape(short)}</figcaption></figure>"

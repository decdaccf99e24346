"""What an audit of images found."""

import warnings
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from skfer._figure_style import COLORS
from skfer._optional import require
from skfer.datasets._finding import Finding
from skfer.datasets._image_table import ImageTable
from skfer.datasets._names import name_folder, name_images
from skfer.datasets._remedies import find_remedies
from skfer.datasets._summary import describe_people


class ImageAudit:
    """The report of `audit_images`.

    Parameters
    ----------
    table : ImageTable
        What was audited.
    copies : ndarray of int of shape (n_samples,)
        Group of exact and near copies of each image.
    look_alikes : ndarray of int of shape (n_samples,)
        Group of copies and look-alikes of each image.
    findings : sequence of Finding, default=()
        What was found, serious ones first.

    Attributes
    ----------
    names : list of str
        Path of each image, or its number.
    reasons : ndarray of str objects of shape (n_samples,)
        Why an image can't be read, empty where it can.
    is_usable : ndarray of bool of shape (n_samples,)
        Whether an image can be read and shows something.
    summary : str
        All findings, one per line, to print.
    is_sound : bool
        Whether nothing serious was found.

    Examples
    --------
    >>> from skfer.datasets import audit_images, make_faces
    >>> faces = make_faces(40, n_subjects=40, classes=["happy"], n_copies=3)
    >>> audit = audit_images(faces.images)
    >>> len(audit.keep())
    37
    """

    def __init__(
        self,
        table: ImageTable,
        copies: np.ndarray,
        look_alikes: np.ndarray,
        findings: Sequence[Finding] = (),
    ) -> None:
        self.table = table
        self.copies = copies
        self.look_alikes = look_alikes
        self.findings = list(findings)
        has_paths = table.paths is not None
        self.names = [
            str(name) for name in (table.X if has_paths else range(len(table)))
        ]

    def __repr__(self) -> str:
        return (
            f"<ImageAudit of {len(self.names)} images, {len(self.findings)} findings>"
        )

    @property
    def reasons(self) -> np.ndarray:
        status = self.table.status
        reasons = self.table.fingerprints.reason
        return reasons if status is None else np.where(status == "", reasons, status)

    @property
    def is_usable(self) -> np.ndarray:
        return (self.reasons == "") & ~self.table.fingerprints.blank

    @property
    def is_sound(self) -> bool:
        return not any(finding.serious for finding in self.findings)

    @property
    def summary(self) -> str:
        lines = [f"{len(self.names):,} images audited, {describe_people(self.table)}"]
        if not self.findings:
            lines.append("nothing found")
        for finding in self.findings:
            mark = "SERIOUS" if finding.serious else "note"
            lines.append(f"{mark}: {finding.kind}: {finding.message}")
            lines.append(f"  To do: {finding.remedy.text}")
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Return all findings as what JSON can hold.

        Returns
        -------
        dict of str to object
            Number of images, whether the audit is sound, and for each finding its kind,
            certainty, message, remedy, and the names of the images in their groups.
        """
        names = name_images(self.table)
        findings = [
            {
                "kind": finding.kind,
                "serious": finding.serious,
                "certainty": remedy.certainty,
                "message": finding.message,
                "remedy": remedy.text,
                "command": name_folder(remedy.command, self.table),
                "code": remedy.code,
                "images": [[names[row] for row in rows] for rows in finding.rows],
            }
            for finding, remedy in zip(
                self.findings, find_remedies(self.findings), strict=True
            )
        ]
        return {
            "n_images": len(names),
            "is_sound": self.is_sound,
            "findings": findings,
        }

    def keep(self) -> np.ndarray:
        """Select the images worth keeping.

        Returns
        -------
        ndarray of int of shape (n_kept,)
            Row numbers, ascending: the largest image of each group of copies, and none
            that is unreadable or blank. Of copies in several parts, the largest outside
            of "train" is kept, so that test parts stay complete. A class whose images
            are all copies of images of other classes keeps its largest one.

        Warns
        -----
        UserWarning
            If a class loses half of its usable images or more.
        """
        prints, split = self.table.fingerprints, self.table.split
        in_train = (
            np.zeros(len(self.names), dtype=bool)
            if split is None
            else (split == "train")
        )
        rows = np.flatnonzero(self.is_usable)
        pixels = prints.width[rows] * prints.height[rows]
        order = np.lexsort((rows, -pixels, in_train[rows]))
        _, first = np.unique(self.copies[rows][order], return_index=True)
        kept = rows[order][first]
        if self.table.target is not None:
            target = self.table.target
            lost = set(target[rows].tolist()) - set(target[kept].tolist())
            best = [
                next(row for row in rows[order] if target[row] == name) for name in lost
            ]
            kept = np.append(kept, np.array(best, dtype=kept.dtype))
            _warn_of_halves(target[rows], target[kept])
        return np.sort(kept)

    def to_frame(self) -> Any:
        """Return a pandas DataFrame with a row for each finding and image.

        Returns
        -------
        DataFrame
            With the columns kind, serious, group (number within the kind), row
            (number of the image) and name.

        Raises
        ------
        ImportError
            If pandas is missing.
        """
        pandas = require("pandas", "ImageAudit.to_frame", "use `findings`")
        return pandas.DataFrame(
            [
                (finding.kind, finding.serious, group, row, self.names[row])
                for finding in self.findings
                for group, rows in enumerate(finding.rows)
                for row in rows
            ],
            columns=["kind", "serious", "group", "row", "name"],
        )

    def plot(self, *, ax: Any = None) -> Any:
        """Draw the number of images of each finding.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure.

        Returns
        -------
        matplotlib Axes
            With a bar for each finding, serious ones in red.
        """
        if ax is None:
            import matplotlib.pyplot as plt

            _, ax = plt.subplots(layout="constrained")
        counts = Counter(
            {f.kind: len({r for rows in f.rows for r in rows}) for f in self.findings}
        )
        kinds = [finding.kind for finding in self.findings][::-1]
        colors = [COLORS[5 if f.serious else 0] for f in self.findings][::-1]
        bars = ax.barh(kinds, [counts[kind] for kind in kinds], color=colors)
        ax.bar_label(bars, padding=3)
        ax.margins(x=0.12)
        ax.set(xlabel="images concerned", title=f"Audit of {len(self.names):,} images")
        return ax


def _warn_of_halves(before: np.ndarray, after: np.ndarray) -> None:
    had, has = Counter(before.tolist()), Counter(after.tolist())
    halved = [
        f"{name} ({has[name]:,} of {n:,})" for name, n in had.items()
        if n > 1 and has[name] <= n / 2
    ]  # fmt: skip
    if halved:
        warnings.warn(
            "Without copies, half of a class or less is left: "
            f"{', '.join(sorted(halved))}. Look at the copies before you drop them.",
            UserWarning,
            stacklevel=3,
        )

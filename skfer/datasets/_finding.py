"""One thing that an audit found."""

from dataclasses import dataclass

from skfer.datasets._remedies import Remedy, find_remedy


@dataclass(frozen=True)
class Finding:
    """One thing that an audit found.

    Attributes
    ----------
    kind : str
        Short name, for instance "copies across split".
    serious : bool
        Whether results measured on these images would be meaningless.
    message : str
        What it is.
    rows : list of list of int
        Row numbers of the images; each inner list holds those that belong together.
    remedy : Remedy
        How certain it is ("certain", "likely" or "look"), and what to do, in words, as
        a command and in Python.

    Examples
    --------
    >>> import numpy as np
    >>> from skfer.datasets import audit_images
    >>> black = np.zeros((1, 48, 48), dtype=np.uint8)
    >>> finding, = audit_images(black).findings
    >>> finding.kind, finding.rows, finding.serious
    ('blank', [[0]], True)
    """

    kind: str
    serious: bool
    message: str
    rows: list[list[int]]

    @property
    def remedy(self) -> Remedy:
        return find_remedy(self.kind)

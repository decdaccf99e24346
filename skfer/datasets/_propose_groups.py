"""Who is shown, guessed from the names of files."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

import numpy as np

from skfer.datasets._image_row import PARTS
from skfer.datasets._image_table import ImageTable

# Names of published data sets; the first group of each pattern is the person.
_KNOWN = {
    "CK+": r"^(S\d{3})_\d{3}_\d+",
    "KDEF": r"^[AB]([FM]\d{2})(?:AF|AN|DI|HA|NE|SA|SU)",
    "JAFFE": r"^([A-Z]{2})\.[A-Z]{2}\d\.\d+",
    "Yale": r"^(subject\d{2})\W",
    "RaFD": r"^Rafd\d{3}_(\d{2})_",
    "RAVDESS": r"^(?:\d{2}-){6}(\d{2})$",
    "CREMA-D": r"^(\d{4})_[A-Z]{3}_[A-Z]{3}_",
    "NimStim": r"^(\d{2}[FMfm])_",
    "FACES": r"^(\d{3})_[yom]_[fm]_",
    "Chicago Face Database": r"^CFD-([A-Z]{1,2}-\d{3})-",
    "BU-3DFE": r"^([FM]\d{4})_",
}
# For other names: what people usually put first or last.
_USUAL = (
    r"^((?:subject|subj|person|participant|actor|proband|vp|id|s|p)[ _.-]?\d+)(?!\d)",
    r"(?<![A-Za-z])((?:subject|subj|person|participant|actor)[ _.-]?\d+)(?!\d)",
    r"^([A-Za-z]+\d+)(?=[A-Za-z_.\- ])",
    r"^([^_.\- ]+)(?=[_.\- ])",
    r"^([A-Za-z]+)(?=\d)",
    r"[_.\- ]([^_.\- ]+)$",
)
# A number at the end, as cameras and programs that save many files put it.
_LAST = _USUAL[-1]
# The folder that a file lies in, and those above.
_FOLDERS = (r"([^/]+)/[^/]+$", r"([^/]+)/[^/]+/[^/]+$", r"([^/]+)/[^/]+/[^/]+/[^/]+$")
_LEAST_GROUPS = 3
_MANY_SINGLES = 0.1  # Share of groups of one picture, above which it is no grouping.


@dataclass(frozen=True)
class GroupProposal:
    """A guess at who is shown.

    Attributes
    ----------
    pattern : str
        Regular expression, as ``groups=`` and ``--groups`` take it: for the name of the
        file, or with a slash in it for the folders as well.
    origin : str
        What the guess rests on, for instance "names as in CK+".
    groups : ndarray of str of shape (n_samples,)
        The person on each image.
    example : str
        One file name and the person found in it.

    Examples
    --------
    >>> from skfer.datasets import ImageTable, propose_groups
    >>> names = [f"S{who:03}_001_{i:08}.png" for who in range(9) for i in range(2)]
    >>> proposal = propose_groups(ImageTable(names))[0]
    >>> proposal.n_groups, proposal.origin
    (9, 'names as in CK+')
    """

    pattern: str
    origin: str
    groups: np.ndarray
    example: str

    @property
    def n_groups(self) -> int:
        """Number of people."""
        return len(set(self.groups.tolist()))

    def __str__(self) -> str:
        return f"{self.n_groups:,} people by {self.origin}, for instance {self.example}"


def propose_groups(table: ImageTable) -> list[GroupProposal]:
    """Guess from the names of files and folders who is shown.

    A guess is made only where all names fit it, few people have a single picture, and,
    if classes are known, most people show several of them, as in studios. Numbers at
    the end of names that count the pictures of each class are no people. Folders are
    asked only if classes are known. Look at the example before you use it: nothing but
    you can know who is shown.

    Parameters
    ----------
    table : ImageTable
        With paths.

    Returns
    -------
    list of GroupProposal
        The most likely one first; empty if names say nothing about people.

    Examples
    --------
    >>> import numpy as np
    >>> from skfer.datasets import ImageTable, propose_groups
    >>> names = [f"{who}_{face}.png" for who in ("ann", "bob", "cem")
    ...          for face in ("happy", "sad")]
    >>> table = ImageTable(names, ["happy", "sad"] * 3)
    >>> proposal, = propose_groups(table)
    >>> print(proposal)
    3 people by file names, for instance 'ann' of 'ann_happy.png'
    >>> table["groups"] = proposal.groups
    """
    if table.paths is None or len(table) == 0:
        return []
    target = None if table.target is None else table.target.tolist()
    return propose_by_names([PurePath(str(p)).as_posix() for p in table.paths], target)


def propose_by_names(
    names: Sequence[str], target: Sequence[str] | None
) -> list[GroupProposal]:
    """Make proposals from paths with slashes, and classes if they are known."""
    stems = [PurePath(name).stem for name in names]
    proposals: list[GroupProposal] = []
    tried = [(pattern, f"names as in {data}") for data, pattern in _KNOWN.items()]
    if target is not None:
        tried += [(pattern, "folder names") for pattern in _FOLDERS]
    tried += [(pattern, "file names") for pattern in _USUAL]
    for pattern, origin in tried:
        asked = names if "/" in pattern else stems
        matches = [match for name in asked if (match := re.search(pattern, name))]
        if len(matches) < len(asked):
            continue
        # S01 and s01 are one person.
        groups = [match[1].lower() for match in matches]
        if not _look_like_people(groups, target):
            continue
        if pattern == _LAST and _count_pictures(groups, target):
            continue
        if any(_is_same(groups, known.groups.tolist()) for known in proposals):
            continue
        parts = names[0].split("/")[-4 if "/" in pattern else -1 :]
        example = f"{matches[0][1]!r} of {'/'.join(parts)!r}"
        shown = [match[1] for match in matches]
        if len(set(shown)) > len(set(groups)):
            shown = groups
        proposals.append(GroupProposal(pattern, origin, np.array(shown), example))
    return proposals


def _look_like_people(groups: Sequence[str], target: Sequence[str] | None) -> bool:
    counts = Counter(groups)
    n_single = sum(n == 1 for n in counts.values())
    if len(counts) < _LEAST_GROUPS or n_single > _MANY_SINGLES * len(counts):
        return False
    if set(counts) <= set(PARTS):
        return False
    if target is None or len(set(target)) < 2:
        return True
    if {str(name).lower() for name in target} & set(counts):
        return False
    classes: dict[str, set[str]] = {}
    for group, name in zip(groups, target, strict=True):
        classes.setdefault(group, set()).add(name)
    n_several = sum(len(names) > 1 for names in classes.values())
    return n_several > len(counts) / 2


def _count_pictures(groups: Sequence[str], target: Sequence[str] | None) -> bool:
    """Return whether groups are numbers that each class has once at most."""
    if not all(re.fullmatch(r"\(?\d+\)?", group) for group in groups):
        return False
    labels = [""] * len(groups) if target is None else target
    return max(Counter(zip(labels, groups, strict=True)).values()) == 1


def _is_same(first: Sequence[str], second: Sequence[str]) -> bool:
    second = [name.lower() for name in second]
    return len({*zip(first, second, strict=True)}) == len({*first}) == len({*second})

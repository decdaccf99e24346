"""What an audit found, as the cards of a page."""

from dataclasses import dataclass
from typing import NamedTuple

from skfer.datasets import Finding, ImageAudit
from skfer.datasets._names import name_folder, name_images
from skfer.datasets._remedies import KEEP, Remedy, find_remedies
from skfer.inspection._page import embed_picture
from skfer.inspection._pictures import read_pictures

_SIDE = 96  # Of pictures, in pixels.


class _Picture(NamedTuple):
    name: str
    source: str  # Empty if it can't be read.


class _Group(NamedTuple):
    pictures: list[_Picture]
    more: list[str]  # Names of the others.


# What skfer clean does, without and with --faces.
_CLEAN_TEXTS = (
    "Copy what is worth keeping to another folder: one of each group of copies, no "
    "broken and no blank file.",
    "Cut the faces out into another folder: one of each group of copies, and none of a "
    "picture in which no face is found.",
)


@dataclass(frozen=True)
class FindingCard:
    """A finding with its pictures.

    Attributes
    ----------
    kind, text : str
        What was found, in short and in a sentence.
    details : list of str
        Lines that say it file by file.
    is_serious : bool
        Whether results measured on these images would mean nothing.
    remedy : Remedy
        How certain it is, and what to do, with the folder of the images in the command.
    groups : list of tuple (pictures, more)
        The first groups of images, with the names of those that are not shown.
    more : list of list of str
        Names of the images in all other groups.
    same_as : str
        The kind of an earlier finding about the same images, which are shown there.

    Examples
    --------
    >>> from skfer.datasets import audit_images, make_faces
    >>> from skfer.inspection._finding_cards import make_cards
    >>> faces = make_faces(40, n_subjects=40, classes=["happy"], n_copies=3)
    >>> first, second = make_cards(audit_images(faces.images))
    >>> first.kind, second.kind, second.same_as
    ('copies without groups', 'exact copies', 'copies without groups')
    """

    kind: str
    text: str
    details: list[str]
    is_serious: bool
    remedy: Remedy
    groups: list[_Group]
    more: list[list[str]]
    same_as: str = ""


def make_cards(
    audit: ImageAudit, n_groups: int = 24, n_in_group: int = 6
) -> list[FindingCard]:
    """Return a card for each finding.

    Parameters
    ----------
    audit : ImageAudit
        Of images.
    n_groups : int, default=24
        How many groups of a finding show their pictures.
    n_in_group : int, default=6
        How many pictures of a group are shown.

    Returns
    -------
    list of FindingCard
        In the order of the findings.
    """
    names = name_images(audit.table)
    commands: dict[str, str] = {}
    shown: dict[tuple[tuple[int, ...], ...], str] = {}
    cards = []
    remedies = find_remedies(audit.findings)
    for finding, remedy in zip(audit.findings, remedies, strict=True):
        key = tuple(sorted(tuple(sorted(rows)) for rows in finding.rows))
        same_as = shown.setdefault(key, finding.kind) if key else finding.kind
        is_new = same_as == finding.kind
        rows = finding.rows if is_new else []
        cards.append(
            FindingCard(
                finding.kind,
                *_split(finding),
                finding.serious,
                _name_once(finding.kind, remedy, audit, commands),
                [_show(audit, names, group, n_in_group) for group in rows[:n_groups]],
                [[names[row] for row in group] for group in rows[n_groups:]],
                "" if is_new else same_as,
            )
        )
    return cards


def plan(audit: ImageAudit) -> list[tuple[str, Remedy]]:
    """Return the commands that mend what was found, each with the findings.

    Parameters
    ----------
    audit : ImageAudit
        Of images.

    Returns
    -------
    list of tuple (kinds, remedy)
        Names of the findings, and what to do about all of them. Images are cleaned
        once: with their faces cut out, if that is worth it.
    """
    found: dict[Remedy, list[str]] = {}
    remedies = find_remedies(audit.findings)
    for finding, remedy in zip(audit.findings, remedies, strict=True):
        if not remedy.command:
            continue
        if remedy.command.startswith("skfer clean"):
            text = _CLEAN_TEXTS["--faces" in remedy.command]
            remedy = Remedy("", text, remedy.command, KEEP)
        found.setdefault(remedy, []).append(finding.kind)
    # What changes the images comes before what asks who is shown.
    steps = sorted(found.items(), key=lambda step: step[0].code != KEEP)
    return [
        (
            ", ".join(kinds),
            remedy._replace(command=name_folder(remedy.command, audit.table)),
        )
        for remedy, kinds in steps
    ]


def _name_once(
    kind: str, remedy: Remedy, audit: ImageAudit, known: dict[str, str]
) -> Remedy:
    """Return a remedy whose command is only named if it was shown before."""
    command = name_folder(remedy.command, audit.table)
    first = known.setdefault(command, kind) if command else kind
    if first == kind:
        return remedy._replace(command=command)
    text = f"{remedy.text} The command of {first!r} does it."
    return remedy._replace(text=text, command="", code="")


def _split(finding: Finding) -> tuple[str, list[str]]:
    text, *details = finding.message.split("\n")
    return text.rstrip(":"), details


def _show(audit: ImageAudit, names: list[str], rows: list[int], n_shown: int) -> _Group:
    readable = [row for row in rows[:n_shown] if not audit.reasons[row]]
    pictures = read_pictures(audit.table, readable, _SIDE)
    sources = dict(zip(readable, map(embed_picture, pictures), strict=True))
    return _Group(
        [_Picture(names[row], sources.get(row, "")) for row in rows[:n_shown]],
        [names[row] for row in rows[n_shown:]],
    )

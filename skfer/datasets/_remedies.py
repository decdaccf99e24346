"""How certain each kind of finding is, and what to do about it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from skfer.datasets._finding import Finding


class Remedy(NamedTuple):
    """What to do about a finding.

    Attributes
    ----------
    certainty : {"certain", "likely", "look"}
        "certain" was read from files or pixels, "likely" is judged by likeness, and
        with "look" only you can decide.
    text : str
        What to do, in a sentence.
    command : str
        The command that does it, with FOLDER for the folder of the images; may be
        empty.
    code : str
        The same in Python; may be empty.

    Examples
    --------
    >>> from skfer.datasets._remedies import find_remedy
    >>> find_remedy("blank").command
    'skfer clean FOLDER FOLDER-clean'
    """

    certainty: str
    text: str
    command: str = ""
    code: str = ""


_CLEANING = "skfer clean "
_CLEAN = "skfer clean FOLDER FOLDER-clean"
#: How to leave out in Python what is not worth keeping.
KEEP = "table = table[audit.keep()]"
_SPLIT = "train, test = train_test_split_images(table)"

_REMEDIES = {
    "unreadable": Remedy("certain", "Replace them, or leave them out.", _CLEAN, KEEP),
    "blank": Remedy("certain", "Leave them out.", _CLEAN, KEEP),
    "wrong extension": Remedy("certain", "Rename them if a program rejects them."),
    "exact copies": Remedy("certain", "Keep one of each.", _CLEAN, KEEP),
    "near copies": Remedy(
        "likely", "Look at some of them, then keep one of each.", _CLEAN, KEEP
    ),
    "copies across split": Remedy(
        "likely",
        "Leave the copies out, or split again so that they stay on one side.",
        _CLEAN,
        _SPLIT,
    ),
    "look-alikes across split": Remedy(
        "look",
        "Say who is shown, and split by people.",
        "skfer compare FOLDER --groups PATTERN",
        "table['groups'] = who_is_shown",
    ),
    "groups across split": Remedy(
        "certain",
        "Split again so that each group stays on one side.",
        "",
        _SPLIT,
    ),
    "copies without groups": Remedy(
        "likely",
        "Leave the copies out, or split so that they stay on one side, as skfer does.",
        _CLEAN,
        _SPLIT,
    ),
    "look-alikes": Remedy(
        "look",
        "Say who is shown. Until then, skfer keeps them on one side of a split.",
        "skfer compare FOLDER --groups PATTERN",
        "table['groups'] = who_is_shown",
    ),
    "people not given": Remedy(
        "look",
        "Use it if it is right.",
        "skfer compare FOLDER --groups auto",
        "table = read_images(FOLDER, groups='auto')",
    ),
    "copies with different labels": Remedy(
        "likely", "Decide which label is right, and delete the other copies."
    ),
    "tiny classes": Remedy("certain", "Collect more images, or leave the class out."),
    "classes missing in a part": Remedy(
        "certain", "Split again so that each part has all classes.", "", _SPLIT
    ),
    "sorted by class": Remedy(
        "certain",
        "Nothing in skfer, whose splitters shuffle. Elsewhere shuffle before a split: "
        "Keras's validation_split takes the last images, which are of one class.",
        "",
        _SPLIT,
    ),
    "no face": Remedy(
        "look",
        "Leave them out, and cut out the faces of the others: a model may learn to "
        "tell the classes by what else they show. This leaves copies out too.",
        "skfer clean FOLDER FOLDER-faces --faces",
        "model = make_transfer(faces=True)",
    ),
    "several faces": Remedy(
        "look",
        "The label is taken to be that of the largest; cut it out.",
        "skfer clean FOLDER FOLDER-faces --faces",
        "model = make_transfer(faces=True)",
    ),
    "small face": Remedy(
        "certain", "Expressions can hardly be told so small: take larger pictures."
    ),
}


def find_remedy(kind: str) -> Remedy:
    """Return how certain a kind of finding is, and what to do about it.

    Parameters
    ----------
    kind : str
        As an audit names it. Of other kinds it says only to look.

    Returns
    -------
    Remedy
        In words, as a command, and in Python.
    """
    return _REMEDIES.get(kind, Remedy("look", "Look at the images."))


def find_remedies(findings: "Sequence[Finding]") -> list[Remedy]:
    """Return the remedies of the findings of one audit, which clean in one way.

    Parameters
    ----------
    findings : sequence of Finding
        Of one audit.

    Returns
    -------
    list of Remedy
        One for each. Where some cut faces out and some only leave copies out, all cut
        faces out, which leaves copies out too.
    """
    remedies = [find_remedy(finding.kind) for finding in findings]
    cleaning = [one.command for one in remedies if one.command.startswith(_CLEANING)]
    best = max(cleaning, key=lambda command: "--faces" in command, default="")
    return [
        one._replace(command=best) if one.command.startswith(_CLEANING) else one
        for one in remedies
    ]

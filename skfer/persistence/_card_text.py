"""The page of a model card."""

from typing import TYPE_CHECKING, Any

from skfer._text import count_of, printable

if TYPE_CHECKING:
    from skfer.persistence._model_card import ModelCard


def write_card(card: "ModelCard") -> str:
    """Return a model card as Markdown.

    Parameters
    ----------
    card : ModelCard
        What is known.

    Returns
    -------
    str
        A page: what the model is for, how good it is, on what it was trained.
    """
    about = [f"It tells {_list(card.classes)} apart."]
    if card.takes:
        height, width, *_ = card.image_shape or (0, 0)
        images = f", and makes each an image of {height} by {width} pixels"
        about.append(f"It takes {card.takes}{images if height else ''}.")
    if card.threshold is not None:
        about.append(
            f"Where its highest probability is below {card.threshold:.2f}, it does not "
            "answer."
        )
    parts = [
        f"# {printable(card.name)}",
        " ".join(about),
        "## How good it is",
        *_scores(card),
        "## What it was trained on",
        *_training(card),
        _section("What the results do not show", card.limits),
        _section("Networks of others in it", card.weights),
        f"## Notes\n\n{card.notes}" if card.notes else "",
        _section("How it is made", card.steps),
        _section(
            "Versions",
            [f"{name} {number}" for name, number in card.versions.items()],
            f"Made on {card.created}." if card.created else "",
        ),
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def _scores(card: "ModelCard") -> list[str]:
    scores = card.scores
    if not scores:
        return ["It was not tested. `skfer evaluate` tests it on pictures of yours."]
    lines = [
        f"- accuracy: {_interval(scores, 'accuracy')}",
        f"- macro F1, the mean over the classes: {_interval(scores, 'macro_f1')}",
        *(
            f"- {_line(label)} found: {share:.1%}"
            for label, share in scores.get("recall", {}).items()
        ),
    ]
    how = card.comparison.get("how", "")
    return [
        f"On {count_of(scores['n_images'], 'picture')} that it had not seen, "
        f"{_people(scores['n_people'])}; 95% intervals in brackets. {how}".strip(),
        "\n".join(lines),
        card.comparison.get("verdict", ""),
    ]


def _training(card: "ModelCard") -> list[str]:
    training = card.training
    if not training:
        return [f"Not known. {card.fitted_on}".strip()]
    origin = f" from {printable(training['origin'])}" if training["origin"] else ""
    counts = [f"{_line(label)} {n:,}" for label, n in training["classes"].items()]
    lines = [
        f"{count_of(training['images'], 'picture')}{origin}, "
        f"{_people(training['people'])}: "
        f"{', '.join(counts)}. {card.fitted_on}".strip(),
    ]
    if training["fingerprint"]:
        lines.append(f"Fingerprint of all pixels: {training['fingerprint']}.")
    if card.audit is None:
        return [*lines, "They were not audited."]
    if not card.audit:
        return [*lines, "An audit found no fault in them."]
    return [*lines, "An audit found:", "\n".join(f"- {one}" for one in card.audit)]


def _section(head: str, lines: list[str], before: str = "") -> str:
    if not lines:
        return ""
    listed = "\n".join(f"- {line}" for line in lines)
    return "\n\n".join(filter(None, [f"## {head}", before, listed]))


def _interval(scores: dict[str, Any], name: str) -> str:
    value, low, high = (scores[name + end] for end in ("", "_low", "_high"))
    return f"{value:.1%} ({low:.1%} to {high:.1%})"


def _people(number: int | None) -> str:
    return "people unknown" if number is None else f"{number:,} people or other groups"


def _list(classes: list[Any]) -> str:
    *others, last = map(_line, classes)
    return f"{', '.join(others)} and {last}"


def _line(label: Any) -> str:
    """Return a label without line breaks."""
    return " ".join(printable(label).split())

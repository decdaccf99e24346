"""What people and programs should know of a model."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Self

# Fields that may be None, and what they are otherwise.
_NOT_ALWAYS = {
    "audit": (list, type(None)),
    "image_shape": (list, type(None)),
    "threshold": (int, float, type(None)),
}


@dataclass(frozen=True, kw_only=True)
class ModelCard:
    """What is known of a model in a file, for programs and as Markdown.

    All values are such as JSON has: texts, numbers, lists and dictionaries.

    Attributes
    ----------
    name : str
        What the model is called, for instance "hog-svm".
    classes : list
        The labels, in the order of the probabilities.
    takes : str
        What it is shown, in words.
    image_shape : list of int or None
        Height, width and channels of the images that its features or its network get.
    steps : list of str
        Its steps, with the parameters that differ from their defaults.
    threshold : float or None
        Probability below which it answers `SelectiveClassifier`'s unknown.
    fitted_on : str
        Which images it was fitted on.
    training : dict of str to object
        ``images``, ``people`` (None if unknown), ``classes`` (images of each),
        ``origin``, and ``fingerprint``, a hash of the pixels of all images, so that two
        models can be compared; empty if nothing is known.
    audit : list of str or None
        What an audit of the training images found; None if there was none.
    scores : dict of str to object
        Results on images that it had not seen: ``accuracy``, ``macro_f1``, their
        intervals, ``recall`` of each class; empty if it was not tested.
    comparison : dict of str to object
        The comparison that the scores are from: ``verdict``, ``how`` and ``table``;
        empty if there was none.
    limits : list of str
        What its results do not show.
    weights : list of str
        Trained networks of others that it contains, and their licences.
    notes : str
        What the author adds.
    created : str
        Date, as 2026-11-27.
    versions : dict of str to str
        Of Python and of the packages that matter.

    See Also
    --------
    read_card : Reads it from a model file.

    Examples
    --------
    >>> from skfer.persistence import ModelCard
    >>> card = ModelCard(name="smile", classes=["happy", "sad"])
    >>> print(card.to_markdown().splitlines()[0])
    # smile
    """

    name: str
    classes: list[Any]
    takes: str = ""
    image_shape: list[int] | None = None
    steps: list[str] = field(default_factory=list)
    threshold: float | None = None
    fitted_on: str = ""
    training: dict[str, Any] = field(default_factory=dict)
    audit: list[str] | None = None
    scores: dict[str, Any] = field(default_factory=dict)
    comparison: dict[str, Any] = field(default_factory=dict)
    limits: list[str] = field(default_factory=list)
    weights: list[str] = field(default_factory=list)
    notes: str = ""
    created: str = ""
    versions: dict[str, str] = field(default_factory=dict)

    @classmethod
    def from_dict(cls, values: Any) -> Self:
        """Make a card of what `to_dict` returned.

        Parameters
        ----------
        values : dict of str to object
            Its fields.

        Returns
        -------
        ModelCard
            With these fields.

        Raises
        ------
        ValueError
            If a field is missing, unknown or of another type.
        """
        known = [one.name for one in fields(cls)]
        names = list(values) if isinstance(values, Mapping) else []
        if not {"name", "classes"} <= set(names) <= set(known):
            raise ValueError(
                "A model card has the fields name, classes and any of "
                f"{', '.join(known[2:])}; got {names or type(values).__name__}."
            )
        empty = cls(name="", classes=[])
        for name, value in values.items():
            kinds = _NOT_ALWAYS.get(name, type(getattr(empty, name)))
            if not isinstance(value, kinds):
                raise ValueError(
                    f"The field {name} of a model card can't be {value!r:.80}."
                )
        card = cls(**values)
        try:
            card.to_markdown()
        except Exception as error:  # What a card can say wrongly is without end.
            raise ValueError(
                "A part of the model card is not as save_model writes it "
                f"({type(error).__name__}: {error})."
            ) from error
        return card

    def to_dict(self) -> dict[str, Any]:
        """Return all fields, as JSON can keep them.

        Returns
        -------
        dict of str to object
            By their names.
        """
        return asdict(self)

    def to_json(self) -> str:
        """Return all fields as JSON.

        Returns
        -------
        str
            Lines of JSON without NaN.
        """
        return json.dumps(self.to_dict(), indent=1, allow_nan=False) + "\n"

    def to_markdown(self) -> str:
        """Return the card as a page for people.

        Returns
        -------
        str
            Markdown.
        """
        from skfer.persistence._card_text import write_card

        return write_card(self)

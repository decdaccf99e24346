"""What the description of a model may say, checked before anything is built."""

from typing import Any

# Kinds of entries, and the types that they may make; None leaves that to the list of
# trusted types. Kinds that call what the file names are not among them.
_KINDS: dict[str, set[str] | None] = {
    "DictNode": {
        "builtins.dict",
        "collections.OrderedDict",
        "sklearn.utils._bunch.Bunch",
    },
    "ListNode": {"builtins.list"},
    "TupleNode": {"builtins.tuple"},
    "SetNode": {"builtins.set"},
    "JsonNode": {"builtins.str"},
    # Of SGDClassifier; they take numbers only.
    "LossNode": {
        "sklearn._loss._loss.CyHalfBinomialLoss",
        "sklearn.linear_model._sgd_fast.Hinge",
        "sklearn.linear_model._sgd_fast.ModifiedHuber",
        "sklearn.linear_model._sgd_fast.SquaredHinge",
    },
    "FunctionNode": None,
    "NdArrayNode": None,
    "ObjectNode": None,
    "RandomStateNode": {"numpy.random.mtrand.RandomState"},
    "TypeNode": None,
}
_MOST_ENTRIES, _DEEPEST = 500_000, 200
# Two entries of one object may differ in these.
_OF_AN_ENTRY = ("__id__", "file")


def check_schema(schema: Any, what: str) -> None:
    """Raise unless a description is one that skops writes for models like ours.

    Parameters
    ----------
    schema : object
        The content of schema.json.
    what : str
        What it is, for the message.

    Raises
    ------
    ValueError
        If it has other kinds of entries, too many of them, an array that several
        share, or two different entries for one object.
    """
    n_entries = 0
    known: dict[Any, int] = {}
    owners: dict[Any, Any] = {}

    def refuse(reason: str) -> None:
        raise ValueError(
            f"{what} describes its model as save_model would not: {reason}."
        )

    def walk(value: Any, depth: int) -> int:
        """Return a hash that is equal for equal content."""
        nonlocal n_entries
        n_entries += 1
        if n_entries > _MOST_ENTRIES or depth > _DEEPEST:
            refuse("it has too many entries, or too many inside one another")
        if isinstance(value, list):
            return hash(tuple(walk(one, depth + 1) for one in value))
        if not isinstance(value, dict):
            return hash((type(value).__name__, value))
        if "__loader__" in value:
            check_kind(value)
        content = hash(
            tuple(
                (name, walk(one, depth + 1))
                for name, one in sorted(value.items())
                if name not in _OF_AN_ENTRY
            )
        )
        number = value.get("__id__")
        if number is not None and known.setdefault(number, content) != content:
            refuse("two entries for one object differ")
        return content

    def check_kind(entry: dict[str, Any]) -> None:
        kind, name = entry["__loader__"], f"{entry['__module__']}.{entry['__class__']}"
        types = _KINDS.get(kind, set())
        if types is not None and name not in types:
            refuse(f"it has the entry {kind} of {name}")
        number = entry.get("__id__")
        file = entry.get("file")
        if file is not None and owners.setdefault(file, number) != number:
            refuse(f"several arrays share the member {file}")
        if file is not None and not str(file).endswith(".npy"):
            refuse(f"the member {file} is no array")

    try:
        walk(schema, 0)
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError(
            f"{what} describes its model in a way that can't be read "
            f"({type(error).__name__}: {error})."
        ) from error

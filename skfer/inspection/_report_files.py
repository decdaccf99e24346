"""The numbers of a report as files inside its page."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, NamedTuple

import numpy as np

from skfer._text import printable, to_csv
from skfer.inspection._first_answers import FirstAnswers
from skfer.inspection._page import embed
from skfer.model_selection import Comparison


class _File(NamedTuple):
    name: str
    source: str
    content: str


def make_files(
    comparison: Comparison, answers: FirstAnswers, about: Mapping[str, str]
) -> list[_File]:
    """Return everything that the page says, for programs.

    Parameters
    ----------
    comparison : Comparison
        Of any models.
    answers : FirstAnswers
        Of its models.
    about : mapping of str to str
        Date, command and versions.

    Returns
    -------
    list of tuple (name, source, content)
        Name of the file, its data URI, and what it holds.
    """
    pictures = list(_list_pictures(comparison, answers))
    return [
        _File(
            "report.json",
            embed(_to_json(comparison, pictures, about), "application/json"),
            "everything",
        ),
        _File(
            "scores.csv",
            embed(to_csv(comparison.to_rows()), "text/csv"),
            "a row for each model",
        ),
        _File(
            "pictures.csv",
            embed(to_csv(pictures), "text/csv"),
            "a row for each test picture",
        ),
    ]


def _list_pictures(
    comparison: Comparison, answers: FirstAnswers
) -> list[dict[str, Any]]:
    groups = comparison.table.groups
    rows = []
    for place, row in enumerate(answers.rows.tolist()):
        record: dict[str, Any] = {
            "picture": answers.names[place],
            "label": answers.label[place],
            "fold": int(answers.fold[place]) + 1,
        }
        if groups is not None:
            record["group"] = groups[row]
        for model, said in answers.predicted.items():
            record[f"{model} predicted"] = said[place]
            sure = answers.confidence[model]
            if sure is not None:
                kind = "probability" if answers.is_probability[model] else "confidence"
                record[f"{model} {kind}"] = float(sure[place])
        rows.append(record)
    return rows


def _to_json(
    comparison: Comparison,
    pictures: Sequence[Mapping[str, Any]],
    about: Mapping[str, str],
) -> bytes:
    audit, table = comparison.audit, comparison.table
    everything = {
        **about,
        "verdict": comparison.verdict,
        "scoring": comparison.scoring,
        "best model": comparison.best_name,
        "scores": comparison.to_rows(),
        "scores of folds": comparison.fold_scores,
        "tests": [asdict(pair) for pair in comparison.pairs],
        "parameters": {n: p.get_params() for n, p in comparison.pipelines.items()},
        "test pictures": pictures,
        "left out": [list(pair) for pair in table.left_out],
        "audit": None if audit is None else audit.to_dict(),
    }
    return printable(json.dumps(_plain(everything), indent=1)).encode()


def _plain(value: Any) -> Any:
    """Return what JSON can hold; NaN becomes null, objects their text."""
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, np.ndarray | np.generic):
        return _plain(value.tolist())
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    if value is None or isinstance(value, bool | int | str):
        return value
    return str(value)

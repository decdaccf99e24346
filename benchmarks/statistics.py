"""Whether intervals cover what they promise, and tests err as seldom as they promise.

``python -m benchmarks statistics`` simulates people who differ in how well they are
recognised: each has a chance of being right of its own, drawn from a beta distribution.
"""

import numpy as np

from benchmarks._timing import Result
from skfer.model_selection import (
    accuracy_interval,
    clustered_accuracy_interval,
    macro_f1_interval,
    mcnemar_p_value,
    sign_flip_p_value,
)

_RUNS = 1000
_ACCURACIES = (0.6, 0.75, 0.9)
_CLASSES = 3
# Pictures of each person, and how alike they are in being right (intraclass
# correlation), as measured on CK+48 and on studio portraits.
_PICTURES = 8
_ALIKE = 0.2
_LEAST, _MOST = 0.92, 0.97


def run() -> list[Result]:
    """Simulate test parts of few and of many people."""
    results = []
    for n_people in (20, 40, 70):
        for accuracy in _ACCURACIES:
            results += _cover(n_people, accuracy)
        results += _err(n_people)
    return results


def _draw_people(
    rng: np.random.Generator, n_people: int, accuracy: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return who each picture shows, and its chance of being right."""
    strength = 1 / _ALIKE - 1
    chance = rng.beta(accuracy * strength, (1 - accuracy) * strength, n_people)
    # People with unequal numbers of pictures.
    people = np.repeat(
        np.arange(n_people), rng.integers(2, 2 * _PICTURES - 1, n_people)
    )
    return people, chance[people]


def _cover(n_people: int, accuracy: float) -> list[Result]:
    rng = np.random.default_rng(0)
    hits = {"by picture": 0, "by person": 0, "macro F1 by person": 0}
    truth = _true_macro_f1(accuracy)
    for _ in range(_RUNS):
        people, chance = _draw_people(rng, n_people, accuracy)
        right = rng.random(len(people)) < chance
        low, high = accuracy_interval(int(right.sum()), len(right))
        hits["by picture"] += low <= accuracy <= high
        low, high = clustered_accuracy_interval(right, people)
        hits["by person"] += low <= accuracy <= high
        y = rng.integers(0, _CLASSES, len(people))
        wrong = (y + rng.integers(1, _CLASSES, len(people))) % _CLASSES
        low, high = macro_f1_interval(
            y, np.where(right, y, wrong), groups=people, random_state=0
        )
        hits["macro F1 by person"] += low <= truth <= high
    return [
        Result(
            f"coverage of 95% intervals, {name}, {n_people} people, true {accuracy}",
            f"{hit / _RUNS:.1%}",
            "-",
            f"{hit / _RUNS:.1%}",
            "-" if name == "by picture" else "92 to 97%",
            None if name == "by picture" else _LEAST <= hit / _RUNS <= _MOST,
        )
        for name, hit in hits.items()
    ]


def _true_macro_f1(accuracy: float) -> float:
    """With equal classes and errors spread evenly, it is the accuracy."""
    return accuracy


def _err(n_people: int) -> list[Result]:
    """Count false claims about two models that are equally good for people at large."""
    rng = np.random.default_rng(1)
    claims = {"McNemar by picture": 0, "sign flips by person": 0}
    for _ in range(_RUNS):
        people, chance = _draw_people(rng, n_people, 0.8)
        right = rng.random(len(people)) < chance
        # The second model is better on some people and worse on others.
        other = np.where(
            rng.random(n_people)[people] < 0.5,
            rng.random(len(people)) < 0.95,
            rng.random(len(people)) < 0.65,
        )
        first, second = (right, other) if rng.random() < 0.5 else (other, right)
        truth = np.ones(len(people), dtype=bool)
        claims["McNemar by picture"] += mcnemar_p_value(truth, first, second) < 0.05
        difference = first.astype(int) - second.astype(int)
        claims["sign flips by person"] += sign_flip_p_value(difference, people) < 0.05
    return [
        Result(
            f"false claims at p < 0.05, {name}, {n_people} people",
            f"{n / _RUNS:.1%}",
            "-",
            f"{n / _RUNS:.1%}",
            "at most 6%" if "person" in name else "-",
            n / _RUNS <= 0.06 if "person" in name else None,
        )
        for name, n in claims.items()
    ]

"""What people should know of the network that skfer ships, measured and written."""

import subprocess
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from sklearn.metrics import confusion_matrix

from benchmarks._test_sets import TestSet
from benchmarks.fer2013 import score
from skfer._writing import written_aside
from skfer.inspection import ReliabilityDisplay
from skfer.model_selection import clustered_accuracy_interval
from skfer.neural._pretrained_classifier import make_fitted
from skfer.neural._weights import TrainedNetwork, write_weights

_TEXT = """\
# The network "faces"

What `skfer.load_pretrained`, `NetworkFeatures("faces")`, `make_transfer` and
`CNNClassifier(initial_weights="faces")` use: the network of `CNNClassifier` with its
default layers, {n_weights:,} weights in half precision, for seven expressions:
{classes}.

## How it was trained

{facts}

Two numbers were chosen on the sets below: the weight of the votes on all of them, the
temperature, which makes the probabilities true, on what most votes of the validation
part say. No weight was trained on any of them.
`python -m benchmarks.pretrain` repeats the training.

## How good it is

Each image and its mirror image, averaged; accuracy and macro F1 with intervals of 95
percent, by person where people are known. None of these images was trained on, and none
of FER-2013 has a copy that was.

{scores}

Confidence in what most votes say: {calibration}

{confusions}

## What it gets wrong

- Disgust and fear are rare in FER-2013 (1.5 and 14 percent of its labels), and among
  the votes even more so: as trained, it hardly ever says them.
  `load_pretrained(prior="even")` says them more often.
- It calls many sad and angry faces neutral, and mixes up fear and surprise.
- People agree with about two of three of the original labels, so that no classifier
  gets them all right.
- Faces that are turned far to the side, partly covered or smaller than about 24
  pixels were hardly shown to it.
- FER-2013 comes from a web search, without ages, origins or consent of those who are
  shown. How well it does for people of different ages, skin colours or genders was
  not measured; expect differences.

## What it must not be used for

It names what an expression looks like to others. It does not know what somebody feels.
Don't use it for decisions about people: hiring, teaching, policing, insurance, health,
lie detection. In the European Union the AI Act forbids inferring emotions at work and
in education.

## Licence

The weights are shipped under the licence of skfer (BSD-3-Clause). The images of
FER-2013 are not part of it.
"""


def describe(trained: TrainedNetwork, images: np.ndarray) -> TrainedNetwork:
    """Return the network with the shares of the classes that it has learnt.

    They are the mean of its probabilities for a quarter of the images that it was
    trained on.
    """
    mean = make_fitted(trained).predict_proba(images[::4]).mean(axis=0)
    prior = dict(zip(trained.classes, mean.round(5).tolist(), strict=True))
    return trained._replace(card=trained.card | {"prior": prior})


def score_sets(trained: TrainedNetwork, sets: dict[str, TestSet]) -> Iterator[str]:
    """Yield a line for each set, and for each prior that makes sense there."""
    for name, tested in sets.items():
        predicted = predict(trained, tested)
        for prior, shares in predicted.items():
            answers = np.array(trained.classes)[shares.argmax(axis=1)]
            scores = score(tested.target, answers)
            if tested.groups is not None:
                right = answers == tested.target
                low, high = clustered_accuracy_interval(right, tested.groups)
                scores["accuracy"] = f"{right.mean():.1%} ({low:.1%} to {high:.1%})"
            yield (
                f"{name}, {len(tested.target):,} images, prior {prior}: accuracy "
                f"{scores['accuracy']}, macro F1 {scores['macro_f1']}"
            )


def predict(trained: TrainedNetwork, tested: TestSet) -> dict[str, np.ndarray]:
    """Return what the Pipeline of `skfer.load_pretrained` predicts, by prior."""
    classifier = make_fitted(trained)
    views = [
        classifier.predict_proba(view)
        for view in (tested.images, tested.images[:, :, ::-1])
    ]
    learnt = np.array([trained.card["prior"][name] for name in trained.classes])
    shown = np.isin(trained.classes, tested.target)
    factors = {"as trained": np.ones(len(learnt)), "even": 1 / learnt}
    if not shown.all():
        factors["even among those shown"] = shown / learnt
    return {
        name: np.mean(
            [one * by / (one * by).sum(axis=1, keepdims=True) for one in views], axis=0
        )
        for name, by in factors.items()
    }


def write_card(
    folder: Path,
    trained: TrainedNetwork,
    facts: dict[str, Any],
    sets: dict[str, TestSet],
) -> None:
    """Write the network, and its card for programs and for people."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        capture_output=True, text=True, check=False,
    ).stdout.strip()  # fmt: skip
    facts = {"date": date.today().isoformat(), "commit": commit or "unknown"} | facts
    scores = list(score_sets(trained, sets))
    voted = sets["FER+ most votes"]
    shares = predict(trained, voted)["as trained"]
    reliability = ReliabilityDisplay.from_predictions(
        voted.target,
        np.array(trained.classes)[shares.argmax(axis=1)],
        shares.max(axis=1),
        ax=Figure().subplots(),
    )
    calibration = (
        f"expected calibration error {reliability.error:.1%}, of a perfect one about "
        f"{reliability.expected_error:.1%}."
    )
    measured = {"training": facts, "scores": scores, "calibration": calibration}
    folder.mkdir(parents=True, exist_ok=True)
    write_weights(folder, trained._replace(card=trained.card | measured))
    text = _TEXT.format(
        classes=", ".join(trained.classes),
        n_weights=trained.network.count_params(),
        facts="\n".join(f"- {name}: {value}" for name, value in facts.items()),
        scores="\n".join(f"- {line}" for line in scores),
        calibration=calibration,
        confusions="\n\n".join(_confusions(trained, sets)),
    )
    with written_aside(folder / "faces.md") as aside:
        aside.write_text(text, encoding="utf-8")


def _confusions(trained: TrainedNetwork, sets: dict[str, TestSet]) -> Iterator[str]:
    """Yield tables of how many images of each class it takes for which."""
    for name, tested in sets.items():
        prior = "as trained" if tested.groups is None else "even"
        shares = predict(trained, tested)[prior]
        answers = np.array(trained.classes)[shares.argmax(axis=1)]
        matrix = confusion_matrix(tested.target, answers, labels=trained.classes)
        head = [f"{name} (prior {prior})", *trained.classes]
        rows = [
            [label, *map(str, counts)]
            for label, counts in zip(trained.classes, matrix, strict=True)
            if sum(counts)
        ]
        lines = [head, ["---"] * len(head), *rows]
        yield "\n".join(f"| {' | '.join(line)} |" for line in lines)

"""What people should know of the network that skfer ships, measured and written."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from sklearn.metrics import confusion_matrix, f1_score

from benchmarks._test_sets import TestSet
from skfer._writing import written_aside
from skfer.inspection import ReliabilityDisplay
from skfer.model_selection import accuracy_interval, clustered_accuracy_interval
from skfer.neural._pretrained_classifier import make_fitted
from skfer.neural._weights import TrainedNetwork, read_weights, write_weights
from skfer.pipelines._load_pretrained import count_factors

_TEXT = """\
# The network "faces"

What `skfer.load_pretrained`, `NetworkFeatures("faces")`, `make_transfer` and
`CNNClassifier(initial_weights="faces")` use: the network of `CNNClassifier` with its
default layers, {n_weights:,} weights in half precision, for seven expressions:
{classes}.

## How it was trained

{facts}

The weight of the votes was chosen on the sets below. The temperature, which calibrates
the probabilities, was chosen on the FER+ votes of the validation part, so that the
calibration error below is slightly optimistic. No weight was trained on any of them.

## How good it is

Each image and its mirror image, averaged; accuracy with intervals of 95 percent, by
person where people are known; macro F1 of the expressions that are shown. The network
was not trained on any of these images, nor on a copy of a FER-2013 validation image.
Majority: more than half of the votes for one of eight expressions went to this one;
most votes: more than to any other. Votes for "unknown" and "no face" are not counted.

{scores}

Expected calibration error against what most votes say: {calibration}

{confusions}

## What it gets wrong

- Disgust and fear are rare in FER-2013 (1.5 and 14 percent of its labels), and among
  the votes even more so: as trained, it hardly ever says them.
  `load_pretrained(prior="even")` says them more often.
- It calls many sad and angry faces neutral. Where neutral is not among the answers, it
  takes many angry faces for sad or disgust, and many fearful ones for sad: see the
  table of CK+48.
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
in education, except for medical or safety reasons.

## Licence

The weights are shipped under the licence of skfer (BSD-3-Clause). The images of
FER-2013 are not part of it.
"""


def describe(trained: TrainedNetwork, images: np.ndarray) -> TrainedNetwork:
    """Return the network with the shares of the classes that it has learnt.

    They are the mean of its probabilities for a quarter of the images that it was
    trained on.
    """
    shares = make_fitted(trained).predict_proba(images[::4])
    mean = shares.mean(axis=0, dtype=np.float64)
    prior = dict(zip(trained.classes, mean.round(5).tolist(), strict=True))
    return trained._replace(card=trained.card | {"prior": prior})


def score_sets(trained: TrainedNetwork, sets: dict[str, TestSet]) -> Iterator[str]:
    """Yield a line for each set, and for each prior that makes sense there."""
    for name, tested in sets.items():
        predicted = predict(trained, tested)
        for prior, shares in predicted.items():
            answers = np.array(trained.classes)[shares.argmax(axis=1)]
            yield (
                f"{name}, {len(tested.target):,} images, prior {prior}: "
                f"{_describe_scores(tested, answers)}"
            )


def _describe_scores(tested: TestSet, answers: np.ndarray) -> str:
    right, groups = answers == tested.target, tested.groups
    n = len(right)
    low, high = (
        accuracy_interval(int(right.sum()), n)
        if groups is None
        else clustered_accuracy_interval(right, groups)
    )
    # Of the classes that are shown; others have no recall.
    shown = np.unique(tested.target)
    f1 = f1_score(tested.target, answers, labels=shown, average="macro")
    return f"accuracy {right.mean():.1%} ({low:.1%} to {high:.1%}), macro F1 {f1:.1%}"


def predict(trained: TrainedNetwork, tested: TestSet) -> dict[str, np.ndarray]:
    """Return what the Pipeline of `skfer.load_pretrained` predicts, by prior."""
    classifier = make_fitted(trained)
    views = [
        classifier.predict_proba(view)
        for view in (tested.images, tested.images[:, :, ::-1])
    ]
    learnt = trained.card["prior"]
    priors: dict[str, Any] = {"as trained": "trained", "even": "even"}
    shown = set(tested.target.tolist())
    if shown != set(learnt):
        priors["even among those shown"] = dict.fromkeys(sorted(shown), 1)
    factors = {name: count_factors(prior, learnt) for name, prior in priors.items()}
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
    folder.mkdir(parents=True, exist_ok=True)
    # What is shipped has half precision, so that is what is measured.
    write_weights(folder, trained)
    trained = read_weights(folder)
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
        f"{reliability.error:.1%}. A perfectly calibrated model would show about "
        f"{reliability.expected_error:.1%} on as many images."
    )
    measured = {"training": facts, "scores": scores, "calibration": calibration}
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
        # The last one fits best where some expressions are not shown.
        prior, shares = list(predict(trained, tested).items())[
            0 if tested.groups is None else -1
        ]
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

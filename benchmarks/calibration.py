"""Calibration: ``python -m benchmarks calibration --data PATH [--models NAME ...]``.

PATH holds the folders train and validation of FER-2013, each with one folder per
class. Each model is trained within `make_calibrated`; printed is how far its confidence
was off before and after, and what a perfectly calibrated classifier would show.
"""

import argparse
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from benchmarks.fer2013 import load_part
from skfer.inspection import ReliabilityDisplay, RiskCoverageDisplay
from skfer.model_selection import find_confidence_threshold, make_calibrated
from skfer.model_selection._confidence import predict_shares
from skfer.pipelines import FAMILIES

# Of the answers, of those that are given at all.
_ACCURACY = 0.9


def main(arguments: list[str] | None = None) -> int:
    """Train, and print a paragraph for each model."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks calibration", description=__doc__
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument(
        "--models", nargs="+", choices=list(FAMILIES), default=list(FAMILIES)
    )
    parser.add_argument("--epochs", type=int)
    chosen = parser.parse_args(arguments)
    images, target = load_part(chosen.data / "train")
    tested = load_part(chosen.data / "validation")
    for name in chosen.models:
        more: dict[str, Any] = {}
        if FAMILIES[name].is_network:
            more["random_state"] = 0
            if chosen.epochs:
                more["epochs"] = chosen.epochs
        begun = time.perf_counter()
        model = make_calibrated(FAMILIES[name].make(**more)).fit(images, target)
        seconds = time.perf_counter() - begun
        print(f"{name}, trained in {seconds:.0f} s")
        (inner,) = model.calibrated_classifiers_
        before = predict_shares(inner.estimator, tested[0])
        _describe("before", before, model.classes_, *tested)
        after = model.predict_proba(tested[0])
        _describe("after", after, model.classes_, *tested)
        sys.stdout.flush()
    return 0


def _describe(
    when: str,
    shares: np.ndarray,
    classes: np.ndarray,
    images: np.ndarray,
    target: np.ndarray,
) -> None:
    """Print the errors, and what answering only where it is sure would give."""
    predicted, sure = classes[shares.argmax(axis=1)], shares.max(axis=1)
    ax = Figure().subplots()
    reliability = ReliabilityDisplay.from_predictions(target, predicted, sure, ax=ax)
    risk = RiskCoverageDisplay.from_predictions(target, predicted, sure, ax=ax)
    print(
        f"  {when}: accuracy {np.mean(predicted == target):.1%}, mean confidence "
        f"{sure.mean():.1%}, calibration error {reliability.error:.1%} (perfectly "
        f"calibrated: about {reliability.expected_error:.1%}), area under the "
        f"risk-coverage curve {risk.area:.3f}"
    )
    half = np.arange(len(target)) % 2 == 0
    try:
        threshold = find_confidence_threshold(
            target[half], predicted[half], sure[half], accuracy=_ACCURACY
        )
    except ValueError as error:
        print(f"    {error}")
        return
    answered = sure[~half] >= threshold
    right = (predicted == target)[~half][answered]
    print(
        f"    threshold for {_ACCURACY:.0%} from one half: {threshold:.3f}; on the "
        f"other half {answered.mean():.1%} are answered, {right.mean():.1%} of them "
        "right"
    )


if __name__ == "__main__":
    sys.exit(main())

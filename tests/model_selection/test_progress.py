import io

import numpy as np
import pytest
from rich.console import Console

from skfer import make_cnn, make_hog_svm
from skfer.model_selection import ProgressDisplay, compare_pipelines
from tests.conftest import TINY_NETWORK


def run(faces, *, terminal):
    out = io.StringIO()
    console = Console(file=out, force_terminal=terminal, width=100)
    classifiers = {"hog": make_hog_svm(), "net": make_cnn(**TINY_NETWORK)}
    with ProgressDisplay(list(classifiers), console) as progress:
        compare_pipelines(
            classifiers, faces.images, faces.target, progress=progress,
            cv=[(np.arange(100), np.arange(100, 140))],
        )  # fmt: skip
    return out.getvalue()


@pytest.mark.slow
def test_every_step_and_epoch_is_printed_without_a_terminal(faces):
    # Old versions of rich end with an empty line.
    lines = run(faces, terminal=False).rstrip().splitlines()
    # Loading and shrinking are shared, and come first.
    assert lines[:7] == [
        "hog: preparing images", "hog: features", "hog: svd", "hog: training SVC",
        "hog: predicting", "hog: done", "net: preparing images",
    ]  # fmt: skip
    epochs = [line for line in lines if line.startswith("net: epoch")]
    assert [line.split(",")[0] for line in epochs] == [
        "net: epoch 1 of 2", "net: epoch 2 of 2"
    ]  # fmt: skip
    assert "training accuracy" in epochs[0]
    assert lines[-1] == "net: done"


@pytest.mark.slow
def test_a_terminal_gets_bars_that_move(faces):
    out = run(faces, terminal=True)
    assert "\x1b[" in out
    assert "waiting" in out
    assert "training" in out
    assert out.count("done") >= 2


def test_an_error_ends_the_display_and_detaches(faces):
    console = Console(file=io.StringIO(), force_terminal=True)
    pipeline = make_hog_svm()
    with (
        pytest.raises(RuntimeError, match="stop"),
        ProgressDisplay(["hog"], console) as progress,
        progress.watch("hog", pipeline),
    ):
        raise RuntimeError("stop")
    assert not hasattr(pipeline, "_skl_callbacks")

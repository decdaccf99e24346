import io

import numpy as np
import pytest
from rich.console import Console

from skfer import make_cnn, make_hog_svm
from skfer.model_selection import ProgressDisplay, compare_pipelines
from tests.conftest import TINY_NETWORK


def run(faces, *, terminal, classifiers=None, n_folds=1):
    out = io.StringIO()
    console = Console(file=out, force_terminal=terminal, width=100)
    classifiers = classifiers or {
        "hog": make_hog_svm(), "net": make_cnn(**TINY_NETWORK)
    }  # fmt: skip
    with ProgressDisplay(list(classifiers), console, n_folds) as progress:
        compare_pipelines(
            classifiers, faces.images, faces.target, progress=progress,
            cv=[(np.arange(100), np.arange(100, 140))] * n_folds,
        )  # fmt: skip
    return out.getvalue()


@pytest.mark.slow
def test_trainings_and_epochs_are_printed_without_a_terminal(faces, monkeypatch):
    lines = run(faces, terminal=False).rstrip().splitlines()
    assert lines == ["hog: preparing images", "net: preparing images"]
    monkeypatch.setattr("skfer.model_selection._progress._SECONDS", 0)
    # Old versions of rich end with an empty line.
    lines = run(faces, terminal=False).rstrip().splitlines()
    assert [line.split(",")[0] for line in lines] == [
        "hog: preparing images", "net: preparing images", "net: epoch 1 of 2",
        "net: epoch 2 of 2",
    ]  # fmt: skip
    assert "training accuracy" in lines[2]


def test_folds_are_counted(faces):
    models = {"[b]": make_hog_svm(image_size=16)}
    lines = run(faces, terminal=False, classifiers=models, n_folds=2)
    assert lines.split("\n")[:2] == [
        "[b]: fold 1 of 2, preparing images", "[b]: fold 2 of 2, preparing images"
    ]  # fmt: skip
    bars = run(faces, terminal=True, classifiers=models, n_folds=2)
    assert "fold 2 of 2, done" in bars and "[b]" in bars


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

"""What is saved from a report holds its numbers, and no formulas."""

import base64
import csv
import json
from io import StringIO

import numpy as np
import pytest

from skfer.inspection._first_answers import FirstAnswers
from skfer.inspection._report_files import make_files
from tests.model_selection.made_up import make


@pytest.fixture(scope="module")
def comparison():
    made = make({"=cmd()": 0.9, "b": 0.5}, n_folds=4, groups=np.arange(120) // 2)
    for fold in made.fits["b"]:
        object.__setattr__(fold, "confidence", np.full(30, 0.75))
        object.__setattr__(fold, "is_probability", True)
    return made


@pytest.fixture(scope="module")
def files(comparison):
    answers = FirstAnswers.from_comparison(comparison)
    made = make_files(comparison, answers, {"command": "skfer report 'a'"})
    return {
        file.name: base64.b64decode(file.source.partition(",")[2]).decode()
        for file in made
    }


def test_json(comparison, files):
    held = json.loads(files["report.json"])
    assert held["command"] == "skfer report 'a'"
    assert held["verdict"] == comparison.verdict
    assert [row["model"] for row in held["scores"]] == list(comparison.scores)
    assert held["scores"][0]["accuracy"] == comparison.scores["=cmd()"].accuracy
    assert held["scores of folds"]["b"] == comparison.fold_scores["b"].tolist()
    assert [(t["first"], t["second"]) for t in held["tests"]] == [("=cmd()", "b")]
    assert held["parameters"]["b"] == {"priors": None, "var_smoothing": 1e-9}
    assert len(held["test pictures"]) == 120
    # All pictures are black here, which is a finding.
    kinds = {finding["kind"]: finding for finding in held["audit"]["findings"]}
    assert kinds["blank"]["images"][0] == ["row 0"]


def test_pictures(comparison, files):
    rows = list(csv.DictReader(StringIO(files["pictures.csv"])))
    assert len(rows) == 120
    for place, row in enumerate(rows):
        assert row["label"] == comparison.y_test[place]
        assert row["b predicted"] == comparison.predictions["b"][place]
        assert float(row["b probability"]) == 0.75
        assert int(row["fold"]) == place // 30 + 1
        assert int(row["group"]) == place // 2


def test_scores_without_formulas(files):
    heads, first, *_ = csv.reader(StringIO(files["scores.csv"]))
    assert heads[0] == "model" and first[0] == "'=cmd()"
    assert "'=cmd() predicted" in files["pictures.csv"].partition("\n")[0]

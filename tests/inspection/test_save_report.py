"""The report holds everything and needs nothing."""

import re
from html import escape

import numpy as np
import pytest
from sklearn.ensemble import VotingClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skfer import make_cnn, make_hog_svm
from skfer.datasets import audit_images
from skfer.inspection import ClassBalanceDisplay, _save_report, save_report
from skfer.model_selection import compare_pipelines
from tests.conftest import TINY_NETWORK
from tests.inspection.test_save_audit import check


def flatten(images):
    return images.reshape(len(images), -1)


ONE = [(np.arange(100), np.arange(100, 140))]


@pytest.fixture(scope="module")
def pipelines():
    return {"hog<1>": make_hog_svm(), "net": make_cnn(**TINY_NETWORK)}


@pytest.fixture(scope="module")
def report(faces, pipelines, tmp_path_factory):
    comparison = compare_pipelines(
        pipelines, faces.images, faces.target, cv=ONE, return_estimator=True
    )
    path = save_report(
        comparison, tmp_path_factory.mktemp("report") / "new" / "report.html",
        X=faces.images, y=faces.target, pipelines=pipelines, title="A & B",
        audit=audit_images(faces.images, faces.target),
    )  # fmt: skip
    return comparison, path


def test_structure(report):
    comparison, path = report
    text = path.read_text()
    page = check(text)
    sections = re.findall("<h2>(.*?)</h2>", text)
    names = {"Verdict", "Scores", "The images", "Audit", "hog&lt;1&gt;", "net"}
    assert set(sections) == names | {"Parameters", "Versions"}
    # Scores, balance, samples; confusion and errors of both, curves of the network.
    alts = [image["alt"] for image in page.images]
    assert len(alts) == 8
    assert "training curves of net" in alts
    assert all(
        image["src"].startswith("data:image/png;base64,") for image in page.images
    )
    assert "<script" not in text
    assert not re.search(r"(src|href)=.?https?:", text)
    assert escape(comparison.verdict) in text
    assert "scikit-learn 1." in text
    assert "<title>A &amp; B</title>" in text
    assert [file.name for file in path.parent.iterdir()] == ["report.html"]


def test_the_table_has_the_scores(report):
    comparison, path = report
    rows = re.findall(r"<tr>(<td>.*?)</tr>", path.read_text())
    assert len(rows) == 3 + 7
    for row, score in zip(rows[:3], comparison.scores, strict=True):
        assert f"{score.score:.1%}" in row
        assert row.count("<td>") == 6
    for row, name in zip(rows[3:], sorted(comparison.scores[0].recall), strict=True):
        shares = [f"<td>{score.recall[name]:.0%}</td>" for score in comparison.scores]
        assert row == f"<td>{name}</td>" + "".join(shares)


def test_folds_have_no_faces_and_no_errors(faces, tmp_path):
    pipelines = {"hog": make_hog_svm()}
    comparison = compare_pipelines(pipelines, faces.images, faces.target, cv=2)
    path = save_report(
        comparison, tmp_path / "r.html", X=faces.images, y=faces.target,
        pipelines=pipelines,
    )  # fmt: skip
    text = path.read_text()
    assert len(check(text).images) == 4
    assert "Most confident errors" not in text


def test_lengths_are_checked_first(report, pipelines, faces, tmp_path):
    with pytest.raises(ValueError, match="inconsistent numbers"):
        save_report(
            report[0], tmp_path / "r.html", X=faces.images, y=faces.target[:9],
            pipelines=pipelines,
        )  # fmt: skip
    assert list(tmp_path.iterdir()) == []


def test_unused_images_and_classifiers_without_scores(faces, tmp_path, monkeypatch):
    shown = []

    def spy(y, split):
        shown.append(split)
        return draw(y, split)

    draw = ClassBalanceDisplay.from_labels
    monkeypatch.setattr(_save_report.ClassBalanceDisplay, "from_labels", spy)
    voting = VotingClassifier([("nb", GaussianNB())])
    pipelines = {"votes": make_pipeline(FunctionTransformer(flatten), voting)}
    rows = np.arange(140)
    comparison = compare_pipelines(
        pipelines, faces.images, faces.target, cv=[(rows[:70], rows[70:100])],
        return_estimator=True,
    )  # fmt: skip
    path = save_report(
        comparison, tmp_path / "r.html", X=faces.images, y=faces.target,
        pipelines=pipelines,
    )  # fmt: skip
    (split,) = shown
    assert np.unique(split, return_counts=True)[1].tolist() == [30, 70, 40]
    assert path.exists()


def test_images_of_another_comparison_are_refused(report, faces, tmp_path):
    comparison, _ = report
    with pytest.raises(ValueError, match="got 50 images, and the comparison"):
        save_report(
            comparison, tmp_path / "r.html",
            X=faces.images[:50], y=faces.target[:50], pipelines={},
        )  # fmt: skip
    assert not list(tmp_path.iterdir())

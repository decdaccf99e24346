"""The report holds everything and needs nothing."""

import re
from html import unescape

import numpy as np
import pytest
from sklearn.ensemble import VotingClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skfer import make_cnn, make_hog_svm
from skfer.datasets import ImageTable
from skfer.inspection import (
    ClassBalanceDisplay,
    _save_report,
    save_comparison,
    save_report,
)
from skfer.model_selection import compare_pipelines, score_slices
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
    comparison = compare_pipelines(pipelines, faces, cv=ONE)
    folder = tmp_path_factory.mktemp("report") / "new"
    path = save_report(comparison, folder / "report.html", title="A & B")
    return comparison, path


def test_structure(report):
    comparison, path = report
    text = path.read_text()
    page = check(text)
    sections = re.findall("<h2>(.*?)</h2>", text)
    assert sections == [
        "What to do next",
        "Contents",
        "Scores",
        "Which classes are confused",
        "Where hog&lt;1&gt; is weak",
        "hog&lt;1&gt; in detail",
        "net in detail",
        "Images",
        "All test pictures",
        "Audit",
        "Parameters and versions",
        "Files to save",
    ]
    links = re.findall('<a href="#([^"]+)">', text)
    assert [f'<section id="{link}">' in text for link in links] == [True] * 11
    assert "by <code>" not in text and '<code class="copy">save_model(' in text
    charts = [image for image in page.images if image["alt"]]
    assert [image["alt"] for image in charts] == [
        "scores and intervals",
        "reliability of net",
        "training curves of net",
        "images of each class",
    ]
    assert all(
        image["src"].startswith("data:image/svg+xml;base64,") for image in charts
    )
    assert not re.search(r"(src|href)=.?https?:", text)
    assert comparison.verdict in unescape(text)
    assert "scikit-learn 1." in text
    assert "<title>A &amp; B</title>" in text
    assert [file.name for file in path.parent.iterdir()] == ["report.html"]


def test_the_table_has_the_scores(report):
    comparison, path = report
    before = path.read_text().partition("is weak</h2>")[0]
    rows = re.findall(r"<tr>(<td>.*?)</tr>", before)
    scores = list(comparison.scores.values())
    rows = rows[:10]
    assert len(rows) == 3 + 7
    for row, score in zip(rows[:3], scores, strict=True):
        assert f"{score.score:.1%}" in row
        assert row.count("<td>") == 5
    for row, name in zip(rows[3:], sorted(scores[0].recall), strict=True):
        shares = [f"<td>{score.recall[name]:.0%}</td>" for score in scores]
        assert row == f"<td>{name}</td>" + "".join(shares)


def test_weak_parts_are_shown(report):
    comparison, path = report
    text = path.read_text()
    weak = text[
        text.index("is weak</h2>") : text.index("<h2>hog&lt;1&gt; in detail</h2>")
    ]
    n_people = len(set(comparison.people.tolist()))
    assert f"measured on {comparison.n_images} test pictures, {n_people} people" in text
    for name, heading in (("target", "class"), ("brightness", "brightness")):
        assert f"<h3>{heading}</h3>" in weak
        worst = score_slices(comparison, name)[0]
        row = f"<td>{worst.name}</td><td>{worst.accuracy:.1%}</td>"
        assert row in weak


def test_each_test_picture_has_a_row(report):
    comparison, path = report
    tested = path.read_text().partition('id="tested"')[2].partition("</table>")[0]
    labels = re.findall('<tr data-label="([^"]+)">', tested)
    assert sorted(labels) == sorted(comparison.y_test)
    said = re.findall('data-said="([^"]+)"', tested)
    wanted = [*comparison.predictions["hog<1>"], *comparison.predictions["net"]]
    assert sorted(said) == sorted(wanted)
    assert tested.count('class="wrong"') == sum(
        int((comparison.predictions[name] != comparison.y_test).sum())
        for name in ("hog<1>", "net")
    )


def test_counts_of_the_confusion_lead_to_pictures(report):
    comparison, path = report
    text = path.read_text()
    links = re.findall(
        r'data-label="(\w+)" data-said="(\w+)" data-model="(\d)">([\d,]+)</a>', text
    )
    total = {"0": 0, "1": 0}
    for label, said, model, count in links:
        predicted = list(comparison.predictions.values())[int(model)]
        there = (comparison.y_test == label) & (predicted == said)
        assert int(count) == there.sum()
        total[model] += int(count)
    assert set(total.values()) == {len(comparison.y_test)}


def test_folds_show_faces_and_errors_too(faces, tmp_path):
    comparison = compare_pipelines({"hog": make_hog_svm()}, faces, cv=2)
    text = save_report(comparison, tmp_path / "r.html").read_text()
    check(text)
    n_errors = int((comparison.predictions["hog"] != comparison.y_test).sum())
    assert text.count('class="group card"') == min(n_errors, 12)
    assert text.count("Most similar training pictures") == min(n_errors, 12)
    assert "Most confident errors" in text and "<td>2</td></tr>" in text


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
    comparison = compare_pipelines(pipelines, faces, cv=[(rows[:70], rows[70:100])])
    path = save_report(comparison, tmp_path / "r.html")
    (split,) = shown
    assert np.unique(split, return_counts=True)[1].tolist() == [30, 70, 40]
    assert "100 images audited" in path.read_text()


def test_rows_of_features_have_no_pictures(faces, tmp_path):
    table = ImageTable(faces.data, faces.target)
    comparison = compare_pipelines({"nb": GaussianNB()}, table, cv=ONE)
    text = save_report(comparison, tmp_path / "r.html").read_text()
    assert "Audit" not in text and "All test pictures" not in text
    assert len(check(text).images) == 3  # Scores, reliability, and classes.


def test_names_of_classes_are_shown_as_they_are(faces, tmp_path):
    target = np.where(faces.target < "happy", r"$\frac$", "<b>&")
    table = ImageTable(faces.images, target, groups=faces.groups)
    comparison = compare_pipelines({"a$b$": make_hog_svm(image_size=24)}, table, cv=ONE)
    text = save_report(comparison, tmp_path / "r.html").read_text()
    check(text)
    assert "&lt;b&gt;&amp;" in text
    save_comparison(comparison, tmp_path / "results")


def test_images_that_can_not_be_shown_do_not_lose_the_report(faces, tmp_path):
    odd = ImageTable(faces.images / 127.5 - 1, faces.target)
    model = make_pipeline(FunctionTransformer(flatten), GaussianNB())
    comparison = compare_pipelines({"nb": model}, odd, cv=ONE)
    text = save_report(comparison, tmp_path / "r.html").read_text()
    assert "Audit" not in text
    assert comparison.verdict in unescape(text)


def test_the_first_screen_says_what_to_do_as_a_command(faces, tmp_path):
    comparison = compare_pipelines({"hog": make_hog_svm()}, faces, cv=2)
    command = "skfer report 'a<b>' --folds 2"
    text = save_report(comparison, tmp_path / "r.html", command=command).read_text()
    check(text)
    first = text[: text.index("Contents</h2>")]
    shown = "skfer report &#39;a&lt;b&gt;&#39; --folds 2"
    assert f"by <code>{shown}</code>" in first
    assert f'<code class="copy">{shown} --save model.skfer</code>' in first
    n_right = f"{comparison.scores['hog'].n_correct:,.0f} of {comparison.n_images:,}"
    assert f'<span class="fact">{n_right}</span>' in first
